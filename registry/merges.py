"""Two numbers that are one person: what a merge would move, what stands against it, and what has been merged."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, JSONField, OuterRef, Q, QuerySet

from registry.models import (
    AuthorityOrder,
    Contact,
    Cover,
    Document,
    Intermediary,
    IntermediaryMerge,
    Registration,
    RemovalCase,
)
from registry.models.cover import Channel
from registry.rules.merging import FILLED_TOGETHER, Held, Mergeable, Plan, plan_merge, undo_until
from registry.rules.removals import LIVE_CASE_STATES

COLUMNS = tuple(name for together in FILLED_TOGETHER for name in together)


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do; `hash` names exactly this: both files, as they are."""

    keep: Intermediary
    drop: Intermediary
    plan: Plan
    hash: str


def preview_merge(keep: str, drop: str) -> MergePreview:
    """What merging `drop` into `keep` (ORIAS numbers) would do; nothing is written.

    Raises Intermediary.DoesNotExist for a number that the register does not hold.
    """
    kept, dropped = _both(keep, drop)
    plan = plan_merge(_mergeable(kept), _mergeable(dropped))
    versions = [kept.facts_version, dropped.facts_version]
    named = json.dumps([keep, drop, versions, asdict(plan)], sort_keys=True, default=str)
    return MergePreview(kept, dropped, plan, sha256(named.encode()).hexdigest())


def find(number: str) -> Intermediary:
    """The intermediary of a number. Raises Intermediary.DoesNotExist, in words for staff, where there is none."""
    return _named(Intermediary.objects.select_related("merged_into").filter(orias_number=number), number)


def _named(found: Iterable[Intermediary], number: str) -> Intermediary:
    for one in found:
        if one.orias_number == number:
            return one
    raise Intermediary.DoesNotExist(
        f"le numéro ORIAS {number} n’est pas au registre. Vérifiez ses huit chiffres, zéros compris."
    )


def _both(keep: str, drop: str) -> tuple[Intermediary, Intermediary]:
    """Both files with all that a merge asks of them: one query."""
    live = RemovalCase.objects.filter(state__in=[s.value for s in LIVE_CASE_STATES])
    open_orders = AuthorityOrder.objects.filter(Q(confirmed_by__isnull=True) | Q(barred_until__isnull=False))
    files = list(
        Intermediary.objects.select_related("merged_into")
        .filter(orias_number__in=[keep, drop])
        .annotate(
            held_registrations=_rows(Registration.objects.order_by("category"), "id", "category", "removed_on"),
            held_covers=_rows(Cover.objects.order_by("id"), "id", "channel", "kind", "categories", "starts_on"),
            held_contacts=_rows(Contact.objects.order_by("id"), "id"),
            held_numbers=_rows(Intermediary.objects.order_by("id"), "id", whose="merged_into"),
            held_documents=_rows(Document.objects.order_by("id"), "id", "papers__cover"),
            has_case=Exists(live.filter(intermediary=OuterRef("pk"))),
            has_order=Exists(open_orders.filter(intermediary=OuterRef("pk"))),
        )
    )
    return _named(files, keep), _named(files, drop)


def _mergeable(one: Any) -> Mergeable:
    """One of these files, as `_both` has read it."""
    return Mergeable(
        one.orias_number,
        one.merged_into_id is not None,
        {name: getattr(one, name) for name in COLUMNS},
        tuple(Held(key, category, _day(removed_on)) for key, category, removed_on in one.held_registrations),
        {key: _identity(*cover) for key, *cover in one.held_covers},
        tuple(key for (key,) in one.held_contacts),
        tuple(key for (key,) in one.held_numbers),
        _evidence(one.held_documents),
        one.has_case,
        one.has_order,
    )


def _rows(found: QuerySet[Any], *columns: str, whose: str = "intermediary") -> ArraySubquery:
    """These columns of what belongs to an intermediary, each row as a JSON array: days in ISO 8601."""
    mine = found.filter(**{whose: OuterRef("pk")})
    row = Func(*(F(column) for column in columns), function="jsonb_build_array", output_field=JSONField())
    return ArraySubquery(mine.values(row=row))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _evidence(rows: Iterable[list[Any]]) -> dict[int, frozenset[int]]:
    """By document of a file, the certificates that it is evidence of."""
    found: dict[int, frozenset[int]] = {}
    for key, cover in rows:
        found[key] = found.get(key, frozenset()) | ({cover} if cover else frozenset())
    return found


def _identity(channel: str, kind: str, categories: list[str], starts_on: str) -> tuple[object, ...] | None:
    """By what an imported certificate is unique in its file."""
    return (kind, tuple(categories), starts_on) if channel == Channel.IMPORT else None


def merges_of(number: str) -> QuerySet[IntermediaryMerge]:
    """The merges that a number has been part of, the latest first."""
    mine = IntermediaryMerge.objects.filter(drop__orias_number=number)
    kept = IntermediaryMerge.objects.filter(keep__orias_number=number)
    return (mine | kept).select_related("keep", "drop", "signed_by", "approved_by").order_by("-id")


def merge_told(merge: IntermediaryMerge, now: datetime) -> dict[str, object]:
    """A merge as plain data, for scripts and for explanations."""
    until = undo_until(merge.merged_at)
    return {
        "merge": merge.pk,
        "keep": merge.keep.orias_number,
        "drop": merge.drop.orias_number,
        "merged_at": merge.merged_at.isoformat(),
        "signed_by": merge.signed_by.get_username(),
        "approved_by": merge.approved_by.get_username(),
        "reason": merge.reason,
        "undone_at": merge.undone_at.isoformat() if merge.undone_at else None,
        "undo_until": until.isoformat() if merge.undone_at is None and now <= until else None,
    }
