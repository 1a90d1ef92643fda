"""The engine away for a day, a week, beyond the deadline, and back: one useful mail each or none, and why not.

The queue's ticks and the clock are moved by hand; the rest is the code of the workers. Each morning two people approve
and release what the day's plan made, if anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Count

from registry import clock
from registry.clock import PARIS, local_day
from registry.models import Intermediary
from reminders import tasks
from reminders.models import Attempt, Batch, LeftOut, Notice, NoticeItem, Tick
from reminders.planning.approval import approve_batch, release_batch, resume_batch
from reminders.rules.states import BatchState
from reminders.ticks import TICKS, take_tick
from tests.factories import NOW
from tests.reminders.scenes import LATER, SERVER_DOWN, RecordingTransport, due_file, person, renew

pytestmark = [pytest.mark.django_db(transaction=True)]

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
EIGHT = datetime(2026, 1, 29, 8, tzinfo=PARIS)
"""The hour of the day's plan, on the first day of the wave D-30."""
WORK: dict[str, Callable[[], str]] = {"plan": tasks.plan_today, "deliver": tasks.deliver_now, "watch": tasks.watch_now}


@dataclass
class Engine:
    """The workers of one machine; `now` is the clock of everything."""

    transport: RecordingTransport = field(default_factory=RecordingTransport)
    now: datetime = EIGHT

    def fires(self, name: str, intended: datetime | None = None) -> str:
        """The queue fires a tick that was intended then (default: now)."""
        return take_tick(name, intended or self.now, self.now, WORK[name])

    def people_release(self) -> None:
        """Two people approve and release what was planned for the day."""
        for batch in Batch.objects.filter(state="DRAFT", as_of=local_day(self.now)):
            approve_batch(
                batch_id=batch.pk, by=person("approver"), list_hash=batch.hash, count=batch.planned, now=self.now
            )
            release_batch(batch_id=batch.pk, by=person("planner"), now=self.now)

    def lives(self, day: datetime, *, minutes: int = 2) -> None:
        """A whole morning: the plan at eight, people at half past nine, and some minutes of sending."""
        self.now = day.astimezone(PARIS).replace(hour=8, minute=0)
        self.fires("plan")
        self.now += timedelta(minutes=90)
        self.people_release()
        for _ in range(minutes):
            self.now += MINUTE
            self.fires("deliver")

    @property
    def mails(self) -> dict[str, int]:
        """How many mails each address got."""
        return dict(Counter(self.transport.recipients))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Engine:
    alive = Engine()
    settings.SEND_WINDOW, settings.RELEASE_STEPS, settings.PACE_PER_HOUR = "mon-fri 09:00-17:00", (), 0
    monkeypatch.setattr(clock, "now", lambda: alive.now)
    monkeypatch.setattr(tasks, "SmtpSession", lambda *_, **__: alive.transport)
    return alive


def stopped_after(engine: Engine, messages: int) -> None:
    """The engine is switched off in the middle of the day's batch: a budget that ends after so many messages."""

    def die(sent: int) -> None:
        if sent == messages:
            raise KeyboardInterrupt

    engine.transport.before = die
    with pytest.raises(KeyboardInterrupt):
        engine.lives(engine.now)
    engine.transport.before = lambda _: None


def ends() -> Counter[str]:
    return Counter(Notice.objects.values_list("state", flat=True))


def nobody_twice() -> None:
    """I2 in the ledger: no wave is held twice, nobody waits in two batches."""
    held = NoticeItem.objects.filter(held=True).values("intermediary", "kind", "term", "wave").annotate(n=Count("id"))
    assert not held.filter(n__gt=1)
    assert not Attempt.objects.values("notice__key").annotate(n=Count("notice", distinct=True)).filter(n__gt=1)


@pytest.mark.parametrize("away", [1, 7], ids=["a day", "a week"])
def test_i2_i4_down_in_the_middle_of_a_batch_the_rest_have_one_mail_on_return(engine: Engine, away: int) -> None:
    """Fails where the return flushed or planned anew what waits: `WHEN l.id IS NOT NULL` in audience.sql, or the
    claim's filter on states. The message that was under way when the engine went is uncertain and not sent again."""
    people = [due_file() for _ in range(6)]
    stopped_after(engine, 3)
    assert ends() == {"ACCEPTED": 2, "SENDING": 1, "PLANNED": 3} or len(engine.transport.sent) == 3
    Notice.objects.filter(lease_until__isnull=False).update(lease_until=EIGHT - DAY)
    renewed = Notice.objects.filter(state="PLANNED").order_by("rank").first()
    assert renewed
    renew(renewed.intermediary)
    engine.lives(EIGHT + away * DAY)
    assert ends() == {"ACCEPTED": 4, "UNCERTAIN": 1, "SKIPPED": 1}
    assert set(engine.mails.values()) == {1}
    assert len(engine.mails) == len(people) - 2, "one had died on the way, one has renewed"
    nobody_twice()
    engine.lives(EIGHT + (away + 1) * DAY)
    assert len(engine.transport.sent) == 4, "the next day's plan finds nobody"


