"""Bring the ledger forward to what the journal told, as sets, by the transitions that every notice goes through.

A notice that the ledger still holds as waiting is walked to its end. One that it has lost is written anew, in a batch
of its own for each day on which such mails left, with its waves held (I2); whatever was waiting for the same person
is withdrawn first, for the next plan to decide again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.db.models import Count

from reminders.config import EngineSettings
from reminders.models import Batch, Notice, NoticeItem
from reminders.models.notice import RECALL_KEY_SQL, RECONCILIATION
from reminders.planning.freeze import hash_of_list
from reminders.rules.journal import UNKNOWN_WORKER
from reminders.rules.states import BatchState, NoticeState

TOLD = """
CREATE TEMPORARY TABLE told (
    key text, notice bigint, orias text, at timestamptz, worker text, items jsonb, email text, number integer,
    leaves text, verdict text, stage text, code smallint, finished_at timestamptz, recall_class text
) ON COMMIT DROP
"""
COPY_TOLD = """
COPY told (key, notice, orias, at, worker, items, email, number, leaves, verdict, stage, code, finished_at,
           recall_class) FROM STDIN
"""
# A notice is its number and its identity together: a person who was mailed again (sent again by a person's word, or
# planned again after a cancellation) has several of one identity, and a restored database gives numbers anew. One that
# was written anew has another number, and is known by its attempts, which begin when the journal says. An attempt of
# the ledger's own began a moment before; after two restorations the same one was begun twice, at other times. Of an
# outcome whose intent is damaged there is only its own instant, its number and its identity: no recipient, and no lost
# notice can be written; but the one that waits under that identity is walked to its end.
_THIS_ATTEMPT = f"""(a.worker = t.worker OR t.worker = '{UNKNOWN_WORKER}')
    AND (a.started_at = t.at OR n.id = t.notice AND a.number = t.number
    AND a.started_at BETWEEN t.at - interval '2 minutes' AND t.at + interval '2 minutes')"""
_BEHIND = f"""
CREATE TEMPORARY TABLE behind ON COMMIT DROP AS
SELECT DISTINCT ON (t.key, t.notice) t.key, t.notice, t.orias, t.at, t.items, t.email, t.leaves, t.worker, t.number,
       coalesce(t.finished_at, t.at) AS settled_at, (t.at AT TIME ZONE 'Europe/Paris')::date AS day,
       t.recall_class, i.id AS intermediary_id, here.id AS notice_id, false AS written
FROM told t
LEFT JOIN registry_intermediary i ON i.orias_number = t.orias
LEFT JOIN reminders_notice here
       ON here.key = t.key AND here.state IN ('PLANNED', 'CLAIMED', 'SENDING', 'DEFERRED')
          AND (here.id = t.notice OR t.orias IS NULL)
WHERE t.leaves IS NOT NULL
  -- The ledger knows better of an attempt whose outcome it holds, or whose notice is at its end.
  AND NOT EXISTS (SELECT FROM reminders_notice n JOIN reminders_attempt a ON a.notice_id = n.id
                  WHERE n.key = t.key AND {_THIS_ATTEMPT}
                    AND (a.verdict <> '' OR n.state IN ('ACCEPTED', 'UNCERTAIN', 'REFUSED')))
ORDER BY t.key, t.notice, t.orias IS NULL,
         array_position(ARRAY['ACCEPTED', 'UNCERTAIN', 'REFUSED'], t.leaves), t.at DESC
"""  # noqa: S608 (constants of ours)
# Several a day for one person are written one after the other: a person has one waiting notice at a time. Corrections
# come last, whatever the clocks said: each finds what it corrects.
_ROUNDS = """
SELECT DISTINCT corrects, day, nth FROM (
    SELECT recall_class <> '' AS corrects, day,
           row_number() OVER (PARTITION BY intermediary_id, recall_class <> '', day ORDER BY at, key, notice) AS nth
    FROM behind WHERE notice_id IS NULL AND intermediary_id IS NOT NULL
) rounds ORDER BY corrects, day, nth
"""
_ROUND = """
CREATE TEMPORARY TABLE round ON COMMIT DROP AS
SELECT DISTINCT ON (intermediary_id) * FROM behind
WHERE notice_id IS NULL AND intermediary_id IS NOT NULL AND day = %(day)s AND (recall_class <> '') = %(corrects)s
ORDER BY intermediary_id, at, key, notice
"""
_WITHDRAW = (
    """
    UPDATE reminders_notice n
    SET state = CASE state WHEN 'CLAIMED' THEN 'PLANNED' ELSE 'UNCERTAIN' END, lease_until = NULL,
        settled_at = CASE state WHEN 'SENDING' THEN %(now)s END
    FROM round r WHERE n.intermediary_id = r.intermediary_id AND n.state IN ('CLAIMED', 'SENDING')
    """,
    """
    UPDATE reminders_notice n
    SET state = 'CANCELLED', settled_at = %(now)s, evidence = jsonb_build_object('journal', r.key)
    FROM round r WHERE n.intermediary_id = r.intermediary_id AND n.state IN ('PLANNED', 'DEFERRED')
    """,
)
# A correction's identity is made from that of the mail it corrects, and it went to the same address: so the link is
# found again in the ledger. Where that mail is unknown, it is written without.
_INSERT = f"""
INSERT INTO reminders_notice (batch_id, intermediary_id, rank, state, key, email, items, body_digest, facts_version,
                              not_after, fence, worker, attempts, reason, corrects_id, recall_class)
