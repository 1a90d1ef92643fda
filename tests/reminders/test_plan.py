"""Plan: one frozen draft of a day, from which nothing leaves."""

from __future__ import annotations

import smtplib
import socket
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from registry.clock import local_day
from registry.facts import load_reference
from reminders.errors import ReminderError
from reminders.ledger import load_policy
from reminders.models import Attempt, Batch, LeftOut, Notice, NoticeItem
from reminders.planning import assess as assess_module
from reminders.planning.approval import approve_batch
from reminders.planning.plan import Plan, mark_stale, plan_reminders
from reminders.planning.preview import batch_report, counts_by_state, samples
from reminders.rules.addresses import ADDRESS_PATTERN, is_writable
from reminders.rules.eligibility import SkipReason
from reminders.sending.transport import SmtpSession
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory, WaveFactory
from tests.reminders.dealing import NO_PLACES, NOT_EVEN_HELD, PLACES, Dealer
from tests.reminders.scenes import (
    DAY,
    NOW,
    RecordingTransport,
    approved_batch,
    complete_file,
    due_file,
    engine,
    notice_of,
    person,
    planned_batch,
    released_batch,
    send,
    states,
)

pytestmark = pytest.mark.django_db


def plan(day: date = DAY, *, wave: str | None = None, now: datetime = NOW, **changes: Any) -> Plan:
    return plan_reminders(day=day, now=now, engine=engine(**changes), by=person("planner"), only_wave=wave)


def later(days: int) -> dict[str, Any]:
    return {"day": DAY + timedelta(days), "now": NOW + timedelta(days)}


# --- once --------------------------------------------------------------------------------------------------


def test_planning_twice_makes_one_batch() -> None:
    due_file()
    first, second = plan(), plan()
    assert first.created
    assert not second.created
    assert first.batch == second.batch
    assert Batch.objects.count() == Notice.objects.count() == 1


def test_i2_whoever_is_in_a_live_batch_is_not_planned_again() -> None:
    """Fails without `WHEN l.id IS NOT NULL` in audience.sql."""
    due_file()
    planned_batch()
    again = plan(wave="D-30")
    assert again.batch is None
    assert again.tally
    assert again.tally.skipped == {"IN_LIVE_BATCH": 1}


@pytest.mark.django_db(transaction=True)
def test_i2_a_second_plan_after_all_is_sent_finds_nobody() -> None:
    """Fails where a notice that was sent gives its waves back."""
    batch = released_batch(3)
    send()
    batch.refresh_from_db()
    assert batch.state == "COMPLETED"
    same_day, gap_over = plan(), plan(**later(7))
    assert same_day.batch is gap_over.batch is None
    assert gap_over.tally
    assert gap_over.tally.skipped == {"ALREADY_REMINDED": 3}
    assert Notice.objects.count() == 3


def test_a_batch_of_one_wave_leaves_the_others_to_their_own() -> None:
    due_file()
    agent = RegistrationFactory.create(agent=True, principal_bears_liability=False).intermediary
    CoverFactory.create(intermediary=agent, ends_on=date(2026, 2, 28))
    first = plan(wave="D-2")
    assert first.batch
    assert first.batch.waves == ["D-2"]
    assert first.batch.skipped == {"OTHER_WAVE": 1}
    rest = plan()
    assert rest.batch
    assert rest.batch.waves == ["D-30"]
    assert rest.batch.skipped == {"IN_LIVE_BATCH": 1}


def test_an_unknown_wave_is_refused_and_the_known_ones_are_told() -> None:
    due_file()
    known = r"D-45, D-30, D-15, D-7, D-2, D\+1"
    with pytest.raises(
        ReminderError, match=rf"Vague inconnue\u00a0: «\u00a0D-31\u00a0»\. Vagues actives\u00a0: {known}"
    ):
        plan(wave="D-31")
    WaveFactory.create(code="OFF", active=False)
    with pytest.raises(ReminderError, match="inconnue"):
        plan(wave="OFF")


