"""Calls and agents: Erlang's formulas against tables, worked examples and their own definition."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.hotline import (
    CALLS_PER_MAIL_IN_2014,
    DEFAULT_HOTLINE,
    Hotline,
    agents_needed,
    busiest_hour,
    call_load,
    erlang_b,
    erlang_c,
    expected_calls,
    mails_per_hour_for,
    pace_within,
    share_answered,
)

calls = st.floats(0, 1_000)
seconds = st.floats(1, 900)
teams = st.integers(1, 200)


# --- Erlang's formulas -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "erlangs", "loss"),
    [(1, 0.0101, 0.01), (5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01), (100, 84.06, 0.01), (15, 10, 0.0365)],
)
def test_the_loss_is_that_of_the_printed_tables(lines: int, erlangs: float, loss: float) -> None:
    """Erlang B tables as in ITU-D, Teletraffic Engineering Handbook: the load which so many lines take at 1 % loss."""
    assert erlang_b(lines, erlangs) == pytest.approx(loss, rel=0.002)


def test_a_worked_example_of_call_centres() -> None:
    """Call Centre Helper's worked example of the Erlang C formula: 100 calls of three minutes in half an hour."""
    assert erlang_c(14, 10) == pytest.approx(0.1741, abs=0.0001)
    assert share_answered(14, 200, 180) == pytest.approx(0.8884, abs=0.0001)
    assert share_answered(13, 200, 180) < 0.8
    assert agents_needed(200, 180) == 14


@given(st.integers(0, 25), st.fractions(Fraction(1, 100), 40, max_denominator=100))
def test_the_recursion_gives_what_the_formulas_define(agents: int, erlangs: Fraction) -> None:
    """Fails with any slip in the recursion: the definitions are computed here in whole fractions."""
    terms = [erlangs**n / math.factorial(n) for n in range(agents + 1)]
    assert erlang_b(agents, float(erlangs)) == pytest.approx(float(terms[-1] / sum(terms)), rel=1e-9)
    if agents > erlangs:
        waiting = terms[-1] * agents / (agents - erlangs)
        delay = waiting / (sum(terms[:-1]) + waiting)
        assert erlang_c(agents, float(erlangs)) == pytest.approx(float(delay), rel=1e-9)


@given(st.integers(0, 300), st.floats(0, 1e6))
def test_shares_are_between_none_and_all(agents: int, erlangs: float) -> None:
    assert 0 <= erlang_b(agents, erlangs) <= erlang_c(agents, erlangs) <= 1
    assert 0 <= share_answered(agents, erlangs * 12, 300) <= 1


def test_one_agent_for_a_load_of_one_is_never_enough() -> None:
    assert erlang_c(1, 1.0) == 1.0
    assert share_answered(1, 60, 60) == 0.0


# --- agents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call_seconds", "agents"), [(300, 91), (180, 56), (90, 29), (60, 20), (45, 15), (30, 10)])
def test_the_night_of_2014_needed_far_more_than_six(call_seconds: int, agents: int) -> None:
    """1,000 calls in an hour: six agents end up with a queue without end unless calls are under 22 seconds."""
    assert agents_needed(1000, call_seconds) == agents
    assert share_answered(6, 1000, call_seconds) == 0.0


def test_the_hour_of_2014_by_the_default_hotline() -> None:
    load = call_load(18_000, 0, Hotline(calls_per_mail=CALLS_PER_MAIL_IN_2014))
    assert load.calls == pytest.approx(1000)
    assert load.calls_per_hour == pytest.approx(1000)
    assert (load.agents_needed, load.answered_share) == (91, 0.0)
    assert Hotline(6, 300, 0.056) == DEFAULT_HOTLINE


def test_nobody_is_needed_where_nobody_calls() -> None:
    assert agents_needed(0, 300) == 0
    assert share_answered(0, 0, 300) == 0.0
    assert call_load(0, 0, DEFAULT_HOTLINE).agents_needed == 0


@given(calls, seconds, st.floats(0.01, 0.999), st.floats(0, 600))
def test_so_many_are_enough_and_one_fewer_is_not(hourly: float, length: float, share: float, wait: float) -> None:
    agents = agents_needed(hourly, length, share, wait)
    load = hourly * length / 3600
    if load:
        assert load < agents <= load + 10 * math.sqrt(load) + 10
        assert share_answered(agents, hourly, length, wait) >= share
        assert share_answered(agents - 1, hourly, length, wait) < share