SELECT %(batch)s, i.id, row_number() OVER (ORDER BY r.at, r.key), 'PLANNED', r.key,
       coalesce(c.email, CASE r.email WHEN encode(sha256(convert_to(i.email, 'UTF8')), 'hex') THEN i.email
                                      ELSE 'empreinte:' || r.email END),
       r.items, '', i.facts_version, r.at, 0, '', 0, '', c.id, CASE WHEN c.id IS NULL THEN '' ELSE r.recall_class END
FROM round r JOIN registry_intermediary i ON i.id = r.intermediary_id
LEFT JOIN LATERAL (
    SELECT c.id, c.email FROM reminders_notice c
    WHERE c.intermediary_id = i.id AND r.recall_class <> '' AND {RECALL_KEY_SQL.format("c.key")} = r.key
      AND c.state IN ('ACCEPTED', 'UNCERTAIN')
      AND (encode(sha256(convert_to(c.email, 'UTF8')), 'hex') = r.email OR c.email = 'empreinte:' || r.email)
      AND NOT EXISTS (SELECT FROM reminders_notice o WHERE o.corrects_id = c.id AND NOT o.unsent)
    ORDER BY c.id DESC LIMIT 1
) c ON true
"""  # noqa: S608 (a constant of ours)
_HOLD = """
INSERT INTO reminders_noticeitem (notice_id, intermediary_id, kind, term, wave, held)
SELECT DISTINCT n.id, n.intermediary_id, item ->> 'kind', (item ->> 'term')::date, item ->> 'wave', true
FROM reminders_notice n CROSS JOIN jsonb_array_elements(n.items) item
WHERE n.batch_id = %(batch)s AND (item -> 'discharged')::boolean
ON CONFLICT DO NOTHING
"""
_UNLINKED = """
SELECT count(*) FROM behind b JOIN reminders_notice n ON n.id = b.notice_id
WHERE b.recall_class <> '' AND n.corrects_id IS NULL
"""
_DEPARTURES_WITHOUT_ATTEMPT = f"""
SELECT count(*), (array_agg(orias ORDER BY at DESC, key))[1] FROM behind t
WHERE (t.orias IS NOT NULL OR t.notice_id IS NOT NULL)
  AND NOT EXISTS (SELECT FROM reminders_notice n JOIN reminders_attempt a ON a.notice_id = n.id
                  WHERE n.key = t.key AND {_THIS_ATTEMPT})
"""  # noqa: S608 (a constant of ours)
_FOUND = """
UPDATE behind b SET notice_id = n.id, written = true FROM reminders_notice n, round r
WHERE n.batch_id = %(batch)s AND n.key = r.key AND b.key = r.key AND b.notice = r.notice
"""
_WALK = (
    """
    UPDATE reminders_notice n SET state = 'CLAIMED', lease_until = clock_timestamp(), fence = fence + 1,
                                  worker = b.worker
    FROM behind b WHERE n.id = b.notice_id AND n.state IN ('PLANNED', 'DEFERRED')
    """,
    """
    UPDATE reminders_notice n SET state = 'SENDING' FROM behind b WHERE n.id = b.notice_id AND n.state = 'CLAIMED'
    """,
    f"""
    INSERT INTO reminders_attempt (notice_id, number, fence, worker, started_at, verdict, stage, reply)
    SELECT n.id, coalesce((SELECT max(number) FROM reminders_attempt a WHERE a.notice_id = n.id), 0)
                 + row_number() OVER (PARTITION BY n.id ORDER BY t.number, t.at), n.fence, t.worker, t.at, '', '', ''
    FROM behind b JOIN reminders_notice n ON n.id = b.notice_id AND n.state = 'SENDING'
    JOIN told t ON t.key = b.key AND t.notice = b.notice
    WHERE NOT EXISTS (SELECT FROM reminders_attempt a WHERE a.notice_id = n.id AND {_THIS_ATTEMPT})
    """,  # noqa: S608 (a constant of ours)
    f"""
    UPDATE reminders_attempt a
    SET verdict = t.verdict, stage = t.stage, code = t.code, finished_at = t.finished_at
    FROM behind b JOIN told t ON t.key = b.key AND t.notice = b.notice
    JOIN reminders_notice n ON n.id = b.notice_id AND n.state = 'SENDING'
    WHERE a.notice_id = n.id AND a.verdict = '' AND t.verdict <> '' AND {_THIS_ATTEMPT}
    """,  # noqa: S608 (a constant of ours)
    """
    UPDATE reminders_notice n
    SET state = b.leaves, settled_at = b.settled_at, lease_until = NULL,
        attempts = (SELECT max(number) FROM reminders_attempt a WHERE a.notice_id = n.id),
        evidence = jsonb_build_object('journal', b.at, 'worker', b.worker)
                   || CASE WHEN b.recall_class <> '' AND n.corrects_id IS NULL
                           THEN jsonb_build_object('corrects', 'UNKNOWN', 'recall_class', b.recall_class)
                           ELSE '{}' END
    FROM behind b WHERE n.id = b.notice_id AND n.state = 'SENDING'
    """,
)


@dataclass(slots=True)
class Brought:
    """What was changed: notices by the state given to them, how many of them were written anew, how many others were
    withdrawn, the batches made, and the ORIAS numbers of those whom the register does not hold.

    `unlinked`: corrections written anew without the mail they correct, which the ledger does not hold; `nameless`:
    outcomes of mails to nobody knows whom, since what said it is damaged and no such mail waits.
    """

    states: Counter[NoticeState] = field(default_factory=Counter)
    written: int = 0
    unlinked: int = 0
    nameless: int = 0
    withdrawn: int = 0
    batches: list[int] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def lost_departures() -> tuple[int, str]:
    """How many mails the table `told` knows of that the ledger holds no attempt at, and the ORIAS number of the last.

    What a worker has in its hands has its attempt: it is not lost.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE told")
        cursor.execute(_BEHIND)
        cursor.execute(_DEPARTURES_WITHOUT_ATTEMPT)
        number, orias = cursor.fetchone()
        cursor.execute("DROP TABLE behind, told")
    return number, orias or ""


