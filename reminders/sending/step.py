"""One message's commit: the outcome of the one before and the intent of the next, in a single statement.

The order that keeps I1, I2, I4 and I7 (see docs/decisions on delivery): lock the file's row, compare its version with
the one the rules were run on, read switch, batch, ceiling and pace, compare-and-set to SENDING, write the attempt;
only after this has committed may anything be said to a mail server.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from registry.rules.labels import LabelledEnum
from reminders.sending.claim import LEASE, Claimed
from reminders.sending.outcome import Outcome
from reminders.sending.prepared import Prepared, Value

LONGEST_WAIT_FOR_A_FILE = "500ms"
"""How long an intent waits for a file that is being changed; then LockNotAvailable, and nothing was recorded."""

_STEP = f"""
WITH told AS (
    UPDATE reminders_attempt
    SET verdict = %(verdict)s, stage = %(stage)s, code = %(code)s, reply = %(reply)s, finished_at = %(finished_at)s
    WHERE notice_id = %(done_id)s AND number = %(done_number)s AND verdict = ''
),
file AS MATERIALIZED (
    -- The wait is kept short: switch, batch and ceiling are read as they were before it (I7).
    SELECT facts_version FROM registry_intermediary
    WHERE id = %(intermediary)s AND set_config('lock_timeout', '{LONGEST_WAIT_FOR_A_FILE}', true) <> '' FOR SHARE
),
moved AS (
    -- The outcome's row and the intent's in one UPDATE, which opens the table, its indexes and triggers once. A row
    -- that changes while the step waits for it is compared again by itself alone: no join, which then lost an outcome.
    UPDATE reminders_notice n
    SET state = CASE n.state WHEN 'SENDING' THEN %(done_state)s ELSE 'SENDING' END,
        settled_at = CASE n.state WHEN 'SENDING' THEN %(settled_at)s ELSE n.settled_at END,
        not_before = CASE n.state WHEN 'SENDING' THEN %(not_before)s ELSE n.not_before END,
        -- What expires says why: the last reply, and the instant after which no other try is of use.
        evidence = CASE WHEN n.state = 'SENDING' AND %(done_state)s = 'EXPIRED'
                        THEN jsonb_build_object('not_after', n.not_after, 'code', %(code)s, 'reply', %(reply)s)
                        ELSE n.evidence END,
        attempts = n.attempts + CASE n.state WHEN 'SENDING' THEN 0 ELSE 1 END,
        lease_until = CASE n.state WHEN 'SENDING' THEN NULL
                      ELSE clock_timestamp() + interval '{LEASE.total_seconds()} seconds' END
    WHERE n.id = %(done_id)s AND n.fence = %(done_fence)s AND n.state = 'SENDING'
       OR n.id = %(id)s AND n.fence = %(fence)s AND n.state = 'CLAIMED' AND n.not_after >= %(now)s
      AND (SELECT facts_version FROM file) = %(facts_version)s
      AND EXISTS (SELECT FROM reminders_batch b
                  WHERE b.id = n.batch_id AND b.state = 'RELEASING' AND n.rank <= b.ceiling)
      -- A missing row means stop.
      AND EXISTS (SELECT FROM reminders_stopswitch WHERE NOT stopped) AND EXISTS (SELECT FROM reminders_pace)
      AND EXISTS (SELECT FROM registry_referenceversion WHERE version = %(reference_version)s)
      -- This connection is signed with the sender's identity as it stands (I13).
      AND EXISTS (SELECT FROM reminders_senderidentity i
                  WHERE i.epoch || '/' || i.xmin = current_setting('register.sender', true))
      -- Its unique rows are still its own (I2); a correction is unique by what it corrects.
      AND (n.corrects_id IS NOT NULL
           OR EXISTS (SELECT FROM reminders_noticeitem i WHERE i.notice_id = n.id AND i.held))
    RETURNING n.id, n.attempts, n.state
),
written AS (
    INSERT INTO reminders_attempt (notice_id, number, fence, worker, started_at, verdict, stage, reply)
    SELECT id, attempts, %(fence)s::integer, %(worker)s::text, %(now)s::timestamptz, '', '', ''
    FROM moved WHERE state = 'SENDING'
    RETURNING number
)
SELECT (SELECT number FROM written), (SELECT id FROM moved WHERE state <> 'SENDING')
"""
_PREPARED = Prepared("reminders_step", _STEP)
_NOTHING_DONE: dict[str, Value] = {
    "done_id": None,
    "done_number": None,
    "done_fence": None,
    "done_state": "",
    "settled_at": None,
    "not_before": None,
    "verdict": "",
    "stage": "",
    "code": None,
    "reply": "",
    "finished_at": None,
}
_NOTHING_BEGUN: dict[str, Value] = {
    "id": None,
    "fence": None,
    "intermediary": None,
    "facts_version": None,
    "reference_version": None,
    "now": None,
    "worker": "",
}
_WHY_NOT = """
SELECT n.state, n.fence = %(fence)s, b.state, n.rank <= b.ceiling, n.not_after >= %(now)s,
       EXISTS (SELECT FROM reminders_stopswitch s CROSS JOIN reminders_pace p WHERE NOT s.stopped),
       EXISTS (SELECT FROM reminders_senderidentity i
               WHERE i.epoch || '/' || i.xmin = current_setting('register.sender', true)),
       n.corrects_id IS NOT NULL OR EXISTS (SELECT FROM reminders_noticeitem i WHERE i.notice_id = n.id AND i.held)
