"""I7: stop means stop. Switch, pause, window, ceiling, pace and time: each is obeyed between any two messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Event, Thread
from typing import Any

import pgtrigger
import pytest
from django.db import connection, transaction

from registry.models import Intermediary
from reminders.models import Batch, Notice, Pace, StopSwitch
from reminders.planning.approval import cancel_batch, pause_batch, resume_batch
from reminders.planning.switch import resume_sending, stop_sending
from reminders.rules.send_window import parse_window
from reminders.sending import deliver as engine_module
from reminders.sending.claim import return_claims
from reminders.sending.deliver import Halt
from reminders.sending.step import step
from tests.factories import NOW
from tests.reminders.recalling import recalled, released, sent_wrongly
from tests.reminders.scenes import (
    LATER,
    SERVER_DOWN,
    Clock,
    RecordingTransport,
    clock_at,
    due_file,
    elsewhere,
    engine,
    lose_the_row,
    person,
    released_batch,
    send,
    states,
    verdicts,
)

pytestmark = pytest.mark.django_db(transaction=True)


def stop() -> None:
    stop_sending(reason="des dossiers complets sont relancés", by=None, now=NOW)


def pause() -> None:
    pause_batch(batch_id=Batch.objects.get().pk, by=person("planner"))


def cancel() -> None:
    cancel_batch(batch_id=Batch.objects.get().pk, by=person("planner"), now=NOW)


def lower_the_ceiling() -> None:
    """As nobody can: the database lets a ceiling only grow."""
    with pgtrigger.ignore("reminders.Batch:batch_steps_one_at_a_time"):  # type: ignore[no-untyped-call]
        Batch.objects.update(ceiling=1)


def lose_the_switch() -> None:
    lose_the_row(StopSwitch)


def lose_the_pace() -> None:
    Pace.objects.all().delete()


STOPS: dict[str, tuple[Callable[[], None], str]] = {
    "stop switch": (stop, "PLANNED"),
    "pause": (pause, "PLANNED"),
    "cancel": (cancel, "CANCELLED"),
    "switch row lost": (lose_the_switch, "PLANNED"),
    "pace row lost": (lose_the_pace, "PLANNED"),
}


@pytest.mark.parametrize("name", STOPS)
def test_i7_what_another_connection_stops_between_two_messages_stops_before_the_next(name: str) -> None:
    """Fails without `b.state = 'RELEASING'`, `NOT s.stopped`, or one of the joined rows, in `_STEP`.

    The message that is being sent at that instant comes to its own end.
    """
    act, rest = STOPS[name]
    batch = released_batch(4)

    def second_message(already: int) -> None:
        if already == 1:
            elsewhere(act)

    transport = RecordingTransport(before=second_message)
    delivery = send(transport)
    assert len(transport.sent) == 2
    # What was cancelled is out of this worker's hands: there is nothing left that could be held.
    assert delivery.halt is (None if name == "cancel" else Halt.HELD)
    assert states(batch) == {"ACCEPTED": 2, rest: 2}
    assert verdicts(batch) == {"ACCEPTED": 2}


@pytest.mark.parametrize("name", ["stop switch", "switch row lost", "pace row lost"])
def test_i7_nothing_leaves_where_sending_is_stopped_or_a_control_is_missing(name: str) -> None:
    """Fails if a missing row meant "go on"."""
    batch = released_batch(2)
    STOPS[name][0]()
    transport = RecordingTransport()
    assert send(transport).halt is Halt.HELD
    assert (transport.sent, states(batch)) == ([], {"PLANNED": 2})


def test_i7_a_missing_pace_row_stops_a_paced_delivery_before_it_leases_anything() -> None:
    """Fails if `next_departure` answered "now" where there is no row."""
    batch = released_batch(1)
    lose_the_pace()
    assert send(pace_per_hour=3600).halt is Halt.NO_PACE
    assert states(batch) == {"PLANNED": 1}


def test_after_the_switch_is_open_again_the_rest_goes_and_nobody_twice() -> None:
    batch = released_batch(3)
    send(RecordingTransport(before=lambda already: elsewhere(stop) if already == 0 else None))
    resume_sending(by=person("planner"), now=NOW)
    rest = RecordingTransport()
    send(rest)
    assert (len(rest.sent), states(batch)) == (2, {"ACCEPTED": 3})


def test_i7_a_stop_thrown_while_an_intent_waits_for_a_locked_file_holds_that_message_too() -> None:
    """Fails without the short lock wait in `_STEP`: it would go on with the switch as it was before it waited."""
    someone = due_file()
    batch = released_batch()
    locked, over = Event(), Event()

    def hold_the_file() -> None:
        with transaction.atomic():
            Intermediary.objects.select_for_update().get(pk=someone.pk)
            locked.set()
            over.wait(10)
        connection.close()

    def stop_later() -> None:
        Event().wait(0.3)
        stop()
        Event().wait(1.0)
        over.set()
        connection.close()

    Thread(target=hold_the_file, daemon=True).start()
    assert locked.wait(10)
    stopper = Thread(target=stop_later, daemon=True)
    stopper.start()
    transport = RecordingTransport()
    assert send(transport).halt is Halt.HELD
    stopper.join()
    assert (transport.sent, states(batch)) == ([], {"PLANNED": 1})


def test_i4_an_outcome_does_not_wait_for_the_next_file_to_be_free() -> None:
    """Fails without the flush where the lock wait was too long: after two minutes the accepted mail would be
    taken for uncertain."""
    batch = released_batch(2)
    second = batch.notices.get(rank=2)
    seen: list[dict[str, int]] = []
    locked, over = Event(), Event()

    def hold_the_second_file() -> None:
        with transaction.atomic():
            Intermediary.objects.select_for_update().get(pk=second.intermediary_id)
            locked.set()
            over.wait(10)
        connection.close()

    def watch() -> None:
        Event().wait(1.0)
        seen.append(dict(states(batch)))
        over.set()
        connection.close()

    def first_message(already: int) -> None:
        if already == 0:
            Thread(target=hold_the_second_file, daemon=True).start()
            assert locked.wait(10)
            Thread(target=watch, daemon=True).start()

    send(RecordingTransport(before=first_message))
    assert seen == [{"ACCEPTED": 1, "CLAIMED": 1}]
    assert states(batch) == {"ACCEPTED": 2}


# --- cancelled in the middle -------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [LATER, SERVER_DOWN], ids=["deferred", "server down"])
def test_i4_what_did_not_leave_of_a_batch_cancelled_meanwhile_is_cancelled_and_may_be_planned_again(
    reply: Any,
) -> None:
    """Fails without `settle_cancelled`: the notice would wait for ever in a batch that sends no more."""
    batch = released_batch(1)
    send(RecordingTransport([reply], before=lambda _: elsewhere(cancel)))
    assert states(batch) == {"CANCELLED": 1}
    again = released_batch()
    assert again.planned == 1
    assert +send().counts == {"ACCEPTED": 1}


# --- window, ceiling, time ---------------------------------------------------------------------------------


def test_i7_a_window_that_closes_in_the_middle_gives_the_rest_back() -> None:
    """Fails without the second `is_open` in `_await_departure`: a chunk begun at 16:59 would go on into the night."""
    batch = released_batch(3)
    clock = clock_at(datetime(2026, 1, 29, 15, 59, 30, tzinfo=UTC))
    transport = RecordingTransport(before=lambda _: clock.forward(timedelta(seconds=20)))
    delivery = send(transport, clock=clock, window=parse_window("mon-fri 09:00-17:00"))
    assert (len(transport.sent), delivery.halt) == (2, Halt.WINDOW)
    assert states(batch) == {"ACCEPTED": 2, "PLANNED": 1}


def test_i7_outside_the_window_nothing_is_even_claimed() -> None:
    batch = released_batch(1)
    delivery = send(clock=clock_at(NOW.replace(hour=2)), window=parse_window("mon-fri 09:00-17:00"))
    assert (delivery.halt, states(batch)) == (Halt.WINDOW, {"PLANNED": 1})
    assert Notice.objects.get().fence == 0


def test_the_ceiling_is_never_passed_and_each_step_waits_for_a_persons_word() -> None:
    """Fails without `n.rank <= b.ceiling` in `_CLAIM` and `_STEP`."""
    batch = released_batch(6, release_steps=(1, 2))
    counts = []
    for _ in range(3):
        transport = RecordingTransport()
        send(transport)
        counts.append(len(transport.sent))
        idle = RecordingTransport()
        send(idle)
        assert idle.sent == []
        batch.refresh_from_db()
        if batch.state == "PAUSED":
            assert batch.pause_reason == "STEP_DONE"
            resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    assert (counts, batch.state) == ([1, 2, 3], "COMPLETED")


def test_i7_a_ceiling_is_read_at_each_intent_and_not_only_at_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `n.rank <= b.ceiling` in `_STEP`."""
    batch = released_batch(2)

    def lowered(**values: Any) -> tuple[int | None, bool]:
        elsewhere(lower_the_ceiling)
        return step(**values)

    monkeypatch.setattr(engine_module, "step", lowered)
    transport = RecordingTransport()
    assert send(transport).halt is Halt.HELD
    assert (len(transport.sent), states(batch)) == (1, {"ACCEPTED": 1, "PLANNED": 1})


