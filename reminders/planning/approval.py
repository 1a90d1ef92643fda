"""Approve, release, pause, resume, cancel: who may move a batch on, and when. Each act is one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pghistory
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import F, Model

from registry.clock import local_day
from registry.rules.french import counted
from reminders.errors import ReminderError, no_such_batch
from reminders.models import Alarm, Attempt, Batch, Bounce, Notice, Watch, WrongReport
from reminders.models.batch import GOES_ON, PauseReason
from reminders.models.controls import domain_sql
from reminders.planning.freeze import hash_of_list
from reminders.planning.plan import APPROVAL_LIFE, cancel_notices
from reminders.rules.brakes import BrakeLevel
from reminders.rules.smtp_replies import Verdict
from reminders.rules.states import (
    BATCH_TRANSITIONS,
    MAILED_STATES,
    WAITING_STATES,
    BatchState,
    ForbiddenTransition,
    NoticeState,
    require_batch_transition,
)
from reminders.rules.steps import next_ceiling, step_floor
from reminders.rules.watch import OVERRULED, WatchLimits, is_enough

MOVED_SHARE, MOVED_AT_LEAST = 0.05, 10
"""A list is stale when more than this share of its files, and at least so many, have changed since the plan.
A smaller number is simply withdrawn one by one at the moment of sending."""

PUT_OFF_FOR = timedelta(hours=1)
"""So long a step is waited for of which nothing is accepted any more."""

# Put off by its mail server: its own retry, or the whole domain's, is still to come.
_WAITING = f"""
SELECT count(*) FILTER (WHERE n.state <> 'DEFERRED' AND NOT (n.state = 'PLANNED' AND EXISTS (
           SELECT FROM reminders_domainpace d WHERE d.domain = {domain_sql("n.email")} AND d.not_before > %(now)s
       ))),
       count(*)
FROM reminders_notice n
WHERE n.batch_id = %(batch)s AND n.rank <= %(ceiling)s AND n.state = ANY (%(waiting)s)
"""
_SENT = sorted(s.value for s in (*MAILED_STATES, NoticeState.REFUSED))


@contextmanager
def moving(
    batch_id: int, wanted: BatchState, *, by: AbstractBaseUser | None, why: str, becomes: str = ""
) -> Iterator[Batch]:
    """Lock a batch for a move to `wanted`. Raises ReminderError where it does not exist or may not become that."""
    with transaction.atomic(), pghistory.context(user=by.pk if by else None, why=why):
        batch = Batch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
        if batch is None:
            raise no_such_batch(batch_id)
        try:
            require_batch_transition(BatchState(batch.state), wanted)
        except ForbiddenTransition:
            raise ReminderError(_refused(batch, wanted, becomes or _BECOME[wanted])) from None
        yield batch


def approve_batch(*, batch_id: int, by: AbstractBaseUser, list_hash: str, count: int, now: datetime) -> Batch:
    """Approve a draft: a second person, for exactly this list (`list_hash`) of exactly `count` recipients (I6).

    Amber brakes are acknowledged by the approver's name. Raises ReminderError with what stands against it.
    """
    with moving(batch_id, BatchState.APPROVED, by=by, why="approbation du lot") as batch:
        _require_second_person(batch, by)
        _require_same_list(batch, list_hash, count)
        _require_untouched_list(batch)
        _require_no_red_brake(batch)
        _require_fresh(batch, now)
        batch.state = BatchState.APPROVED.value
        batch.approved_by_id, batch.approved_at = by.pk, now
        batch.save(update_fields=["state", "approved_by", "approved_at"])
    return batch


def release_batch(*, batch_id: int, by: AbstractBaseUser, now: datetime) -> Batch:
    """Let an approved batch's first step leave. Raises ReminderError where it may not, or not yet."""
    with moving(batch_id, BatchState.RELEASING, by=by, why="lancement du lot") as batch:
        if batch.state == BatchState.PAUSED:
            raise ReminderError(f"Le lot {batch.pk} est déjà lancé et en pause\u00a0: reprenez-le avec resume_batch.")
        _require_no_red_brake(batch)
        _require_fresh(batch, now)
        _require_live_approval(batch, now)
        _require_its_day(batch, now)
        _require_untouched_list(batch)
        batch.state = BatchState.RELEASING.value
        batch.released_by_id, batch.released_at = by.pk, now
        batch.ceiling = batch.steps[0]
        batch.save(update_fields=["state", "released_by", "released_at", "ceiling"])
        Watch.objects.create(batch=batch, going_since=now, going_after=_last(Attempt))
    return batch


