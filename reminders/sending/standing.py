"""What keeps released notices from leaving, for whoever wonders: what people hold, what silent workers hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q

from reminders.models import Alarm, Batch, Notice, StopSwitch
from reminders.models.batch import PauseReason
from reminders.rules.states import CLAIMABLE_STATES, BatchState

_HELD_BY_WORKERS = """
SELECT count(*), max(n.lease_until), min(n.lease_until) - clock_timestamp()
FROM reminders_notice n
WHERE n.live AND n.state IN ('CLAIMED', 'SENDING') AND (%(batch)s::bigint IS NULL OR n.batch_id = %(batch)s::bigint)
"""


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that a person put and a person lifts. `batch` None: it holds every batch."""

    batch: int | None
    reason: str
    told: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Leases:
    """Notices in the hands of other workers: how many, until when at the latest, and when the first is free."""

    count: int
    until: datetime | None
    first_free_in: timedelta


def waiting(batch_id: int | None = None) -> int:
    """How many notices of released batches are not settled yet."""
    notices = Notice.objects.filter(
        live=True,
        batch__state__in=[BatchState.RELEASING.value, BatchState.PAUSED.value],
    )
    return notices.filter(batch=batch_id).count() if batch_id else notices.count()


def may_leave(batch_id: int | None, *, now: datetime) -> int:
    """How many notices a worker could take at this moment: released, within the step, not deferred to later."""
    notices = Notice.objects.filter(
        Q(not_before=None) | Q(not_before__lte=now),
        live=True,
        state__in=[s.value for s in CLAIMABLE_STATES],
        batch__state=BatchState.RELEASING.value,
        rank__lte=F("batch__ceiling"),
    )
    return notices.filter(batch=batch_id).count() if batch_id else notices.count()


def leases(batch_id: int | None = None) -> Leases:
    """What other workers hold. One that lives gives it back in seconds; a dead one's lease must run out."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD_BY_WORKERS, {"batch": batch_id})
        count, until, first_free_in = cursor.fetchone()
    return Leases(count, until, max(first_free_in or timedelta(), timedelta()))


def holds(batch_id: int | None = None) -> list[Hold]:
    """The stop switch, and the batches (or that one) that were released and are held, or not yet released."""
    batches = Batch.objects.order_by("id")
    if batch_id is None:
        found = batches.filter(state=BatchState.PAUSED.value)
    else:
        found = batches.filter(pk=batch_id, state__in=_NOT_LEAVING)
    return [*_switch(), *map(_hold, found)]


def _switch() -> list[Hold]:
    row = StopSwitch.objects.first()
    if row and not row.stopped:
        return []
    told = (
        f"Envois arrêtés\u00a0: {row.reason}" if row else "Envois arrêtés\u00a0: la ligne de l’arrêt d’urgence manque"
    )
    return [Hold(None, "STOPPED", told, "manage.py resume_sending --by NOM")]


def _hold(batch: Batch) -> Hold:
    if batch.state != BatchState.PAUSED:
        told, remedy = _NOT_LEAVING[batch.state]
        return Hold(batch.pk, batch.state, f"Lot {batch.pk} {told}", remedy.format(batch=batch.pk))
    why = PauseReason(batch.pause_reason).label
    detail = f" ({batch.pause_detail})" if batch.pause_detail else ""
    # Over an alarm it is refused without a reason.
    alarmed = Alarm.objects.filter(batch=batch.pk, closed_at=None).exists()
    remedy = f"manage.py resume_batch {batch.pk} --by NOM{' --reason MOTIF' if alarmed else ''}"
    return Hold(batch.pk, batch.pause_reason, f"Lot {batch.pk} en pause\u00a0: {why}{detail}", remedy)


_NOT_LEAVING = {
    BatchState.DRAFT.value: ("pas encore approuvé", "manage.py show_batch {batch}"),
    BatchState.APPROVED.value: ("approuvé et pas encore lancé", "manage.py release_batch {batch} --by NOM"),
    BatchState.PAUSED.value: ("", ""),
}