def test_nothing_is_sent_after_its_last_useful_instant() -> None:
    """Fails without `expire` and, for what is claimed just before it, without `claimed.not_after` in `_begin`."""
    batch = released_batch(2)
    last = Notice.objects.values_list("not_after", flat=True)[0]
    assert last == datetime(2026, 2, 12, 23, tzinfo=UTC) - timedelta(microseconds=1)
    clock = clock_at(last)
    transport = RecordingTransport(before=lambda _: clock.forward(timedelta(microseconds=1)))
    delivery = send(transport, clock=clock)
    assert len(transport.sent) == 1
    assert states(batch) == {"ACCEPTED": 1, "EXPIRED": 1}
    assert +delivery.counts == states(batch)
    late = Notice.objects.get(state="EXPIRED").evidence
    assert late is not None
    assert late["not_after"] == last.isoformat()


def test_what_waited_past_its_last_useful_instant_expires_unclaimed() -> None:
    batch = released_batch(1)
    transport = RecordingTransport()
    delivery = send(transport, clock=clock_at(NOW + timedelta(days=20)))
    assert (transport.sent, +delivery.counts) == ([], {"EXPIRED": 1})
    batch.refresh_from_db()
    assert batch.state == "COMPLETED"


def test_time_given_ends_between_two_messages() -> None:
    """Fails without the look at `until` in `_await_departure`."""
    batch = released_batch(3)
    clock = clock_at()
    transport = RecordingTransport(before=lambda _: clock.forward(timedelta(seconds=20)))
    delivery = send(transport, clock=clock, budget=timedelta(seconds=30))
    assert (len(transport.sent), delivery.halt) == (2, Halt.BUDGET)
    assert states(batch) == {"ACCEPTED": 2, "PLANNED": 1}


