"""The send window opens when people are there, by the clocks of Paris, in the nights that change them too."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.send_window import (
    ALWAYS,
    PARIS,
    SendWindow,
    is_open,
    may_leave_on,
    next_opening,
    opened_at,
    opens_on,
    parse_window,
)

OFFICE = parse_window("mon-fri 09:00-17:00")
ANY_DAY = frozenset(range(7))


def paris(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("mon-fri 09:00-17:00", SendWindow(frozenset({0, 1, 2, 3, 4}), 540, 1020)),
        ("  Mon-Fri   09:00-17:00 ", SendWindow(frozenset({0, 1, 2, 3, 4}), 540, 1020)),
        ("tue 08:30-12:15", SendWindow(frozenset({1}), 510, 735)),
        ("mon-sun 00:00-24:00", SendWindow(ANY_DAY, 0, 1440)),
        ("always", ALWAYS),
        ("ALWAYS", ALWAYS),
    ],
)
def test_a_window_is_read(text: str, window: SendWindow) -> None:
    assert parse_window(text) == window


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "does not have that form"),
        ("never", "does not have that form"),
        ("mon-fri 9-17", "does not have that form"),
        ("mon-fri 09:00-17:00 utc", "does not have that form"),
        ("lun-ven 09:00-17:00", "“lun” is not one of mon, tue"),
        ("mon-ven 09:00-17:00", "“ven” is not one of mon, tue"),
        ("fri-mon 09:00-17:00", "first day must not come after the last"),
        ("mon-fri 17:00-09:00", "must close after it opens"),
        ("mon-fri 09:00-09:00", "must close after it opens"),
        ("mon-fri 09:60-17:00", "09:60 is not an hour"),
        ("mon-fri 09:00-24:01", "24:01 is not an hour"),
    ],
)
def test_an_unreadable_window_is_named_with_what_is_wrong_and_how_to_write_it(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        parse_window(text)
    assert repr(text) in str(caught.value)
    assert "mon-fri 09:00-17:00" in str(caught.value)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2027-02-26T08:59:59.999999", False),
        ("2027-02-26T09:00:00", True),
        ("2027-02-26T16:59:59.999999", True),
        ("2027-02-26T17:00:00", False),
        ("2027-02-27T10:00:00", False),
        ("2027-03-29T10:00:00", False),
        ("2014-02-24T23:30:00", False),
    ],
    ids=["before", "opens", "last instant", "closes", "saturday", "easter monday", "the night of 2014"],
)
def test_the_office_window_is_half_open_on_working_days_only(at: str, expected: bool) -> None:
    assert is_open(OFFICE, paris(at)) is expected


def test_the_window_follows_the_clocks_of_paris_whatever_the_zone_of_now() -> None:
    assert is_open(OFFICE, datetime(2027, 2, 26, 8, 0, tzinfo=UTC))
    assert not is_open(OFFICE, datetime(2027, 2, 26, 16, 0, tzinfo=UTC))
    assert is_open(OFFICE, datetime(2027, 7, 15, 7, 0, tzinfo=UTC))
    assert not is_open(OFFICE, datetime(2027, 7, 15, 15, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2027, 2, 26), True), (date(2027, 2, 27), False), (date(2027, 3, 29), False)],
    ids=["friday", "saturday", "easter monday"],
)
def test_the_days_on_which_the_window_opens_at_all(day: date, expected: bool) -> None:
    assert opens_on(OFFICE, day) is expected
    assert opens_on(ALWAYS, day)


def test_always_is_open_on_a_holiday_night() -> None:
    assert is_open(ALWAYS, paris("2027-12-25T03:00:00"))


@pytest.mark.parametrize("ask", [is_open, next_opening])
def test_an_instant_without_a_zone_is_refused(ask: object) -> None:
    with pytest.raises(ValueError, match="aware datetime"):
        ask(OFFICE, datetime(2027, 2, 26, 10, 0))  # type: ignore[operator]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2027-02-26T10:12:13", "2027-02-26T10:12:13"),
        ("2027-02-26T05:00:00", "2027-02-26T09:00:00"),
        ("2027-02-26T17:00:00", "2027-03-01T09:00:00"),
        ("2027-03-26T18:00:00", "2027-03-30T09:00:00"),
        ("2027-12-24T17:00:00", "2027-12-27T09:00:00"),
    ],
    ids=[
        "open now",
        "this morning",
        "over a week-end",
        "over Easter and the change of clocks",
        "over Christmas",
    ],
)
def test_the_next_opening(now: str, opens: str) -> None:
    assert next_opening(OFFICE, paris(now)) == paris(opens)


def test_an_hour_that_does_not_exist_in_march_opens_when_the_clocks_jump_over_it() -> None:
    night = SendWindow(ANY_DAY, 150, 240)
    opens = next_opening(night, paris("2027-03-28T01:00:00"))
    assert opens == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_a_window_wholly_within_the_missing_hour_waits_a_day() -> None:
    window = SendWindow(ANY_DAY, 135, 165, on_holidays=True)
    assert next_opening(window, paris("2027-03-28T01:00:00")) == datetime(2027, 3, 29, 0, 15, tzinfo=UTC)


def test_an_hour_that_happens_twice_in_october_opens_twice() -> None:
    window = SendWindow(ANY_DAY, 135, 165)
    first = next_opening(window, paris("2027-10-31T01:00:00"))
    second = next_opening(window, paris("2027-10-31T02:50:00"))
    assert first == datetime(2027, 10, 31, 0, 15, tzinfo=UTC)
    assert second == datetime(2027, 10, 31, 1, 15, tzinfo=UTC)


def test_a_window_that_closed_opens_again_when_october_turns_the_clocks_back_into_it() -> None:
    window = SendWindow(ANY_DAY, 90, 150)
    opens = next_opening(window, paris("2027-10-31T02:40:00"))
    assert opens == datetime(2027, 10, 31, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "now", "opened"),
    [
        (OFFICE, "2027-01-27T10:00:00", datetime(2027, 1, 27, 8, tzinfo=UTC)),
        (OFFICE, "2027-07-27T10:00:00", datetime(2027, 7, 27, 7, tzinfo=UTC)),
        (ALWAYS, "2027-01-27T10:00:00", datetime(2027, 1, 26, 23, tzinfo=UTC)),
    ],
)
def test_the_window_of_a_day_opened_at(window: SendWindow, now: str, opened: datetime) -> None:
    assert opened_at(window, paris(now)) == opened


WINDOWS = st.builds(
    lambda days, edges, on_holidays: SendWindow(days, min(edges), max(edges), on_holidays),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.tuples(st.integers(0, 96), st.integers(0, 96))
    .filter(lambda edges: edges[0] != edges[1])
    .map(lambda edges: (edges[0] * 15, edges[1] * 15)),
    st.booleans(),
)
QUARTERS_AROUND_A_CHANGE = st.one_of(
    st.integers(0, 4 * 36).map(lambda quarter: datetime(2027, 3, 27, tzinfo=UTC) + timedelta(minutes=15 * quarter)),
    st.integers(0, 4 * 36).map(lambda quarter: datetime(2027, 10, 30, tzinfo=UTC) + timedelta(minutes=15 * quarter)),
)


@given(window=WINDOWS, now=QUARTERS_AROUND_A_CHANGE)
def test_nothing_earlier_is_open_than_the_next_opening_found(window: SendWindow, now: datetime) -> None:
    """Windows and instants lie on quarters of an hour, so looking at each quarter looks everywhere."""
    quarter = timedelta(minutes=15)
    searched = now
    while not is_open(window, searched):
        searched += quarter
    assert next_opening(window, now) == searched


@pytest.mark.parametrize(
    ("day", "hour", "may"),
    [(29, 8, True), (29, 16, True), (29, 17, False), (28, 8, False), (30, 18, True), (31, 8, False)],
)
def test_what_may_still_leave_on_a_day_depends_on_the_hour(day: int, hour: int, may: bool) -> None:
    """The 29th of January 2026 is a Thursday, the 31st a Saturday."""
    window = parse_window("mon-fri 09:00-17:00")
    assert may_leave_on(window, date(2026, 1, day), datetime(2026, 1, 29, hour, tzinfo=PARIS)) is may