def test_where_nobody_is_due_there_is_no_batch_but_there_are_counts() -> None:
    complete_file()
    outcome = plan()
    assert (outcome.batch, outcome.created) == (None, False)
    assert outcome.tally
    assert (outcome.tally.registered, outcome.tally.skipped) == (1, {"COMPLETE": 1})
    assert not Batch.objects.exists()


# --- earlier days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [planned_batch, approved_batch])
def test_what_nobody_released_that_day_gives_its_waves_back(make: Any) -> None:
    """Fails without `cancel_notices` in mark_stale: the file would stay reserved for ever."""
    file = due_file()
    old = make()
    new = plan(**later(1)).batch
    old.refresh_from_db()
    assert new
    assert (old.state, old.ended_at) == ("STALE", NOW + timedelta(1))
    assert counts_by_state(old.pk)["CANCELLED"] == old.planned == 1
    assert Notice.objects.get(batch=new).intermediary == file
    assert list(NoticeItem.objects.order_by("id").values_list("held", flat=True)) == [False, True]


def test_a_look_at_a_day_to_come_does_not_give_up_what_is_approved_for_today() -> None:
    due_file()
    today = approved_batch()
    ahead = plan(DAY + timedelta(14))
    today.refresh_from_db()
    assert today.state == "APPROVED"
    assert ahead.tally
    assert ahead.tally.skipped == {"IN_LIVE_BATCH": 1}


def test_i5_a_look_at_a_day_to_come_reserves_nobody() -> None:
    """Fails without `_give_up_looks_ahead`: today's plan would find nobody, and so would a look at another day."""
    due_file()
    ahead = plan(DAY + timedelta(17)).batch
    further = plan(DAY + timedelta(24)).batch
    assert ahead
    assert further
    assert plan(DAY + timedelta(24)).batch == further, "asked again it is the same"
    today = plan().batch
    assert today
    assert today.planned == 1
    found = Batch.objects.order_by("id").values_list("pk", "state", "ended_at")
    assert list(found) == [(ahead.pk, "STALE", NOW), (further.pk, "STALE", NOW), (today.pk, "DRAFT", None)]
    assert [counts_by_state(pk)["CANCELLED"] for pk in (ahead.pk, further.pk, today.pk)] == [1, 1, 0]


def approved_ahead() -> Batch:
    """A batch for tomorrow that two people stand behind."""
    due_file()
    batch = plan(DAY + timedelta(1)).batch
    assert batch
    who = person("approver")
    return approve_batch(batch_id=batch.pk, by=who, list_hash=batch.hash, count=batch.planned, now=NOW)


def test_what_two_people_have_approved_for_tomorrow_stands_while_it_may_be_released() -> None:
    """Fails without the look at the approval's age in `_is_look_ahead`, one way and the other."""
    ahead = approved_ahead()
    assert plan().batch is None
    ahead.refresh_from_db()
    assert ahead.state == "APPROVED"
    # The clock set back on the machine that plans: the approval is not older for it.
    assert plan(DAY - timedelta(1), now=NOW - timedelta(1)).batch is None


def test_an_approval_that_has_expired_reserves_nobody_for_a_day_to_come() -> None:
    due_file()
    ahead = plan(DAY + timedelta(17)).batch
    assert ahead
    approve_batch(batch_id=ahead.pk, by=person("approver"), list_hash=ahead.hash, count=ahead.planned, now=NOW)
    tomorrow = plan(**later(2)).batch
    ahead.refresh_from_db()
    assert tomorrow
    assert (ahead.state, tomorrow.planned) == ("STALE", 1)


def test_a_plan_made_on_its_own_day_is_not_given_up_when_the_clock_is_set_back() -> None:
    """Fails without `local_day(batch.created_at) < batch.as_of`: the same people would be planned anew."""
    due_file()
    made = plan().batch
    assert made
    assert plan(DAY - timedelta(1), now=NOW - timedelta(1)).batch is None
    made.refresh_from_db()
    assert made.state == "DRAFT"


