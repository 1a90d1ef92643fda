"""Complaints: what the writers keep and refuse, and what the database refuses whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from hotline.actions.complaints import (
    Answer,
    Grievance,
    acknowledge_complaint,
    answer_complaint,
    record_complaint,
    record_writing,
    requalify_complaint,
    tell_late,
)
from hotline.errors import HotlineError
from hotline.models import Complaint, ComplaintCounter
from hotline.rules.complaints import (
    COMPLAINT_TRANSITIONS,
    ComplaintChannel,
    ComplaintOutcome,
    ComplaintState,
    Matter,
)
from hotline.worklists import open_complaints
from tests.factories import NOW, ComplaintFactory, NoticeFactory, UserFactory
from tests.reminders.scenes import at_once

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
LATER = NOW + timedelta(days=70)
S = ComplaintState


@pytest.fixture
def lea() -> User:
    user: User = UserFactory(username="lea")
    return user


def grievance(**values: Any) -> Grievance:
    usual: dict[str, Any] = {
        "channel": ComplaintChannel.EMAIL,
        "matter": Matter.UNWANTED_MAIL,
        "text": "relance à tort",
        "complainant": "Cabinet Durand",
        "on": TODAY,
    }
    return Grievance(**usual | values)


def answer(**values: Any) -> Answer:
    usual: dict[str, Any] = {"outcome": ComplaintOutcome.GRANTED, "text": "Vous avez raison.", "on": TODAY}
    return Answer(**usual | values)


@contextmanager
def refused(constraint: str) -> Iterator[None]:
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        yield


# --- numbers ---


def test_numbers_follow_one_another_by_year_and_what_is_undone_leaves_no_gap(lea: User) -> None:
    """Fails with a sequence, which loses the number of what is rolled back."""
    first = record_complaint(grievance=grievance(), by=lea, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        record_complaint(grievance=grievance(complainant="x" * 300), by=lea, now=NOW)
    second = record_complaint(grievance=grievance(), by=lea, now=NOW)
    next_year = record_complaint(grievance=grievance(), by=lea, now=NOW + timedelta(days=365))
    assert [c.number for c in (first, second, next_year)] == ["R-2026-00001", "R-2026-00002", "R-2027-00001"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_two_numbers(lea: User) -> None:
    """Fails where the last number is read and then written."""
    made = at_once(*[lambda: record_complaint(grievance=grievance(), by=lea, now=NOW).number for _ in range(3)])
    assert sorted(map(str, made)) == ["R-2026-00001", "R-2026-00002", "R-2026-00003"]


def test_the_counter_skips_nothing_and_goes_back_nowhere(lea: User) -> None:
    """Fails without counter_goes_up_by_one."""
    record_complaint(grievance=grievance(), by=lea, now=NOW)
    for last in (0, 1, 3):
        with refused("numbered one by one"):
            ComplaintCounter.objects.update(last=last)


# --- from the words to the answer ---


def test_a_written_one_runs_through(lea: User) -> None:
    complaint = record_complaint(grievance=grievance(on=date(2026, 1, 20)), by=lea, now=NOW)
    acknowledge_complaint(number=complaint.number, on=TODAY, by=lea, now=NOW)
    done = answer_complaint(number=complaint.number, answer=answer(), by=lea, now=NOW)
    assert (done.state, done.sent_on, done.acknowledged_on, done.answered_on) == (
        S.ANSWERED,
        date(2026, 1, 20),
        TODAY,
        TODAY,
    )
    told = [h.pgh_context.metadata for h in done.history.order_by("pgh_id")]  # type: ignore[attr-defined]
    assert [t["why"] for t in told] == ["réclamation reçue", "accusé de réception", "réponse à la réclamation"]
    assert {t["user"] for t in told} == {lea.pk}


def test_a_spoken_one_invites_to_write_and_its_clocks_wait_for_the_writing(lea: User) -> None:
    spoken = record_complaint(grievance=grievance(channel=ComplaintChannel.PHONE), by=lea, now=NOW)
    assert (spoken.state, spoken.invited_on, spoken.sent_on) == (S.SPOKEN, TODAY, None)
    written = record_writing(number=spoken.number, sent_on=TODAY + timedelta(days=3), by=lea, now=LATER)
    assert (written.state, written.sent_on) == (S.RECEIVED, TODAY + timedelta(days=3))


def test_a_spoken_one_satisfied_at_once_is_over(lea: User) -> None:
    done = record_complaint(grievance=grievance(channel=ComplaintChannel.COUNTER, satisfied=True), by=lea, now=NOW)
    assert (done.state, done.invited_on) == (S.SATISFIED, None)


def test_a_notice_names_its_batch_and_its_intermediary(lea: User) -> None:
    notice = NoticeFactory()
    complaint = record_complaint(grievance=grievance(notice=notice), by=lea, now=NOW)
    assert (complaint.batch_id, complaint.intermediary_id) == (notice.batch_id, notice.intermediary_id)


def test_a_late_answer_is_announced_once_and_only_when_late(lea: User) -> None:
    number = ComplaintFactory(sent_on=TODAY).number
    with pytest.raises(HotlineError, match="pas en retard"):
        tell_late(number=number, on=TODAY + timedelta(days=59), by=lea, now=LATER)
    tell_late(number=number, on=LATER.date(), by=lea, now=LATER)
    with pytest.raises(HotlineError, match="prévenue depuis"):
        tell_late(number=number, on=LATER.date(), by=lea, now=LATER)


def test_what_is_a_request_after_all_keeps_its_number_and_says_why(lea: User) -> None:
    number = ComplaintFactory().number
    with pytest.raises(HotlineError, match="motif"):
        requalify_complaint(number=number, reason=" ", by=lea)
    assert requalify_complaint(number=number, reason="demande d’attestation", by=lea).state == S.REQUALIFIED


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": " "}, "de quoi"),
        ({"complainant": ""}, "qui se plaint"),
        ({"satisfied": True}, "orale"),
        ({"on": TODAY + timedelta(days=1)}, "à venir"),
    ],
)
def test_what_cannot_be_a_complaint_is_refused(lea: User, values: dict[str, Any], words: str) -> None:
    with pytest.raises(HotlineError, match=words):
        record_complaint(grievance=grievance(**values), by=lea, now=NOW)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"outcome": ComplaintOutcome.REFUSED}, "recours"),
        ({"text": ""}, "motivée"),
        ({"on": TODAY - timedelta(days=1)}, "précède la réclamation"),
        ({"on": TODAY + timedelta(days=1)}, "à venir"),
    ],
)
def test_an_answer_that_is_not_whole_is_refused(lea: User, values: dict[str, Any], words: str) -> None:
    number = ComplaintFactory().number
    with pytest.raises(HotlineError, match=words):
        answer_complaint(number=number, answer=answer(**values), by=lea, now=NOW)
    assert Complaint.objects.get().state == S.RECEIVED


def test_a_number_that_there_is_not_is_told(lea: User) -> None:
    with pytest.raises(HotlineError, match="R-2026-00404"):
        acknowledge_complaint(number="R-2026-00404", on=TODAY, by=lea, now=NOW)


def test_what_is_over_is_not_answered_again(lea: User) -> None:
    number = ComplaintFactory().number
    answer_complaint(number=number, answer=answer(), by=lea, now=NOW)
    with pytest.raises(HotlineError, match="Répondue"):
        answer_complaint(number=number, answer=answer(), by=lea, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one(lea: User) -> None:
    """Fails without the lock of the complaint's row."""
    number = ComplaintFactory().number
    done = at_once(*[lambda: answer_complaint(number=number, answer=answer(), by=lea, now=NOW) for _ in range(2)])
    assert sorted(type(d).__name__ for d in done) == ["Complaint", "HotlineError"]