def pause_batch(*, batch_id: int, by: AbstractBaseUser, detail: str = "") -> Batch:
    """Hold a batch: no message of it leaves after this commits. One that is being watched does not go on by itself."""
    with transaction.atomic(), pghistory.context(user=by.pk, why=f"pause\u00a0: {PauseReason.PERSON.label}"):
        between = Batch.objects.select_for_update(of=("self",)).filter(
            pk=batch_id, state=BatchState.PAUSED.value, pause_reason=PauseReason.STEP_DONE.value
        )
        if batch := between.first():
            pause(batch, PauseReason.PERSON, detail)
            return batch
    return hold_batch(batch_id=batch_id, reason=PauseReason.PERSON, detail=detail, by=by)


def hold_batch(*, batch_id: int, reason: PauseReason, detail: str = "", by: AbstractBaseUser | None = None) -> Batch:
    """Hold a batch for a reason, a person's or the engine's own."""
    with moving(batch_id, BatchState.PAUSED, by=by, why=f"pause\u00a0: {reason.label}") as batch:
        pause(batch, reason, detail)
    return batch


def hold_all(*, reason: PauseReason, by: AbstractBaseUser) -> int:
    """Hold every batch that goes on, or would go on by itself, until a person resumes it; how many."""
    with transaction.atomic(), pghistory.context(user=by.pk, why=f"pause\u00a0: {reason.label}"):
        held = list(Batch.objects.select_for_update(of=("self",)).filter(GOES_ON).order_by("id"))
        for batch in held:
            pause(batch, reason)
    return len(held)


def pause(batch: Batch, reason: PauseReason, detail: str = "") -> None:
    """Write that a batch, whose row the caller has locked, stands still and why."""
    batch.state = BatchState.PAUSED.value
    batch.pause_reason, batch.pause_detail = reason.value, detail[:500]
    batch.save(update_fields=["state", "pause_reason", "pause_detail"])


def resume_batch(*, batch_id: int, by: AbstractBaseUser, now: datetime, reason: str = "") -> Batch:
    """Let a held batch go on; where a step was done, the next one is let through.

    A person may overrule an alarm, and says why (`reason`): it is closed, and what it counted begins anew.
    """
    why = f"reprise du lot\u00a0: {reason}" if reason else "reprise du lot"
    with moving(batch_id, BatchState.RELEASING, by=by, why=why, becomes=_RESUMED) as batch:
        if batch.state != BatchState.PAUSED:
            raise ReminderError(f"Le lot {batch.pk} n’a pas encore été lancé\u00a0: utilisez release_batch.")
        _close_alarms(batch, by, now, reason.strip())
        go_on(batch, now)
    return batch


def go_on(batch: Batch, now: datetime) -> None:
    """Let a batch, whose row the caller has locked, leave again: up to its next step where this one is through."""
    watch = Watch.objects.filter(batch=batch.pk).first()
    if batch.pause_reason == PauseReason.STEP_DONE or (watch and watch.step_ended_at):
        batch.ceiling = next_ceiling(batch.ceiling, batch.steps) or batch.ceiling
    batch.state = BatchState.RELEASING.value
    batch.pause_reason = batch.pause_detail = ""
    batch.save(update_fields=["state", "ceiling", "pause_reason", "pause_detail"])
    going = {"going_since": now, "going_after": _last(Attempt), "step_ended_at": None}
    Watch.objects.update_or_create(batch=batch, defaults=going)


def _close_alarms(batch: Batch, by: AbstractBaseUser, now: datetime, reason: str) -> None:
    opened = Alarm.objects.filter(batch=batch.pk, closed_at=None)
    overruled = opened.filter(code__in=[c.value for c in OVERRULED]).order_by("id").first()
    standing = overruled or opened.order_by("id").first()
    if standing and not reason:
        raise ReminderError(
            f"Le lot {batch.pk} est arrêté par une alarme\u00a0: {standing.message}. Pour passer outre, dites "
            "pourquoi (--reason)."
        )
    if overruled:
        Watch.objects.filter(batch=batch.pk).update(
            judged_since=now,
            judged_after=_last(Attempt),
            judged_after_bounce=_last(Bounce),
            judged_after_report=_last(WrongReport),
        )
    opened.update(closed_at=now, closed_by_id=by.pk, close_reason=reason[:500])


