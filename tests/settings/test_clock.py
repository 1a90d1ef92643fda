"""registry.clock: one way to the time, in UTC, and the legal day in Paris."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from pytest_django.fixtures import Settings

from registry import clock

DAYS = [
    ("2027-02-24T09:00:00+00:00", date(2027, 2, 24)),
    ("2027-02-28T22:59:59+00:00", date(2027, 2, 28)),
    ("2027-02-28T23:00:00+00:00", date(2027, 3, 1)),
    ("2028-02-28T23:30:00+00:00", date(2028, 2, 29)),
    ("2027-06-30T22:00:00+00:00", date(2027, 7, 1)),
    ("2027-03-28T00:59:59+00:00", date(2027, 3, 28)),
    ("2027-10-31T22:59:59+00:00", date(2027, 10, 31)),
    ("2027-01-01T00:30:00+14:00", date(2026, 12, 31)),
]


@pytest.mark.parametrize(("instant", "day"), DAYS)
def test_the_legal_day_is_that_of_paris(instant: str, day: date) -> None:
    assert clock.local_day(datetime.fromisoformat(instant)) == day


def test_an_instant_without_a_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        clock.local_day(datetime(2027, 2, 24))


def test_now_is_the_machines_clock_in_utc(settings: Settings) -> None:
    settings.REGISTER_NOW = None
    with time_machine.travel(datetime(2027, 2, 24, 9, tzinfo=UTC), tick=False):
        assert clock.now() == datetime(2027, 2, 24, 9, tzinfo=UTC)
        assert clock.now().tzinfo is UTC


def test_a_set_clock_starts_there_and_runs_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REGISTER_NOW = datetime.fromisoformat("2027-02-24T09:00:00+01:00")
    monkeypatch.setattr(clock, "_started", 100.0)
    monkeypatch.setattr("registry.clock.time.monotonic", lambda: 160.0)
    assert clock.now() == datetime(2027, 2, 24, 8, 1, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)
