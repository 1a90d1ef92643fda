"""The forecast: what the planner would plan day after day, without a trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from registry.clock import PARIS
from registry.models import Cover, RenewalCampaign
from reminders.models import Batch, Notice, NoticeItem, StopSwitch, Wave
from reminders.planning import forecast as module
from reminders.planning.forecast import ForecastDay, days_to_simulate, forecast, under_way
from reminders.planning.plan import plan_reminders
from reminders.rules.hotline import Hotline, call_load
from reminders.rules.send_window import ALWAYS, parse_window
from reminders.rules.states import NoticeState
from tests.factories import CoverEventFactory, CoverFactory, RegistrationFactory, RequirementFactory, shifted
from tests.reminders.dealing import Dealer
from tests.reminders.scenes import (
    DAY,
    approved_batch,
    complete_file,
    due_file,
    engine,
    planned_batch,
    released_batch,
    renew,
)

pytestmark = pytest.mark.django_db

WORKING = parse_window("mon-fri 09:00-17:00")


def days(first: date, last: date) -> list[date]:
    return days_to_simulate(first, last, today=first, window=WORKING)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), PARIS)


def told(forecasted: Sequence[ForecastDay]) -> dict[date, tuple[int, dict[str, int]]]:
    """Notices and waves of the days that have any."""
    return {d.day: (d.notices, {w: n for w, n in d.waves.items() if n}) for d in forecasted if d.notices}


# --- the planner agrees ------------------------------------------------------------------------------------


def planned_for_real(some: Sequence[date], gap_days: int) -> dict[date, tuple[int, dict[str, int]]]:
    """Plan each day, and have all of it accepted on that day."""
    outcome = {}
    for day in some:
        plan = plan_reminders(day=day, now=noon(day), engine=engine(gap_days=gap_days), by=None)
        if plan.batch is None:
            continue
        waves = NoticeItem.objects.filter(notice__batch=plan.batch).values_list("wave", "notice").distinct()
        outcome[day] = (plan.batch.planned, dict(Counter(wave for wave, _ in waves)))
        accept(plan.batch, noon(day))
    return outcome


def accept(batch: Batch, now: datetime, state: NoticeState = NoticeState.ACCEPTED) -> None:
    """Every notice of a batch accepted (or `state`), by the transitions that the database allows."""
    mine = Notice.objects.filter(batch=batch)
    mine.update(state="CLAIMED", lease_until=now, worker="essai-1")
    mine.update(state="SENDING")
    mine.update(state=state.value, settled_at=now)


def the_defaults() -> None:
    """Nothing is moved."""


def dates_moved_by_decisions() -> None:
    end = date(2026, 3, 31)
    shifted(2026, opens_on=date(2026, 1, 12), due_on=date(2026, 2, 20), tolerated_until=end, expires_on=end)


def waves_that_overlap_and_one_that_is_off() -> None:
    Wave.objects.filter(code="D-15").update(active=False)
    Wave.objects.filter(code="D-30").update(last_offset=-1)
    Wave.objects.create(code="D-7b", first_offset=-7, last_offset=-4)
    Wave.objects.create(code="D+9", first_offset=9, last_offset=9)


@pytest.mark.parametrize(
    ("decree", "seed", "gap_days"),
    [(the_defaults, 2014, 5), (dates_moved_by_decisions, 2, 12), (waves_that_overlap_and_one_that_is_off, 4, 0)],
)
def test_i5_the_planner_plans_what_was_forecast(decree: Callable[[], None], seed: int, gap_days: int) -> None:
    """Fails without any of the looks, without the gap, or if what a day sends did not count for the days after it."""
    decree()
    Dealer(Random(seed)).register(120)  # noqa: S311
    some = days(date(2026, 1, 8), date(2026, 3, 12))[::3]
    forecasted = told(forecast(some, engine(gap_days=gap_days)))
    # What is being sent as the forecast begins arrives.
    Notice.objects.filter(state="SENDING").update(state="ACCEPTED", settled_at=noon(some[0]))
    assert forecasted == planned_for_real(some, gap_days)
    assert sum(n for n, _ in forecasted.values()) >= 60
    assert len({wave for _, waves in forecasted.values() for wave in waves}) >= 5


@pytest.mark.parametrize(
    ("decree", "seed"),
    [(the_defaults, 1), (dates_moved_by_decisions, 5), (waves_that_overlap_and_one_that_is_off, 7)],
)
def test_nobody_is_overlooked_on_the_days_between(
    decree: Callable[[], None], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking at everybody on every day finds no more. Fails without the edges of waves, or the look on the morrow of
    one who is written to too soon."""
    decree()
    Dealer(Random(seed)).register(200)  # noqa: S311
    some = days(date(2025, 12, 22), date(2026, 3, 20))
    # So that nobody is looked at only because many are.
    monkeypatch.setattr(module, "MOST_NAMED", 1.0)
    quick = forecast(some, engine())
    monkeypatch.setattr(module._Simulation, "_to_look_at", lambda *_: (None, None))
    assert told(quick) == told(forecast(some, engine()))
    assert len(told(quick)) > 20


