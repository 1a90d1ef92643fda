"""The clocks of a complaint (ACPR 2024-R-02): every pair of states, the known days, and what holds of any day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules.complaints import (
    COMPLAINT_TRANSITIONS,
    OPEN_STATES,
    ComplaintChannel,
    ComplaintFacts,
    ComplaintOutcome,
    ComplaintState,
    Duty,
    acknowledge_by,
    answer_by,
    assess_complaint,
    needs_recourse,
)
from hotline.rules.letters import acknowledgement, invitation, late_notice
from registry.rules.working_days import ALSACE, is_business_day

S = ComplaintState
SENT = date(2026, 11, 23)
LAST = date(2027, 1, 23)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))

# Written out a second time: a change of the table must be made twice.
EDGES = {
    (S.SPOKEN, S.RECEIVED),
    (S.SPOKEN, S.ANSWERED),
    (S.SPOKEN, S.REQUALIFIED),
    (S.RECEIVED, S.ACKNOWLEDGED),
    (S.RECEIVED, S.ANSWERED),
    (S.RECEIVED, S.REQUALIFIED),
    (S.ACKNOWLEDGED, S.ANSWERED),
    (S.ACKNOWLEDGED, S.REQUALIFIED),
}


@pytest.mark.parametrize(("current", "wanted"), list(product(S, S)))
def test_only_these_moves_are_allowed(current: S, wanted: S) -> None:
    assert (wanted in COMPLAINT_TRANSITIONS[current]) is ((current, wanted) in EDGES)


def test_a_complaint_is_open_until_nothing_may_follow() -> None:
    assert {S.SPOKEN, S.RECEIVED, S.ACKNOWLEDGED} == OPEN_STATES


@pytest.mark.parametrize(
    ("sent", "acknowledged_by", "answered_by"),
    [
        (date(2026, 11, 23), date(2026, 12, 4), date(2027, 1, 23)),  # a Saturday: a service limit rolls over nothing
        (date(2026, 12, 31), date(2027, 1, 13), date(2027, 2, 28)),
        (date(2027, 12, 31), date(2028, 1, 13), date(2028, 2, 29)),
        (date(2026, 10, 30), date(2026, 11, 12), date(2026, 12, 30)),  # 1 November (a Sunday) and the 11th
        (date(2026, 11, 30), date(2026, 12, 11), date(2027, 1, 30)),
    ],
)
def test_the_days_known_from_the_recommendation(sent: date, acknowledged_by: date, answered_by: date) -> None:
    assert (acknowledge_by(sent), answer_by(sent)) == (acknowledged_by, answered_by)


def test_alsace_and_moselle_have_a_day_more_at_christmas_and_on_good_friday() -> None:
    """Fails where the subdivision is not handed on."""
    before_christmas = date(2026, 12, 21)
    facts = ComplaintFacts(S.RECEIVED, before_christmas)
    common = assess_complaint(facts, day=before_christmas).acknowledge_by
    local = assess_complaint(facts, day=before_christmas, subdivision=ALSACE).acknowledge_by
    assert (common, local) == (date(2027, 1, 4), date(2027, 1, 5))


@given(DAYS)
def test_ten_business_days_lie_between_the_sending_and_the_limit(sent: date) -> None:
    last = acknowledge_by(sent)
    between = [sent + timedelta(days=n) for n in range(1, (last - sent).days + 1)]
    assert sum(map(is_business_day, between)) == 10
    assert is_business_day(last)


@given(DAYS)
def test_two_months_keep_the_day_or_end_with_the_month(sent: date) -> None:
    last = answer_by(sent)
    assert (last.year * 12 + last.month) - (sent.year * 12 + sent.month) == 2
    assert last.day == sent.day or (last.day < sent.day and (last + timedelta(days=1)).day == 1)


@given(DAYS, DAYS)
def test_who_sends_later_waits_no_shorter(one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert answer_by(first) <= answer_by(second)
    assert acknowledge_by(first) <= acknowledge_by(second)


@given(DAYS, st.integers(0, 120), st.integers(0, 30))
def test_once_late_stays_late(sent: date, after: int, more: int) -> None:
    facts = ComplaintFacts(S.RECEIVED, sent)
    day = sent + timedelta(days=after)
    now, later = (assess_complaint(facts, day=d) for d in (day, day + timedelta(days=more)))
    assert now.acknowledged_late <= later.acknowledged_late
    assert now.answered_late <= later.answered_late


@given(DAYS, st.integers(0, 120))
def test_an_answer_before_the_acknowledgement_makes_it_needless(sent: date, after: int) -> None:
    day = sent + timedelta(days=after)
    standing = assess_complaint(ComplaintFacts(S.ANSWERED, sent, answered_on=day), day=day + timedelta(days=400))
    assert standing.acknowledged_late is (day > acknowledge_by(sent))
    assert standing.answered_late is (day > answer_by(sent))
    assert standing.duties == ()


@pytest.mark.parametrize(
    ("facts", "day", "duties"),
    [
        (ComplaintFacts(S.RECEIVED, SENT), SENT, (Duty.ACKNOWLEDGE, Duty.ANSWER)),
        (ComplaintFacts(S.ACKNOWLEDGED, SENT, SENT), LAST, (Duty.ANSWER,)),
        (ComplaintFacts(S.ACKNOWLEDGED, SENT, SENT), LAST + timedelta(days=1), (Duty.TELL_LATE, Duty.ANSWER)),
        (
            ComplaintFacts(S.ACKNOWLEDGED, SENT, SENT, told_late_on=LAST + timedelta(days=1)),
            LAST + timedelta(days=2),
            (Duty.ANSWER,),
        ),
        (ComplaintFacts(S.ANSWERED, SENT, SENT, LAST), LAST + timedelta(days=9), ()),
    ],
)
def test_what_is_to_be_done_now(facts: ComplaintFacts, day: date, duties: tuple[Duty, ...]) -> None:
    assert assess_complaint(facts, day=day).duties == duties


def test_the_last_day_is_in_time_and_the_next_one_late() -> None:
    facts = ComplaintFacts(S.RECEIVED, SENT)
    on_time, late = (assess_complaint(facts, day=date(2026, 12, d)) for d in (4, 5))
    assert not on_time.is_late
    assert late.is_late
    assert late.acknowledged_late
    assert not late.answered_late


def test_somebody_may_turn_elsewhere_after_two_months_answered_or_not() -> None:
    answered = ComplaintFacts(S.ANSWERED, SENT, answered_on=SENT)
    assert not assess_complaint(answered, day=LAST).recourse_open
    assert assess_complaint(answered, day=LAST + timedelta(days=1)).recourse_open


@pytest.mark.parametrize("facts", [ComplaintFacts(S.SPOKEN, None), ComplaintFacts(S.REQUALIFIED, SENT)])
def test_what_is_not_written_or_is_a_request_has_no_clock(facts: ComplaintFacts) -> None:
    standing = assess_complaint(facts, day=date(2030, 1, 1))
    assert (standing.answer_by, standing.is_late, standing.duties) == (None, False, ())


def test_what_leaves_no_dated_copy_is_spoken() -> None:
    assert {c for c in ComplaintChannel if c.is_spoken} == {"PHONE", "COUNTER", "CHAT"}


def test_whatever_is_refused_names_a_recourse() -> None:
    assert [o for o in ComplaintOutcome if needs_recourse(o)] == ["PARTLY", "REFUSED"]


def test_what_is_written_to_the_person_names_number_and_days() -> None:
    assert "R-2026-00001" in acknowledgement("R-2026-00001", SENT, LAST)
    assert "23/01/2027" in acknowledgement("R-2026-00001", SENT, LAST)
    assert "23/11/2026" in invitation("R-2026-00001", SENT, "a@example.org")
    assert late_notice("R-2026-00001", LAST, "Voyez X.").endswith("Voyez X.")