def test_time_given_ends_though_the_clock_is_set_back_meanwhile() -> None:
    """Fails where it is measured by that clock: an hour set back is an hour more."""
    batch = released_batch(4)
    transport, clock = RecordingTransport(), clock_at()
    transport.before = lambda _: clock.forward(timedelta(hours=-1))
    delivery = engine_module.deliver(
        worker="w",
        engine=engine(),
        transport=transport,
        clock=clock,
        budget=timedelta(seconds=30),
        monotonic=lambda: 20.0 * len(transport.sent),
    )
    assert (len(transport.sent), delivery.halt) == (2, Halt.BUDGET)
    assert states(batch) == {"ACCEPTED": 2, "PLANNED": 2}


@pytest.mark.parametrize("ends", ["time given", "window"])
def test_i4_what_has_left_is_in_the_ledger_before_the_rest_is_given_back(
    ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the flush in `_give_back`: a kill in between would leave one more uncertain."""
    batch = released_batch(2)
    clock = clock_at()
    found: list[dict[str, int]] = []

    def given_back(*claims: Any, **values: Any) -> None:
        found.append(dict(states(batch)))
        return_claims(*claims, **values)

    monkeypatch.setattr(engine_module, "return_claims", given_back)
    transport = RecordingTransport(before=lambda _: clock.forward(timedelta(hours=12)))
    values = {"budget": timedelta(hours=1)} if ends == "time given" else {"window": parse_window("mon-fri 09:00-17:00")}
    delivery = send(transport, clock=clock, **values)  # type: ignore[arg-type]
    assert delivery.halt in (Halt.BUDGET, Halt.WINDOW)
    assert found[0] == {"ACCEPTED": 1, "CLAIMED": 1}


# --- pace --------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that goes on while the engine sleeps."""
    clock = clock_at()
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.forward(timedelta(seconds=max(0.0, seconds))))
    return clock


