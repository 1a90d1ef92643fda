"""Periods of cover: inclusive days outside, half-open inside, and no day lost or invented by merging."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.periods import ONE_DAY, Period, merge

START = date(2025, 2, 20)


def days_of(period: Period) -> set[date]:
    return {period.start + timedelta(n) for n in range((period.end - period.start).days)}


periods = st.tuples(st.integers(0, 60), st.integers(0, 20)).map(
    lambda t: Period(START + timedelta(t[0]), START + timedelta(t[0] + t[1]))
)


@pytest.mark.parametrize(
    ("first", "last", "end"),
    [
        (date(2025, 3, 1), date(2026, 2, 28), date(2026, 3, 1)),
        (date(2023, 3, 1), date(2024, 2, 29), date(2024, 3, 1)),
        (date(2026, 1, 31), date(2026, 1, 31), date(2026, 2, 1)),
        (date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_a_certificate_covers_both_the_days_it_states(first: date, last: date, end: date) -> None:
    period = Period.of_days(first, last)
    assert (period.end, period.last_day) == (end, last)
    assert first in period
    assert last in period
    assert first - ONE_DAY not in period
    assert end not in period


@pytest.mark.parametrize("last", [date(2024, 2, 28), date(2024, 2, 29)])
def test_i3_a_certificate_to_the_28th_of_a_leap_year_runs_to_the_29th(last: date) -> None:
    """Fails without `end.replace` in `Period.of_days`: a renewed file would be uncovered for a day."""
    period = Period.of_days(date(2023, 3, 1), last)
    assert (period.end, period.last_day) == (date(2024, 3, 1), date(2024, 2, 29))
    assert Period.of_days(last, last).last_day == date(2024, 2, 29)


def test_a_certificate_without_end_runs_to_the_last_day_there_is() -> None:
    endless = Period.of_days(START, date.max)
    assert endless.end == date.max
    assert date.max - ONE_DAY in endless
    assert not Period.of_days(date.max, date.max)


@given(st.dates(max_value=date.max - ONE_DAY), st.integers(0, 800))
def test_a_stated_period_holds_its_days_and_no_other_but_the_29th_of_february(first: date, days: int) -> None:
    last = min(first.toordinal() + days, date.max.toordinal() - 1)
    period = Period.of_days(first, date.fromordinal(last))
    more = period.end.toordinal() - last - 1
    assert period.start == first
    assert more == (1 if (period.last_day.month, period.last_day.day) == (2, 29) and more else 0)


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match=r"cannot end \(2026-02-27\) before it starts \(2026-02-28\)"):
        Period(date(2026, 2, 28), date(2026, 2, 27))


def test_an_empty_period_is_false_and_holds_no_day() -> None:
    empty = Period(START, START)
    assert not empty
    assert START not in empty
    assert Period.of_days(START, START)


@pytest.mark.parametrize(
    ("given_days", "stretches"),
    [
        ([], []),
        ([((3, 1), (3, 31))], [((3, 1), (3, 31))]),
        ([((3, 1), (3, 31)), ((4, 1), (4, 30))], [((3, 1), (4, 30))]),
        ([((4, 1), (4, 30)), ((3, 1), (3, 31))], [((3, 1), (4, 30))]),
        ([((3, 1), (3, 30)), ((4, 1), (4, 30))], [((3, 1), (3, 30)), ((4, 1), (4, 30))]),
        ([((3, 1), (12, 31)), ((5, 1), (5, 31))], [((3, 1), (12, 31))]),
        ([((3, 1), (6, 30)), ((5, 1), (9, 30))], [((3, 1), (9, 30))]),
        ([((3, 1), (3, 31)), ((3, 1), (3, 31))], [((3, 1), (3, 31))]),
    ],
    ids=["none", "one", "touching", "unordered", "a day missing", "nested", "overlapping", "twice"],
)
def test_touching_and_overlapping_periods_are_one_stretch(given_days: list, stretches: list) -> None:
    def of(spans: list) -> tuple[Period, ...]:
        return tuple(Period.of_days(date(2026, *first), date(2026, *last)) for first, last in spans)

    assert merge(of(given_days)) == of(stretches)


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_the_28th_and_the_1st_of_march_touch_in_a_leap_year_too(year: int) -> None:
    before = Period.of_days(date(year - 1, 3, 1), date(year, 2, 28))
    after = Period.of_days(date(year, 3, 1), date(year + 1, 2, 28))
    assert merge([before, after]) == (Period(before.start, after.end),)


@given(st.lists(periods, max_size=6))
def test_merging_neither_loses_nor_invents_a_day(some: list[Period]) -> None:
    merged = merge(some)
    assert {day for p in merged for day in days_of(p)} == {day for p in some for day in days_of(p)}


@given(st.lists(periods, max_size=6))
def test_merged_stretches_are_ordered_apart_and_the_same_in_any_order(some: list[Period]) -> None:
    merged = merge(some)
    assert all(merged)
    assert all(earlier.end < later.start for earlier, later in pairwise(merged))
    assert merge(some[::-1]) == merge(sorted(some)) == merged
    assert merge(merged) == merged
