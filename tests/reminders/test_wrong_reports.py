"""« Mon dossier est complet » : recorded once, checked against the file, and two that are true stop the release."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction

from registry import clock
from registry.management.console import Failed
from registry.models import Cover, Intermediary
from reminders.errors import ReminderError
from reminders.models import Alarm, Batch, Notice, WrongReport
from reminders.planning import reports as reporting
from reminders.planning.approval import cancel_batch, pause_batch, resume_batch
from reminders.planning.reports import judge_again, record_report
from reminders.planning.watch import watch_releases
from reminders.rules.reports import ReportSource
from reminders.rules.watch import WatchLimits
from tests.factories import UserFactory
from tests.reminders.recalling import recalled, released, sent_wrongly
from tests.reminders.scenes import (
    NOW,
    at_once,
    due_file,
    engine,
    notice_of,
    person,
    planned_batch,
    released_batch,
    renew,
    send,
    states,
)

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=10)
IN_TIME = date(2026, 1, 20)
"""Nine days before the mail; the paper is keyed after it."""


def report(someone: Intermediary, source: ReportSource = ReportSource.LINK, now: Any = LATER) -> WrongReport:
    by = person("hugo") if source is ReportSource.HOTLINE else None
    return record_report(notice_id=notice_of(someone).pk, source=source, limits=WatchLimits(), now=now, by=by)


def mailed(*deposits: date | None) -> list[Intermediary]:
    """As many people, all in the first step and mailed, whose paper bears that day (None: still missing); two more
    wait for the next step."""
    for _ in range(len(deposits) + 2):
        due_file()
    batch = released_batch(release_steps=(len(deposits),))
    send()
    people = [n.intermediary for n in batch.notices.filter(state="ACCEPTED").order_by("rank")]
    for someone, deposited_on in zip(people, deposits, strict=True):
        if deposited_on:
            renew(someone, deposited_on=deposited_on)
    return people


def batch_now() -> tuple[str, str]:
    batch = Batch.objects.get()
    return batch.state, batch.pause_reason


def test_two_true_reports_stop_the_release_and_name_who_was_wronged() -> None:
    """Fails without `_count` in record_report."""
    first, second, *_ = mailed(IN_TIME, IN_TIME, None)
    assert report(first).verdict == "WRONG"
    assert batch_now() == ("PAUSED", "STEP_DONE"), "one may be a mistake of ours in one file"
    assert report(second).verdict == "WRONG"
    assert batch_now() == ("PAUSED", "REPORTED")
    alarm = Alarm.objects.get()
    assert alarm.facts["orias_numbers"] == sorted([first.orias_number, second.orias_number])
    assert watch_releases(engine=engine(), now=NOW + timedelta(hours=2)) == []
    assert states(Batch.objects.get()) == {"ACCEPTED": 3, "PLANNED": 2}


def test_i7_they_stop_a_batch_that_is_leaving_at_once_and_in_the_second_reports_own_transaction() -> None:
    """Fails if the alarm waited for the next tick, or were written apart from the report."""
    first, second = mailed(IN_TIME, IN_TIME)
    resume_batch(batch_id=Batch.objects.get().pk, by=person("planner"), now=NOW)
    report(first)
    with transaction.atomic():
        report(second)
        assert batch_now() == ("PAUSED", "REPORTED")
        transaction.set_rollback(True)
    assert (batch_now(), Alarm.objects.count(), WrongReport.objects.count()) == (("RELEASING", ""), 0, 1)
    report(second)
    assert +send(clock=lambda: LATER).counts == {}


def test_two_reports_at_the_same_instant_are_counted_as_two() -> None:
    """Fails without the lock on the batch in record_report: each would see itself alone."""
    first, second = mailed(IN_TIME, IN_TIME)
    at_once(lambda: report(first), lambda: report(second))
    assert batch_now() == ("PAUSED", "REPORTED")


@pytest.mark.parametrize("by_the_watch", [False, True], ids=["at once", "by the watch"])
def test_two_true_reports_stop_it_again_after_a_person_went_on_though_the_clock_was_set_back(
    by_the_watch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where the instants of reports are compared with that at which a person went on."""
    people = mailed(IN_TIME, IN_TIME, IN_TIME, IN_TIME)
    for someone in people[:2]:
        report(someone)
    resume_batch(batch_id=Batch.objects.get().pk, by=person("planner"), now=LATER, reason="deux dossiers corrigés")
    if by_the_watch:
        monkeypatch.setattr(reporting, "_count", lambda *_: None)
    report(people[2], now=NOW)
    watch_releases(engine=engine(), now=NOW)
    assert batch_now() == ("RELEASING", ""), "the two before do not count again"
    report(people[3], now=NOW)
    watch_releases(engine=engine(), now=NOW)
    assert batch_now() == ("PAUSED", "REPORTED")


