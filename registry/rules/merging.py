"""When two numbers of one person may be made one, and what then moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from registry.rules.labels import LabelledEnum

UNDONE_WITHIN = 30
"""Days within which a merge can be undone."""

FILLED_TOGETHER = (("siren",), ("email",), ("phone_e164", "phone_key"), ("address", "postcode", "town"))
"""What the kept file takes from the other where it has nothing itself; columns that make sense only together."""


class Conflict(LabelledEnum):
    """What stands against a merge."""

    SAME_NUMBER = "SAME_NUMBER", "les deux numéros n’en font qu’un", "the two numbers are one"
    ALREADY_MERGED = "ALREADY_MERGED", "l’un des deux est déjà fusionné", "one of them has been merged before"
    TWO_SIRENS = (
        "TWO_SIRENS",
        "deux SIREN différents, donc deux personnes\u00a0: corrigez d’abord celui qui est faux",
        "two different SIREN, so two persons: correct the wrong one first",
    )
    BOTH_IN_FORCE = (
        "BOTH_IN_FORCE",
        "tous deux inscrits dans cette catégorie\u00a0: supprimez d’abord l’une des inscriptions par une décision",
        "both registered in this category: remove one of the registrations by a decision first",
    )
    REMOVED_IN_KEPT = (
        "REMOVED_IN_KEPT",
        "déjà supprimé de cette catégorie sous le numéro gardé\u00a0: fusionnez dans l’autre sens",
        "removed from this category under the number kept: merge the other way round",
    )
    CASE_UNDER_WAY = (
        "CASE_UNDER_WAY",
        "une affaire de suppression est en cours sous le numéro abandonné\u00a0: menez-la à son terme, retirez-la, ou "
        "fusionnez dans l’autre sens",
        "a removal case is under way under the number given up: end or withdraw it, or merge the other way round",
    )
    UNDER_AN_ORDER = (
        "UNDER_AN_ORDER",
        "un ordre de l’ACPR ou de l’AMF attend sa confirmation ou interdit une inscription sous le numéro abandonné"
        "\u00a0: fusionnez dans l’autre sens",
        "an order of the ACPR or the AMF waits for its confirmation or bars a registration under the number given up: "
        "merge the other way round",
    )


@dataclass(frozen=True, slots=True)
class Held:
    """One registration of a file that may be merged."""

    id: int
    category: str
    removed_on: date | None


@dataclass(frozen=True, slots=True)
class Mergeable:
    """What the decision is made on, of one of the two files; `covers` are identified for the import's unique row."""

    orias_number: str
    is_merged: bool
    columns: Mapping[str, str]
    registrations: tuple[Held, ...]
    covers: Mapping[int, object] = field(default_factory=dict)
    contacts: tuple[int, ...] = ()
    absorbed: tuple[int, ...] = ()
    documents: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """By document, the certificates that it is evidence of."""
    has_live_case: bool = False
    is_under_an_order: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands against the merge (with the category it is about, if any); else what moves, by key, and what is
    filled in. What is in `stays` is a duplicate of what the kept file has, or a removal that was decided there."""

    conflicts: tuple[tuple[Conflict, str], ...]
    registrations: tuple[int, ...] = ()
    covers: tuple[int, ...] = ()
    contacts: tuple[int, ...] = ()
    documents: tuple[int, ...] = ()
    absorbed: tuple[int, ...] = ()
    filled: Mapping[str, str] = field(default_factory=dict)
    stays: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def plan_merge(keep: Mergeable, drop: Mergeable) -> Plan:
    """Whether `drop` may be merged into `keep`, and what moves. Registrations in force move; a removal stays where it
    was decided (I11); a document goes where the certificates go that it is evidence of, if it is of any."""
    conflicts = tuple(_conflicts(keep, drop))
    if conflicts:
        return Plan(conflicts)
    twins = {identity for identity in keep.covers.values() if identity is not None}
    stay = tuple(key for key, identity in drop.covers.items() if identity in twins)
    of_what_stays = tuple(key for key, covers in drop.documents.items() if covers and covers <= set(stay))
    return Plan(
        (),
        registrations=tuple(r.id for r in drop.registrations if r.removed_on is None),
        covers=tuple(key for key in drop.covers if key not in stay),
        contacts=drop.contacts,
        documents=tuple(key for key in drop.documents if key not in of_what_stays),
        absorbed=drop.absorbed,
        filled=_filled(keep.columns, drop.columns),
        stays={
            "registrations": tuple(r.id for r in drop.registrations if r.removed_on),
            "covers": stay,
            "documents": of_what_stays,
        },
    )


def _conflicts(keep: Mergeable, drop: Mergeable) -> list[tuple[Conflict, str]]:
    if keep.orias_number == drop.orias_number:
        return [(Conflict.SAME_NUMBER, "")]
    found = [(Conflict.ALREADY_MERGED, "")] if keep.is_merged or drop.is_merged else []
    if keep.columns["siren"] and drop.columns["siren"]:
        # The database gives a SIREN to one number alone: two that are there are two.
        found.append((Conflict.TWO_SIRENS, ""))
    # What is under way or barred under a number asks that number's file: it would be forgotten with it (I11).
    if drop.has_live_case:
        found.append((Conflict.CASE_UNDER_WAY, ""))
    if drop.is_under_an_order:
        found.append((Conflict.UNDER_AN_ORDER, ""))
    held = {r.category: r for r in keep.registrations}
    for moving in drop.registrations:
        if moving.removed_on is None and moving.category in held:
            removed = held[moving.category].removed_on is not None
            found.append((Conflict.REMOVED_IN_KEPT if removed else Conflict.BOTH_IN_FORCE, moving.category))
    return found


def _filled(keep: Mapping[str, str], drop: Mapping[str, str]) -> dict[str, str]:
    taken = [names for names in FILLED_TOGETHER if not any(keep[n] for n in names) and any(drop[n] for n in names)]
    return {name: drop[name] for names in taken for name in names}


def undo_until(merged_at: datetime) -> datetime:
    """The last instant at which a merge may be undone."""
    return merged_at + timedelta(days=UNDONE_WITHIN)
