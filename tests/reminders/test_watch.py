"""The watch at work: a good step is followed by the next without anybody, a bad one stops the release, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps

from registry.clock import PARIS
from reminders.errors import ReminderError
from reminders.models import Alarm, Batch, Watch
from reminders.planning import watch as watching
from reminders.planning.approval import end_step, pause_batch, resume_batch
from reminders.planning.watch import Watched, lookout, raise_alarm, watch_releases, watch_report
from reminders.rules.smtp_replies import SmtpReply
from reminders.rules.watch import AlarmCode, Judgement, smtp_down
from reminders.sending.deliver import Halt, deliver
from tests.factories import DomainPaceFactory, reach
from tests.reminders.returned import came_back
from tests.reminders.scenes import (
    ACCEPTED,
    LATER,
    LOST_AFTER_DOT,
    NO_SUCH_USER,
    NOW,
    POLICY,
    SERVER_DOWN,
    RecordingTransport,
    at_once,
    clock_at,
    due_file,
    engine,
    person,
    released_batch,
    renew,
    send,
    states,
)

pytestmark = pytest.mark.django_db(transaction=True)

HALF_AN_HOUR = timedelta(minutes=30)
LATE = NOW + HALF_AN_HOUR


def watch(now: Any = LATE, *, stalls: bool = False, **changes: Any) -> list[Watched]:
    return watch_releases(engine=engine(**changes), now=now, stalls=stalls)


def codes(batch: Batch) -> list[str]:
    return list(Alarm.objects.filter(batch=batch.pk).order_by("id").values_list("code", flat=True))


def now_of(batch: Batch) -> tuple[str, str, int]:
    batch.refresh_from_db()
    return batch.state, batch.pause_reason, batch.ceiling


# --- from step to step -------------------------------------------------------------------------------------


def test_a_good_step_is_followed_by_the_next_after_the_watch_without_anybody() -> None:
    """Fails without `go_on` in `_act`."""
    batch = released_batch(6, release_steps=(1, 2))
    send()
    assert now_of(batch) == ("PAUSED", "STEP_DONE", 1)
    (waiting,) = watch(LATE - timedelta(seconds=1))
    assert (waiting.verdict.judgement, waiting.verdict.until, waiting.went_on) == (Judgement.HOLD, LATE, False)
    assert now_of(batch) == ("PAUSED", "STEP_DONE", 1)
    assert [w.went_on for w in watch()] == [True]
    assert now_of(batch) == ("RELEASING", "", 3)
    send(clock=clock_at(LATE))
    assert [w.went_on for w in watch(LATE)] == [False], "the next step is watched as long"
    assert [w.went_on for w in watch(LATE + HALF_AN_HOUR)] == [True]
    send(clock=clock_at(LATE + HALF_AN_HOUR))
    assert (now_of(batch), states(batch)) == (("COMPLETED", "", 6), {"ACCEPTED": 6})
    assert codes(batch) == []


def test_i9_it_is_the_system_that_lets_it_go_on_and_the_history_says_on_what_figures() -> None:
    batch = released_batch(2, release_steps=(1,))
    send()
    watch()
    event = apps.get_model("reminders", "BatchHistory").objects.filter(id=batch.pk).latest("pgh_id")
    assert (event.state, event.ceiling) == ("RELEASING", 2)
    assert event.pgh_context.metadata == {
        "user": None,
        "why": "palier jugé bon par la surveillance\u00a0: 1 accepté sur 1, 0 relance à tort",
    }


def test_two_watchers_at_once_let_one_step_through_and_not_two() -> None:
    """Fails without the lock in `_watch`, or without the look at the state under it."""
    batch = released_batch(6, release_steps=(1, 2))
    send()
    outcomes = at_once(watch, watch, watch)
    assert all(isinstance(o, list) for o in outcomes), outcomes
    assert sum(w.went_on for o in outcomes if isinstance(o, list) for w in o) == 1
    assert now_of(batch) == ("RELEASING", "", 3)


def test_a_person_may_go_on_before_the_watch_is_over() -> None:
    batch = released_batch(6, release_steps=(1, 2))
    send()
    assert resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW).ceiling == 3
    assert [w.verdict.judgement for w in watch()] == [Judgement.RUNNING]


def test_i7_a_person_who_holds_a_batch_between_two_steps_holds_it_against_the_watch() -> None:
    """Fails without the first half of `pause_batch`: the machine would go on over a person's word."""
    batch = released_batch(2, release_steps=(1,))
    send()
    pause_batch(batch_id=batch.pk, by=person("planner"), detail="un doute")
    assert watch() == []
    assert now_of(batch) == ("PAUSED", "PERSON", 1)
    assert resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE).ceiling == 2


