"""Two numbers that are one person: what a merge would move, what stands against it, and what has been merged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from django.db.models import Q, QuerySet

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
    kept, dropped = find(keep), find(drop)
    plan = plan_merge(_mergeable(kept), _mergeable(dropped))
    versions = [kept.facts_version, dropped.facts_version]
    named = json.dumps([keep, drop, versions, asdict(plan)], sort_keys=True, default=str)
    return MergePreview(kept, dropped, plan, sha256(named.encode()).hexdigest())


def find(number: str) -> Intermediary:
    """The intermediary of a number. Raises Intermediary.DoesNotExist, in words for staff, where there is none."""
    try:
        return Intermediary.objects.select_related("merged_into").get(orias_number=number)
    except Intermediary.DoesNotExist:
        raise Intermediary.DoesNotExist(
            f"le numéro ORIAS {number} n’est pas au registre. Vérifiez ses huit chiffres, zéros compris."
        ) from None


def _mergeable(one: Intermediary) -> Mergeable:
    registrations = Registration.objects.filter(intermediary=one).order_by("category")
    covers = Cover.objects.filter(intermediary=one).order_by("id")
    return Mergeable(
        one.orias_number,
        one.merged_into_id is not None,
        {name: getattr(one, name) for name in COLUMNS},
        tuple(Held(*row) for row in registrations.values_list("id", "category", "removed_on")),
        {cover.pk: _identity(cover) for cover in covers},
        tuple(Contact.objects.filter(intermediary=one).order_by("id").values_list("id", flat=True)),
        tuple(Intermediary.objects.filter(merged_into=one).order_by("id").values_list("id", flat=True)),
        _documents(one),
        RemovalCase.objects.filter(intermediary=one, state__in=[s.value for s in LIVE_CASE_STATES]).exists(),
        AuthorityOrder.objects.filter(
            Q(confirmed_by__isnull=True) | Q(barred_until__isnull=False), intermediary=one
        ).exists(),
    )


def _documents(one: Intermediary) -> dict[int, frozenset[int]]:
    """By document of a file, the certificates that it is evidence of."""
    found: dict[int, frozenset[int]] = {}
    rows = Document.objects.filter(intermediary=one).order_by("id")
    for key, cover in rows.values_list("id", "papers__cover"):
        found[key] = found.get(key, frozenset()) | ({cover} if cover else frozenset())
    return found


def _identity(cover: Cover) -> tuple[object, ...] | None:
    """By what an imported certificate is unique in its file."""
    if cover.channel != Channel.IMPORT:
        return None
    return cover.kind, tuple(cover.categories), cover.starts_on


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