# --- each day on which something changes is looked at ------------------------------------------------------


def only_wave(first_offset: int, last_offset: int) -> None:
    Wave.objects.all().delete()
    Wave.objects.create(code="W", first_offset=first_offset, last_offset=last_offset)


def held(starts_on: date, ends_on: date, **values: Any) -> Cover:
    """A cover of a COA of many years, who has no other."""
    cover: Cover = CoverFactory.create(starts_on=starts_on, ends_on=ends_on, imported=True, **values)
    if not cover.intermediary.registrations.exists():
        RegistrationFactory.create(intermediary=cover.intermediary)
    return cover


def also_from_march(cover: Cover, year: int) -> None:
    """The paper for a later year is there already: what is open now opens only when the present cover ends."""
    held(date(year, 3, 1), date(year + 1, 2, 28), intermediary=cover.intermediary)


def a_registration_is_suspended_on_the_day() -> None:
    """Shift 0: of two categories the one that is due is suspended as the wave begins."""
    only_wave(-15, -8)
    cover = held(date(2025, 3, 1), date(2026, 2, 28), categories=["COA"])
    held(date(2025, 3, 1), date(2027, 2, 28), categories=["IOB"], intermediary=cover.intermediary)
    RegistrationFactory.create(intermediary=cover.intermediary, iob=True)
    cover.intermediary.registrations.filter(category="COA").update(suspended_on=date(2026, 2, 13))


def a_suspension_ends_on_the_day_before() -> None:
    """Shift 1."""
    only_wave(-15, -8)
    cover = held(date(2025, 3, 1), date(2026, 2, 28), categories=["COA"])
    held(date(2025, 3, 1), date(2027, 2, 28), categories=["IOB"], intermediary=cover.intermediary)
    RegistrationFactory.create(intermediary=cover.intermediary, iob=True)
    coa = cover.intermediary.registrations.filter(category="COA")
    coa.update(suspended_on=date(2026, 1, 2), suspended_until=date(2026, 2, 16))


def a_cover_begins_on_the_day() -> None:
    """Shift 0."""
    only_wave(11, 14)
    cover = held(date(2025, 6, 1), date(2026, 5, 31))
    held(date(2026, 6, 11), date(2027, 6, 10), intermediary=cover.intermediary)


def a_cover_is_terminated_on_the_day() -> None:
    """Shift 0 of an event."""
    only_wave(1, 14)
    cover = held(date(2026, 3, 1), date(2027, 2, 28))
    CoverEventFactory.create(cover=cover, effective_on=date(2026, 6, 10))
    also_from_march(cover, 2027)


def a_cover_ends_on_the_day_before() -> None:
    """Shift 1."""
    only_wave(1, 14)
    also_from_march(held(date(2025, 6, 11), date(2026, 6, 10)), 2027)


def a_certificate_to_the_28th_counts_to_the_29th() -> None:
    """Shift 2."""
    only_wave(1, 14)
    RenewalCampaign.objects.filter(year=2028).delete()
    also_from_march(held(date(2027, 3, 1), date(2028, 2, 28)), 2029)


def a_cover_ends_alone_in_sixty_days() -> None:
    """Shift -60."""
    only_wave(-60, -46)
    held(date(2025, 9, 16), date(2026, 9, 15))


def a_cover_that_ends_alone_was_terminated() -> None:
    """Shift -61."""
    only_wave(-60, -46)
    CoverEventFactory.create(cover=held(date(2026, 3, 1), date(2027, 2, 28)), effective_on=date(2026, 9, 16))


def a_cover_ends_alone_on_the_29th() -> None:
    """Shift -59."""
    only_wave(-60, -60)
    RenewalCampaign.objects.filter(year=2028).delete()
    held(date(2027, 3, 1), date(2028, 2, 28))


