"""Associations and principals: who files, when an end was told in time, what it leaves."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from registry.rules.affiliations import (
    AffiliationFacts,
    BodyKind,
    SignalKind,
    filer_on,
    is_left_without,
    month_after,
    to_show_by,
    told_in_time,
)
from registry.rules.categories import Category, Filer
from tests.rules.strategies import days, on

ASSOCIATION, PRINCIPAL = BodyKind
END = on("2026-05-31")


def held(kind: BodyKind, starts_on: str, ends_on: str | None = None, *, files: bool = False) -> AffiliationFacts:
    return AffiliationFacts(kind, on(starts_on), on(ends_on) if ends_on else None, files)


@pytest.mark.parametrize(
    ("day", "after"),
    [
        ("2026-01-15", "2026-02-15"),
        ("2026-01-31", "2026-02-28"),
        ("2028-01-30", "2028-02-29"),
        ("2026-12-31", "2027-01-31"),
    ],
)
def test_a_month_later(day: str, after: str) -> None:
    assert month_after(on(day)) == on(after)


@given(days())
def test_a_month_has_28_to_31_days(day: date) -> None:
    assert 28 <= (month_after(day) - day).days <= 31


@pytest.mark.parametrize(("told_on", "in_time"), [("2026-04-01", True), ("2026-06-30", True), ("2026-07-01", False)])
def test_an_end_is_told_within_the_month(told_on: str, in_time: bool) -> None:
    assert told_in_time(END, on(told_on)) is in_time


def test_another_is_to_be_shown_within_a_month_of_the_end_or_of_the_notice() -> None:
    assert to_show_by(END, on("2026-05-01")) == on("2026-06-30")
    assert to_show_by(END, on("2026-08-15")) == on("2026-09-15")


@pytest.mark.parametrize(
    ("other", "bare"),
    [
        (held(ASSOCIATION, "2026-01-01"), False),
        (held(ASSOCIATION, "2026-06-01"), False),
        (held(ASSOCIATION, "2026-06-30"), False),
        (held(ASSOCIATION, "2026-07-01"), True),
        (held(ASSOCIATION, "2025-01-01", "2026-05-30"), True),
        (held(PRINCIPAL, "2026-01-01"), True),
    ],
)
def test_an_end_leaves_nobody_bare_who_has_another_within_the_month(other: AffiliationFacts, bare: bool) -> None:
    assert is_left_without(ASSOCIATION, END, [other]) is bare
    assert is_left_without(ASSOCIATION, END, [])


def test_who_files_is_the_body_that_was_said_to_while_it_holds() -> None:
    principal = held(PRINCIPAL, "2026-01-01", "2026-05-31", files=True)
    quiet = held(ASSOCIATION, "2020-01-01")
    told = [filer_on(on(day), Category.IOB, [quiet, principal]) for day in ("2025-12-31", "2026-05-31", "2026-06-01")]
    assert told == [Filer.SELF, Filer.PRINCIPAL, Filer.SELF]
    files = held(ASSOCIATION, "2020-01-01", files=True)
    assert filer_on(END, Category.COA, [files]) is Filer.ASSOCIATION
    assert filer_on(END, Category.CIF, []) is Filer.ASSOCIATION


def test_each_end_has_its_signal() -> None:
    assert SignalKind.of_the_end(ASSOCIATION) is SignalKind.MEMBERSHIP_ENDED
    assert SignalKind.of_the_end(PRINCIPAL) is SignalKind.MANDATE_ENDED
