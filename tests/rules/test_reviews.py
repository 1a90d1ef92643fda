"""The two months for a review: counted from the deposit, still while we wait for them, moved by our own outages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.deadlines import Freeze, after_freezes
from registry.rules.reviews import REASON_TEXTS, ReviewReason, Wait, assess_clock, months_after

JANUARY = date(2027, 1, 12)
DAYS = st.dates(date(2026, 12, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("day", "after"),
    [
        (date(2027, 1, 12), date(2027, 3, 12)),
        (date(2026, 12, 31), date(2027, 2, 28)),
        (date(2027, 12, 31), date(2028, 2, 29)),
        (date(2027, 11, 30), date(2028, 1, 30)),
    ],
)
def test_two_months_end_on_the_same_day_or_the_last_of_the_month(day: date, after: date) -> None:
    """CPC 641."""
    assert months_after(day, 2) == after
    clock = assess_clock(day, (), (), after)
    assert (clock.due_on, clock.days_left, clock.is_late, clock.paused_since) == (after, 0, False, None)
    assert assess_clock(day, (), (), after + timedelta(days=1)).is_late


def test_it_stands_still_while_we_wait_and_says_so() -> None:
    """Fails without the open wait in `stops`."""
    wait = Wait(date(2027, 2, 1))
    early, late = (assess_clock(JANUARY, [wait], (), day) for day in (date(2027, 2, 1), date(2027, 7, 1)))
    assert early.days_left == late.days_left == 39
    assert (late.paused_since, late.is_late, late.due_on) == (date(2027, 2, 1), False, date(2027, 8, 9))
    assert "suspendu depuis le 01/02/2027" in late.in_words[0]
    assert "39 jours" in late.in_words[0]
    assert "39 days" in late.in_words[1]


def test_it_goes_on_from_the_answer() -> None:
    waits = [Wait(date(2027, 2, 1), date(2027, 2, 11)), Wait(date(2027, 3, 1), date(2027, 3, 2))]
    clock = assess_clock(JANUARY, waits, (), date(2027, 3, 15))
    assert (clock.due_on, clock.paused_since) == (date(2027, 3, 23), None)
    assert "jusqu’au 23/03/2027" in clock.in_words[0]


def test_one_day_is_told_in_the_singular() -> None:
    clock = assess_clock(JANUARY, [Wait(date(2027, 3, 11))], (), date(2027, 3, 11))
    assert "il nous restera 1 jour." in clock.in_words[0]
    assert "1 day left" in clock.in_words[1]


def test_a_question_asked_too_late_gives_nothing_back() -> None:
    """Fails without `first <= due_on`: asking on the day after would make us timely again."""
    clock = assess_clock(JANUARY, [Wait(date(2027, 3, 13), date(2027, 4, 30))], (), date(2027, 5, 1))
    assert clock.due_on == date(2027, 3, 12)
    assert clock.is_late


def test_what_is_asked_or_answered_later_is_not_known_yet() -> None:
    """Fails where a past day sees what came after it."""
    waits = [Wait(date(2027, 2, 1), date(2027, 2, 20))]
    assert assess_clock(JANUARY, waits, (), date(2027, 1, 31)).due_on == date(2027, 3, 12)
    then = assess_clock(JANUARY, waits, (), date(2027, 2, 10))
    assert (then.due_on, then.paused_since) == (date(2027, 3, 21), date(2027, 2, 1))


def test_our_outage_moves_it_as_it_moves_every_clock() -> None:
    freeze = Freeze(date(2027, 2, 20), date(2027, 2, 22))
    assert assess_clock(JANUARY, (), [freeze], date(2027, 3, 1)).due_on == date(2027, 3, 15)


def test_a_day_lost_while_we_waited_anyway_is_given_back_once() -> None:
    """Fails without `_shared`."""
    freeze = Freeze(date(2027, 2, 9), date(2027, 2, 12))
    waits = [Wait(date(2027, 2, 1), date(2027, 2, 11))]
    assert assess_clock(JANUARY, waits, [freeze], date(2027, 3, 1)).due_on == date(2027, 3, 24)


WAITS = st.lists(st.tuples(DAYS, st.integers(0, 40)), max_size=4).map(
    lambda drawn: [Wait(first, first + timedelta(days=days)) for first, days in drawn]
)


def apart(waits: list[Wait]) -> list[Wait]:
    """One question at a time, as the database has it."""
    kept: list[Wait] = []
    for wait in sorted(waits, key=lambda w: w.asked_on):
        if not kept or (kept[-1].answered_on or date.max) <= wait.asked_on:
            kept.append(wait)
    return kept


FREEZES = st.lists(st.tuples(DAYS, st.integers(0, 20)), max_size=2).map(
    lambda drawn: [Freeze(first, first + timedelta(days=days)) for first, days in drawn]
)


def disjoint(freezes: list[Freeze]) -> list[Freeze]:
    kept: list[Freeze] = []
    for freeze in sorted(freezes, key=lambda f: f.from_on):
        if not any(freeze.overlaps(other) for other in kept):
            kept.append(freeze)
    return kept


@given(DAYS, WAITS, FREEZES)
def test_no_question_and_no_outage_ever_shortens_it(deposited: date, waits: list[Wait], freezes: list[Freeze]) -> None:
    end = date(2028, 1, 1)
    whole = assess_clock(deposited, apart(waits), disjoint(freezes), end).due_on
    assert whole >= assess_clock(deposited, apart(waits), (), end).due_on >= months_after(deposited, 2)
    stopped = sum((w.answered_on - w.asked_on).days for w in apart(waits) if w.answered_on)
    lost = sum(f.days_lost for f in disjoint(freezes))
    assert (whole - months_after(deposited, 2)).days <= stopped + lost


@given(DAYS, FREEZES)
def test_without_a_question_it_is_moved_as_every_legal_clock_is(deposited: date, freezes: list[Freeze]) -> None:
    """The same rule as for campaigns and fees, for freezes taken in the order of their days."""
    kept = disjoint(freezes)
    expected = after_freezes(months_after(deposited, 2), deposited, kept)
    assert assess_clock(deposited, (), kept, date(2028, 1, 1)).due_on == expected


@given(DAYS, st.integers(0, 59), st.integers(0, 200))
def test_while_it_is_paused_no_day_is_lost(deposited: date, asked: int, waited: int) -> None:
    asked_on = deposited + timedelta(days=asked)
    first = assess_clock(deposited, [Wait(asked_on)], (), asked_on)
    later = assess_clock(deposited, [Wait(asked_on)], (), asked_on + timedelta(days=waited))
    assert (later.days_left, later.paused_since) == (first.days_left, asked_on)


def test_every_reason_says_what_to_do_in_both_languages() -> None:
    assert set(REASON_TEXTS) == set(ReviewReason)
    assert all(french.endswith(".") and english.endswith(".") for french, english in REASON_TEXTS.values())
    assert "1er mars" in REASON_TEXTS[ReviewReason.OLD_PERIOD][0]
