"""What anyone could see of the register at a past instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from registry.models import Intermediary, Registration
from registry.past import registrations_at, rows_at
from registry.public import PublicEntry, entry_of


def published_at(at: datetime) -> QuerySet[Any]:
    """The intermediaries that were published then: events of the history, with the columns of an intermediary."""
    held = rows_at(Registration, at).filter(intermediary=OuterRef("pgh_obj"))
    return rows_at(Intermediary, at).filter(Exists(held), merged_into__isnull=True)


def leads_to(orias_number: str, at: datetime | None) -> str | None:
    """The number into which this one was merged, as known at `at` (None: now); None where it was not."""
    if at is None:
        return _number(Intermediary.objects.filter(orias_number=orias_number).values_list("merged_into", flat=True))
    return _number(rows_at(Intermediary, at).filter(orias_number=orias_number).values_list("merged_into", flat=True))


def _number(keys: QuerySet[Any]) -> str | None:
    # A number never changes, so that of now is that of then.
    return Intermediary.objects.filter(pk__in=keys).values_list("orias_number", flat=True).first()


def entries_at(rows: Iterable[Any], at: datetime, day: date) -> list[PublicEntry]:
    """What was published of these rows of `published_at`, told for `day`: two queries, however many they are."""
    found = list(rows)
    keys = [row.pgh_obj_id for row in found]
    former: dict[int, list[Any]] = defaultdict(list)
    for merged in rows_at(Intermediary, at).filter(merged_into__in=keys).order_by("orias_number"):
        former[merged.merged_into_id].append(merged)
    theirs = registrations_at([*keys, *(m.pgh_obj_id for merged in former.values() for m in merged)], at)
    return [_entry(row, former[row.pgh_obj_id], theirs, day) for row in found]


def _entry(row: Any, former: list[Any], theirs: dict[int, list[Any]], day: date) -> PublicEntry:
    removed = [r for merged in former for r in theirs.get(merged.pgh_obj_id, [])]
    removed.sort(key=lambda r: (r.category, r.pgh_obj_id))
    registrations = [*theirs.get(row.pgh_obj_id, []), *removed]
    return entry_of(row, registrations, tuple(m.orias_number for m in former), day)
