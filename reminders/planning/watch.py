"""The watch over releases: counts what became of the mails, lets the next step follow a good one, stops a bad one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pghistory
from django.db import connection, transaction
from django.db.models import Q

from registry.clock import PARIS
from registry.rules.french import counted, grouped
from reminders.config import EngineSettings
from reminders.models import Alarm, Batch, StopSwitch, Watch
from reminders.models.batch import GOES_ON, PauseReason
from reminders.models.controls import domain_sql
from reminders.planning.approval import go_on, pause
from reminders.rules.brakes import BrakeLevel
from reminders.rules.send_window import is_open, opened_at
from reminders.rules.states import BatchState
from reminders.rules.steps import step_floor
from reminders.rules.watch import (
    REMEDIES,
    AlarmCode,
    Alert,
    Judgement,
    Outcomes,
    ReleaseFacts,
    Verdict,
    WatchLimits,
    is_enough,
    judge_release,
)

EVERY_SECONDS = 1.0
"""How often at most a worker that sends looks round, between two messages; an alarm stops it before its next."""

AFTERWARDS = timedelta(days=1)
"""How long after the last message an alarm is still recorded."""

_PAUSE_REASONS = {
    AlarmCode.REFUSED_TOO_MANY: PauseReason.REFUSED,
    AlarmCode.BOUNCED_TOO_MANY: PauseReason.BOUNCED,
    AlarmCode.UNCERTAIN_TOO_MANY: PauseReason.UNCERTAIN,
    AlarmCode.REPORTED_WRONG: PauseReason.REPORTED,
    AlarmCode.STALLED: PauseReason.STALLED,
    AlarmCode.SMTP_DOWN: PauseReason.SMTP_DOWN,
    AlarmCode.TOO_LITTLE: PauseReason.HOLD,
}
# What a report says of a mail outweighs what the server said at the door, and counts from when it was read. Each mail
# is counted once. `after`, `bounce` and `report`: the last of each when a person overruled what had been counted; 0
# where nobody has, and then the list alone is read.
_TRIED_SINCE = "(%(after)s = 0 OR n.id IN (SELECT notice_id FROM reminders_attempt WHERE id > %(after)s))"
_OUTCOMES = f"""
WITH returned AS (
    SELECT b.notice_id, bool_or(b.kind = 'HARD_ADDRESS') AS dead
    FROM reminders_bounce b JOIN reminders_notice n ON n.id = b.notice_id
    WHERE n.batch_id = %(batch)s AND b.kind IN ('HARD_ADDRESS', 'HARD_OURS') AND b.id > %(bounce)s
    GROUP BY 1
)
SELECT n.rank > %(floor)s,
       CASE WHEN r.dead THEN 'REFUSED_ADDRESS' WHEN NOT r.dead THEN 'REFUSED_OURS' ELSE n.state END,
       count(*)
FROM reminders_notice n LEFT JOIN returned r ON r.notice_id = n.id
WHERE n.batch_id = %(batch)s AND n.state IN ('ACCEPTED', 'UNCERTAIN')
  AND ({_TRIED_SINCE} OR r.dead IS NOT NULL)
