"""The night of 24 to 25 February 2014: 18,000 complete files, reminded in January already. Nobody is written to.

First the whole night with every guard in place. Then each guard alone, all others switched off, holds what it
promises. The two tests in between show that the machine with no guard at all does send, to everyone: so it is the
one guard left that holds it. Each docstring names the line whose removal makes its test fail.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from registry.models import Cover
from reminders.errors import ReminderError
from reminders.models import Attempt, Batch, Notice
from reminders.planning.approval import approve_batch, release_batch
from reminders.planning.reports import record_report
from reminders.planning.switch import stop_sending
from reminders.planning.watch import watch_releases
from reminders.rules.reports import ReportSource
from reminders.rules.watch import WatchLimits
from reminders.sending.deliver import Halt
from tests.factories import HASH
from tests.incidents.night import (
    ALL,
    FEW,
    JANUARY,
    JANUARY_DAY,
    NIGHT,
    NIGHT_DAY,
    TERM,
    WatchedTransport,
    approve,
    audience_with_the_old_list_poured_in,
    comparable_batch_of_2013,
    deliver_at_night,
    file_that_lacks_a_paper,
    fill_register,
    forced_batch,
    mails_of_the_night,
    no_audience,
    no_eligibility,
    no_list_check,
    only_brakes,
    plan_at_night,
    remind_in_january,
    usual_hours,
    write_notices,
    write_without_triggers,
)
from tests.reminders.scenes import RecordingTransport, at_once, clock_at, elsewhere, engine, person, send, states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WAVES = ("D-45", "D-30", "D-15", "D-7", "D-2", "D+1")
STEPS = (25, 250, 2_500)


# --- the whole night ---------------------------------------------------------------------------------------


def test_i1_i2_i3_nobody_of_18_000_complete_files_is_written_to_in_that_night() -> None:
    """All 18,000, all guards. Fails if any file were planned or mailed; every line of defence would have to go."""
    fill_register(ALL)
    january = remind_in_january(ALL)
    recorder = RecordingTransport()

    plan = plan_at_night()
    assert plan.batch is None
    assert plan.tally
    assert (plan.tally.registered, plan.tally.skipped) == (18_000, {"COMPLETE": 18_000})
    assert {c: n["planned"] for c, n in plan.tally.by_category.items()} == {"CIF": 0, "COA": 0, "IOB": 0}

    deliver_at_night(recorder)
    send(recorder, clock=clock_at(NIGHT), batch=january)
    assert recorder.sent == []
    assert Batch.objects.count() == 1
    assert Attempt.objects.count() == 0
    assert states(january) == {"ACCEPTED": 18_000}


def test_i2_the_old_stage_replayed_finds_nobody_wherever_the_clock_stands() -> None:
    """360 files. Fails without `d.fresh = 0` in audience.sql, where the papers filed since are lost."""
    fill_register(FEW)
    remind_in_january(FEW)
    instants = [(NIGHT, NIGHT_DAY), (JANUARY, JANUARY_DAY)]
    for now, day in instants:
        for wave in (None, *WAVES):
            assert plan_at_night(now, day, wave).batch is None
    # Now as a register restored from January would have it: nothing is complete any more, but all is reminded.
    Cover.objects.filter(starts_on__gt=TERM).delete()
    replay = plan_at_night(JANUARY, JANUARY_DAY)
    assert replay.batch is None
    assert replay.tally
    assert replay.tally.skipped == {"ALREADY_REMINDED": 360}
    assert mails_of_the_night() == 0


def test_the_onefile_that_lacks_a_paper_is_the_one_that_is_reminded_in_the_morning() -> None:
    """361 files: zero does not mean that the machine is dead. Fails if the planner were blind on that day."""
    fill_register(FEW)
    due = file_that_lacks_a_paper()
    batch = plan_at_night().batch
    assert batch
    assert (batch.planned, batch.skipped) == (1, {"COMPLETE": 360})
    approve(batch)
    release_batch(batch_id=batch.pk, by=person("planner"), now=NIGHT)
    morning = RecordingTransport()
    deliver_at_night(morning, NIGHT + timedelta(hours=8), window=usual_hours())
    assert morning.recipients == [due.email]


# --- no guard at all ---------------------------------------------------------------------------------------


def test_a_list_forced_in_leaves_whole_where_no_guard_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """360 files. What the guards below are measured against: the faulty machine does send."""
    fill_register(FEW)
    batch = forced_batch(FEW)
    no_eligibility(monkeypatch)
    assert mails_of_the_night() == 360
    assert states(batch) == {"ACCEPTED": 360}


@pytest.mark.parametrize("audience", [no_audience, audience_with_the_old_list_poured_in])
def test_a_list_from_a_blind_planner_leaves_whole_where_no_guard_is_left(
    monkeypatch: pytest.MonkeyPatch, audience: Any
) -> None:
    """361 files. Both evaluators wrong, all brakes green, two people err: the same by the planner's own path."""
    batch = _blind_plan(monkeypatch, audience)
    assert batch.planned == 361
    approve(batch)
    release_batch(batch_id=batch.pk, by=person("planner"), now=NIGHT)
    assert mails_of_the_night() == 361