def test_without_its_row_of_times_a_batch_never_goes_on_by_itself() -> None:
    """A row that is missing means stop: so it is for what was released before there was a watch."""
    batch = released_batch(2, release_steps=(1,))
    send()
    Watch.objects.all().delete()
    assert watch() == []
    assert now_of(batch) == ("PAUSED", "STEP_DONE", 1)
    assert resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE).ceiling == 2


def test_a_step_whose_recipients_were_withdrawn_says_too_little_and_a_person_decides() -> None:
    people = [due_file() for _ in range(4)]
    batch = released_batch(release_steps=(3,))
    for someone in people:
        renew(someone)
    send()
    (held,) = watch()
    assert (held.acted, held.went_on) == (True, False)
    assert (now_of(batch), codes(batch)) == (("PAUSED", "HOLD", 3), ["TOO_LITTLE"])
    assert watch(LATE + HALF_AN_HOUR) == []
    assert resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE, reason="déposés").ceiling == 4


def test_a_mailbox_that_is_tried_again_later_does_not_hold_the_step() -> None:
    """Fails without `_says_enough`: one greylisting would hold thousands for hours."""
    batch = released_batch(8, release_steps=(4,))
    send(RecordingTransport([LATER]))
    assert now_of(batch) == ("PAUSED", "STEP_DONE", 4)
    watch()
    send(clock=clock_at(LATE))
    assert (now_of(batch)[0], states(batch)) == ("COMPLETED", {"ACCEPTED": 8})


def test_a_step_of_which_too_many_are_put_off_is_not_over() -> None:
    batch = released_batch(8, release_steps=(4,))
    send(RecordingTransport([LATER, LATER, LATER]))
    assert now_of(batch) == ("RELEASING", "", 4)


def test_a_domain_that_is_left_alone_does_not_hold_the_step_and_is_not_forgotten() -> None:
    batch = released_batch(6, release_steps=(4,))
    slow = batch.notices.get(rank=2)
    DomainPaceFactory(domain="example.org", not_before=NOW + timedelta(minutes=1))
    for notice in batch.notices.filter(rank__lte=4).exclude(pk=slow.pk):
        reach(notice, "ACCEPTED")  # type: ignore[arg-type]
    assert not end_step(batch_id=batch.pk, now=NOW)
    assert now_of(batch) == ("PAUSED", "STEP_DONE", 4)
    watch()
    send(clock=clock_at(LATE))
    assert states(batch) == {"ACCEPTED": 6}


# --- alarms ------------------------------------------------------------------------------------------------

BAD = {"BOUNCED_TOO_MANY": (NO_SUCH_USER, "BOUNCED"), "REFUSED_TOO_MANY": (POLICY, "REFUSED")}
"""Refusals of ours to correct come among messages that were taken: three running would be the server's own fault."""


@pytest.mark.parametrize("code", BAD)
def test_a_bad_step_pauses_the_batch_and_names_the_alarm(code: str) -> None:
    """Fails without `_raise` in `_act`."""
    reply, reason = BAD[code]
    batch = released_batch(8, release_steps=(6,))
    send(RecordingTransport([ACCEPTED, reply] * 3))
    (stopped,) = watch(NOW)
    assert (stopped.acted, stopped.went_on) == (True, False)
    assert now_of(batch) == ("PAUSED", reason, 6)
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.level, alarm.step, alarm.facts["count"]) == (code, "RED", 6, 3)
    assert batch.pause_detail == alarm.message
    assert watch(LATE) == [], "it waits for a person"


RETURNED = {"postfix_unknown_user": "BOUNCED_TOO_MANY", "postfix_policy": "REFUSED_TOO_MANY"}


@pytest.mark.parametrize("sample", RETURNED)
def test_mails_that_were_accepted_and_came_back_count_as_what_their_reports_say(sample: str) -> None:
    """Fails without `returned` in `_OUTCOMES`: a relay takes all, and every dead address would count as delivered."""
    batch = released_batch(10, release_steps=(5,))
    send()
    for notice in batch.notices.filter(state="ACCEPTED").order_by("rank")[:3]:
        assert codes(batch) == []
        watch(NOW)
        came_back(notice, sample)
        came_back(notice, sample, days=1)
    (stopped,) = watch(NOW)
    assert not stopped.went_on
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.facts["count"], alarm.facts["sent"]) == (RETURNED[sample], 3, 5)
    assert now_of(batch)[0] == "PAUSED"


