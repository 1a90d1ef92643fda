"""Scheduled instants: each acted on once, late ones refused, however often the queue fires them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django_q.models import Schedule

from reminders.models import Tick


@dataclass(frozen=True, slots=True)
class TickPlan:
    """A schedule: every so many minutes, or once a day at `at` (hour, minute, Paris); refused when later than
    `tolerance`."""

    name: str
    minutes: int | None
    at: tuple[int, int] | None
    tolerance: timedelta


TICKS = (
    TickPlan("deliver", 1, None, timedelta(minutes=2)),
    TickPlan("bounces", 5, None, timedelta(minutes=10)),
    TickPlan("scan", 1, None, timedelta(minutes=2)),
    TickPlan("watch", 1, None, timedelta(minutes=2)),
    TickPlan("plan", None, (8, 0), timedelta(hours=4)),
    TickPlan("verify", None, (2, 30), timedelta(hours=4)),
)
SCHEDULE_LOCK = 7_014_003


def take_tick(name: str, intended_at: datetime, queue_now: datetime, work: Callable[[], str]) -> str:
    """Do `work` for (name, intended instant) once: a second firing finds the row, a late one is too late.

    Raises KeyError for a name that no plan has.
    """
    plan = {p.name: p for p in TICKS}[name]
    if queue_now - intended_at > plan.tolerance:
        return "too late: the next tick will look"
    row, first = Tick.objects.get_or_create(name=name, intended_at=intended_at)
    if not first:
        return "already taken"
    outcome = work()
    Tick.objects.filter(pk=row.pk).update(outcome=outcome[:200])
    return outcome


def install_schedules(now: datetime) -> list[str]:
    """Make the queue's schedules what TICKS says: no more, no less, once however many machines do it at once."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SCHEDULE_LOCK])
        names = [p.name for p in TICKS]
        Schedule.objects.filter(func="reminders.tasks.tick").exclude(name__in=names).delete()
        for plan in TICKS:
            _install(plan, now)
    return names


def _install(plan: TickPlan, now: datetime) -> None:
    kept = Schedule.objects.filter(name=plan.name).order_by("id").values_list("id", flat=True).first()
    Schedule.objects.filter(name=plan.name).exclude(id=kept).delete()
    values = {
        "func": "reminders.tasks.tick",
        "args": repr((plan.name,)),
        "schedule_type": Schedule.MINUTES if plan.minutes else Schedule.DAILY,
        "minutes": plan.minutes,
        "intended_date_kwarg": "intended_at",
        "repeats": -1,
    }
    if kept is None:
        Schedule.objects.create(name=plan.name, next_run=_first_run(plan, now), **values)
    else:
        Schedule.objects.filter(id=kept).update(**values)


def _first_run(plan: TickPlan, now: datetime) -> datetime:
    if plan.at is None:
        return now
    hour, minute = plan.at
    today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)
