"""Retries: growing delays, inside the useful time, and never earlier for a later attempt."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.retries import DELAYS, next_attempt
from reminders.rules.send_window import PARIS

NOW = datetime(2027, 2, 1, 10, 0, tzinfo=UTC)
FAR = NOW + timedelta(days=30)
JITTERS = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 5), (2, 15), (3, 30), (4, 60), (5, 120), (6, 240), (7, 240), (1000, 240)]
)
def test_delays_grow_to_four_hours_and_stay_there(attempts: int, minutes: int) -> None:
    assert next_attempt(attempts, NOW, FAR, 0.0) == NOW + timedelta(minutes=minutes)


def test_the_last_useful_instant_still_counts_and_one_after_does_not() -> None:
    at = NOW + DELAYS[0]
    assert next_attempt(1, NOW, at, 0.0) == at
    assert next_attempt(1, NOW, at - timedelta(microseconds=1), 0.0) is None


def test_five_minutes_are_five_minutes_in_the_night_that_changes_the_clocks() -> None:
    before = datetime(2027, 3, 28, 1, 58, tzinfo=PARIS)
    assert next_attempt(1, before, FAR + timedelta(days=60), 0.0) == datetime(2027, 3, 28, 1, 3, tzinfo=UTC)


def test_jitter_lengthens_by_at_most_a_quarter() -> None:
    assert next_attempt(6, NOW, FAR, 0.5) == NOW + timedelta(minutes=270)


@pytest.mark.parametrize("attempts", [0, -1])
def test_attempts_counts_those_made(attempts: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        next_attempt(attempts, NOW, FAR, 0.0)


@pytest.mark.parametrize("jitter", [-0.01, 1.0, float("nan")])
def test_jitter_outside_its_range_is_refused(jitter: float) -> None:
    with pytest.raises(ValueError, match="jitter"):
        next_attempt(1, NOW, FAR, jitter)


@pytest.mark.parametrize(("now", "not_after"), [(NOW.replace(tzinfo=None), FAR), (NOW, FAR.replace(tzinfo=None))])
def test_instants_without_a_zone_are_refused(now: datetime, not_after: datetime) -> None:
    with pytest.raises(ValueError, match="aware"):
        next_attempt(1, now, not_after, 0.0)


@given(attempts=st.integers(1, 20), earlier=JITTERS, later=JITTERS)
def test_a_later_attempt_never_waits_less_until_the_cap(attempts: int, earlier: float, later: float) -> None:
    one, two = next_attempt(attempts, NOW, FAR, earlier), next_attempt(attempts + 1, NOW, FAR, later)
    assert one is not None
    assert two is not None
    assert two > one or attempts >= len(DELAYS)


@given(attempts=st.integers(1, 20), jitter=JITTERS, minutes=st.integers(-60, 600))
def test_the_answer_is_in_the_future_and_inside_the_useful_time(attempts: int, jitter: float, minutes: int) -> None:
    not_after = NOW + timedelta(minutes=minutes)
    at = next_attempt(attempts, NOW, not_after, jitter)
    assert at is None or NOW + DELAYS[0] <= at <= not_after
