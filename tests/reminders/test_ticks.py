"""Scheduled instants: each acted on once, late ones refused, however often the queue fires them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django_q.models import OrmQ, Schedule

from registry.clock import PARIS
from reminders import tasks
from reminders.models import Tick
from reminders.ticks import TICKS, install_schedules, take_tick
from tests.factories import NOW
from tests.reminders.scenes import at_once

pytestmark = pytest.mark.django_db
NAMES = ["bounces", "deliver", "plan", "scan", "verify", "watch"]


def counting() -> tuple[list[int], Callable[[], str]]:
    done: list[int] = []

    def work() -> str:
        done.append(1)
        return "done"

    return done, work


def test_i2_an_instant_that_fires_twice_is_acted_on_once() -> None:
    """Fails without the row of the Tick that is taken first."""
    done, work = counting()
    told = [take_tick("deliver", NOW, NOW + timedelta(seconds=s), work) for s in (1, 2, 3)]
    assert (told, len(done)) == (["done", "already taken", "already taken"], 1)
    assert Tick.objects.get().outcome == "done"


def test_the_next_instant_is_another_one_and_so_is_another_name() -> None:
    done, work = counting()
    for name, instant in (("deliver", NOW), ("deliver", NOW + timedelta(minutes=1)), ("plan", NOW)):
        take_tick(name, instant, NOW + timedelta(minutes=1), work)
    assert len(done) == 3


@pytest.mark.parametrize("plan", TICKS, ids=lambda p: p.name)
def test_a_late_tick_is_refused_and_not_made_up_for(plan: Any) -> None:
    """Fails without the look at `tolerance` in take_tick: after an outage the old instants would all act."""
    done, work = counting()
    late = take_tick(plan.name, NOW, NOW + plan.tolerance + timedelta(seconds=1), work)
    assert (late.startswith("too late"), done, Tick.objects.count()) == (True, [], 0)
    assert take_tick(plan.name, NOW, NOW + plan.tolerance, work) == "done"


def test_a_tick_that_failed_is_not_tried_again_the_next_one_looks() -> None:
    def fail() -> str:
        raise RuntimeError("no database")

    with pytest.raises(RuntimeError):
        take_tick("deliver", NOW, NOW, fail)
    done, work = counting()
    assert take_tick("deliver", NOW, NOW, work) == "already taken"
    assert take_tick("deliver", NOW + timedelta(minutes=1), NOW + timedelta(minutes=1), work) == "done"
    assert len(done) == 1


def test_a_name_without_a_plan_is_an_error() -> None:
    with pytest.raises(KeyError):
        take_tick("blast", NOW, NOW, lambda: "")


def test_an_outcome_too_long_for_its_column_is_cut() -> None:
    take_tick("deliver", NOW, NOW, lambda: "x" * 500)
    assert len(Tick.objects.get().outcome) == 200


@pytest.mark.django_db(transaction=True)
def test_i2_an_instant_that_fires_in_two_workers_at_once_is_acted_on_once() -> None:
    """Fails without the unique key on (name, intended instant)."""
    done, work = counting()
    outcomes = at_once(*[lambda: take_tick("deliver", NOW, NOW, work)] * 4)
    assert sorted(map(str, outcomes)) == ["already taken"] * 3 + ["done"]
    assert len(done) == 1


@pytest.mark.django_db(transaction=True)
def test_schedules_installed_by_two_machines_at_once_are_there_once() -> None:
    """Fails without the advisory lock in install_schedules: django-q2 looks first and inserts later."""
    now = datetime(2026, 1, 29, 10, 30, tzinfo=PARIS)
    outcomes = at_once(*[lambda: install_schedules(now)] * 4)
    assert outcomes == [["deliver", "bounces", "scan", "watch", "plan", "verify"]] * 4
    assert sorted(Schedule.objects.values_list("name", flat=True)) == NAMES


def test_schedules_hold_a_name_and_nothing_else() -> None:
    install_schedules(datetime(2026, 1, 29, 10, 30, tzinfo=PARIS))
    rows = Schedule.objects.order_by("name").values_list("func", "args", "kwargs", "intended_date_kwarg", "repeats")
    assert list(rows) == [("reminders.tasks.tick", f"('{name}',)", None, "intended_at", -1) for name in NAMES]


@pytest.mark.parametrize(
    ("now", "plan_at", "verify_at"),
    [
        (datetime(2026, 1, 29, 1, 0, tzinfo=PARIS), (29, 8, 0), (29, 2, 30)),
        (datetime(2026, 1, 29, 8, 0, tzinfo=PARIS), (30, 8, 0), (30, 2, 30)),
    ],
)
def test_a_daily_schedule_first_runs_at_its_next_hour_in_paris(
    now: datetime, plan_at: tuple[int, int, int], verify_at: tuple[int, int, int]
) -> None:
    """Fails if an instant already past were fired at once, at any hour of the day."""
    install_schedules(now)
    first = {s.name: s.next_run.astimezone(PARIS) for s in Schedule.objects.all()}
    assert [(t.day, t.hour, t.minute) for t in (first["plan"], first["verify"])] == [plan_at, verify_at]
    assert first["deliver"] == now


def test_installing_again_keeps_the_rows_and_removes_doubles_and_strangers() -> None:
    now = datetime(2026, 1, 29, 10, 30, tzinfo=PARIS)
    install_schedules(now)
    kept = dict(Schedule.objects.values_list("name", "id"))
    Schedule.objects.create(name="deliver", func="reminders.tasks.tick")
    Schedule.objects.create(name="old", func="reminders.tasks.tick")
    Schedule.objects.create(name="theirs", func="other.task")
    Schedule.objects.filter(name="plan").update(args="()")
    call_command("schedule_ticks", verbosity=0)
    assert dict(Schedule.objects.exclude(name="theirs").values_list("name", "id")) == kept
    assert Schedule.objects.filter(name="theirs").exists()
    assert Schedule.objects.get(name="plan").args == "('plan',)"


def test_the_tick_task_reads_the_instant_the_queue_intended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue's own time, whatever the register's clock says."""
    seen: list[tuple[Any, ...]] = []

    def take(*values: Any) -> str:
        seen.append(values)
        return "done"

    monkeypatch.setattr(tasks, "take_tick", take)
    assert tasks.tick("deliver", "2026-01-29T10:30:00+01:00") == "done"
    ((name, intended, queue_now, work),) = seen
    assert (name, intended, work) == ("deliver", NOW, tasks.deliver_now)
    assert abs(datetime.now(PARIS) - queue_now) < timedelta(seconds=30)
    assert OrmQ.objects.count() == 0