def a_campaign_opens() -> None:
    only_wave(-45, -31)
    shifted(2026, opens_on=date(2026, 1, 20))
    held(date(2025, 3, 1), date(2026, 2, 28))


def a_campaign_expires() -> None:
    """Somebody without any cover is asked in the next campaign."""
    only_wave(-333, -320)
    shifted(2026, tolerated_until=date(2026, 3, 31), expires_on=date(2026, 3, 31))
    RegistrationFactory.create()


def a_term_passes() -> None:
    """The paper from March 2027 on answers for the next campaign, once that is the next."""
    only_wave(1, 14)
    shifted(2026, tolerated_until=date(2026, 3, 31), expires_on=date(2026, 3, 31))
    held(date(2027, 3, 1), date(2028, 2, 28))


def a_requirement_begins() -> None:
    only_wave(-300, -200)
    held(date(2026, 3, 1), date(2027, 2, 28))
    RequirementFactory.create(category="COA", valid_from=date(2026, 6, 10), amount_cents=10**12, annual_cents=10**12)


@pytest.mark.parametrize(
    ("scene", "around", "expected"),
    [
        (a_registration_is_suspended_on_the_day, date(2026, 2, 13), []),
        (a_suspension_ends_on_the_day_before, date(2026, 2, 17), [date(2026, 2, 17)]),
        (a_cover_begins_on_the_day, date(2026, 6, 11), []),
        (a_cover_is_terminated_on_the_day, date(2026, 6, 10), [date(2026, 6, 10)]),
        (a_cover_ends_on_the_day_before, date(2026, 6, 11), [date(2026, 6, 11)]),
        (a_certificate_to_the_28th_counts_to_the_29th, date(2028, 3, 1), [date(2028, 3, 1)]),
        (a_cover_ends_alone_in_sixty_days, date(2026, 7, 17), [date(2026, 7, 17)]),
        (a_cover_that_ends_alone_was_terminated, date(2026, 7, 17), [date(2026, 7, 17)]),
        (a_cover_ends_alone_on_the_29th, date(2027, 12, 31), [date(2027, 12, 31)]),
        (a_campaign_opens, date(2026, 1, 20), [date(2026, 1, 20)]),
        (a_campaign_expires, date(2026, 4, 1), [date(2026, 4, 1)]),
        (a_term_passes, date(2026, 3, 2), []),
        (a_requirement_begins, date(2026, 6, 10), [date(2026, 6, 10)]),
    ],
)
def test_a_change_to_come_is_seen_on_its_very_day(
    scene: Callable[[], None], around: date, expected: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the shift, or the reference day, that the scene names."""
    scene()
    # So that nobody is looked at only because all of so few are.
    monkeypatch.setattr(module, "MOST_NAMED", 1.0)
    some = days(around - timedelta(6), around + timedelta(6))
    assert list(told(forecast(some, engine()))) == expected


# --- what a day sends counts for the next ------------------------------------------------------------------


def test_one_person_goes_through_the_waves_once_each() -> None:
    due_file()
    complete_file()
    assert told(forecast(days(date(2026, 1, 5), date(2026, 3, 20)), engine())) == {
        date(2026, 1, 14): (1, {"D-45": 1}),
        date(2026, 1, 29): (1, {"D-30": 1}),
        date(2026, 2, 13): (1, {"D-15": 1}),
        date(2026, 2, 23): (1, {"D-7": 1}),
        date(2026, 3, 2): (1, {"D+1": 1}),
    }


def test_two_deadlines_close_together_make_one_mail() -> None:
    """A COA due at the end of February, a CIF at the end of January: on 2 February both waves go in one mail."""
    due_file(categories=("COA", "CIF"))
    outcome = told(forecast(days(date(2026, 1, 26), date(2026, 2, 5)), engine()))
    assert outcome == {date(2026, 1, 26): (1, {"D-45": 1, "D-7": 1}), date(2026, 2, 2): (1, {"D-30": 1, "D+1": 1})}


def test_what_was_sent_already_is_not_forecast_again() -> None:
    accept(released_batch(2), noon(DAY))
    assert told(forecast(days(DAY, date(2026, 2, 13)), engine())) == {date(2026, 2, 13): (2, {"D-15": 2})}


def test_a_draft_counts_as_not_made() -> None:
    """Fails if a draft's recipients were taken for live: nobody would be forecast on its own day."""
    due_file()
    planned_batch()
    assert told(forecast([DAY], engine())) == {DAY: (1, {"D-30": 1})}
    assert under_way(DAY) == 0


def test_an_approved_batch_counts_as_not_made() -> None:
    due_file()
    approved_batch()
    assert told(forecast([DAY], engine())) == {DAY: (1, {"D-30": 1})}


def test_a_batch_under_way_is_told_apart_and_not_forecast_again() -> None:
    released_batch(3)
    assert under_way(DAY) == 3
    outcome = told(forecast(days(DAY, date(2026, 2, 13)), engine()))
    assert outcome == {date(2026, 2, 13): (3, {"D-15": 3})}


def test_what_is_under_way_too_late_to_leave_frees_its_waves() -> None:
    """Its last useful day is over before the forecast begins: it will expire, and is planned as the rules say."""
    released_batch(1)
    late = date(2026, 2, 13)
    assert under_way(late) == 0
    assert told(forecast([late], engine())) == {late: (1, {"D-15": 1})}


@pytest.mark.parametrize("state", [NoticeState.ACCEPTED, NoticeState.UNCERTAIN])
def test_the_gap_is_counted_from_what_was_sent_before(state: NoticeState) -> None:
    batch = released_batch(1)
    accept(batch, noon(date(2026, 2, 11)), state)
    outcome = told(forecast(days(date(2026, 2, 12), date(2026, 2, 20)), engine()))
    assert outcome == {date(2026, 2, 16): (1, {"D-15": 1})}


def test_a_period_that_begins_later_is_run_up_to_from_today() -> None:
    """Fails if the forecast began cold: the wave D-30 would seem due in the middle of its days."""
    due_file()
    some = days_to_simulate(date(2026, 2, 2), date(2026, 2, 16), today=date(2026, 1, 5), window=WORKING)
    assert some[0] == date(2026, 1, 5)
    outcome = told(forecast(some, engine()))
    assert [d for d in outcome if d >= date(2026, 2, 2)] == [date(2026, 2, 13)]


# --- days, calls -------------------------------------------------------------------------------------------


def test_only_days_of_the_window_are_forecast() -> None:
    easter = days(date(2026, 4, 2), date(2026, 4, 8))
    assert easter == [date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 7), date(2026, 4, 8)]
    assert len(days_to_simulate(DAY, DAY + timedelta(9), today=DAY, window=ALWAYS)) == 10