def _last(rows: type[Model]) -> int:
    """The number of the last row there is: what comes from now on has a greater one, whatever the clocks say."""
    return rows._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


def cancel_batch(*, batch_id: int, by: AbstractBaseUser, now: datetime) -> Batch:
    """Give a batch up: whatever has not begun to leave is cancelled, and its waves may be planned again."""
    with moving(batch_id, BatchState.CANCELLED, by=by, why="annulation du lot") as batch:
        batch.state, batch.ended_at = BatchState.CANCELLED.value, now
        batch.save(update_fields=["state", "ended_at"])
        cancel_notices([batch.pk], now=now)
    return batch


def end_step(*, batch_id: int, now: datetime) -> bool:
    """Where every released notice is settled: complete the batch, or hold it for the watch to judge.

    A step whose last few wait for a mail server's retry is at its end too, lest one mailbox hold thousands: they are
    tried again with the next. So is one only put off for an hour, lest those behind it expire: the watch finds too
    little in it. Returns whether something was left to wait for. Of several who ask, the batch's row decides.
    """
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch_id)
        if batch.state != BatchState.RELEASING or _goes_on(batch, now):
            return batch.state == BatchState.RELEASING
        if batch.ceiling == batch.planned:
            batch.state, batch.ended_at = BatchState.COMPLETED.value, now
            batch.save(update_fields=["state", "ended_at"])
            return False
        pause(batch, PauseReason.STEP_DONE)
        Watch.objects.filter(batch=batch.pk).update(step_ended_at=now)
    return False


def end_steps(batch_id: int | None, *, now: datetime) -> None:
    """`end_step` for every batch that is being sent, or for that one."""
    releasing = Batch.objects.filter(state=BatchState.RELEASING.value).order_by("id")
    for pk in releasing.values_list("id", flat=True):
        if batch_id in (None, pk):
            end_step(batch_id=pk, now=now)


_OVER = frozenset(s for s, after in BATCH_TRANSITIONS.items() if not after)
_BECOME = {
    BatchState.APPROVED: "approuvé",
    BatchState.RELEASING: "lancé",
    BatchState.PAUSED: "mis en pause",
    BatchState.CANCELLED: "annulé",
}
_RESUMED = "repris"
_STANDS = {
    BatchState.DRAFT: "n’est qu’un projet",
    BatchState.APPROVED: "n’est pas encore lancé",
    BatchState.RELEASING: "est déjà lancé",
    BatchState.PAUSED: "est déjà lancé, et en pause",
    BatchState.COMPLETED: "est terminé",
    BatchState.CANCELLED: "est annulé",
    BatchState.STALE: "est périmé",
}


def _refused(batch: Batch, wanted: BatchState, becomes: str) -> str:
    state = BatchState(batch.state)
    if state is wanted:
        already = _BECOME[wanted].removeprefix("mis ")
        return f"Le lot {batch.pk} est déjà {already}\u00a0: rien n’a été fait une seconde fois."
    if wanted is BatchState.RELEASING and state is BatchState.DRAFT:
        return f"Le lot {batch.pk} n’est pas approuvé\u00a0: une seconde personne doit l’approuver (approve_batch)."
    remedy = "préparez-en un autre (plan_reminders)" if state in _OVER else f"voyez show_batch {batch.pk}"
    if state is BatchState.COMPLETED and becomes == _RESUMED:
        remedy = f"ce qu’il en est advenu\u00a0: show_batch {batch.pk}"
    return f"Le lot {batch.pk} {_STANDS[state]}\u00a0: il ne peut pas être {becomes}\u00a0; {remedy}."


def _require_second_person(batch: Batch, by: AbstractBaseUser) -> None:
    if batch.author_id == by.pk:
        raise ReminderError(
            f"{by.get_username()} a préparé le lot {batch.pk}\u00a0: une autre personne doit l’approuver."
        )