# --- the worklist ---


def test_the_late_come_first_then_the_next_to_end() -> None:
    fresh = ComplaintFactory(sent_on=TODAY)
    spoken = ComplaintFactory(spoken=True)
    late = ComplaintFactory(sent_on=TODAY - timedelta(days=30))
    acknowledged = ComplaintFactory(
        sent_on=TODAY, state="ACKNOWLEDGED", acknowledged_on=TODAY, acknowledged_by=UserFactory()
    )
    assert [c for c, _ in open_complaints(TODAY)] == [late, fresh, acknowledged, spoken]


# --- what the database refuses ---


def columns(state: S, user: User) -> dict[str, Any]:
    """What a row in a state has, whatever came before."""
    given: dict[S, dict[str, Any]] = {
        S.SPOKEN: {"sent_on": None},
        S.SATISFIED: {"sent_on": None, "invited_on": None},
        S.RECEIVED: {"sent_on": TODAY},
        S.ACKNOWLEDGED: {"sent_on": TODAY, "acknowledged_on": TODAY, "acknowledged_by": user},
        S.ANSWERED: {"answered_on": TODAY, "answered_by": user, "outcome": "GRANTED", "answer": "oui"},
        S.REQUALIFIED: {"requalified_because": "demande"},
    }
    return {"state": state.value} | given[state]


def starting(state: S, user: User) -> Complaint:
    """A spoken complaint, so that every column may still be set, in that state."""
    made: Complaint = ComplaintFactory(spoken=True, **columns(state, user))
    return made


FORBIDDEN = [(a, b) for a, b in product(S, S) if a is not b and b not in COMPLAINT_TRANSITIONS[a]]