def departures(clock: Clock, **values: Any) -> list[datetime]:
    left: list[datetime] = []
    send(RecordingTransport(before=lambda _: left.append(clock())), clock=clock, **values)
    return left


def test_no_two_messages_leave_closer_together_than_the_pace_allows(clock: Clock) -> None:
    """Fails without the wait in `_await_departure`."""
    released_batch(5)
    left = departures(clock, pace_per_hour=360)
    assert [b - a for a, b in pairwise(left)] == [timedelta(seconds=10)] * 4


def test_two_workers_share_one_pace(clock: Clock) -> None:
    """Fails if the bucket were kept in the process."""
    released_batch(4)
    first = departures(clock, pace_per_hour=360, budget=timedelta(seconds=15))
    second = departures(clock, pace_per_hour=360)
    assert [b - a for a, b in pairwise([*first, *second])] == [timedelta(seconds=10)] * 3


def test_an_outcome_is_not_kept_from_the_ledger_while_the_pace_holds_the_next_message_back(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the flush in `_await_departure`: a kill during the wait would leave it uncertain."""
    batch = released_batch(2)
    asleep: list[dict[str, int]] = []

    def sleep(seconds: float) -> None:
        asleep.append(elsewhere(lambda: dict(states(batch))))
        clock.forward(timedelta(seconds=seconds))

    monkeypatch.setattr(time, "sleep", sleep)
    departures(clock, pace_per_hour=60)
    assert asleep[-1] == {"ACCEPTED": 1, "CLAIMED": 1}


def test_a_slow_pace_is_kept_up_by_workers_that_have_little_time(clock: Clock) -> None:
    """Fails without `Pacer.put_back`: each run would lease a departure that it has no time left to use, and at 60
    an hour nothing at all would leave after the first message."""
    released_batch(4)
    left: list[datetime] = []
    for minute in range(6):
        clock.now = NOW + timedelta(minutes=minute)
        left += departures(clock, pace_per_hour=60, budget=timedelta(seconds=30))
    assert left == [NOW + timedelta(minutes=m) for m in range(4)]


# --- the letterhead ----------------------------------------------------------------------------------------

OTHERS = {
    "REPLY_TO": "autre@registre.example",
    "MAIL_FROM": "Autre <autre@registre.example>",
    "SITE_URL": "https://autre.example",
    "SITE_NAME": "Autre registre",
    "MAIL_DOMAIN": "autre.example",
    "SECRET_KEY": "another key, as long as it must be to be taken for one: 0123456789",
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_machine_with_another_letterhead_halts_and_withdraws_nobody(settings: Any, name: str) -> None:
    """Fails without `require_letterhead`: the words are others for everybody, and the whole list was withdrawn."""
    batch = released_batch(3)
    before = getattr(settings, name)
    setattr(settings, name, OTHERS[name])
    transport = RecordingTransport()
    delivery = send(transport)
    assert (delivery.halt, transport.sent, states(batch)) == (Halt.LETTERHEAD, [], {"PLANNED": 3})
    assert f"lot {batch.pk} a été préparé avec d’autres réglages" in delivery.detail
    assert (name in delivery.detail, OTHERS["SECRET_KEY"] in delivery.detail) == (True, False)
    setattr(settings, name, before)
    assert send(transport).halt is None
    assert (len(transport.sent), states(batch)) == (3, {"ACCEPTED": 3})


def test_a_correction_too_leaves_under_the_letterhead_it_was_approved_with(settings: Any) -> None:
    """Fails if a recall froze none."""
    recall = released(recalled(sent_wrongly(2)))
    settings.REPLY_TO = OTHERS["REPLY_TO"]
    assert (send().halt, states(recall)) == (Halt.LETTERHEAD, {"PLANNED": 2})


def test_an_old_batch_does_not_say_its_letterhead_and_leaves() -> None:
    batch = released_batch(1)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE reminders_batch SET letterhead = '{}' WHERE id = %s", [batch.pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    send()
    assert states(batch) == {"ACCEPTED": 1}
