"""Covers over time: what is covered, what waits for us, and where there is a gap."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.facts import CoverFacts, CoverStatus, FileFacts, Reference, RegistrationFacts, Requirement
from registry.rules.periods import Period
from registry.rules.timeline import SpanKind, cover_timelines, within, without

DAY = date(2026, 2, 10)
WINDOW = Period(date(2025, 1, 1), date(2027, 1, 1))
MINIMUM = Requirement(Category.COA, CoverKind.RC_PRO, date(2020, 1, 1), None, 100, None, "CA L512-6")
REFERENCE = Reference((MINIMUM,), ())


def cover(first: date, last: date, **values: Any) -> CoverFacts:
    return CoverFacts(CoverKind.RC_PRO, frozenset({Category.COA}), first, last, **values)


def spans(
    *covers: CoverFacts, since: date = date(2015, 1, 1), state: CoverState = CoverState.DUE
) -> list[tuple[str, date, date]]:
    facts = FileFacts("08000041", "X", "", "fr", (RegistrationFacts(Category.COA, since),), covers)
    finding = CoverFinding(Category.COA, CoverKind.RC_PRO, state)
    found = cover_timelines(facts, [finding], REFERENCE, WINDOW, DAY)
    return [(s.kind.value, s.period.start, s.period.last_day) for one in found for s in one.spans]


def test_a_year_between_two_certificates_is_a_gap() -> None:
    told = spans(cover(date(2025, 3, 1), date(2025, 6, 30)), cover(date(2025, 9, 1), date(2026, 8, 31)))
    assert told == [
        ("COVERED", date(2025, 3, 1), date(2025, 6, 30)),
        ("GAP", date(2025, 7, 1), date(2025, 8, 31)),
        ("COVERED", date(2025, 9, 1), date(2026, 8, 31)),
    ]


def test_a_cover_that_is_over_leaves_a_gap_up_to_the_day_and_no_further() -> None:
    assert spans(cover(date(2025, 3, 1), date(2026, 1, 31)))[-1] == ("GAP", date(2026, 2, 1), DAY)


def test_nothing_is_called_a_gap_before_the_first_certificate_on_record() -> None:
    """Fails without `known_from`: a register taken over may hold the last certificate alone."""
    assert spans(cover(date(2026, 1, 1), date(2026, 12, 31))) == [("COVERED", date(2026, 1, 1), date(2026, 12, 31))]


def test_without_any_certificate_everything_since_the_registration_is_a_gap() -> None:
    assert spans(since=date(2025, 12, 1)) == [("GAP", date(2025, 12, 1), DAY)]
    assert spans(since=date(2026, 5, 1)) == []


def test_a_paper_that_waits_for_us_is_no_gap() -> None:
    old = cover(date(2025, 3, 1), date(2026, 1, 31))
    new = cover(date(2026, 1, 15), date(2026, 12, 31), status=CoverStatus.DEPOSITED)
    assert spans(old, new) == [
        ("COVERED", date(2025, 3, 1), date(2026, 1, 31)),
        ("AWAITING", date(2026, 2, 1), date(2026, 12, 31)),
    ]


@pytest.mark.parametrize("values", [{"amount_cents": 99}, {"status": CoverStatus.REFUSED}])
def test_a_certificate_that_does_not_count_covers_nothing(values: dict[str, Any]) -> None:
    assert spans(cover(date(2026, 1, 1), date(2026, 12, 31), **values)) == [("GAP", date(2026, 1, 1), DAY)]


def test_sums_are_those_asked_on_the_first_day_of_the_certificate() -> None:
    earlier = cover(date(2019, 1, 1), date(2026, 12, 31), amount_cents=1)
    assert spans(earlier)[0][0] == "COVERED"


def test_what_needs_no_paper_has_no_timeline() -> None:
    assert spans(state=CoverState.NOT_REQUIRED) == []


def test_the_gaps_of_a_timeline_are_its_gaps() -> None:
    facts = FileFacts("08000041", "X", "", "fr", (RegistrationFacts(Category.COA, date(2026, 2, 1)),), ())
    (one,) = cover_timelines(
        facts, [CoverFinding(Category.COA, CoverKind.RC_PRO, CoverState.MISSING)], REFERENCE, WINDOW, DAY
    )
    assert one.gaps == (Period(date(2026, 2, 1), date(2026, 2, 11)),)
    assert one.spans[0].kind is SpanKind.GAP


DAYS = st.integers(0, 60).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
PERIODS = st.tuples(DAYS, DAYS).map(lambda pair: Period(min(pair), max(pair)))


def days_in(periods: list[Period]) -> set[date]:
    return {p.start + timedelta(days=n) for p in periods for n in range((p.end - p.start).days)}


@given(st.lists(PERIODS, max_size=4), st.lists(PERIODS, max_size=4), PERIODS)
def test_parts_are_taken_out_and_cut_day_by_day(periods: list[Period], holes: list[Period], window: Period) -> None:
    assert days_in(without(periods, holes)) == days_in(periods) - days_in(holes)
    assert days_in(within(periods, window)) == days_in(periods) & days_in([window])
    assert all(without(periods, holes))
    assert all(within(periods, window))


def test_a_hole_in_the_middle_leaves_both_ends() -> None:
    whole, hole = Period(date(2026, 1, 1), date(2026, 2, 1)), Period(date(2026, 1, 10), date(2026, 1, 12))
    assert without([whole], [hole]) == [Period(whole.start, hole.start), Period(hole.end, whole.end)]
