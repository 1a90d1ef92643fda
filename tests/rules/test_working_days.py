"""Working days are counted as French law counts them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.working_days import (
    ALSACE,
    MOSELLE,
    add_business_days,
    clear_days_after,
    is_business_day,
    is_legal_holiday,
    is_working_day,
    legal_holidays,
    next_working_day,
)

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2098, 12, 31))
GOOD_FRIDAY_2027 = date(2027, 3, 26)


@pytest.mark.parametrize(
    ("year", "moving"),
    [
        (2026, {date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25)}),
        (2027, {date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)}),
        (2028, {date(2028, 4, 17), date(2028, 5, 25), date(2028, 6, 5)}),
    ],
)
def test_the_eleven_legal_holidays_of_a_year(year: int, moving: set[date]) -> None:
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    assert legal_holidays(year) == {date(year, month, day) for month, day in fixed} | moving


@pytest.mark.parametrize("part", [ALSACE, MOSELLE])
@pytest.mark.parametrize("day", [GOOD_FRIDAY_2027, date(2027, 12, 26)])
def test_alsace_and_moselle_have_two_more(part: str, day: date) -> None:
    assert is_legal_holiday(day, part)
    assert not is_legal_holiday(day)


def test_good_friday_is_worked_in_paris_and_not_in_strasbourg() -> None:
    assert is_working_day(GOOD_FRIDAY_2027)
    assert not is_working_day(GOOD_FRIDAY_2027, ALSACE)
    assert not is_business_day(GOOD_FRIDAY_2027, ALSACE)


@pytest.mark.parametrize(
    ("day", "working", "business"),
    [
        (date(2027, 2, 26), True, True),
        (date(2027, 2, 27), False, True),
        (date(2027, 2, 28), False, False),
        (date(2027, 3, 1), True, True),
        (date(2027, 3, 29), False, False),
        (date(2027, 5, 1), False, False),
    ],
    ids=["friday", "saturday", "sunday", "monday", "easter monday", "a saturday holiday"],
)
def test_saturday_is_ouvrable_but_not_ouvre(day: date, working: bool, business: bool) -> None:
    assert (is_working_day(day), is_business_day(day)) == (working, business)


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2027, 2, 26), date(2027, 3, 1)),
        (date(2027, 3, 26), date(2027, 3, 30)),
        (date(2027, 5, 5), date(2027, 5, 7)),
        (date(2027, 12, 31), date(2028, 1, 3)),
    ],
    ids=["over a week-end", "over Easter", "over Ascension", "over New Year"],
)
def test_next_working_day_passes_over_weekends_and_holidays(day: date, following: date) -> None:
    assert next_working_day(day) == following


def test_next_working_day_in_moselle_passes_over_good_friday_too() -> None:
    assert next_working_day(date(2027, 3, 25)) == GOOD_FRIDAY_2027
    assert next_working_day(date(2027, 3, 25), MOSELLE) == date(2027, 3, 30)


@pytest.mark.parametrize(
    ("day", "count", "end"),
    [
        (date(2026, 11, 23), 10, date(2026, 12, 4)),
        (date(2026, 12, 21), 10, date(2027, 1, 4)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 11, 29), 0, date(2026, 11, 29)),
    ],
    ids=["the complaint of the reference", "Christmas and New Year", "saturday to monday", "none"],
)
def test_business_days_are_counted_from_the_next_day(day: date, count: int, end: date) -> None:
    assert add_business_days(day, count) == end


def test_business_days_follow_the_local_holidays() -> None:
    assert add_business_days(date(2026, 12, 24), 1) == date(2026, 12, 26)
    assert add_business_days(date(2026, 12, 24), 1, ALSACE) == date(2026, 12, 28)


@pytest.mark.parametrize("count_days", [add_business_days, clear_days_after])
def test_a_negative_count_is_refused(count_days: object) -> None:
    with pytest.raises(ValueError, match="got -1"):
        count_days(date(2027, 1, 4), -1)  # type: ignore[operator]


def test_three_clear_days_after_a_monday_end_on_friday() -> None:
    assert clear_days_after(date(2027, 2, 1), 3) == date(2027, 2, 5)


@given(day=DAYS, count=st.integers(1, 40))
def test_the_last_business_day_counted_is_one_and_the_count_is_exact(day: date, count: int) -> None:
    end = add_business_days(day, count)
    between = (day + timedelta(days=offset) for offset in range(1, (end - day).days + 1))
    assert is_business_day(end)
    assert sum(is_business_day(each) for each in between) == count


@given(day=DAYS)
def test_every_working_day_is_a_business_day_and_nothing_is_skipped(day: date) -> None:
    following = next_working_day(day)
    assert is_working_day(following)
    assert is_business_day(following)
    skipped = (day + timedelta(days=offset) for offset in range(1, (following - day).days))
    assert not any(is_working_day(each) for each in skipped)