GROUP BY 1, 2
UNION ALL
SELECT n.rank > %(floor)s, last.verdict, count(*)
FROM reminders_notice n JOIN reminders_attempt last ON last.notice_id = n.id AND last.number = n.attempts
WHERE n.batch_id = %(batch)s AND n.state = 'REFUSED' AND {_TRIED_SINCE}
GROUP BY 1, 2
UNION ALL
SELECT n.rank > %(floor)s, 'TRUE_REPORT', count(DISTINCT n.id)
FROM reminders_wrongreport r JOIN reminders_notice n ON n.id = r.notice_id
WHERE n.batch_id = %(batch)s AND r.verdict = 'WRONG' AND r.id > %(report)s
GROUP BY 1
"""
# Only what was accepted is a sign of life: a list can be put off until it expires. Where little of the step has left
# and several domains put it off again and again, that its retries are not due yet is no excuse.
_READY_SINCE = f"""
WITH waiting AS (
    SELECT greatest(n.not_before, d.not_before, %(since)s) AS ready_at,
           coalesce(n.not_before, %(now)s) <= %(now)s AND coalesce(d.not_before, %(now)s) <= %(now)s AS ready,
           CASE WHEN n.attempts >= %(tries)s THEN {domain_sql("n.email")} END AS puts_off
    FROM reminders_notice n
    LEFT JOIN reminders_domainpace d ON d.domain = {domain_sql("n.email")}
    WHERE n.batch_id = %(batch)s AND n.rank <= %(ceiling)s
      AND (n.state IN ('PLANNED', 'DEFERRED') OR (n.state = 'CLAIMED' AND n.lease_until < clock_timestamp()))
),
first AS (
    SELECT CASE WHEN %(little)s AND count(DISTINCT puts_off) >= %(domains)s THEN %(since)s
                ELSE min(ready_at) FILTER (WHERE ready) END AS at
    FROM waiting
)
SELECT greatest(at, (
    SELECT finished_at FROM reminders_attempt
    WHERE id > %(after)s AND verdict = 'ACCEPTED' ORDER BY id DESC LIMIT 1
))
FROM first WHERE at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watch said of one release, and whether it has let the next step leave, or stopped it, just now."""

    batch_id: int
    ceiling: int
    planned: int
    verdict: Verdict
    acted: bool = False

    @property
    def went_on(self) -> bool:
        """Whether more may leave than before."""
        return self.acted and self.verdict.judgement is Judgement.GREEN


def watch_releases(
    *, engine: EngineSettings, now: datetime, batch_id: int | None = None, stalls: bool = False
) -> list[Watched]:
    """Judge every release that is under way or between two steps, and act on it; each in a transaction of its own.

    Of one that has ended lately only an alarm is recorded, for those who may have to put it right. Two watchers may
    come at once: one of them passes over what the other holds. `stalls`: also look for a release that stands still,
    which only who is not about to send can tell.
    """
    ended = Q(state=BatchState.COMPLETED.value, ended_at__gt=now - AFTERWARDS)
    live = Batch.objects.filter(GOES_ON | ended)
    wanted = live.filter(pk=batch_id) if batch_id else live
    found = [_watch(pk, engine, now, stalls) for pk in wanted.order_by("id").values_list("id", flat=True)]
    return [watched for watched in found if watched]


def lookout(
    engine: EngineSettings,
    clock: Callable[[], datetime],
    batch_id: int | None = None,
    judged: Callable[[list[Watched]], object] = lambda _: None,
) -> Callable[..., None]:
    """What a worker calls after each message: it looks round every second, whatever it is called with, and tells
    `judged` what it found."""
    due = time.monotonic() + EVERY_SECONDS

    def look(*_: object) -> None:
        nonlocal due
        if time.monotonic() >= due:
            judged(watch_releases(engine=engine, now=clock(), batch_id=batch_id))
            due = time.monotonic() + EVERY_SECONDS

    return look


def raise_alarm(*, batch_id: int, alert: Alert, now: datetime) -> bool:
    """Record an alarm and hold its batch, in one transaction; False where the same alarm is open already.

    A batch that has ended keeps its state: the alarm tells those who may have to put it right.
    """
    with transaction.atomic(), pghistory.context(user=None, why=f"alarme\u00a0: {alert.code.label}"):
        batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch_id)
        return _raise(batch, alert, now)


def release_facts(batch: Batch, *, engine: EngineSettings, now: datetime, stalls: bool = False) -> ReleaseFacts:
    """What became of the mails of a batch and of its step, and since when it stands still, if it does."""
    watch = Watch.objects.filter(batch=batch.pk).first()
    floor = step_floor(batch.ceiling, batch.steps)
    whole: dict[str, int] = {}
    step: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, {"batch": batch.pk, "floor": floor, **_overruled(watch)})
        for in_step, what, count in cursor.fetchall():
            whole[what] = whole.get(what, 0) + count
            step[what] = step.get(what, 0) + (count if in_step else 0)
    sent, step_size = _outcomes(step), batch.ceiling - floor
    little = not is_enough(sent.sent, step_size, engine.watch)
    return ReleaseFacts(
        step=sent,
        batch=_outcomes(whole),
        step_size=step_size,
        step_ended_at=watch.step_ended_at if watch else None,
        ready_since=_ready_since(batch, watch, engine, now, little) if stalls else None,
    )


def watch_report(batch: Batch, limits: WatchLimits) -> dict[str, Any]:
    """The watch and the alarms of a batch as plain data, for people and for scripts."""
    watch = Watch.objects.filter(batch=batch.pk).first()
    ended_at = watch.step_ended_at if watch and batch.pause_reason == PauseReason.STEP_DONE else None
    until = (ended_at + limits.watch).astimezone(PARIS).isoformat() if ended_at else None
    alarms = batch.alarms.select_related("closed_by").order_by("id")
    return {
        "watch": {"until": until, "minutes": int(limits.watch.total_seconds() // 60)},
        "alarms": [_alarm(alarm) for alarm in alarms],
    }


def _watch(pk: int, engine: EngineSettings, now: datetime, stalls: bool) -> Watched | None:
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if batch is None or not (_is_watched(batch) or batch.state == BatchState.COMPLETED):
            return None
        facts = release_facts(batch, engine=engine, now=now, stalls=stalls)
        if batch.state == BatchState.PAUSED and facts.step_ended_at is None:
            # Its times are not on record: nothing goes on by itself.
            return None
        verdict = judge_release(facts, engine.watch, now)
        if batch.state == BatchState.COMPLETED and verdict.judgement is not Judgement.ALARM:
            return None
        acted = _act(batch, verdict, facts, now)
        return Watched(batch.pk, batch.ceiling, batch.planned, verdict, acted)


def _is_watched(batch: Batch) -> bool:
    if batch.state == BatchState.RELEASING:
        return True
    return batch.state == BatchState.PAUSED and batch.pause_reason == PauseReason.STEP_DONE


def _act(batch: Batch, verdict: Verdict, facts: ReleaseFacts, now: datetime) -> bool:
    if verdict.alert:
        with pghistory.context(user=None, why=f"alarme\u00a0: {verdict.alert.code.label}"):
            return _raise(batch, verdict.alert, now)
    if verdict.judgement is not Judgement.GREEN:
        return False
    step = facts.step
    reported = counted(step.true_reports, "relance à tort", "relances à tort")
    told = f"{counted(step.accepted, 'accepté')} sur {grouped(step.sent)}, {reported}"
    with pghistory.context(user=None, why=f"palier jugé bon par la surveillance\u00a0: {told}"):
        go_on(batch, now)
    return True


def _raise(batch: Batch, alert: Alert, now: datetime) -> bool:
    """On a locked batch. One that a person or another alarm holds keeps that reason: the new alarm stands beside it."""
    opened = Alarm.objects.filter(batch=batch.pk, closed_at=None)
    if opened.filter(code=alert.code.value).exists():
        return False
    level = BrakeLevel.AMBER if alert.code is AlarmCode.TOO_LITTLE else BrakeLevel.RED
    Alarm.objects.create(
        batch=batch,
        code=alert.code.value,
        level=level.value,
        message=alert.message[:500],
        facts=dict(alert.facts),
        step=batch.ceiling,
        raised_at=now,
    )
    if _is_watched(batch):
        pause(batch, _PAUSE_REASONS[alert.code], alert.message)
    return True


def _outcomes(found: dict[str, int]) -> Outcomes:
    return Outcomes(
        accepted=found.get("ACCEPTED", 0),
        refused=found.get("REFUSED_OURS", 0),
        dead=found.get("REFUSED_ADDRESS", 0),
        uncertain=found.get("UNCERTAIN", 0),
        true_reports=found.get("TRUE_REPORT", 0),
    )


def _overruled(watch: Watch | None) -> dict[str, int]:
    """Up to which attempt, bounce and report a person has overruled what was counted."""
    if watch is None:
        return {"after": 0, "bounce": 0, "report": 0}
    return {"after": watch.judged_after, "bounce": watch.judged_after_bounce, "report": watch.judged_after_report}


def _ready_since(
    batch: Batch, watch: Watch | None, engine: EngineSettings, now: datetime, little: bool
) -> datetime | None:
    """Since when something could leave and nothing, of any batch, was accepted: None where there is nothing or it may
    not. `little`: too little of the step has left to say anything."""
    switch = StopSwitch.objects.filter(stopped=False).first()
    if batch.state != BatchState.RELEASING or switch is None or watch is None or not is_open(engine.window, now):
        return None
    since = max(watch.going_since, opened_at(engine.window, now))
    # The row of a new register bears the database's time, which a clock set back has not reached.
    since = max(since, switch.changed_at) if switch.changed_at <= now else since
    asked: dict[str, Any] = {"batch": batch.pk, "ceiling": batch.ceiling, "now": now, "since": since, "little": little}
    limits = {"after": watch.going_after, "tries": engine.watch.tries, "domains": engine.watch.domains}
    with connection.cursor() as cursor:
        cursor.execute(_READY_SINCE, asked | limits)
        row = cursor.fetchone()
    return row[0] if row else None


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "code": alarm.code,
        "level": alarm.level,
        "message": alarm.message,
        "remedy": REMEDIES[AlarmCode(alarm.code)],
        "facts": alarm.facts,
        "step": alarm.step,
        "raised_at": alarm.raised_at.astimezone(PARIS).isoformat(),
        "closed_at": alarm.closed_at.astimezone(PARIS).isoformat() if alarm.closed_at else None,
        "closed_by": alarm.closed_by.get_username() if alarm.closed_by else None,
        "close_reason": alarm.close_reason,
    }
