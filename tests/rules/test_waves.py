"""On which days a wave may be sent, and which of two that run on the same day is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.waves import DEFAULT_WAVES, WaveRule, is_before_all, wave_on
from tests.rules.strategies import days

DUE_ON = date(2026, 2, 28)


def code_on(offset: int, waves: tuple[WaveRule, ...] = DEFAULT_WAVES) -> str | None:
    wave = wave_on(DUE_ON + timedelta(offset), DUE_ON, waves)
    return wave.code if wave else None


@pytest.mark.parametrize(
    ("offset", "code"),
    [
        (-46, None),
        (-45, "D-45"),
        (-31, "D-45"),
        (-30, "D-30"),
        (-16, "D-30"),
        (-15, "D-15"),
        (-8, "D-15"),
        (-7, "D-7"),
        (-3, "D-7"),
        (-2, "D-2"),
        (0, "D-2"),
        (1, "D+1"),
        (14, "D+1"),
        (15, None),
    ],
)
def test_each_wave_runs_from_its_first_to_its_last_useful_day(offset: int, code: str | None) -> None:
    assert code_on(offset) == code


def test_the_default_waves_start_on_the_days_of_the_plan() -> None:
    assert [(w.code, w.first_offset) for w in DEFAULT_WAVES] == [
        ("D-45", -45),
        ("D-30", -30),
        ("D-15", -15),
        ("D-7", -7),
        ("D-2", -2),
        ("D+1", 1),
    ]


@pytest.mark.parametrize(
    ("due_on", "first_day", "last_day"),
    [
        (date(2028, 2, 29), date(2028, 1, 15), date(2028, 1, 29)),
        (date(2026, 1, 31), date(2025, 12, 17), date(2025, 12, 31)),
        (date(2026, 3, 1), date(2026, 1, 15), date(2026, 1, 29)),
    ],
)
def test_the_days_of_a_wave_are_counted_over_month_and_year_ends(due_on: date, first_day: date, last_day: date) -> None:
    wave = DEFAULT_WAVES[0]
    assert (wave.first_day(due_on), wave.last_day(due_on)) == (first_day, last_day)


def test_where_two_waves_overlap_the_later_one_is_sent_in_any_order_of_the_rows() -> None:
    waves = (WaveRule("late", -10, 0), WaveRule("early", -20, -5), WaveRule("wide", -40, 5))
    assert code_on(-7, waves) == code_on(-7, waves[::-1]) == "late"
    assert code_on(-15, waves) == "early"
    assert code_on(3, waves) == "wide"


def test_two_waves_that_start_together_are_told_apart_by_their_code() -> None:
    waves = (WaveRule("B", -10, 0), WaveRule("A", -10, 0))
    assert code_on(-5, waves) == code_on(-5, waves[::-1]) == "B"


@pytest.mark.parametrize(("offset", "ahead"), [(-46, True), (-45, True), (0, True), (1, False), (15, False)])
def test_a_wave_is_still_to_come_until_the_last_has_begun(offset: int, ahead: bool) -> None:
    assert is_before_all(DUE_ON + timedelta(offset), DUE_ON, DEFAULT_WAVES) is ahead


def test_without_waves_none_runs_and_none_is_to_come() -> None:
    assert wave_on(DUE_ON, DUE_ON, ()) is None
    assert not is_before_all(DUE_ON, DUE_ON, ())


@given(days(), days())
def test_the_wave_of_a_day_is_useful_on_that_day_and_none_is_skipped(day: date, due_on: date) -> None:
    wave = wave_on(day, due_on, DEFAULT_WAVES)
    if wave is None:
        assert not -45 <= (day - due_on).days <= 14
    else:
        assert wave.first_day(due_on) <= day <= wave.last_day(due_on)
        assert wave.runs_on(day, due_on)


@given(days(), days(), st.integers(0, 60))
def test_waves_only_go_forward_in_time(day: date, due_on: date, later: int) -> None:
    first, second = (wave_on(d, due_on, DEFAULT_WAVES) for d in (day, day + timedelta(later)))
    assert first is None or second is None or first.first_offset <= second.first_offset
