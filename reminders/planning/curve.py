"""How a release went on: what became of its notices, over time, in one query."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from django.db import connection

from reminders.models import Batch
from reminders.rules.states import NoticeState

Row = tuple[str, int | None, int, datetime, int]

PLACES = 60
"""Points along the time axis, at most one more."""

# What is not settled stands under no place: it is counted, and not drawn. The axis begins with the first that was
# settled, since a batch released in the evening leaves in the morning.
_PROGRESS = """
WITH mine AS (SELECT state, settled_at FROM reminders_notice WHERE batch_id = %(batch)s),
axis AS (
    SELECT since, greatest(1, ceil(extract(epoch FROM %(until)s - since) / %(places)s))::integer AS size
    FROM (SELECT least(coalesce(min(settled_at), %(until)s), %(until)s) AS since FROM mine) first
)
SELECT state, floor(extract(epoch FROM settled_at - since) / size)::integer, count(*), since, size
FROM mine, axis GROUP BY 1, 2, since, size
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a batch stands: `counts` by state (I8), and of each final state how many there were at each instant."""

    since: datetime
    size: timedelta
    counts: dict[str, int]
    grown: dict[str, Sequence[int]]

    @property
    def places(self) -> int:
        """How many instants."""
        return len(next(iter(self.grown.values())))

    def at(self, place: int) -> datetime:
        """The instant of a place; the first is where the axis begins."""
        return self.since + self.size * place


def progress_of(batch: Batch, now: datetime) -> Progress:
    """The progress of a batch from its first settled notice to its end, or to `now`: one query."""
    until = batch.ended_at or now
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, {"batch": batch.pk, "until": until, "places": PLACES})
        rows: list[Row] = cursor.fetchall()
    since, size = rows[0][3:] if rows else (until, 1)
    places = math.ceil((until - since).total_seconds() / size) + 1
    return Progress(
        since=since,
        size=timedelta(seconds=size),
        counts={state.value: sum(row[2] for row in rows if row[0] == state.value) for state in NoticeState},
        grown={state.value: _grown(rows, state, places) for state in NoticeState},
    )


def _grown(rows: Sequence[Row], state: NoticeState, places: int) -> Sequence[int]:
    """How many there were by the end of each stretch; none at the first place, where the axis begins."""
    found = [0] * (places + 1)
    for told, place, count, _, _ in rows:
        if told == state.value and place is not None:
            found[min(places, max(0, place) + 1)] += count
    return list(accumulate(found))