def _require_same_list(batch: Batch, list_hash: str, count: int) -> None:
    if list_hash.lower() != batch.hash:
        raise ReminderError(
            f"L’empreinte donnée n’est pas celle du lot {batch.pk}\u00a0: relisez l’aperçu (show_batch {batch.pk}) "
            "et donnez l’empreinte entière qu’il affiche."
        )
    if count != batch.planned:
        raise ReminderError(
            f"Le lot {batch.pk} compte {counted(batch.planned, 'destinataire')} et non {count}\u00a0: relisez l’aperçu."
        )


def _require_untouched_list(batch: Batch) -> None:
    """Compare the rows with the hash once more: triggers can be gone round by those who own the database."""
    if hash_of_list(batch) != batch.hash:
        raise ReminderError(
            f"La liste du lot {batch.pk} n’est plus celle de son empreinte\u00a0: annulez le lot, préparez-en un autre "
            "et faites vérifier la base."
        )


def _require_no_red_brake(batch: Batch) -> None:
    red = [b for b in batch.brakes if b["level"] == BrakeLevel.RED]
    if red:
        told = "\u00a0; ".join(f"{b['code']}\u00a0: {b['message']}" for b in red)
        raise ReminderError(f"Un frein rouge bloque le lot {batch.pk} — {told}. Annulez-le et replanifiez.")


def _require_its_day(batch: Batch, now: datetime) -> None:
    """Refuse what is decided for a day to come: at the moment of sending nobody would be due yet."""
    if batch.as_of > local_day(now):
        on = f"{batch.as_of:%d/%m/%Y}"
        raise ReminderError(
            f"Le lot {batch.pk} est prévu pour le {on}\u00a0: lancez-le ce jour-là, rien n’en partirait avant."
        )


def _require_fresh(batch: Batch, now: datetime) -> None:
    """Refuse a list made for an earlier day, or from files that have moved too far since."""
    if batch.as_of < local_day(now):
        raise ReminderError(
            f"Le lot {batch.pk} a été préparé pour le {batch.as_of:%d/%m/%Y}\u00a0: il est périmé, "
            "préparez-en un autre."
        )
    moved = Notice.objects.filter(batch=batch.pk).exclude(facts_version=F("intermediary__facts_version")).count()
    if moved >= MOVED_AT_LEAST and moved > MOVED_SHARE * batch.planned:
        raise ReminderError(
            f"{moved} dossiers du lot {batch.pk} ont changé depuis sa préparation\u00a0: il est périmé, "
            "annulez-le et préparez-en un autre."
        )


def _require_live_approval(batch: Batch, now: datetime) -> None:
    if batch.approved_at is None or now - batch.approved_at > APPROVAL_LIFE:
        raise ReminderError(f"L’approbation du lot {batch.pk} a expiré\u00a0: préparez un nouveau lot.")


def _goes_on(batch: Batch, now: datetime) -> bool:
    """Whether something of the step is still to leave, or to be tried again before it can be judged."""
    waiting = [s.value for s in WAITING_STATES]
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"batch": batch.pk, "ceiling": batch.ceiling, "now": now, "waiting": waiting})
        under_way, all_waiting = cursor.fetchone()
    if under_way or batch.ceiling == batch.planned:
        return bool(all_waiting)
    return bool(all_waiting) and not _says_enough(batch) and not _is_only_put_off(batch, now)


def _says_enough(batch: Batch) -> bool:
    floor = step_floor(batch.ceiling, batch.steps)
    step = batch.notices.filter(rank__gt=floor, rank__lte=batch.ceiling)
    return is_enough(step.filter(state__in=_SENT).count(), batch.ceiling - floor, WatchLimits())


def _is_only_put_off(batch: Batch, now: datetime) -> bool:
    watch = Watch.objects.filter(batch=batch.pk).first()
    if watch is None:
        return False
    accepted = Attempt.objects.filter(id__gt=watch.going_after, notice__batch=batch.pk, verdict=Verdict.ACCEPTED.value)
    last = accepted.order_by("-id").values_list("finished_at", flat=True).first()
    return now - max(watch.going_since, last or watch.going_since) >= PUT_OFF_FOR
