"""The issuer's word on a certificate: the clear days, what is lost for good, what was only suspended."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.categories import CoverKind
from registry.rules.cover_events import Said, days_lost, earliest_end
from registry.rules.facts import CoverEventKind
from registry.rules.periods import ONE_DAY, Period, without
from tests.rules.strategies import COA, GUARANTEE, RC_PRO, days, find, guarantee, on, rc_pro, registration

SUSPENDED, NOT_RENEWED, TERMINATED, REINSTATED = CoverEventKind


@pytest.mark.parametrize(
    ("told", "first_day_without"),
    [
        ("2026-01-19", "2026-01-23"),  # Monday: Tuesday, Wednesday, Thursday are clear
        ("2026-01-22", "2026-01-26"),  # Thursday: the weekend counts
        ("2026-04-03", "2026-04-07"),  # Good Friday: Easter and its Monday count
        ("2026-12-31", "2027-01-04"),  # New Year's Eve
        ("2028-02-26", "2028-03-01"),  # over a leap day
    ],
)
def test_three_clear_days_are_days_of_the_calendar(told: str, first_day_without: str) -> None:
    assert earliest_end(CoverKind.FINANCIAL_GUARANTEE, on(told)) == on(first_day_without)
    assert earliest_end(CoverKind.RC_PRO, on(told)) is None


@given(days())
def test_exactly_three_whole_days_lie_between_the_notice_and_the_end_of_a_guarantee(told_on: date) -> None:
    """Whatever the day: Sundays and holidays are counted, and none puts the end off."""
    end = earliest_end(CoverKind.FINANCIAL_GUARANTEE, told_on)
    assert end
    assert [n for n in range(1, 10) if told_on + timedelta(n) < end] == [1, 2, 3]


def said(*words: tuple[CoverEventKind, str]) -> list[Said]:
    return [Said(kind, on(day)) for kind, day in words]


@pytest.mark.parametrize(
    ("words", "ended_on", "gaps"),
    [
        ([], None, []),
        ([(TERMINATED, "2026-05-01")], "2026-05-01", []),
        ([(NOT_RENEWED, "2027-03-01"), (TERMINATED, "2026-05-01")], "2026-05-01", []),
        ([(SUSPENDED, "2026-04-01")], "2026-04-01", []),
        ([(SUSPENDED, "2026-04-01"), (REINSTATED, "2026-05-01")], None, [("2026-04-01", "2026-05-01")]),
        # One that never began.
        ([(SUSPENDED, "2026-04-01"), (REINSTATED, "2026-03-01")], None, []),
        # Told before the suspension: it says nothing of it.
        ([(REINSTATED, "2026-05-01"), (SUSPENDED, "2026-04-01")], "2026-04-01", []),
        # A termination is not lifted.
        ([(TERMINATED, "2026-04-01"), (REINSTATED, "2026-05-01")], "2026-04-01", []),
        ([(SUSPENDED, "2026-04-01"), (REINSTATED, "2026-05-01"), (TERMINATED, "2026-04-15")], "2026-04-01", []),
        (
            [(SUSPENDED, "2026-04-01"), (REINSTATED, "2026-05-01"), (TERMINATED, "2026-06-01")],
            "2026-06-01",
            [("2026-04-01", "2026-05-01")],
        ),
        # The earliest reinstatement told after it counts.
        (
            [(SUSPENDED, "2026-04-01"), (REINSTATED, "2026-06-01"), (REINSTATED, "2026-05-01")],
            None,
            [("2026-04-01", "2026-05-01")],
        ),
    ],
)
def test_what_the_words_of_an_issuer_take(
    words: list[tuple[CoverEventKind, str]], ended_on: str | None, gaps: list[tuple[str, str]]
) -> None:
    lost_from, lost = days_lost(said(*words))
    assert lost_from == (on(ended_on) if ended_on else None)
    assert list(lost) == [Period(on(a), on(b)) for a, b in gaps]


words = st.lists(st.builds(Said, st.sampled_from(CoverEventKind), days()), max_size=5)


@given(words, days())
def test_a_day_is_lost_by_each_word_that_was_not_lifted_and_by_no_other(told: list[Said], day: date) -> None:
    """The definition, day by day, beside the periods."""
    ended_on, gaps = days_lost(told)
    by_periods = (ended_on is not None and day >= ended_on) or any(day in gap for gap in gaps)
    by_days = False
    for place, one in enumerate(told):
        lifts = [s.effective_on for s in told[place + 1 :] if s.kind is REINSTATED and one.kind is SUSPENDED]
        by_days |= one.kind is not REINSTATED and one.effective_on <= day and not any(on_ <= day for on_ in lifts)
    assert by_periods == by_days


@given(st.lists(st.tuples(days(), st.integers(0, 200)), max_size=4), days(), st.integers(0, 800), days())
def test_a_period_without_gaps_holds_exactly_the_days_of_none(
    stretches: list[tuple[date, int]], start: date, length: int, day: date
) -> None:
    whole = Period(start, start + timedelta(length))
    gaps = [Period(first, first + timedelta(n)) for first, n in stretches]
    left = without(whole, gaps)
    assert any(day in period for period in left) == (day in whole and not any(day in gap for gap in gaps))
    assert list(left) == sorted(left)
    assert all(left)


def test_a_lifted_suspension_leaves_a_gap_in_the_file() -> None:
    """Fails without `gaps` in `CoverFacts.periods`."""
    gap = Period(on("2026-05-01"), on("2026-06-01"))
    paper = rc_pro(on("2026-03-01"), on("2027-02-28"), gaps=(gap,))
    told = [(day, str(find(day, paper).state)) for day in ("2026-04-30", "2026-05-15", "2026-06-01")]
    assert told == [("2026-04-30", "DUE"), ("2026-05-15", "LAPSED"), ("2026-06-01", "IN_FORCE")]


@given(days(), st.sampled_from([RC_PRO, GUARANTEE]), st.integers(0, 364))
def test_a_termination_reopens_a_complete_file_and_restarts_its_clock(day: date, kind: CoverKind, later: int) -> None:
    """Due before the day on which the cover ends, lapsed from it on; its term is the day before."""
    who = registration(COA, holds_client_funds=True)
    make = rc_pro if kind is RC_PRO else guarantee
    first, ended_on = day - timedelta(400), day + timedelta(later)
    whole = make(first, day + timedelta(1200))
    assert find(day, whole, who=who, kind=kind).state == "IN_FORCE"
    ended = make(first, day + timedelta(1200), ended_on=ended_on)
    at_the_end = find(ended_on, ended, who=who, kind=kind)
    assert (at_the_end.state, at_the_end.covered_until) == ("LAPSED", ended_on - ONE_DAY)
    if later:
        before = find(ended_on - ONE_DAY, ended, who=who, kind=kind)
        assert (before.state, before.term) == ("DUE", ended_on - ONE_DAY) or before.first_validity
