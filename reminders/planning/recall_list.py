"""The list of a recall: who got a message of the batch gone wrong, what each is told, hashed and written once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import connection
from psycopg.types.json import Jsonb

from registry.clock import PARIS
from reminders.models import Batch, Notice
from reminders.planning.assess import Assessed, Circumstances, frozen_items
from reminders.planning.corrections import assess_recalls
from reminders.planning.freeze import CHUNK, list_header, list_line, recall_scope
from reminders.rules.eligibility import SkipReason
from reminders.rules.recalls import RecallClass, last_useful_day
from reminders.rules.states import MAILED_STATES

_MAILED = sorted(s.value for s in MAILED_STATES)

# No correction, which the journal brings back in a batch of its day, perhaps without what it corrects; and not who by a
# person's word did not get it: what was planned anew for them is a notice of its own.
_GOT_IT = """w.batch_id = %(corrects)s AND w.state = ANY (%(mailed)s) AND NOT w.unsent
  AND w.corrects_id IS NULL AND (w.evidence ->> 'corrects') IS DISTINCT FROM 'UNKNOWN'
"""
# In the frozen order of the batch gone wrong, which was a fair draw over the categories.
_TO_CORRECT = f"""
CREATE TEMPORARY TABLE to_correct ON COMMIT DROP AS
SELECT w.id AS corrects, w.intermediary_id, w.email, l.id AS live_notice, l.batch_id AS live_batch,
       CASE WHEN l.id IS NULL THEN row_number() OVER (PARTITION BY l.id IS NULL ORDER BY w.rank) END AS rank
FROM reminders_notice w
LEFT JOIN reminders_notice l ON l.intermediary_id = w.intermediary_id AND l.live
WHERE {_GOT_IT}
  AND NOT EXISTS (
      SELECT FROM reminders_notice c WHERE c.corrects_id = w.id AND NOT c.unsent
  )
"""  # noqa: S608 (a constant of ours)
_LEFT_TO_CORRECT = f"""
SELECT count(*) FROM reminders_notice w
WHERE {_GOT_IT}
  AND NOT EXISTS (SELECT FROM reminders_notice c WHERE c.corrects_id = w.id AND NOT c.unsent)
"""  # noqa: S608
_DRAFTED = """
CREATE TEMPORARY TABLE drafted (
    rank bigint PRIMARY KEY, key text, items jsonb, body_digest text, facts_version bigint, recall_class text
) ON COMMIT DROP
"""
_NOTICES = """
INSERT INTO reminders_notice (batch_id, intermediary_id, rank, state, key, email, items, body_digest, facts_version,
                              not_after, fence, worker, attempts, reason, corrects_id, recall_class)
SELECT %(batch)s, t.intermediary_id, t.rank, 'PLANNED', d.key, t.email, d.items, d.body_digest, d.facts_version,
       %(not_after)s, 0, '', 0, '', t.corrects, d.recall_class
FROM to_correct t JOIN drafted d ON d.rank = t.rank
ORDER BY t.rank
"""
_LEFT_OUT = """
INSERT INTO reminders_leftout (batch_id, intermediary_id, reason, evidence)
SELECT %(batch)s, intermediary_id, %(reason)s,
       jsonb_build_object('live_notice', live_notice, 'live_batch', live_batch)
FROM to_correct WHERE rank IS NULL
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Those who got the message, counted apart, and what becomes of them."""

    reached: int
    planned: int
    left_out: int
    corrected_before: int
    live_batches: tuple[int, ...]


def draw_to_correct(wrong: Batch) -> Found:
    """Put those still to be corrected into the temporary table `to_correct`."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.to_correct")
        cursor.execute(_TO_CORRECT, {"mailed": _MAILED, "corrects": wrong.pk})
        cursor.execute("CREATE INDEX ON to_correct (rank)")
        cursor.execute("ANALYZE to_correct")
        cursor.execute(
            "SELECT count(rank), count(*) - count(rank), array_remove(array_agg(DISTINCT live_batch), NULL)"
            " FROM to_correct"
        )
        planned, left_out, live = cursor.fetchone()
    # Counted apart from the list, by a query of another kind.
    mailed = Notice.objects.filter(batch=wrong.pk, state__in=_MAILED, unsent=False, corrects=None)
    got_it = mailed.exclude(evidence__corrects="UNKNOWN")
    corrected = got_it.filter(corrections__unsent=False)
    return Found(got_it.count(), planned, left_out, corrected.count(), tuple(sorted(live or ())))