def test_a_link_and_a_call_about_one_mail_are_one_wronged_person() -> None:
    """Fails if reports were counted, and not the notices they are about."""
    first, _ = mailed(IN_TIME, IN_TIME)
    report(first)
    report(first, ReportSource.HOTLINE)
    assert WrongReport.objects.count() == 2
    assert batch_now() == ("PAUSED", "STEP_DONE")


def test_the_same_report_again_changes_nothing() -> None:
    first, _ = mailed(IN_TIME, IN_TIME)
    assert report(first) == report(first, now=LATER + timedelta(days=1))
    assert WrongReport.objects.get().reported_at == LATER


def test_what_was_said_before_the_paper_was_keyed_in_is_judged_again_without_being_said_again() -> None:
    """Fails without `judge_again`: in 2014 the register was wrong while the mails left, and each says it once."""
    first, second = mailed(None, None)
    assert {report(first).verdict, report(second).verdict} == {"STILL_DUE"}
    assert judge_again(limits=WatchLimits(), now=LATER) == 0
    for someone in (first, second):
        renew(someone, deposited_on=IN_TIME)
    assert judge_again(limits=WatchLimits(), now=LATER) == 2
    assert batch_now() == ("PAUSED", "REPORTED")
    assert judge_again(limits=WatchLimits(), now=LATER) == 0
    assert sorted(WrongReport.objects.values_list("verdict", flat=True)) == ["STILL_DUE"] * 2 + ["WRONG"] * 2


def test_what_was_said_of_a_file_that_has_been_destroyed_is_left_alone() -> None:
    """Fails where no version counts for another: the watch would judge a file that is gone, each minute."""
    someone, _ = mailed(None, None)
    report(someone)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE reminders_wrongreport SET facts = '{}'")
        cursor.execute("SET session_replication_role = DEFAULT")
    renew(someone, deposited_on=IN_TIME)
    assert judge_again(limits=WatchLimits(), now=LATER) == 0
    assert WrongReport.objects.get().verdict == "STILL_DUE"


def test_said_again_it_is_judged_again_and_each_verdict_is_kept_once() -> None:
    someone, _ = mailed(None, None)
    first = report(someone)
    paper = renew(someone, deposited_on=date(2026, 1, 29))
    assert report(someone).verdict == "COMPLETED_SINCE"
    Cover.objects.filter(pk=paper.pk).update(status="WITHDRAWN")
    assert report(someone) == first
    renew(someone, deposited_on=IN_TIME, starts_on=date(2026, 2, 28))
    assert report(someone).verdict == "WRONG"
    assert WrongReport.objects.count() == 3