def test_what_is_too_late_reserves_nobody_though_no_worker_has_looked_yet() -> None:
    """Fails without `expire` in the plan: after an outage the day's plan may come first, and would leave them out."""
    file = due_file()
    old = released_batch()
    too_late = notice_of(file).not_after + timedelta(hours=9)
    new = plan(local_day(too_late), now=too_late).batch
    assert new
    assert (states(old), new.waves) == ({"EXPIRED": 1}, ["D-15"])


def test_what_is_released_is_not_given_up_by_a_new_day() -> None:
    batch = released_batch(1)
    assert mark_stale(day=DAY + timedelta(30), now=NOW) == 0
    batch.refresh_from_db()
    assert batch.state == "RELEASING"
    assert states(batch) == {"PLANNED": 1}


# --- what is in a batch ------------------------------------------------------------------------------------


def test_one_mail_for_all_that_a_file_lacks() -> None:
    file = due_file(categories=("COA", "IOB", "CIF"), holds_client_funds=False)
    batch = planned_batch()
    notice = notice_of(file)
    assert batch.planned == 1
    assert {c for item in notice.items for c in item["categories"]} == {"COA", "IOB", "CIF"}
    assert batch.by_category == {"CIF": 1, "COA": 1, "IOB": 1}
    # The CIF files by its association a month earlier: its wave is another, and the mail discharges both.
    term = date(2026, 2, 28)
    discharged = list(notice.discharges.order_by("wave").values_list("kind", "term", "wave"))
    assert discharged == [("RC_PRO", term, "D-2"), ("RC_PRO", term, "D-30")]


def test_a_reminder_may_leave_until_the_last_minute_of_its_last_useful_day_in_paris() -> None:
    file = due_file()
    planned_batch()
    assert notice_of(file).not_after == datetime(2026, 2, 12, 22, 59, 59, 999999, tzinfo=UTC)


def test_the_last_minute_is_that_of_summer_time_in_summer() -> None:
    file = RegistrationFactory.create().intermediary
    CoverFactory.create(intermediary=file, starts_on=date(2025, 6, 1), ends_on=date(2026, 5, 31))
    day = date(2026, 5, 1)
    planned_batch(day, now=datetime(2026, 5, 1, 8, tzinfo=UTC))
    assert notice_of(file).not_after == datetime(2026, 5, 15, 21, 59, 59, 999999, tzinfo=UTC)


def test_i8_planned_and_left_out_are_the_register_in_total_and_in_each_category() -> None:
    """Fails where _LEFT_OUT writes fewer rows than the audience has, or a row without its evidence."""
    ids = Dealer(Random(5)).register(200)  # noqa: S311
    batch = planned_batch()
    left_out = LeftOut.objects.filter(batch=batch)
    assert batch.planned + left_out.count() == len(ids) == batch.conservation["registered"]
    assert sum(batch.skipped.values()) == left_out.count()
    listed = set(Notice.objects.filter(batch=batch).values_list("intermediary", flat=True))
    assert listed.isdisjoint(left_out.values_list("intermediary", flat=True))
    assert listed | set(left_out.values_list("intermediary", flat=True)) == set(ids)
    for numbers in batch.conservation["by_category"].values():
        assert numbers["planned"] + numbers["left_out"] == numbers["registered"]
    assert {b["code"]: b["level"] for b in batch.brakes}["CONSERVATION"] == "GREEN"


def test_i5_everyone_left_out_has_a_reason_and_the_evidence_for_it() -> None:
    due_file()
    complete = complete_file()
    batch = planned_batch()
    row = LeftOut.objects.get(batch=batch, intermediary=complete)
    assert (row.reason, row.evidence) == ("COMPLETE", {"covered_until": "2027-02-28"})