# --- one guard at a time -----------------------------------------------------------------------------------


def test_guard_1_i2_the_unique_row_alone_0_mails() -> None:
    """All 18,000, every trigger off: the list cannot even be written, since January holds its waves.

    Fails without the constraint `noticeitem_reminded_once`.
    """
    fill_register(ALL)
    remind_in_january(ALL)
    with pytest.raises(IntegrityError, match="noticeitem_reminded_once"):
        forced_batch(ALL)
    assert Batch.objects.filter(as_of=NIGHT_DAY).count() == 0
    assert mails_of_the_night() == 0


def test_guard_1_i2_the_unique_row_alone_stops_a_planner_that_is_blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """360 files, by the planner's own path: its transaction fails whole. Fails without `noticeitem_reminded_once`."""
    fill_register(FEW)
    remind_in_january(FEW)
    no_audience(monkeypatch)
    no_eligibility(monkeypatch)
    only_brakes(monkeypatch)
    with pytest.raises(IntegrityError, match="noticeitem_reminded_once"):
        plan_at_night()
    assert Batch.objects.filter(as_of=NIGHT_DAY).count() == 0
    assert mails_of_the_night() == 0


def test_guard_2_i1_eligibility_decided_again_at_the_moment_of_sending_alone_0_mails() -> None:
    """360 files listed, approved and released, the ledger forgotten: each is withdrawn because its file is complete.

    Fails without `if one.decision.reason is not None` in `withdrawal`.
    """
    fill_register(FEW)
    batch = forced_batch(FEW)
    assert mails_of_the_night() == 0
    assert states(batch) == {"SKIPPED": 360}
    assert set(Notice.objects.values_list("reason", flat=True)) == {"COMPLETE"}