def test_i2_down_over_the_end_of_the_wave_the_old_mails_expire_and_the_latest_wave_is_sent(engine: Engine) -> None:
    """Fails without `expire`, or without the comparison with `not_after` in `_STEP`: yesterday's words would leave."""
    people = [due_file() for _ in range(5)]
    stopped_after(engine, 2)
    Notice.objects.filter(lease_until__isnull=False).update(lease_until=EIGHT - DAY)
    first_mails = set(engine.transport.recipients)
    engine.lives(EIGHT + 18 * DAY)
    old, new = Batch.objects.order_by("id")
    assert (old.state, new.waves) == ("COMPLETED", ["D-15"])
    late = Notice.objects.filter(batch=old, state="EXPIRED")
    assert (late.count(), set(new.notices.values_list("state", flat=True))) == (2, {"ACCEPTED"})
    assert {"not_after"} == {name for n in late for name in n.evidence or ()}
    doubtful = Notice.objects.get(batch=old, state="UNCERTAIN").email
    assert new.planned == len(people) - 1, "whoever may have had a mail just now is left alone"
    assert engine.mails == {p.email: 1 + (p.email in first_mails) for p in people if p.email != doubtful}
    nobody_twice()


def test_i2_down_until_after_the_last_wave_nobody_is_written_to_and_each_has_a_reason(engine: Engine) -> None:
    """Fails where a plan made up for missed waves, or where what is too late had no end."""
    people = [due_file() for _ in range(3)]
    stopped_after(engine, 0)
    Notice.objects.filter(lease_until__isnull=False).update(lease_until=EIGHT - DAY)
    engine.lives(EIGHT + 50 * DAY)
    assert engine.transport.sent == []
    assert ends() == {"EXPIRED": 2, "UNCERTAIN": 1}
    assert Batch.objects.get().state == BatchState.COMPLETED
    assert tasks.plan_today() == "nobody is due"
    assert len(people) == 3


@pytest.mark.parametrize("away", [1, 7, 18])
def test_down_before_planning_the_return_plans_its_own_day_and_no_other(engine: Engine, away: int) -> None:
    people = [due_file() for _ in range(3)]
    engine.lives(EIGHT + away * DAY)
    assert [b.as_of for b in Batch.objects.all()] == [local_day(EIGHT + away * DAY)]
    assert engine.mails == {p.email: 1 for p in people}


def test_down_with_a_draft_and_an_approved_batch_neither_is_flushed(engine: Engine) -> None:
    """Fails without `mark_stale` in the plan: a batch that nobody releases would keep people out of the new one."""
    people = [due_file() for _ in range(2)]
    engine.fires("plan")
    (draft,) = Batch.objects.all()
    approve_batch(batch_id=draft.pk, by=person("approver"), list_hash=draft.hash, count=draft.planned, now=engine.now)
    engine.lives(EIGHT + 7 * DAY)
    old, new = Batch.objects.order_by("id")
    assert (old.state, new.state) == ("STALE", "COMPLETED")
    assert Counter(Notice.objects.filter(batch=old).values_list("state", flat=True)) == {"CANCELLED": 2}
    assert engine.mails == {p.email: 1 for p in people}


# --- the queue comes back ------------------------------------------------------------------------------------


def test_i2_a_week_of_missed_ticks_fired_at_once_acts_on_those_of_now_only(engine: Engine) -> None:
    """Fails without the look at `tolerance`: what django-q2 would fire with catch_up, each minute of a week, twice."""
    people = [due_file() for _ in range(3)]
    engine.now = EIGHT + 7 * DAY
    back = engine.now
    said: Counter[str] = Counter()
    for days in range(7, -1, -1):
        for _ in range(2):
            said[engine.fires("plan", back - days * DAY).split(":")[0]] += 1
    engine.now += 90 * MINUTE
    engine.people_release()
    for minutes in [*range(10_080, 60, -997), *range(60, -1, -1)]:
        for _ in range(2):
            said[engine.fires("deliver", engine.now - minutes * MINUTE)] += 1
    batch = Batch.objects.get()
    assert said[f"batch {batch.pk}"] == 1
    assert said["ACCEPTED 3"] == 1
    assert said["nothing"] == 2, "the two other minutes within the tolerance"
    assert said["already taken"] == 1 + 3
    assert {words for words in said if not words.startswith("too late")} == {
        f"batch {batch.pk}", "ACCEPTED 3", "nothing", "already taken",
    }  # fmt: skip
    assert Tick.objects.count() == 1 + 3
    assert engine.mails == {p.email: 1 for p in people}