@pytest.mark.parametrize(("current", "wanted"), FORBIDDEN)
def test_no_other_move_is_made_by_anybody(current: S, wanted: S, lea: User) -> None:
    """Fails without complaint_state_follows."""
    complaint = starting(current, lea)
    with refused("Invalid transition"):
        Complaint.objects.filter(pk=complaint.pk).update(state=wanted.value)


@pytest.mark.parametrize(("current", "wanted"), [(a, b) for a, after in COMPLAINT_TRANSITIONS.items() for b in after])
def test_every_move_of_the_table_is_let_through(current: S, wanted: S, lea: User) -> None:
    complaint = starting(current, lea)
    assert Complaint.objects.filter(pk=complaint.pk).update(**columns(wanted, lea)) == 1


WRONG_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("complaint_number_is_well_formed", {"number": "R-26-1"}),
    ("complaint_codes_are_known", {"matter": "RUMOUR"}),
    ("complaint_says_something", {"text": ""}),
    ("complaint_said_aloud_is_invited_or_satisfied", {"spoken": True, "invited_on": None}),
    ("complaint_is_said_or_sent", {"spoken": True, "channel": "LETTER"}),
    ("complaint_waits_for_writing_or_has_it", {"state": "SPOKEN"}),
    ("complaint_is_not_of_the_future", {"sent_on": TODAY + timedelta(days=1)}),
    ("complaint_is_not_of_the_future", {"spoken": True, "spoken_on": TODAY + timedelta(days=1),
                                        "invited_on": TODAY + timedelta(days=1)}),
    ("complaint_writing_follows_the_words", {"spoken": True, "state": "RECEIVED",
                                             "sent_on": TODAY - timedelta(days=1)}),
    ("complaint_acknowledgement_is_whole", {"state": "ACKNOWLEDGED"}),
    ("complaint_acknowledgement_is_whole", {"state": "ACKNOWLEDGED", "acknowledged_on": TODAY - timedelta(days=1),
                                            "acknowledged_by": "lea"}),
    ("complaint_late_notice_is_whole", {"told_late_on": TODAY + timedelta(days=90)}),
    # Compared with a day that there is not, nothing is false: each absence is asked after by name.
    ("complaint_late_notice_is_whole", {"spoken": True, "told_late_on": TODAY, "told_late_by": "lea"}),
    ("complaint_answer_is_whole", {"state": "ANSWERED", "answered_by": "lea", "outcome": "GRANTED", "answer": "oui"}),
    ("complaint_answer_is_whole", {"state": "ANSWERED"}),
    ("complaint_answer_is_whole", {"state": "ANSWERED", "answered_on": TODAY - timedelta(days=1),
                                   "answered_by": "lea", "outcome": "GRANTED", "answer": "oui"}),
    ("complaint_answer_follows_the_acknowledgement",
     {"state": "ANSWERED", "acknowledged_on": TODAY + timedelta(days=1), "acknowledged_by": "lea",
      "answered_on": TODAY, "answered_by": "lea", "outcome": "GRANTED", "answer": "oui"}),
    ("complaint_refusal_names_a_recourse", {"state": "ANSWERED", "answered_on": TODAY, "answered_by": "lea",
                                            "outcome": "PARTLY", "answer": "non"}),
    ("complaint_requalified_says_why", {"state": "REQUALIFIED"}),
    ("complaint_notice_has_its_batch", {"notice": "one"}),
]  # fmt: skip


@pytest.mark.parametrize(("constraint", "values"), WRONG_ROWS)
def test_a_row_that_cannot_be_is_refused(constraint: str, values: dict[str, Any], lea: User) -> None:
    """Fails without the constraint named."""
    given = {name: lea if value == "lea" else value for name, value in values.items()}
    if "notice" in given:
        given["notice"] = NoticeFactory()
    with refused(constraint):
        ComplaintFactory(**given)


@pytest.mark.parametrize(
    "change", [{"sent_on": TODAY - timedelta(days=9)}, {"sent_on": None}, {"number": "R-2026-00077"}, {"text": "rien"}]
)
def test_what_was_entered_stays(change: dict[str, Any]) -> None:
    """Fails without complaint_sending_day_stays and complaint_as_entered_stays."""
    complaint = ComplaintFactory()
    with refused("stays"):
        Complaint.objects.filter(pk=complaint.pk).update(**change)


@pytest.mark.parametrize("state", [S.SATISFIED, S.ANSWERED, S.REQUALIFIED])
def test_what_is_over_stays(state: S, lea: User) -> None:
    """Fails without complaint_that_is_over_stays."""
    complaint = starting(state, lea)
    with refused("over and stays"):
        Complaint.objects.filter(pk=complaint.pk).update(reply_to="ailleurs")


def test_none_is_deleted() -> None:
    ComplaintFactory()
    with refused("Cannot delete"):
        Complaint.objects.all().delete()