def test_the_evidence_names_what_is_missing_and_the_live_notice() -> None:
    file = due_file()
    planned_batch()
    notice = notice_of(file)
    due_file()
    second = plan(wave="D-30").batch
    assert second
    row = LeftOut.objects.get(batch=second, intermediary=file)
    assert (row.reason, row.evidence["live_notice"]) == ("IN_LIVE_BATCH", notice.pk)
    [item] = row.evidence["items"]
    assert (item["kind"], item["term"], item["wave"], item["categories"]) == ("RC_PRO", "2026-02-28", "D-30", ["COA"])


# --- an address that cannot be written ---------------------------------------------------------------------


@pytest.mark.parametrize("email", ["andré@cabinet.example", "a b@cabinet.example", "<a@b.example>"])
def test_an_address_that_cannot_be_written_leaves_one_out_and_stops_nobody_else(email: str) -> None:
    """Fails without is_writable in the rules, or without the same pattern in audience.sql: then a red brake tells."""
    odd, even = due_file(email=email), due_file()
    batch = planned_batch()
    assert LeftOut.objects.get(batch=batch, intermediary=odd).reason == SkipReason.NO_EMAIL
    assert Notice.objects.get(batch=batch).intermediary == even
    assert {b["code"]: b["level"] for b in batch.brakes}["EVALUATORS_DISAGREE"] == "GREEN"


@pytest.mark.parametrize("email", [*PLACES, *NO_PLACES, *NOT_EVEN_HELD])
def test_the_rules_and_the_database_agree_on_what_can_be_written_to(email: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~ %s", [email, ADDRESS_PATTERN])
        assert cursor.fetchone() == (is_writable(email),)


@pytest.mark.django_db(transaction=True)
def test_an_address_spoilt_after_the_plan_withdraws_that_mail_and_holds_up_no_other() -> None:
    batch = released_batch(3)
    spoilt = Notice.objects.get(batch=batch, rank=2).intermediary
    spoilt.email = "andré@cabinet.example"
    spoilt.save()
    transport = RecordingTransport()
    send(transport)
    assert states(batch) == {"ACCEPTED": 2, "SKIPPED": 1}
    assert notice_of(spoilt).reason in {SkipReason.NO_EMAIL, SkipReason.FACTS_CHANGED}
    assert len(transport.sent) == 2


# --- nothing is sent ---------------------------------------------------------------------------------------


class NoSocket(socket.socket):
    """A socket that may not be made."""

    def __new__(cls, *args: Any, **kwargs: Any) -> NoSocket:
        raise AssertionError("a socket was opened")


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()

    def refused(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", NoSocket)
    for module, name in ((socket, "create_connection"), (socket, "getaddrinfo"), (smtplib.SMTP, "__init__")):
        monkeypatch.setattr(module, name, refused)


@pytest.mark.usefixtures("no_sockets")
def test_i5_a_plan_and_its_preview_open_no_socket_and_try_nothing() -> None:
    """Fails where anything on the way to the preview builds a transport: the last lines show that it would be seen."""
    for _ in range(3):
        due_file()
    batch = planned_batch()
    report = batch_report(batch, pace_per_hour=0)
    shown = samples(batch, circumstances())
    assert report["counts"]["PLANNED"] == len(shown) == 3
    assert not Attempt.objects.exists()
    assert states(batch) == {"PLANNED": 3}
    with pytest.raises(AssertionError, match="a socket was opened"):
        SmtpSession(settings.SMTP).send("a@b.fr", "b@b.fr", b"x", deadline=None)  # type: ignore[arg-type]


def circumstances() -> assess_module.Circumstances:
    return assess_module.Circumstances(DAY, load_reference(), load_policy(gap_days=5), engine().letterhead)


def test_the_system_may_be_the_author() -> None:
    due_file()
    outcome = plan_reminders(day=DAY, now=NOW, engine=engine(), by=None)
    assert outcome.batch
    assert outcome.batch.author is None


def test_nobody_without_any_registration_is_planned() -> None:
    lonely = IntermediaryFactory.create()
    due_file()
    assert LeftOut.objects.get(batch=planned_batch(), intermediary=lonely).reason == "REMOVED"