@dataclass(slots=True)
class FrozenRecall:
    """The list as it was written: its SHA-256 and its counts."""

    hash: str = ""
    planned: int = 0
    by_category: Counter[str] = field(default_factory=Counter)
    by_item: Counter[str] = field(default_factory=Counter)
    by_class: Counter[str] = field(default_factory=Counter)


def freeze_recall(batch: Batch, found: Found, circumstances: Circumstances) -> FrozenRecall:
    """Decide and render each, hash the list, and write it as the ledger's rows."""
    frozen = FrozenRecall()
    digest = hashlib.sha256(list_header(batch.as_of, recall_scope(batch.corrects_id or 0), found.planned))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.drafted")
        cursor.execute(_DRAFTED)
        for chunk in _in_order():
            rows = list(_drafted(chunk, circumstances, frozen, digest))
            with cursor.copy("COPY drafted FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        cursor.execute("ANALYZE drafted")
        cursor.execute(_NOTICES, {"batch": batch.pk, "not_after": _end_of(last_useful_day(batch.as_of))})
        cursor.execute(_LEFT_OUT, {"batch": batch.pk, "reason": SkipReason.IN_LIVE_BATCH.value})
        # Delivery's statements are planned once: they must know that the table has grown.
        cursor.execute("ANALYZE reminders_notice")
    frozen.hash = digest.hexdigest()
    return frozen


def _in_order() -> Iterator[list[tuple[int, int, int]]]:
    """(rank, intermediary, corrected notice) in the frozen order, a chunk at a time: memory stays flat."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rank, intermediary_id, corrects FROM to_correct WHERE rank > %s ORDER BY rank LIMIT %s",
                [after, CHUNK],
            )
            chunk = cursor.fetchall()
        if not chunk:
            return
        yield chunk
        after = chunk[-1][0]


def _drafted(
    chunk: list[tuple[int, int, int]], circumstances: Circumstances, frozen: FrozenRecall, digest: hashlib._Hash
) -> Iterator[tuple[int, str, Jsonb, str, int, str]]:
    assessed = assess_recalls([corrects for _, _, corrects in chunk], circumstances)
    for rank, intermediary, _ in chunk:
        one = assessed[intermediary]
        if one.content is None or one.recall_class is None:
            raise RuntimeError(f"recipient {rank} of the recall has no message")
        digest.update(list_line(rank, one.facts.orias_number, one.content.email, one.key, one.digest))
        _count(one, one.recall_class, frozen)
        items = Jsonb(frozen_items(one.decision))
        yield rank, one.key, items, one.digest, one.facts.facts_version, one.recall_class.value


def _count(one: Assessed, recall_class: RecallClass, frozen: FrozenRecall) -> None:
    frozen.planned += 1
    frozen.by_class[recall_class.value] += 1
    frozen.by_category.update({f.category for f in one.decision.state.findings})
    frozen.by_item.update({item.kind for item in one.decision.items})


def _end_of(day: date) -> datetime:
    """The last instant of a local day."""
    return datetime.combine(day + timedelta(days=1), time(), PARIS) - timedelta(microseconds=1)


def left_to_correct(wrong_id: int) -> int:
    """How many of those who got a message of a batch have no correction that left, may have left or may still leave."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT_TO_CORRECT, {"mailed": _MAILED, "corrects": wrong_id})
        (count,) = cursor.fetchone()
        return int(count)