@given(calls, calls, seconds, seconds, st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_more_or_longer_calls_or_a_better_service_need_no_fewer(
    few: float, more: float, short: float, longer: float, poor: float, better: float
) -> None:
    few, more = sorted((few, more))
    short, longer = sorted((short, longer))
    poor, better = sorted((poor, better))
    assert agents_needed(few, short) <= agents_needed(more, short)
    assert agents_needed(few, short) <= agents_needed(few, longer)
    assert agents_needed(few, short, poor) <= agents_needed(few, short, better)


def test_a_load_of_thousands_overflows_nothing() -> None:
    """Powers and factorials of the textbook form give infinity over infinity from 171 agents on."""
    assert 5_000 < agents_needed(60_000, 300) < 5_200
    assert erlang_b(5_000, 5_000) == pytest.approx(math.sqrt(2 / math.pi / 5_000), rel=0.02)


@pytest.mark.parametrize(
    ("hourly", "length", "share", "wait"),
    [
        (-1, 300, 0.8, 20),
        (math.inf, 300, 0.8, 20),
        (math.nan, 300, 0.8, 20),
        (10, 0, 0.8, 20),
        (10, math.nan, 0.8, 20),
        (10, 300, 0, 20),
        (10, 300, 1, 20),
        (10, 300, 0.8, -1),
    ],
)
def test_what_no_hotline_can_be_asked_is_refused(hourly: float, length: float, share: float, wait: float) -> None:
    with pytest.raises(ValueError, match="no call load|no service"):
        agents_needed(hourly, length, share, wait)


# --- mails -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mails", "pace", "busiest"), [(18_000, 0, 18_000), (18_000, 1_800, 1_800), (9, 1_800, 9), (0, 0, 0), (0, 5, 0)]
)
def test_a_pace_spreads_the_mails_and_none_sends_all_at_once(mails: int, pace: int, busiest: int) -> None:
    assert busiest_hour(mails, pace) == busiest
    assert expected_calls(mails, 0.5) == mails / 2


def test_calls_are_for_all_mails_and_agents_for_the_busiest_hour() -> None:
    load = call_load(18_000, 1_800, Hotline(agents=14, call_seconds=180, calls_per_mail=1 / 9))
    assert load.calls == pytest.approx(2_000)
    assert load.calls_per_hour == pytest.approx(200)
    assert load.agents_needed == 14
    assert load.answered_share == pytest.approx(0.8884, abs=0.0001)


def test_the_pace_of_six_agents_is_what_their_hour_holds() -> None:
    """72 calls of five minutes an hour; a mail draws 0.056 of one."""
    assert mails_per_hour_for(6, 300, 0.056) == 1285


@given(teams, seconds, st.floats(0.001, 10))
def test_a_pace_draws_no_more_calls_than_the_agents_can_take(agents: int, length: float, rate: float) -> None:
    pace = mails_per_hour_for(agents, length, rate)
    assert pace >= 1
    assert pace == 1 or expected_calls(pace, rate) * length <= agents * 3600 * (1 + 1e-9)
    assert pace <= mails_per_hour_for(agents + 1, length, rate)


def test_a_pace_too_small_to_count_is_not_taken_for_no_limit() -> None:
    """Fails without `max(1, …)`: 0 would let everything leave at once."""
    assert mails_per_hour_for(1, 3_600, 10) == 1
    assert pace_within(0, Hotline(1, 3_600, 10)) == 1


@pytest.mark.parametrize(("agents", "length", "rate"), [(0, 300, 0.1), (6, 0, 0.1), (6, 300, 0)])
def test_a_hotline_that_is_none_has_no_pace(agents: int, length: float, rate: float) -> None:
    with pytest.raises(ValueError, match="no hotline"):
        mails_per_hour_for(agents, length, rate)


@pytest.mark.parametrize(("pace", "effective"), [(0, 1285), (100, 100), (1285, 1285), (9_000, 1285)])
def test_the_smaller_pace_counts(pace: int, effective: int) -> None:
    assert pace_within(pace, DEFAULT_HOTLINE) == effective
