"""Claims: a worker takes a few notices for a short time. The database's clock keeps the leases.

CLAIMED is taken back when its lease runs out. SENDING never is: it may have left, so it becomes UNCERTAIN (I4).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from registry.rules.categories import CoverKind
from reminders.models.controls import domain_sql
from reminders.rules.identity import WaveKey

LEASE = timedelta(seconds=120)
"""Longer than the longest dialogue with a mail server: 50 s until the final dot, 60 s for its answer."""

DOT_BEFORE = timedelta(seconds=50)
"""A worker that has not reached the final dot by then gives up before it: its lease still holds."""

_CLAIM = f"""
WITH next AS (
    SELECT n.id
    FROM reminders_notice n
    JOIN reminders_batch b ON b.id = n.batch_id
    WHERE b.state = 'RELEASING' AND n.live AND n.state IN ('PLANNED', 'DEFERRED') AND n.rank <= b.ceiling
      AND (n.not_before IS NULL OR n.not_before <= %(now)s)
      AND (%(batch)s::bigint IS NULL OR b.id = %(batch)s::bigint)
      AND {domain_sql("n.email")} NOT IN (SELECT domain FROM reminders_domainpace WHERE not_before > %(now)s)
    ORDER BY n.batch_id, n.rank
    LIMIT %(size)s
    FOR NO KEY UPDATE OF n SKIP LOCKED
)
UPDATE reminders_notice n
SET state = 'CLAIMED', lease_until = clock_timestamp() + %(lease)s, fence = n.fence + 1, worker = %(worker)s
FROM next
WHERE n.id = next.id
RETURNING n.id, n.batch_id, n.intermediary_id, n.rank, n.key, n.email, n.items, n.body_digest, n.not_after, n.fence,
          n.attempts, n.corrects_id
"""
_SETTLE_CANCELLED = """
UPDATE reminders_notice n
SET state = 'CANCELLED', settled_at = %(now)s
FROM reminders_batch b
WHERE b.id = n.batch_id AND b.state = 'CANCELLED' AND n.live AND n.state IN ('PLANNED', 'DEFERRED')
"""
_REAP = """
UPDATE reminders_notice
SET state = CASE state WHEN 'CLAIMED' THEN 'PLANNED' ELSE 'UNCERTAIN' END,
    settled_at = CASE state WHEN 'SENDING' THEN %(now)s END,
    lease_until = NULL,
    evidence = CASE state WHEN 'SENDING' THEN jsonb_build_object('lease_ran_out', lease_until, 'worker', worker) END
WHERE live AND state IN ('CLAIMED', 'SENDING') AND lease_until < clock_timestamp()
RETURNING state
"""
_RETURN = """
UPDATE reminders_notice n
SET state = CASE b.state WHEN 'CANCELLED' THEN 'CANCELLED' ELSE 'PLANNED' END, lease_until = NULL,
    settled_at = CASE b.state WHEN 'CANCELLED' THEN %(now)s END,
    not_before = coalesce(%(not_before)s::timestamptz, n.not_before)
FROM reminders_batch b
WHERE b.id = n.batch_id AND n.state = 'CLAIMED' AND n.worker = %(worker)s AND n.id = ANY (%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice in this worker's hands; `fence` proves that it still is. `items`: the list as it was frozen, `waves`
    what the notice settles of it; `corrects`: the notice a recall corrects."""

    id: int
    batch_id: int
    intermediary_id: int
    rank: int
    key: str
    email: str
    items: list[dict[str, Any]] = field(hash=False)
    waves: frozenset[WaveKey]
    body_digest: str
    not_after: datetime
    fence: int
    attempts: int
    corrects: int | None = None


def claim(*, worker: str, size: int, now: datetime, batch_id: int | None) -> list[Claimed]:
    """Take up to `size` released notices in their frozen order, skipping what other workers hold."""
    parameters: dict[str, Any] = {"now": now, "batch": batch_id, "size": size, "lease": LEASE, "worker": worker}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, parameters)
        rows = [_claimed(row) for row in cursor.fetchall()]
    return sorted(rows, key=lambda c: (c.batch_id, c.rank))


def return_claims(claims: list[Claimed], *, worker: str, now: datetime, not_before: datetime | None = None) -> None:
    """Give back what this worker has not begun to send; `not_before`: nobody is to take it up again sooner."""
    if claims:
        asked: dict[str, Any] = {"worker": worker, "ids": [c.id for c in claims], "now": now, "not_before": not_before}
        with connection.cursor() as cursor:
            cursor.execute(_RETURN, asked)


def reap(*, now: datetime) -> int:
    """Settle what dead workers left: CLAIMED goes back to PLANNED, SENDING becomes UNCERTAIN. Returns the uncertain."""
    with connection.cursor() as cursor:
        cursor.execute(_REAP, {"now": now})
        return sum(1 for (state,) in cursor.fetchall() if state == "UNCERTAIN")


def settle_cancelled(*, now: datetime) -> int:
    """Cancel what came back unsent to a batch that was cancelled while it was being sent. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE_CANCELLED, {"now": now})
        return int(cursor.rowcount)


def _claimed(row: tuple[Any, ...]) -> Claimed:
    pk, batch, intermediary, rank, key, email, items, digest, not_after, fence, attempts, corrects = row
    # Django's connection leaves jsonb as text.
    listed = json.loads(items) if isinstance(items, str) else items
    waves = _discharged(listed)
    frozen = (key, email, listed, waves, digest, not_after)
    return Claimed(pk, batch, intermediary, rank, *frozen, fence, attempts, corrects)


def _discharged(items: list[dict[str, Any]]) -> frozenset[WaveKey]:
    """The waves that the frozen list says this notice settles."""
    return frozenset(
        WaveKey(CoverKind(item["kind"]), date.fromisoformat(item["term"]), item["wave"])
        for item in items
        if item["discharged"]
    )
