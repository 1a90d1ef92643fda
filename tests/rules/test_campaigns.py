"""The campaign's five dates, whom they concern, and which covers end with them."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.campaigns import (
    campaign_ahead,
    campaign_ending,
    campaign_to_come,
    default_campaign,
    last_of_february,
)
from registry.rules.categories import Filer
from tests.rules.strategies import CAMPAIGNS, CIF, COA, IOB, ONE_DAY

LEAP_DAY = date(2028, 2, 29)


@pytest.mark.parametrize(
    ("year", "end"),
    [
        (2024, date(2024, 2, 29)),
        (2026, date(2026, 2, 28)),
        (2027, date(2027, 2, 28)),
        (2028, LEAP_DAY),
        (2100, date(2100, 2, 28)),
    ],
)
def test_a_campaign_ends_with_february(year: int, end: date) -> None:
    campaign = default_campaign(year)
    assert last_of_february(year) == end
    assert campaign.term == end
    assert (campaign.due_on, campaign.tolerated_until, campaign.expires_on) == (end, end, end)


def test_the_dates_of_2027_do_not_roll_although_both_are_sundays() -> None:
    campaign = default_campaign(2027)
    assert campaign.principals_due_on == date(2027, 1, 31)
    assert campaign.due_on == date(2027, 2, 28)
    assert campaign.principals_due_on.weekday() == campaign.due_on.weekday() == 6


def test_a_campaign_opens_on_new_years_day() -> None:
    assert default_campaign(2026).opens_on == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("category", "filer", "filing_day"),
    [
        (COA, Filer.SELF, date(2026, 2, 28)),
        (COA, Filer.PRINCIPAL, date(2026, 1, 31)),
        (COA, Filer.ASSOCIATION, date(2026, 1, 31)),
        (IOB, Filer.SELF, date(2026, 2, 28)),
        (IOB, Filer.PRINCIPAL, date(2026, 1, 31)),
        (CIF, Filer.ASSOCIATION, date(2026, 1, 31)),
        (CIF, Filer.SELF, date(2026, 1, 31)),
        (CIF, Filer.PRINCIPAL, date(2026, 1, 31)),
    ],
)
def test_principals_and_associations_file_a_month_earlier(category: object, filer: Filer, filing_day: date) -> None:
    assert default_campaign(2026).filing_day(category, filer) == filing_day  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("registered_on", "concerned"),
    [
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), False),
        (date(2026, 1, 31), False),
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), False),
        (date(2007, 1, 2), True),
    ],
)
def test_i3_one_first_registered_in_january_or_later_is_not_in_the_campaign(
    registered_on: date, concerned: bool
) -> None:
    """Fails without the comparison in `CampaignDates.concerns`, or if it took `opens_on` for 1 January."""
    for opens_on in (date(2025, 12, 15), date(2026, 1, 1), date(2026, 1, 31)):
        assert replace(default_campaign(2026), opens_on=opens_on).concerns(registered_on) is concerned
    assert default_campaign(2027).concerns(registered_on)


@pytest.mark.parametrize(
    ("last_day", "year"),
    [
        (date(2026, 2, 28), 2026),
        (date(2026, 2, 27), None),
        (date(2026, 3, 1), None),
        (LEAP_DAY, 2028),
        (date(2028, 2, 28), None),
        (date(2026, 8, 31), None),
        (date(2026, 1, 31), None),
        (date(2007, 2, 28), None),
    ],
)
def test_a_cover_ends_with_a_campaign_when_it_ends_with_february(last_day: date, year: int | None) -> None:
    found = campaign_ending(last_day, CAMPAIGNS)
    assert (found.year if found else None) == year


def test_moving_the_deadlines_moves_neither_the_term_nor_the_covers_it_ends() -> None:
    moved = replace(
        default_campaign(2026),
        due_on=date(2026, 3, 31),
        tolerated_until=date(2026, 4, 30),
        expires_on=date(2026, 4, 30),
    )
    assert moved.term == date(2026, 2, 28)
    assert campaign_ending(date(2026, 2, 28), [moved]) is moved
    assert campaign_ending(date(2026, 3, 31), [moved]) is None


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2025, 12, 31), 2026),
        (date(2026, 1, 1), 2026),
        (date(2026, 2, 28), 2026),
        (date(2026, 3, 1), 2027),
        (LEAP_DAY, 2028),
        (date(2050, 2, 1), None),
    ],
)
def test_a_campaign_is_to_come_until_the_last_day_of_its_covers(day: date, year: int | None) -> None:
    found = campaign_to_come(day, reversed(CAMPAIGNS))
    assert (found.year if found else None) == year


def test_the_campaign_to_come_is_the_first_whatever_dates_are_moved() -> None:
    early = replace(default_campaign(2027), opens_on=date(2026, 2, 1))
    tolerant = replace(default_campaign(2026), due_on=date(2026, 3, 31), expires_on=date(2026, 3, 31))
    assert campaign_to_come(date(2026, 2, 10), [early, tolerant]) is tolerant
    assert campaign_to_come(date(2026, 3, 10), [early, tolerant]) is early
    assert campaign_to_come(date(2026, 3, 10), [tolerant]) is None


@pytest.mark.parametrize(
    ("day", "registered_on", "year"),
    [
        (date(2026, 2, 28), date(2015, 1, 1), 2026),
        (date(2026, 3, 1), date(2015, 1, 1), 2027),
        (date(2025, 12, 31), date(2025, 12, 31), 2026),
        (date(2026, 1, 1), date(2026, 1, 1), 2027),
        (date(2026, 2, 10), date(2026, 2, 6), 2027),
        (LEAP_DAY, date(2015, 1, 1), 2028),
    ],
)
def test_the_campaign_ahead_is_the_first_not_over_that_concerns_the_registration(
    day: date, registered_on: date, year: int
) -> None:
    found = campaign_ahead(day, registered_on, reversed(CAMPAIGNS))
    assert found
    assert found.year == year


def test_without_a_campaign_on_record_none_is_ahead() -> None:
    assert campaign_ahead(date(2026, 2, 1), date(2015, 1, 1), []) is None
    assert campaign_ahead(date(2050, 2, 1), date(2015, 1, 1), CAMPAIGNS) is None


@given(st.integers(2008, 2100))
def test_the_five_dates_are_in_order_and_the_day_after_the_term_is_the_first_of_march(year: int) -> None:
    campaign = default_campaign(year)
    dates = [
        campaign.opens_on,
        campaign.principals_due_on,
        campaign.due_on,
        campaign.tolerated_until,
        campaign.expires_on,
    ]
    assert dates == sorted(dates)
    assert campaign.term + ONE_DAY == date(year, 3, 1)