@pytest.mark.parametrize("read_at", [LATE + timedelta(hours=1), NOW - timedelta(hours=2)], ids=["later", "set back"])
def test_reports_that_come_after_an_alarm_was_overruled_count_anew_and_those_before_no_more(read_at: datetime) -> None:
    """Fails without `b.id > …`, also where the clock has been set back since; or without `OR r.dead IS NOT NULL`: what
    comes back late left long before."""
    batch = released_batch(16, release_steps=(8,))
    send()
    notices = list(batch.notices.filter(state="ACCEPTED").order_by("rank"))
    for notice in notices[:3]:
        came_back(notice)
    watch(NOW)
    resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE, reason="adresses vues une à une")
    assert [w.verdict.judgement for w in watch(LATE)] == [Judgement.RUNNING]
    for notice in notices[3:6]:
        came_back(notice, at=read_at)
    watch(read_at)
    assert codes(batch) == ["BOUNCED_TOO_MANY", "BOUNCED_TOO_MANY"]


@pytest.mark.parametrize("sample", ["postfix_expired", "postfix_delayed", "postfix_delivered", "postfix_forwarded"])
def test_what_is_late_passing_delivered_or_of_another_address_is_no_dead_address(sample: str) -> None:
    batch = released_batch(10, release_steps=(5,))
    send()
    for notice in batch.notices.filter(state="ACCEPTED"):
        came_back(notice, sample)
    assert [w.went_on for w in watch()] == [True]
    assert codes(batch) == []


def test_two_bad_addresses_in_a_step_are_no_alarm() -> None:
    batch = released_batch(8, release_steps=(5,))
    send(RecordingTransport([NO_SUCH_USER] * 2))
    assert [w.went_on for w in watch()] == [True]
    assert codes(batch) == []


def test_an_alarm_stops_a_step_in_the_middle_too() -> None:
    """The throughout watch: the batch is RELEASING, no step has ended."""
    batch = released_batch(8)

    def sixth_message(already: int) -> None:
        if already == 5:
            watch(NOW)

    transport = RecordingTransport([NO_SUCH_USER] * 3, before=sixth_message)
    assert send(transport).halt is Halt.HELD
    assert (len(transport.sent), now_of(batch)[:2]) == (6, ("PAUSED", "BOUNCED"))
    assert states(batch) == {"REFUSED": 3, "ACCEPTED": 3, "PLANNED": 2}