def test_a_plan_that_comes_back_after_noon_waits_for_the_next_day(engine: Engine) -> None:
    """Four hours late is too late for people to approve and send it in calm."""
    due_file()
    engine.now = EIGHT + 4 * HOUR + MINUTE
    assert engine.fires("plan", EIGHT).startswith("too late")
    engine.lives(EIGHT + DAY)
    assert len(engine.transport.sent) == 1


@pytest.mark.parametrize("plan", TICKS, ids=lambda plan: plan.name)
def test_no_tick_acts_on_yesterday(plan: Any) -> None:
    assert plan.tolerance <= 4 * HOUR


# --- the clock set back --------------------------------------------------------------------------------------


def everything_again(engine: Engine, back: timedelta) -> None:
    """The clock is set back, and all that the machine does in the time until then is done once more."""
    until = engine.now
    engine.now -= back
    day = engine.now
    while engine.now < until:
        engine.fires("plan", engine.now.astimezone(PARIS).replace(hour=8, minute=0))
        tasks.plan_today()
        engine.people_release()
        engine.fires("deliver")
        tasks.deliver_now()
        engine.now += back / 4
    engine.now = until
    assert day < until
    tasks.plan_today()
    engine.people_release()
    tasks.deliver_now()


@pytest.mark.parametrize("back", [HOUR, 11 * HOUR, DAY, 3 * DAY], ids=["hour", "midnight", "day", "three days"])
def test_i2_a_clock_set_back_sends_and_plans_nothing_twice(engine: Engine, back: timedelta) -> None:
    """Fails without the unique row of each wave: `ledger.held` in the rules and `noticeitem_reminded_once`."""
    people = [due_file() for _ in range(3)]
    engine.lives(EIGHT)
    assert engine.mails == {p.email: 1 for p in people}
    everything_again(engine, back)
    assert engine.mails == {p.email: 1 for p in people}
    assert Batch.objects.count() == 1
    nobody_twice()


@pytest.mark.parametrize("back", [HOUR, 11 * HOUR, DAY], ids=["hour", "midnight", "day"])
def test_i2_a_clock_set_back_over_a_draft_plans_nobody_a_second_time(engine: Engine, back: timedelta) -> None:
    """Fails without the look at who is in a live batch: the same people would be in two."""
    people = [due_file() for _ in range(3)]
    engine.fires("plan")
    everything_again(engine, back)
    assert set(engine.mails.values()) <= {1}
    waiting = Notice.objects.filter(live=True).values("intermediary").annotate(n=Count("id"))
    assert not waiting.filter(n__gt=1)
    assert Notice.objects.count() == len(people)
    nobody_twice()


def test_i2_a_clock_set_back_to_an_earlier_wave_does_not_send_that_one_after_the_later(engine: Engine) -> None:
    """Fails if TOO_SOON in audience.sql asked for a mail of the days before only: D-45 would follow D-30."""
    someone = due_file()
    engine.lives(EIGHT)
    engine.lives(EIGHT - 2 * DAY)
    assert engine.mails == {someone.email: 1}
    assert Batch.objects.count() == 1
    assert LeftOut.objects.filter(intermediary=someone).count() == 0


def test_a_message_put_off_waits_for_its_time_by_whatever_clock(engine: Engine) -> None:
    """A retry is an instant, not so many minutes from now: set back, it comes later; set forward, at once, once."""
    someone: Intermediary = due_file()
    engine.transport.replies = [LATER]
    engine.lives(EIGHT, minutes=1)
    engine.now -= HOUR
    tasks.deliver_now()
    assert engine.mails == {someone.email: 1}
    engine.now += 3 * HOUR
    tasks.deliver_now()
    tasks.deliver_now()
    assert (engine.mails, ends()) == ({someone.email: 2}, {"ACCEPTED": 1})


def test_a_held_batch_that_a_person_lets_go_on_after_the_deadline_sends_nothing(engine: Engine) -> None:
    """Fails without `not_after` in the claim's way: PAUSED over the end of its wave, resumed by somebody in haste."""
    due_file(), due_file()
    engine.transport.always = SERVER_DOWN
    engine.lives(EIGHT)
    engine.transport.always = RecordingTransport().always
    tried = len(engine.transport.sent)
    (batch,) = Batch.objects.all()
    assert batch.state == BatchState.PAUSED
    engine.now = (EIGHT + 18 * DAY).replace(hour=10)
    resume_batch(batch_id=batch.pk, by=person("planner"), now=engine.now)
    tasks.deliver_now()
    assert (len(engine.transport.sent), ends()) == (tried, {"EXPIRED": 2})
    assert engine.now > NOW