FROM reminders_notice n JOIN reminders_batch b ON b.id = n.batch_id
WHERE n.id = %(id)s
"""


class Refusal(LabelledEnum):
    """Why an intent did not begin."""

    LOST = "LOST", "repris par un autre exécutant", "no longer in this worker's hands"
    HELD = "HELD", "envois arrêtés ou lot suspendu", "sending stopped or batch held"
    DISARMED = "DISARMED", "identité de l’expéditeur changée", "the sender's identity has changed"
    TOO_LATE = "TOO_LATE", "dernier instant utile passé", "past its last useful instant"
    UNHELD = "UNHELD", "échéances qui ne sont plus les siennes", "its waves are no longer its own"
    FACTS_MOVED = "FACTS_MOVED", "dossier modifié à l’instant", "file changed just now"


@dataclass(frozen=True, slots=True)
class Intent:
    """A notice about to be sent, and the versions of the facts on which the rules said yes."""

    claimed: Claimed
    facts_version: int
    reference_version: int


def step(*, done: Outcome | None, intent: Intent | None, now: datetime | None, worker: str) -> tuple[int | None, bool]:
    """Record `done` and begin `intent` in one commit: the attempt's number (None: not begun), and whether `done`
    still changed the notice's state (a late worker's result is kept with the attempt only).

    Raises psycopg's LockNotAvailable, with nothing recorded, where another transaction keeps the file locked.
    """
    parameters: dict[str, Value] = {
        **(_done(done) if done else _NOTHING_DONE),
        **(_begun(intent, now) if intent else _NOTHING_BEGUN),
        "worker": worker,
    }
    number, settled = _PREPARED.row(parameters)
    return (None if number is None else int(number)), settled is not None


def why_not(claimed: Claimed, *, now: datetime) -> Refusal:
    """Why `step` did not begin a notice."""
    with connection.cursor() as cursor:
        cursor.execute(_WHY_NOT, {"id": claimed.id, "fence": claimed.fence, "now": now})
        state, mine, batch_state, within, in_time, open_, armed, held = cursor.fetchone()
    if state != "CLAIMED" or not mine:
        return Refusal.LOST
    if batch_state != "RELEASING" or not within or not open_:
        return Refusal.HELD
    if not armed:
        return Refusal.DISARMED
    if not in_time:
        return Refusal.TOO_LATE
    return Refusal.FACTS_MOVED if held else Refusal.UNHELD


def _done(outcome: Outcome) -> dict[str, Value]:
    return {
        "done_id": outcome.notice_id,
        "done_number": outcome.attempt,
        "done_fence": outcome.fence,
        "done_state": outcome.state.value,
        "settled_at": outcome.settled_at,
        "not_before": outcome.not_before,
        "verdict": outcome.verdict.value,
        "stage": outcome.reply.stage.value,
        "code": outcome.reply.code,
        "reply": outcome.reply.text.replace("\0", "")[:500],
        "finished_at": outcome.finished_at,
    }


def _begun(intent: Intent, now: datetime | None) -> dict[str, Value]:
    return {
        "id": intent.claimed.id,
        "fence": intent.claimed.fence,
        "intermediary": intent.claimed.intermediary_id,
        "facts_version": intent.facts_version,
        "reference_version": intent.reference_version,
        "now": now,
    }