def test_two_true_reports_stop_every_list_that_leaves_whichever_they_are_of() -> None:
    """Fails where each list is counted by itself: what made one wrong may have made the next one too."""
    people = mailed(IN_TIME, IN_TIME)
    wrong = Batch.objects.get()
    resume_batch(batch_id=wrong.pk, by=person("planner"), now=NOW)
    send()
    due_file()
    later = released_batch(release_steps=(1,))
    assert report(people[0]).verdict == "WRONG"
    later.refresh_from_db()
    assert later.state == "RELEASING"
    report(people[1])
    later.refresh_from_db()
    assert (later.state, later.pause_reason) == ("PAUSED", "REPORTED")
    resume_batch(batch_id=later.pk, by=person("planner"), now=LATER, reason="liste relue")
    send(clock=lambda: LATER)
    later.refresh_from_db()
    assert later.state == "COMPLETED"
    due_file()
    told = next(b for b in planned_batch().brakes if b["code"] == "OPEN_INCIDENT")
    assert told["level"] == "AMBER"
    assert f"relances à tort du lot {wrong.pk}" in told["message"]


def test_a_recall_is_not_stopped_by_words_against_other_lists() -> None:
    """Fails without the kind in `_lock`."""
    people = mailed(IN_TIME, IN_TIME)
    cancel_batch(batch_id=Batch.objects.get().pk, by=person("planner"), now=NOW)
    correction = released(recalled(Batch.objects.get()))
    for someone in people:
        report_of(someone)
    correction.refresh_from_db()
    assert correction.state == "RELEASING"


def report_of(someone: Intermediary) -> WrongReport:
    first = Notice.objects.filter(intermediary=someone).earliest("id")
    return record_report(notice_id=first.pk, source=ReportSource.LINK, limits=WatchLimits(), now=LATER)


@pytest.mark.parametrize(("deposited_on", "verdict"), [(None, "STILL_DUE"), (date(2026, 1, 29), "COMPLETED_SINCE")])
def test_reports_that_are_not_true_stop_nothing(deposited_on: date | None, verdict: str) -> None:
    """Fails if any report counted: whoever answered the reminder at once could stop it for all others."""
    people = mailed(deposited_on, deposited_on, deposited_on)
    assert {report(someone).verdict for someone in people} == {verdict}
    assert (batch_now(), Alarm.objects.count()) == (("PAUSED", "STEP_DONE"), 0)


def test_what_the_file_said_is_kept_with_the_report() -> None:
    someone, _ = mailed(None, None)
    facts = report(someone).facts
    assert facts["mailed_on"] == "2026-01-29"
    assert facts["open_now"] == [{"kind": "RC_PRO", "category": "COA", "state": "DUE"}]


def test_what_never_left_cannot_be_reported() -> None:
    someone = due_file()
    released_batch()
    with pytest.raises(ReminderError, match="n’est pas partie"):
        report(someone)


def test_reports_after_the_end_of_a_batch_raise_the_alarm_for_those_who_put_it_right() -> None:
    first, second = mailed(IN_TIME, IN_TIME)
    resume_batch(batch_id=Batch.objects.get().pk, by=person("planner"), now=NOW)
    send()
    report(first)
    report(second)
    assert (batch_now(), Alarm.objects.get().code) == (("COMPLETED", ""), "REPORTED_WRONG")


def test_who_overrules_two_reports_needs_two_new_ones_to_be_stopped_again() -> None:
    people = mailed(IN_TIME, IN_TIME, IN_TIME, IN_TIME)
    for someone in people[:2]:
        report(someone)
    batch = Batch.objects.get()
    resume_batch(batch_id=batch.pk, by=person("planner"), now=LATER, reason="deux saisies tardives")
    report(people[2], now=LATER + timedelta(minutes=1))
    assert batch_now() == ("RELEASING", "")
    report(people[3], now=LATER + timedelta(minutes=1))
    assert batch_now() == ("PAUSED", "REPORTED")


def test_true_reports_on_a_batch_that_a_person_holds_must_be_answered_before_it_goes_on() -> None:
    first, second = mailed(IN_TIME, IN_TIME)
    batch = pause_batch(batch_id=Batch.objects.get().pk, by=person("planner"))
    report(first)
    report(second)
    with pytest.raises(ReminderError, match="--reason"):
        resume_batch(batch_id=batch.pk, by=person("planner"), now=LATER)


# --- corrections -------------------------------------------------------------------------------------------