def bring_forward(*, by: AbstractBaseUser, now: datetime, engine: EngineSettings) -> Brought:
    """Settle what the table `told` says and the ledger does not. Runs inside the caller's transaction."""
    brought = Brought()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE told")
        cursor.execute(_BEHIND)
        _walk()
        cursor.execute(_ROUNDS)
        for corrects, day, _ in cursor.fetchall():
            batch = Batch.objects.create(as_of=day, only_wave=RECONCILIATION, created_at=now)
            brought.batches.append(_write_round(batch, brought, by=by, now=now, engine=engine, corrects=corrects))
        cursor.execute("SELECT leaves, written, count(*) FROM behind WHERE notice_id IS NOT NULL GROUP BY 1, 2")
        for state, written, number in cursor.fetchall():
            brought.states[NoticeState(state)] += number
            brought.written += number if written else 0
        cursor.execute(_UNLINKED)
        (brought.unlinked,) = cursor.fetchone()
        cursor.execute("SELECT DISTINCT orias FROM behind WHERE intermediary_id IS NULL ORDER BY 1")
        brought.unknown = [orias for (orias,) in cursor.fetchall() if orias]
        cursor.execute("SELECT count(*) FROM behind WHERE orias IS NULL AND notice_id IS NULL")
        (brought.nameless,) = cursor.fetchone()
        cursor.execute("DROP TABLE behind, told")
    return brought


def _write_round(
    batch: Batch, brought: Brought, *, by: AbstractBaseUser, now: datetime, engine: EngineSettings, corrects: bool
) -> int:
    """One batch of lost notices, from its draft to its end: reminders of a day, or what `corrects` some."""
    with connection.cursor() as cursor:
        cursor.execute(_ROUND, {"day": batch.as_of, "corrects": corrects})
        for statement in _WITHDRAW:
            cursor.execute(statement, {"now": now})
        brought.withdrawn += cursor.rowcount
        for statement in (_INSERT, _HOLD, _FOUND):
            cursor.execute(statement, {"batch": batch.pk})
        cursor.execute("DROP TABLE round")
    _seal(batch, engine)
    batch.approved_by_id, batch.approved_at = by.pk, now
    _move(batch, BatchState.APPROVED)
    batch.released_by_id, batch.released_at, batch.ceiling = by.pk, now, batch.planned
    _move(batch, BatchState.RELEASING)
    _walk()
    batch.ended_at = now
    _move(batch, BatchState.COMPLETED)
    return batch.pk


def _seal(batch: Batch, engine: EngineSettings) -> None:
    items = NoticeItem.objects.filter(notice__batch=batch.pk)
    batch.planned = Notice.objects.filter(batch=batch.pk).count()
    batch.steps = [batch.planned]
    batch.waves = sorted(set(items.values_list("wave", flat=True)))
    batch.by_item = dict(items.values_list("kind").annotate(Count("id")))
    batch.rules_digest = engine.rules_digest
    batch.hash = hash_of_list(batch)
    batch.save()


def _move(batch: Batch, state: BatchState) -> None:
    batch.state = state.value
    batch.save()


def _walk() -> None:
    with connection.cursor() as cursor:
        for statement in _WALK:
            cursor.execute(statement)
