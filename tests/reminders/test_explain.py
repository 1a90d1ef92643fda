"""Explain: why this mail, why none — for anyone, on any day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from reminders.errors import ReminderError
from reminders.management import explaining
from reminders.models import Notice
from reminders.planning.explain import explain, plain
from reminders.rules.eligibility import SkipReason
from tests.factories import NOW, RegistrationFactory, reach
from tests.reminders.scenes import (
    DAY,
    LATER,
    RecordingTransport,
    clock_at,
    complete_file,
    due_file,
    notice_of,
    planned_batch,
    released_batch,
    renew,
    send,
)

pytestmark = pytest.mark.django_db

CHECKS = [
    "REGISTERED",
    "SOMETHING_IS_MISSING",
    "A_WAVE_RUNS_TODAY",
    "NOT_IN_A_LIVE_BATCH",
    "NOT_YET_REMINDED",
    "NOT_TOO_SOON",
    "IN_THE_WAVE_ASKED",
    "HAS_AN_ADDRESS",
    "ADDRESS_WORKS",
]


def told(number: str, day: date = DAY) -> dict[str, Any]:
    answer = explain(number, day=day, gap_days=5)
    json.dumps(answer)
    return answer


def test_one_who_is_due_passes_every_check_with_the_facts_of_each() -> None:
    answer = told(due_file("07001003").orias_number)
    assert answer.keys() >= {"orias_number", "as_of", "state", "checks", "notices"}
    assert (answer["orias_number"], answer["as_of"], answer["state"]) == ("07001003", "2026-01-29", "TO_COMPLETE")
    assert (answer["would_be_reminded"], answer["reason"]) == (True, None)
    assert [c["check"] for c in answer["checks"]] == CHECKS
    for check in answer["checks"]:
        assert check.keys() >= {"check", "passed", "reason", "facts"}
        assert check["passed"]
        assert check["facts"], f"{check['check']} says nothing of what it looked at"
    [missing] = answer["missing"]
    assert (missing["category"], missing["kind"], missing["due_on"]) == ("COA", "RC_PRO", "2026-02-28")
    assert missing["legal_text"].startswith("CA L512-6")
    assert answer["notices"] == []


def test_one_who_is_not_due_is_told_the_first_check_that_failed_and_why() -> None:
    answer = told(complete_file().orias_number)
    assert (answer["would_be_reminded"], answer["reason"]) == (False, SkipReason.COMPLETE)
    assert [c["check"] for c in answer["checks"]] == CHECKS[:2]
    last = answer["checks"][-1]
    assert (last["passed"], last["reason"], last["reason_label"]) == (False, "COMPLETE", "dossier complet")
    assert last["facts"]["findings"][0]["covered_until"] == "2027-02-28"


@pytest.mark.django_db(transaction=True)
def test_i1_one_who_was_mailed_sees_the_mail_who_approved_it_and_every_attempt() -> None:
    batch = released_batch(1)
    send()
    file = Notice.objects.get(batch=batch).intermediary
    answer = told(file.orias_number)
    [notice] = answer["notices"]
    assert (notice["batch"], notice["state"], notice["approved_by"]) == (batch.pk, "ACCEPTED", "approver")
    assert (notice["email"], notice["state_label"]) == (file.email, "Accepté par le serveur")
    assert notice["items"][0]["kind"] == "RC_PRO"
    assert notice["rules"] == batch.rules_digest[:12] != ""
    [attempt] = notice["attempts"]
    assert (attempt["number"], attempt["verdict"]) == (1, "ACCEPTED")
    assert answer["reason"] == SkipReason.ALREADY_REMINDED


@pytest.mark.django_db(transaction=True)
def test_one_withdrawn_at_the_last_moment_sees_the_reason() -> None:
    file = due_file()
    released_batch()
    renew(file)
    transport = RecordingTransport()
    send(transport)
    [notice] = told(file.orias_number)["notices"]
    assert (notice["state"], notice["reason"]) == ("SKIPPED", "COMPLETE")
    assert transport.sent == []


@pytest.mark.django_db(transaction=True)
def test_one_given_up_as_too_late_sees_the_last_reply_and_until_when_it_was_of_use() -> None:
    """Fails without `_expired`, or without `_became` at the terminal."""
    tried = due_file()
    batch = released_batch()
    last = Notice.objects.values_list("not_after", flat=True)[0]
    send(RecordingTransport([LATER]), clock=clock_at(last - timedelta(minutes=2)))
    [notice] = told(tried.orias_number)["notices"]
    assert (notice["batch"], notice["state"]) == (batch.pk, "EXPIRED")
    assert notice["expired"] == {"not_after": "2026-02-12T23:59:59.999999+01:00", "last_reply": f"451 {LATER.text}"}
    [state] = [column for column in explaining.notices_table([notice]).columns if column.header == "État"]
    assert list(state.cells) == [f"Trop tard\nutile jusqu’au 2026-02-12 23:59\n451 {LATER.text}"]


@pytest.mark.django_db(transaction=True)
def test_one_given_up_untried_sees_that_nothing_was_tried() -> None:
    file = due_file()
    released_batch()
    send(clock=clock_at(NOW + timedelta(days=20)))
    [notice] = told(file.orias_number)["notices"]
    assert notice["expired"]["last_reply"] is None


def test_one_left_out_of_a_batch_sees_the_batch_the_reason_and_the_evidence() -> None:
    due_file()
    complete = complete_file()
    batch = planned_batch()
    [row] = told(complete.orias_number)["left_out"]
    assert (row["batch"], row["as_of"], row["reason"]) == (batch.pk, "2026-01-29", "COMPLETE")
    assert row["evidence"] == {"covered_until": "2027-02-28"}


def test_one_who_never_was_a_candidate_is_told_so() -> None:
    file = RegistrationFactory.create(removed=True).intermediary
    answer = told(file.orias_number)
    assert (answer["state"], answer["reason"]) == ("REMOVED", SkipReason.REMOVED)
    assert [c["check"] for c in answer["checks"]] == CHECKS[:1]
    assert answer["notices"] == answer["left_out"] == answer["missing"] == []


def test_the_answer_is_that_of_the_day_asked_for() -> None:
    number = due_file().orias_number
    by_day = {str(day): told(number, day)["reason"] for day in (date(2025, 12, 1), DAY, date(2026, 4, 1))}
    assert by_day == {"2025-12-01": "COMPLETE", "2026-01-29": None, "2026-04-01": "NO_WAVE_LEFT"}


@pytest.mark.parametrize("number", ["99999999", "7001003", "", "07001003 ", "x' OR 1=1"])
def test_a_number_that_the_register_does_not_hold_is_refused_in_words(number: str) -> None:
    due_file("07001003")
    with pytest.raises(ReminderError, match=r"n’est pas au registre\s: vérifiez ses huit chiffres"):
        explain(number, day=DAY, gap_days=5)


def test_the_latest_notice_comes_first() -> None:
    file = due_file()
    planned_batch()
    reach(notice_of(file), "REFUSED")  # type: ignore[arg-type]
    planned_batch(DAY + timedelta(18), now=notice_of(file).not_after)
    states = [n["state"] for n in told(file.orias_number)["notices"]]
    assert states == ["PLANNED", "REFUSED"]


def test_explaining_changes_nothing() -> None:
    file = due_file()
    planned_batch()
    before = list(Notice.objects.values())
    told(file.orias_number)
    assert list(Notice.objects.values()) == before


def test_every_check_and_every_fact_has_words_for_a_terminal() -> None:
    """Fails where a check is added to the rules and not to the words of `manage.py explain`."""
    checks = told(due_file().orias_number)["checks"]
    assert list(explaining.CHECKS) == CHECKS
    assert {fact for check in checks for fact in check["facts"]} == set(explaining._FACTS)


def test_dates_are_told_as_text_however_deep_they_are() -> None:
    day = date(2026, 2, 28)
    assert plain({"a": [day, {"b": (day, None, 3)}]}) == {"a": ["2026-02-28", {"b": ["2026-02-28", None, 3]}]}