def corrected_by_address(n: int) -> tuple[Batch, list[Notice]]:
    """A batch that went to old addresses, and its corrections: those of the first step left, the last waits."""
    for _ in range(n):
        due_file()
    wrong = sent_wrongly()
    Intermediary.objects.update(email="another@example.org")
    recall = released(recalled(wrong, steps=(n - 1,)))
    send()
    return recall, list(recall.notices.filter(state="ACCEPTED").order_by("rank"))


def test_a_word_against_a_correction_is_taken_for_what_it_corrects_and_never_stops_a_recall() -> None:
    """Fails without `_reminder`: a correction asks for nothing, so any word against it was true, and two of them left
    all the others uncorrected."""
    recall, corrections = corrected_by_address(3)
    for correction in corrections:
        told = record_report(notice_id=correction.pk, source=ReportSource.LINK, limits=WatchLimits(), now=LATER)
        assert (told.notice_id, told.verdict) == (correction.corrects_id, "STILL_DUE")
    recall.refresh_from_db()
    assert (recall.state, recall.pause_reason, Alarm.objects.count()) == ("PAUSED", "STEP_DONE", 0)


def test_true_words_against_corrections_raise_the_alarm_of_the_batch_they_correct() -> None:
    recall, corrections = corrected_by_address(3)
    for correction in corrections:
        renew(correction.intermediary, deposited_on=IN_TIME)
        record_report(notice_id=correction.pk, source=ReportSource.LINK, limits=WatchLimits(), now=LATER)
    assert list(Alarm.objects.values_list("batch", "code")) == [(recall.corrects_id, "REPORTED_WRONG")]


# --- the hotline -------------------------------------------------------------------------------------------


@pytest.fixture
def hugo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)
    for name, role in (("hugo", "hotline_agent"), ("iris", "auditor")):
        UserFactory.create(username=name).groups.add(Group.objects.get(name=role))


def phoned(someone: Intermediary, *arguments: str, by: str = "hugo") -> str:
    out = StringIO()
    call_command("report_wrong", someone.orias_number, "--by", by, *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("hugo")
def test_the_hotline_reports_what_a_caller_says_and_is_told_what_the_file_says() -> None:
    first, second, third = mailed(IN_TIME, IN_TIME, None)
    assert "relance à tort" in phoned(first)
    assert "attend encore une pièce" in phoned(third)
    told = json.loads(phoned(second, "--json"))
    assert (told["verdict"], told["state"], told["batch"]) == ("WRONG", "PAUSED", Batch.objects.get().pk)
    assert batch_now() == ("PAUSED", "REPORTED")
    assert set(WrongReport.objects.values_list("source", "reported_by__username")) == {("HOTLINE", "hugo")}
    assert "2 relances à tort vérifiées" in phoned(first)


@pytest.mark.usefixtures("hugo")
def test_a_number_without_a_mail_and_a_role_without_the_right_are_refused() -> None:
    someone = due_file()
    with pytest.raises(Failed, match="Aucune relance n’est partie"):
        phoned(someone)
    with pytest.raises(Failed, match=r"iris .*reminders\.add_wrongreport.*hotline_agent"):
        phoned(someone, by="iris")


@pytest.mark.usefixtures("hugo")
def test_a_call_after_the_correction_is_about_the_reminder() -> None:
    """Fails if `last_mailed` found the correction: the latest mail, and none that can be wrong."""
    recall, corrections = corrected_by_address(2)
    told = phoned(corrections[0].intermediary)
    assert f"Un rectificatif l’a suivi (lot {recall.pk})" in told
    assert WrongReport.objects.get().notice.batch_id == recall.corrects_id


def test_the_day_of_a_mail_is_that_of_its_last_attempt_else_of_its_end_else_of_the_plan() -> None:
    someone, _ = mailed(None, None)
    notice = notice_of(someone)
    assert reporting.mailed_day(notice) == date(2026, 1, 29)
    assert reporting.mailed_day(Batch.objects.get().notices.get(rank=4)) == Batch.objects.get().as_of
