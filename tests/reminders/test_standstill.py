"""A release that stands still, or is only put off, is paused; one that may not leave yet, or waits for few, is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from reminders.config import engine_settings
from reminders.models import Alarm, Attempt, Batch
from reminders.planning.approval import resume_batch
from reminders.planning.switch import resume_sending, stop_sending
from reminders.rules.send_window import parse_window
from reminders.rules.smtp_replies import SmtpReply
from reminders.rules.watch import Judgement
from tests.factories import DomainPaceFactory, reach
from tests.reminders.scenes import (
    ACCEPTED,
    LATER,
    NOW,
    RecordingTransport,
    clock_at,
    due_file,
    engine,
    person,
    released_batch,
    send,
    states,
)
from tests.reminders.test_watch import codes, now_of, watch

pytestmark = pytest.mark.django_db(transaction=True)

QUARTER = timedelta(minutes=15)


def test_a_release_that_stands_still_is_paused_not_forced() -> None:
    """Fails without `_ready_since`."""
    batch = released_batch(2)
    assert [w.verdict.judgement for w in watch(NOW + QUARTER - timedelta(seconds=1), stalls=True)] == [
        Judgement.RUNNING
    ]
    watch(NOW + QUARTER, stalls=True)
    assert (now_of(batch)[:2], codes(batch)) == (("PAUSED", "STALLED"), ["STALLED"])
    assert states(batch) == {"PLANNED": 2}
    resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW + 4 * QUARTER, reason="exécutants relancés")
    watch(NOW + 4 * QUARTER, stalls=True)
    assert now_of(batch)[0] == "RELEASING", "the quarter of an hour begins anew"


def test_who_is_about_to_send_does_not_call_it_a_standstill() -> None:
    batch = released_batch(2)
    watch(NOW + 10 * QUARTER)
    assert now_of(batch)[0] == "RELEASING"


def stop_for_long(batch: Batch) -> None:
    stop_sending(reason="essai", by=None, now=NOW)


def reopen_just_now(batch: Batch) -> None:
    stop_for_long(batch)
    resume_sending(by=person("planner"), now=NOW + QUARTER)


def put_all_off(batch: Batch) -> None:
    for notice in batch.notices.all():
        reach(notice, "DEFERRED")  # type: ignore[arg-type]
    batch.notices.update(not_before=NOW + timedelta(hours=1))


def ready_again_just_now(batch: Batch) -> None:
    put_all_off(batch)
    batch.notices.update(not_before=NOW + QUARTER)


def leave_the_domain_alone(batch: Batch) -> None:
    DomainPaceFactory(domain="example.org", not_before=NOW + timedelta(hours=1))


def another_batch_is_busy(batch: Batch) -> None:
    other = released_batch(1)
    Attempt.objects.create(
        notice=other.notices.get(),
        number=1,
        fence=1,
        worker="w",
        started_at=NOW,
        finished_at=NOW + QUARTER - timedelta(minutes=1),
        verdict="ACCEPTED",
    )


@pytest.mark.parametrize(
    "because",
    [stop_for_long, reopen_just_now, put_all_off, ready_again_just_now, leave_the_domain_alone, another_batch_is_busy],
)
def test_what_may_not_leave_or_could_not_until_just_now_does_not_stand_still(because: Any) -> None:
    batch = released_batch(2)
    because(batch)
    watch(NOW + QUARTER + timedelta(minutes=1), stalls=True)
    assert now_of(batch)[0] == "RELEASING"


def ticks(minutes: int, transport: RecordingTransport, **changes: Any) -> None:
    """What the queue does each minute: the watch, then the delivery."""
    for minute in range(minutes):
        now = NOW + timedelta(minutes=minute)
        watch(now, stalls=True, **changes)
        send(transport, clock=clock_at(now), **changes)


def test_a_list_of_which_everything_is_only_put_off_stands_still() -> None:
    """Fails where what was tried counts as a sign of life: all would be put off until they expire."""
    batch = released_batch(40)
    clock = clock_at()

    def at_a_slow_pace(already: int) -> None:
        clock.forward(timedelta(minutes=1))
        watch(clock(), stalls=True)

    send(RecordingTransport(always=LATER, before=at_a_slow_pace), clock=clock)
    assert (now_of(batch)[:2], codes(batch)) == (("PAUSED", "STALLED"), ["STALLED"])
    assert states(batch) == {"DEFERRED": 15, "PLANNED": 25}


def test_a_short_list_that_several_domains_put_off_again_and_again_stands_still() -> None:
    """Fails without `puts_off`: between two tries nothing could leave, and each retry has only just come."""
    for n in range(6):
        due_file(email=f"cabinet@d{n % 3}.example")
    batch = released_batch()
    ticks(30, RecordingTransport(always=LATER))
    assert (now_of(batch)[:2], codes(batch)) == (("PAUSED", "STALLED"), ["STALLED"])
    assert Alarm.objects.get().message.startswith("aucun message n’a été accepté depuis ")


@pytest.mark.parametrize("good", [0, 6])
def test_greylisting_for_long_by_one_domain_or_of_a_few_holds_no_release(good: int) -> None:
    """Fails without `domains`, or without the share of the step that has left."""
    for n in range(good):
        due_file(email=f"cabinet@good{n}.example")
    for n in range(4):
        due_file(email=f"cabinet@d{n if good else 0}.example")
    batch = released_batch()
    taken = batch.notices.filter(email__contains="good").values_list("email", flat=True)

    class Greylisting(RecordingTransport):
        def send(self, sender: str, recipient: str, *rest: Any, **more: Any) -> SmtpReply:
            self.always = ACCEPTED if recipient in taken else LATER
            return super().send(sender, recipient, *rest, **more)

    ticks(120, Greylisting())
    assert (now_of(batch)[0], codes(batch)) == ("RELEASING", [])
    assert states(batch)["DEFERRED"] == 4


@pytest.mark.parametrize(("hours", "state"), [(15, "RELEASING"), (22.7, "RELEASING"), (22.75, "PAUSED")])
def test_a_closed_window_is_no_standstill_and_its_opening_is_where_the_count_begins(hours: float, state: str) -> None:
    """NOW is 10:30 in Paris, so 22.5 hours later is 9:00 on the next working day."""
    batch = released_batch(2)
    watch(NOW + timedelta(hours=hours), stalls=True, window=parse_window("mon-fri 09:00-17:00"))
    assert now_of(batch)[0] == state


def test_at_a_slow_pace_the_time_between_two_messages_is_no_standstill(settings: Any) -> None:
    """Fails without the look at the pace in `_watch_limits`."""
    settings.PACE_PER_HOUR, settings.STALLED_MINUTES, settings.PACE_BY_HOTLINE = 2, 15, False
    assert engine().watch.stalled == timedelta(hours=5)
    settings.PACE_PER_HOUR = 3600
    assert engine().watch.stalled == QUARTER


@pytest.mark.parametrize("pace", [0, 3600])
def test_nor_is_it_at_the_slow_pace_that_the_hotline_can_take(pace: int, settings: Any) -> None:
    """Fails where the limit is made of PACE_PER_HOUR alone: one agent and long calls let two mails leave an hour."""
    settings.PACE_PER_HOUR, settings.STALLED_MINUTES, settings.PACE_BY_HOTLINE = pace, 15, True
    settings.HOTLINE_AGENTS, settings.HOTLINE_CALL_SECONDS, settings.CALLS_PER_MAIL = 1, 1800, 1.0
    assert engine_settings().pace_per_hour == 2
    assert engine_settings().watch.stalled == timedelta(hours=5)


def test_who_waits_behind_a_step_that_is_only_put_off_is_not_forgotten() -> None:
    """Fails without `_is_only_put_off`: one domain puts off for ever, less than half of the step leaves, and the others
    expire untried and unsaid."""
    for n in range(8):
        due_file(email=f"cabinet{n}@slow.example")
    batch = released_batch(release_steps=(2,))
    transport = RecordingTransport(always=LATER)
    for minutes in range(0, 101, 10):
        now = NOW + timedelta(minutes=minutes)
        watch(now, stalls=True)
        send(transport, clock=clock_at(now), release_steps=(2,))
        assert (now_of(batch)[0] == "RELEASING") is (minutes < 60)
    assert (now_of(batch)[:2], codes(batch)) == (("PAUSED", "HOLD"), ["TOO_LITTLE"])
    later = NOW + timedelta(minutes=110)
    resume_batch(batch_id=batch.pk, by=person("planner"), now=later, reason="un seul domaine")
    send(clock=clock_at(later + timedelta(days=1)), release_steps=(2,))
    assert states(batch) == {"ACCEPTED": 8}