def test_a_past_period_is_not_run_up_to() -> None:
    some = days_to_simulate(date(2026, 1, 5), date(2026, 1, 6), today=DAY, window=WORKING)
    assert some == [date(2026, 1, 5), date(2026, 1, 6)]


def test_no_day_is_no_forecast() -> None:
    assert forecast([], engine()) == []


def test_each_day_comes_with_its_calls_at_the_pace_and_the_hotline_of_the_settings() -> None:
    for _ in range(5):
        due_file()
    hotline = Hotline(agents=2, call_seconds=600, calls_per_mail=2)
    (day,) = forecast([DAY], engine(pace_per_hour=3, hotline=hotline))
    assert day.load == call_load(5, 3, hotline)
    assert (day.load.calls, day.load.calls_per_hour) == (10, 6)
    assert day.waves == {"D-45": 0, "D-30": 5, "D-15": 0, "D-7": 0, "D-2": 0, "D+1": 0}


def test_progress_is_told_day_by_day() -> None:
    steps: list[int] = []
    forecast(days(DAY, date(2026, 2, 4)), engine(), advance=steps.append)
    assert steps == [1] * 5


# --- nothing is written ------------------------------------------------------------------------------------


def snapshot() -> dict[str, str]:
    """A hash over every row of every table."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t")
            found[table] = cursor.fetchone()[0]
        return found


def test_a_forecast_leaves_no_trace() -> None:
    renew(due_file())
    released_batch(3)
    before = snapshot()
    first = forecast(days(date(2026, 1, 5), date(2026, 3, 20)), engine())
    assert snapshot() == before
    assert forecast(days(date(2026, 1, 5), date(2026, 3, 20)), engine()) == first
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'forecast%'")
        assert cursor.fetchone() == (0,)


def test_a_forecast_could_not_write_if_it_wanted() -> None:
    """Fails without SET TRANSACTION READ ONLY."""

    def write(_: int) -> None:
        StopSwitch.objects.update(reason="non")

    with pytest.raises(InternalError, match="read-only transaction"), transaction.atomic():
        forecast([DAY], engine(), advance=write)
    assert StopSwitch.objects.update(reason="la base écrit de nouveau") == 1
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        assert cursor.fetchone() == ("on",)