def test_who_sends_looks_round_between_two_messages_and_not_only_between_two_chunks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without `on_progress` after each message: a chunk is 25 messages, then up to 200."""
    monkeypatch.setattr(watching, "EVERY_SECONDS", 0)
    batch = released_batch(20)
    transport = RecordingTransport([ACCEPTED], always=NO_SUCH_USER)
    look = lookout(engine(), clock_at())
    done = deliver(worker="w", engine=engine(), transport=transport, clock=clock_at(), on_progress=look)
    assert (done.halt, now_of(batch)[:2]) == (Halt.HELD, ("PAUSED", "BOUNCED"))
    assert states(batch) == {"ACCEPTED": 1, "REFUSED": 4, "PLANNED": 15}, "the latest outcome waits for the next intent"


def test_an_alarm_is_overruled_by_a_person_who_says_why_and_counts_anew() -> None:
    """Fails without `judged_after`: the same three addresses would stop the batch again at once."""
    batch = released_batch(8, release_steps=(5,))
    send(RecordingTransport([NO_SUCH_USER] * 3))
    watch()
    with pytest.raises(ReminderError, match=r"3 adresses hors d’usage.*--reason"):
        resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE)
    with pytest.raises(ReminderError, match="--reason"):
        resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE, reason="  ")
    resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE, reason="adresses vues une à une")
    alarm = Alarm.objects.get()
    assert (alarm.closed_at, alarm.closed_by, alarm.close_reason) == (
        LATE,
        person("planner"),
        "adresses vues une à une",
    )
    assert now_of(batch) == ("RELEASING", "", 8)
    assert [w.verdict.judgement for w in watch(LATE)] == [Judgement.RUNNING]
    send(RecordingTransport([NO_SUCH_USER] * 3), clock=clock_at(LATE + HALF_AN_HOUR))
    assert codes(batch) == ["BOUNCED_TOO_MANY"]


@pytest.mark.parametrize(("reply", "verdict"), [(NO_SUCH_USER, "BOUNCED"), (LOST_AFTER_DOT, "UNCERTAIN")])
def test_what_goes_wrong_after_an_alarm_was_overruled_is_seen_by_a_clock_that_was_set_back(
    reply: SmtpReply, verdict: str
) -> None:
    """Fails where instants are compared: until the clock has caught up, no limit would hold."""
    batch = released_batch(12, release_steps=(5,))
    send(RecordingTransport([NO_SUCH_USER] * 3))
    watch()
    resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE, reason="adresses vues une à une")
    send(RecordingTransport([reply, ACCEPTED] * 3), clock=clock_at(NOW - HALF_AN_HOUR))
    assert [w.verdict.judgement for w in watch(NOW)] == [Judgement.ALARM]
    assert codes(batch) == ["BOUNCED_TOO_MANY", f"{verdict}_TOO_MANY"]


def test_what_is_wrong_with_the_last_step_is_on_record_though_nothing_is_left_to_stop() -> None:
    """Fails without `ended` in `watch_releases`."""
    batch = released_batch(4)
    send(RecordingTransport([NO_SUCH_USER] * 3))
    assert [w.acted for w in watch(NOW)] == [True]
    assert (now_of(batch)[:2], codes(batch)) == (("COMPLETED", ""), ["BOUNCED_TOO_MANY"])
    assert [w.acted for w in watch(LATE)] == [False]
    assert watch(NOW + timedelta(days=1)) == []


def test_of_a_batch_that_ended_well_nothing_is_said() -> None:
    released_batch(2)
    send()
    assert watch(LATE) == []


def test_a_mail_server_that_takes_nobody_pauses_the_batch_and_raises_an_alarm() -> None:
    """Fails without `raise_alarm` in `_Sender._hold`."""
    batch = released_batch(3)
    assert send(RecordingTransport([SERVER_DOWN])).halt is Halt.SMTP_DOWN
    assert (now_of(batch)[:2], codes(batch)) == (("PAUSED", "SMTP_DOWN"), ["SMTP_DOWN"])
    assert "Connection refused" in batch.pause_detail
    resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW, reason="serveur de retour")
    send()
    assert states(batch) == {"ACCEPTED": 3}


def test_two_who_raise_one_alarm_at_once_raise_it_once() -> None:
    """Fails without the lock on the batch's row in `raise_alarm`."""
    batch = released_batch(1)

    def ring() -> bool:
        return raise_alarm(batch_id=batch.pk, alert=smtp_down("421"), now=NOW)

    assert sorted(map(str, at_once(ring, ring, ring))) == ["False", "False", "True"]
    assert codes(batch) == ["SMTP_DOWN"]


def test_an_alarm_on_what_a_person_holds_stands_beside_it_and_must_be_closed_too() -> None:
    batch = released_batch(1)
    pause_batch(batch_id=batch.pk, by=person("planner"), detail="un doute")
    raise_alarm(batch_id=batch.pk, alert=smtp_down("421"), now=NOW)
    assert now_of(batch)[:2] == ("PAUSED", "PERSON")
    assert codes(batch) == ["SMTP_DOWN"]
    with pytest.raises(ReminderError, match="--reason"):
        resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW, reason="serveur de retour")
    assert Alarm.objects.get().closed_at == NOW


# --- what people see ---------------------------------------------------------------------------------------


def test_the_report_names_each_alarm_its_remedy_and_until_when_a_step_is_watched() -> None:
    batch = released_batch(8, release_steps=(5,))
    send(RecordingTransport([NO_SUCH_USER] * 3))
    batch.refresh_from_db()
    assert watch_report(batch, engine().watch) == {
        "watch": {"until": LATE.astimezone(PARIS).isoformat(), "minutes": 30},
        "alarms": [],
    }
    watch()
    batch.refresh_from_db()
    told = watch_report(batch, engine().watch)
    assert told["watch"]["until"] is None
    (alarm,) = told["alarms"]
    assert (alarm["code"], alarm["closed_by"]) == (AlarmCode.BOUNCED_TOO_MANY, None)
    assert "adresses" in alarm["remedy"]


def test_limits_are_settings(settings: Any) -> None:
    settings.STEP_WATCH_MINUTES, settings.ALARM_PERCENT = 0, {"bounced": 1.0, "refused": 0.5, "uncertain": 0.25}
    limits = engine().watch
    assert (limits.watch, limits.bounced, limits.refused, limits.uncertain) == (timedelta(), 1.0, 0.5, 0.25)
    batch = released_batch(8, release_steps=(5,))
    send(RecordingTransport([NO_SUCH_USER] * 3))
    assert [w.went_on for w in watch_releases(engine=replace(engine(), watch=limits), now=NOW)] == [True]
    assert now_of(batch)[2] == 8
