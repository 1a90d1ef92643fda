"""The bucket that all machines share."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from reminders.models import Pace
from reminders.sending.pace import Pacer
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def take(pacer: Pacer, n: int, now: datetime = NOW) -> list[datetime]:
    found = [pacer.next_departure(now) for _ in range(n)]
    return [d for d in found if d is not None]


def gaps(departures: list[datetime]) -> list[float]:
    return [(b - a).total_seconds() for a, b in pairwise(sorted(departures))]


def test_without_a_pace_everything_leaves_at_once_and_no_row_is_read() -> None:
    Pace.objects.all().delete()
    assert take(Pacer(0), 3) == [NOW] * 3


@pytest.mark.parametrize("per_hour", [1, 60, 1000, 3600])
def test_departures_are_a_gap_apart_from_now_on(per_hour: int) -> None:
    departures = take(Pacer(per_hour), 4)
    assert departures[0] == NOW
    assert gaps(departures) == pytest.approx([3600 / per_hour] * 3, abs=1e-5)


def test_an_idle_bucket_saves_nothing_up_for_a_burst() -> None:
    """Fails without `greatest(next_at, now)` in `_LEASE`: after a night everything would leave at once."""
    take(Pacer(60), 1)
    assert gaps(take(Pacer(60), 3, NOW + timedelta(hours=12))) == [60, 60]


@pytest.mark.parametrize("per_hour", [360, 36_000])
def test_i7_two_workers_never_share_a_departure(per_hour: int) -> None:
    """Fails if a lease did not move the row on by its whole block."""
    one, other = Pacer(per_hour), Pacer(per_hour)
    departures = [d for _ in range(30) for d in (*take(one, 1), *take(other, 1))]
    assert len(set(departures)) == 60
    assert min(gaps(departures)) == pytest.approx(3600 / per_hour, abs=1e-5)


def test_a_departure_that_was_passed_leaves_now_and_never_in_the_past() -> None:
    pacer = Pacer(36_000)
    take(pacer, 1)
    assert take(pacer, 1, NOW + timedelta(seconds=30)) == [NOW + timedelta(seconds=30)]


@pytest.mark.parametrize("per_hour", [60, 3600, 36_000])
def test_nobody_waits_for_a_clock_that_was_set_back_to_catch_up(per_hour: int) -> None:
    """Fails without MOST_AHEAD: the next message would leave a day later, and so would the rest of a block."""
    pacer = Pacer(per_hour)
    take(pacer, 1, NOW + timedelta(days=10))
    departures = [*take(pacer, 2), *take(Pacer(per_hour), 1)]
    assert departures[0] == NOW
    assert departures[-1] - NOW < timedelta(minutes=3)
    assert min(gaps(departures)) == pytest.approx(3600 / per_hour, abs=1e-5)


def test_where_the_row_is_missing_nothing_may_leave() -> None:
    Pace.objects.all().delete()
    assert Pacer(60).next_departure(NOW) is None


def test_a_departure_put_back_is_had_by_the_next_who_asks() -> None:
    """Fails without `_PUT_BACK`."""
    first = Pacer(36_000)
    used, unused, *_ = take(first, 2)
    first.put_back(unused)
    assert take(Pacer(36_000), 1) == [unused]
    assert unused > used


def test_i7_a_departure_is_not_put_back_once_another_has_leased_after_it() -> None:
    """Fails without `AND next_at = …` in `_PUT_BACK`: two would leave at the same instant."""
    first = Pacer(60)
    (unused,) = take(first, 1)
    later = take(Pacer(60), 1)
    first.put_back(unused)
    assert take(Pacer(60), 1)[0] - later[0] == timedelta(minutes=1)


def test_without_a_pace_there_is_nothing_to_put_back() -> None:
    before = Pace.objects.get().next_at
    Pacer(0).put_back(NOW)
    assert Pace.objects.get().next_at == before