@pytest.mark.parametrize("code", ["COMPLETE_FILE", "EVALUATORS_DISAGREE"])
def test_guard_3_i3_the_second_evaluator_alone_0_mails(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """361 files. The set-based pass is blind, the rules are not: each of the two brakes blocks by itself.

    Fails without the one append in `_judge`, or without `_require_no_red_brake` in `approve_batch`.
    """
    fill_register(FEW)
    no_audience(monkeypatch)
    only_brakes(monkeypatch, code)
    batch = plan_at_night().batch
    assert batch
    _is_blocked_by(batch, code)
    no_eligibility(monkeypatch)
    assert mails_of_the_night() == 0


def test_guard_4_conservation_alone_0_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """361 files, one of them due: January's list poured in behind it is more than was counted.

    It speaks of sums: a planner that counts everyone as due adds up, and is left to the other guards.
    Fails without the comparison in `_conservation`.
    """
    batch = _blind_plan(monkeypatch, audience_with_the_old_list_poured_in, "CONSERVATION")
    _is_blocked_by(batch, "CONSERVATION")
    assert mails_of_the_night() == 0


def test_guard_4_the_size_of_last_years_batch_alone_0_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """361 files, where a year before the same waves had been 100. Fails without `growth_red` in the brake."""
    comparable_batch_of_2013(100)
    batch = _blind_plan(monkeypatch, no_audience, "SIZE_LAST_YEAR")
    _is_blocked_by(batch, "SIZE_LAST_YEAR")
    assert mails_of_the_night() == 0


@pytest.mark.parametrize(
    ("by", "list_hash", "count", "told"),
    [
        ("planner", HASH, 360, "une autre personne doit l’approuver"),
        ("approver", "1" * 64, 360, "n’est pas celle du lot"),
        ("approver", HASH, 1, "compte 360 destinataires et non 1"),
    ],
    ids=["author", "hash of another list", "number expected"],
)
def test_guard_5_i6_two_people_alone_0_mails(
    monkeypatch: pytest.MonkeyPatch, by: str, list_hash: str, count: int, told: str
) -> None:
    """360 files. Author, hash and number each stop it: without an approval nothing is released.

    Fails without `_require_second_person`, or one of the two comparisons in `_require_same_list`.
    """
    fill_register(FEW)
    batch = forced_batch(FEW, state="DRAFT")
    no_eligibility(monkeypatch)
    with pytest.raises(ReminderError, match=told):
        approve_batch(batch_id=batch.pk, by=person(by), list_hash=list_hash, count=count, now=NIGHT)
    with pytest.raises(ReminderError, match="n’est pas approuvé"):
        release_batch(batch_id=batch.pk, by=person("planner"), now=NIGHT)
    assert mails_of_the_night() == 0
    assert states(batch) == {"PLANNED": 360}


@pytest.mark.parametrize(
    ("approver", "constraint"),
    [("planner", "batch_is_approved_by_a_second_person"), (None, "batch_is_released_only_if_approved")],
)
def test_guard_5_i6_two_people_alone_hold_against_plain_sql(
    monkeypatch: pytest.MonkeyPatch, approver: str | None, constraint: str
) -> None:
    """360 files, every trigger off: the author's own approval, and none. Fails without the constraint named."""
    fill_register(FEW)
    batch = forced_batch(FEW, state="DRAFT")
    no_eligibility(monkeypatch)
    values = {"approved_by": approver and person(approver), "approved_at": approver and NIGHT}
    released = {"released_by": person("planner"), "released_at": NIGHT, "ceiling": 360}
    with pytest.raises(IntegrityError, match=constraint):
        write_without_triggers(batch, state="RELEASING", **values, **released)
    assert mails_of_the_night() == 0


def test_guard_6_sending_hours_alone_0_mails_until_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """360 files, the hours an installation starts with: asked every half hour of that night, not one leaves.

    At 09:00 they do, with people at their desks. Fails without `is_open` in `one_chunk` and `_await_departure`.
    """
    fill_register(FEW)
    batch = forced_batch(FEW)
    no_eligibility(monkeypatch)
    evening = datetime(2014, 2, 24, 16, tzinfo=UTC)
    for half_hours in range(32):
        recorder = RecordingTransport()
        delivery = deliver_at_night(recorder, evening + timedelta(minutes=30 * half_hours), window=usual_hours())
        assert (recorder.sent, delivery.halt) == ([], Halt.WINDOW)
    assert mails_of_the_night(datetime(2014, 2, 25, 7, 59, 59, tzinfo=UTC), window=usual_hours()) == 0
    assert states(batch) == {"PLANNED": 360}
    assert mails_of_the_night(datetime(2014, 2, 25, 8, tzinfo=UTC), window=usual_hours()) == 360


def test_guard_7_growing_steps_alone_25_mails_and_then_a_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """All 18,000: the first 25 leave, and nothing more, however often workers come, until the watch or a person says
    go on.

    Fails without `n.rank <= b.ceiling` in `_CLAIM` and `_STEP`, or if `release_batch` opened the whole list.
    """
    fill_register(ALL)
    batch = forced_batch(ALL, state="APPROVED", steps=STEPS)
    no_eligibility(monkeypatch)
    no_list_check(monkeypatch)
    release_batch(batch_id=batch.pk, by=person("planner"), now=NIGHT)
    # At a 26th the test ends, lest it wait for 18,000.
    recorder = RecordingTransport(before=lambda already: None if already < 25 else pytest.fail("a 26th mail left"))
    for _ in range(4):
        deliver_at_night(recorder)
    assert len(recorder.sent) == 25
    batch.refresh_from_db()
    assert (batch.state, batch.pause_reason, batch.steps) == ("PAUSED", "STEP_DONE", [25, 275, 2_775, 18_000])
    assert states(batch) == {"ACCEPTED": 25, "PLANNED": 17_975}


def test_guard_10_two_readers_who_say_my_file_is_complete_alone_25_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """360 files, steps and a watch that sees nothing wrong in 25 accepted mails: two of the 25 press the button.

    Fails without `_count` in `record_report`: half an hour later the watch would let the next 250 leave.
    """
    fill_register(FEW)
    batch = forced_batch(FEW, state="APPROVED", steps=STEPS)
    no_eligibility(monkeypatch)
    no_list_check(monkeypatch)
    release_batch(batch_id=batch.pk, by=person("planner"), now=NIGHT)
    recorder = RecordingTransport()
    deliver_at_night(recorder)
    for rank in (7, 19):
        notice = batch.notices.get(rank=rank)
        record_report(notice_id=notice.pk, source=ReportSource.LINK, limits=WatchLimits(), now=NIGHT)
    later = NIGHT + timedelta(hours=1)
    watch_releases(engine=engine(), now=later)
    deliver_at_night(recorder, later)
    assert len(recorder.sent) == 25
    batch.refresh_from_db()
    assert (batch.state, batch.pause_reason) == ("PAUSED", "REPORTED")


def test_guard_10_without_them_the_watch_lets_the_second_step_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """360 files: what the test above would be worth nothing without. Nobody says anything, no mail comes back."""
    fill_register(FEW)
    batch = forced_batch(FEW, state="APPROVED", steps=STEPS)
    no_eligibility(monkeypatch)
    no_list_check(monkeypatch)
    release_batch(batch_id=batch.pk, by=person("planner"), now=NIGHT)
    recorder = RecordingTransport()
    deliver_at_night(recorder)
    later = NIGHT + timedelta(hours=1)
    watch_releases(engine=engine(), now=later)
    deliver_at_night(recorder, later)
    assert len(recorder.sent) == 275


def test_guard_9_i6_the_hash_computed_anew_from_the_rows_alone_0_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """360 files, every trigger off: a list put under an approval that is not its own is not released.

    Fails without `_require_untouched_list` in `release_batch`.
    """
    fill_register(FEW)
    batch = forced_batch(FEW, state="APPROVED")
    no_eligibility(monkeypatch)
    with pytest.raises(ReminderError, match="n’est plus celle de son empreinte"):
        release_batch(batch_id=batch.pk, by=person("planner"), now=NIGHT)
    assert mails_of_the_night() == 0


def test_guard_8_i7_the_stop_switch_alone_at_most_the_message_each_worker_has_in_flight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """360 files, two workers: the switch is thrown while the first hands over its tenth message.

    Fails without `NOT s.stopped` in `_STEP`.
    """
    fill_register(FEW)
    batch = forced_batch(FEW)
    no_eligibility(monkeypatch)
    second_is_at_work, thrown = Event(), Event()

    def tenth_message(already: int) -> None:
        if already == 9:
            assert second_is_at_work.wait(10)
            elsewhere(lambda: stop_sending(reason="des dossiers complets sont relancés", by=None, now=NIGHT))
            thrown.set()

    first = WatchedTransport(before=tenth_message, thrown=thrown)
    second = WatchedTransport(before=lambda _: second_is_at_work.set(), thrown=thrown)
    workers = [first, second]
    outcomes = at_once(*(lambda w=w: deliver_at_night(w, worker=f"w{id(w)}") for w in workers))
    assert [o.halt for o in outcomes if not isinstance(o, Exception)] == [Halt.HELD, Halt.HELD], outcomes
    assert len(first.sent) == 10
    assert first.ended_after == 1
    assert second.ended_after <= 1
    assert states(batch)["ACCEPTED"] == sum(len(w.sent) for w in workers) < 360
    assert mails_of_the_night() == 0


def test_guard_9_i5_a_list_that_grew_after_its_approval_alone_sends_what_was_approved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """360 files, of which 10 were approved and released: the other 350 cannot be put on that list.

    Fails without any one of the triggers `notice_list_is_sealed`, `batch_is_frozen` and `notice_is_frozen`.
    """
    fill_register(FEW)
    batch = forced_batch(FEW, planned=10)
    no_eligibility(monkeypatch)
    approved = set(Notice.objects.values_list("email", flat=True))
    with pytest.raises(DatabaseError, match="sealed once it has a hash"), transaction.atomic():
        write_notices(batch, 11, 360)
    with pytest.raises(DatabaseError, match="is frozen: plan a new one"), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(planned=360, ceiling=360)
    with pytest.raises(DatabaseError, match="Cannot update rows from reminders_notice"), transaction.atomic():
        Notice.objects.filter(batch=batch, rank=1).update(email="contact@cabinet-360.example")
    recorder = RecordingTransport()
    deliver_at_night(recorder)
    assert len(recorder.sent) == 10
    assert set(recorder.recipients) == approved


# --- shared ------------------------------------------------------------------------------------------------


def _blind_plan(monkeypatch: pytest.MonkeyPatch, audience: Any, *brakes: str) -> Batch:
    """360 complete files and one that is due, all planned; only these brakes are left."""
    fill_register(FEW)
    file_that_lacks_a_paper()
    audience(monkeypatch)
    no_eligibility(monkeypatch)
    no_list_check(monkeypatch)
    only_brakes(monkeypatch, *brakes)
    batch = plan_at_night().batch
    assert batch
    return batch


def _is_blocked_by(batch: Batch, code: str) -> None:
    """That brake, and no other, keeps two people who err from approving."""
    assert [b["code"] for b in batch.brakes if b["level"] == "RED"] == [code]
    with pytest.raises(ReminderError, match=f"frein rouge.*{code}"):
        approve(batch)
    with pytest.raises(ReminderError, match="n’est pas approuvé"):
        release_batch(batch_id=batch.pk, by=person("planner"), now=NIGHT)
