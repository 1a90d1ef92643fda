"""What becomes of what issuers push: each fate, each refusal, each doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from registry.rules.categories import Category, CoverKind
from registry.rules.cover_events import Said
from registry.rules.facts import CoverEventKind, CoverStatus
from registry.rules.pushes import (
    MOST_OF_ONE_POLICY,
    Fate,
    HeldCover,
    LotChecker,
    Pushed,
    Ruling,
    Standing,
    decide,
    rounds,
)
from tests.rules.pushed import HELD, PUSHED, UNKNOWN, pushed, standing, word
from tests.rules.strategies import REFERENCE, on

DAY = on("2026-01-20")
SUSPENDED, NOT_RENEWED, TERMINATED, REINSTATED = CoverEventKind
GF = CoverKind.FINANCIAL_GUARANTEE
GUARANTEE = replace(HELD, kind=GF, amount_cents=11_500_000, annual_cents=None)
BEFORE = replace(HELD, cover_id=6, starts_on=on("2025-03-01"), ends_on=on("2026-02-28"))


def ruled(row: Pushed, *held: HeldCover, day: date = DAY, **changes: Any) -> Ruling:
    return decide(row, standing(*held, **changes), REFERENCE, day)


def codes(ruling: Ruling) -> list[str]:
    return [warning.code for warning in ruling.warnings]


def code(ruling: Ruling) -> str:
    assert ruling.fate is Fate.REFUSED
    assert ruling.problem
    return ruling.problem.code


@pytest.mark.parametrize(
    ("row", "held", "fate", "cover_id"),
    [
        (PUSHED, [], Fate.NEW, None),
        (PUSHED, [HELD], Fate.UNCHANGED, 7),
        (PUSHED, [replace(HELD, pushed=False)], Fate.UNCHANGED, 7),
        (pushed(amount_cents=1), [HELD], Fate.CHANGED, 7),
        (pushed(ends_on=on("2027-01-31")), [HELD], Fate.CHANGED, 7),
        (pushed(categories=frozenset(Category)), [HELD], Fate.CHANGED, 7),
        # A paper that somebody else entered is left as it is: the issuer's own stands beside it.
        (pushed(amount_cents=1), [replace(HELD, pushed=False)], Fate.NEW, None),
        (PUSHED, [HELD, replace(HELD, cover_id=3, pushed=False, amount_cents=9)], Fate.UNCHANGED, 7),
        (pushed(amount_cents=9), [HELD, replace(HELD, cover_id=3, pushed=False, amount_cents=9)], Fate.CHANGED, 7),
        (PUSHED, [replace(HELD, status=CoverStatus.DEPOSITED, pushed=False)], Fate.NEW, None),
        (PUSHED, [replace(HELD, status=CoverStatus.REFUSED)], Fate.NEW, None),
        (pushed(starts_on=on("2026-03-02")), [HELD], Fate.NEW, None),
        (pushed(policy_key="rc2"), [HELD], Fate.NEW, None),
        (pushed(kind=GF), [HELD], Fate.NEW, None),
    ],
)
def test_a_certificate_is_new_changed_or_known(
    row: Pushed, held: list[HeldCover], fate: Fate, cover_id: int | None
) -> None:
    ruling = ruled(row, *held)
    assert (ruling.fate, ruling.cover_id) == (fate, cover_id)


def test_a_certificate_of_nobody_on_the_register_is_refused() -> None:
    assert code(decide(PUSHED, None, REFERENCE, DAY)) == "intermediary_unknown"


@pytest.mark.parametrize(
    ("changes", "categories", "doubts"),
    [
        ({}, {"COA"}, []),
        ({}, set(), ["category_not_registered"]),
        ({"amount_cents": 156_460_999}, {"COA"}, ["amount_below_minimum"]),
        ({"annual_cents": 1}, {"COA"}, ["amount_below_minimum"]),
        ({"amount_cents": None, "annual_cents": None}, {"COA"}, []),
        ({"kind": GF, "categories": frozenset({Category.CIF})}, {"CIF"}, ["cover_not_required"]),
    ],
)
def test_a_certificate_with_a_doubt_is_taken_and_the_doubt_told(
    changes: dict[str, Any], categories: set[str], doubts: list[str]
) -> None:
    ruling = ruled(pushed(**changes), categories=frozenset(map(Category, categories)))
    assert (ruling.fate, codes(ruling)) == (Fate.NEW, doubts)


def test_the_minimum_told_is_that_of_the_first_day_where_it_lies_ahead_and_names_its_text() -> None:
    """Fails with the minimum of the day of the push: 1,500,000 sufficed until 8 October 2024."""
    low = pushed(amount_cents=150_000_000, annual_cents=200_000_000)
    (warning,) = ruled(low, day=on("2024-01-10")).warnings
    assert "A512-4" in warning.message
    assert codes(ruled(replace(low, starts_on=on("2024-01-01")), day=on("2024-01-10"))) == []


def test_one_that_is_pushed_again_after_its_end_says_so() -> None:
    ended = replace(HELD, said=(Said(TERMINATED, on("2026-06-01")),))
    for row, fate in ((PUSHED, Fate.UNCHANGED), (pushed(amount_cents=None), Fate.CHANGED)):
        ruling = ruled(row, ended)
        assert (ruling.fate, codes(ruling)) == (fate, ["cover_has_ended"])
    at_term = replace(HELD, said=(Said(NOT_RENEWED, on("2027-03-01")),))
    assert codes(ruled(PUSHED, at_term)) == []


def test_the_next_year_of_a_policy_needs_the_policy() -> None:
    """Fails without `continues`: an answer would make a certificate of any number."""
    row = pushed(continues=True)
    assert ruled(row, BEFORE).fate is Fate.NEW
    assert code(ruled(row)) == code(ruled(row, replace(BEFORE, ends_on=on("2026-01-31")))) == "policy_unknown"


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [word(TERMINATED, on("2026-06-01")), word(REINSTATED, on("2026-06-01")), UNKNOWN])
@pytest.mark.parametrize(
    "held", [None, standing(), standing(replace(HELD, policy_key="x")), standing(replace(HELD, kind=GF)),
             standing(replace(HELD, status=CoverStatus.REFUSED))],
)  # fmt: skip
def test_i14_a_policy_of_another_is_as_unknown_as_a_number_that_is_none(row: Pushed, held: Standing | None) -> None:
    ruling = decide(row, held, REFERENCE, DAY)
    assert ruling == decide(row, None, REFERENCE, DAY)
    assert code(ruling) == "policy_unknown"


@pytest.mark.parametrize(
    ("event", "day", "targets"),
    [
        (TERMINATED, "2026-01-25", (6, 7)),
        (TERMINATED, "2026-03-01", (7,)),
        (TERMINATED, "2027-02-28", (7,)),
        (SUSPENDED, "2026-02-28", (6, 7)),
        (NOT_RENEWED, "2026-03-01", (6, 7)),
        (NOT_RENEWED, "2027-03-01", (7,)),
    ],
)
def test_a_word_reaches_every_certificate_of_the_policy_from_its_day_on(
    event: CoverEventKind, day: str, targets: tuple[int, ...]
) -> None:
    ruling = ruled(word(event, on(day)), HELD, BEFORE)
    assert (ruling.fate, ruling.targets, ruling.effective_on) == (Fate.NEW, targets, on(day))


@pytest.mark.parametrize(
    ("event", "day", "refusal"),
    [
        (TERMINATED, "2027-03-01", "policy_over"),
        (TERMINATED, "1900-01-01", "before_the_register"),
        (SUSPENDED, "2006-12-31", "before_the_register"),
        (SUSPENDED, "2030-01-01", "policy_over"),
        (NOT_RENEWED, "2026-06-01", "not_at_term"),
        (REINSTATED, "2026-06-01", "nothing_suspended"),
    ],
)
def test_a_word_that_says_nothing_of_the_policy_is_refused(event: CoverEventKind, day: str, refusal: str) -> None:
    assert code(ruled(word(event, on(day)), HELD)) == refusal


def test_the_same_word_again_is_known() -> None:
    row = word(TERMINATED, on("2026-06-01"))
    said = replace(HELD, said=(Said(TERMINATED, on("2026-06-01")),))
    assert ruled(row, said).fate is Fate.UNCHANGED
    assert ruled(row, said, replace(HELD, cover_id=8)).targets == (8,)
    assert ruled(word(TERMINATED, on("2026-05-01")), said).fate is Fate.NEW


@pytest.mark.parametrize(
    ("asked", "effective", "doubts"),
    [
        # Told on Tuesday 20 January 2026: 21, 22 and 23 are clear, so Saturday 24 is the first day without.
        ("2026-01-20", "2026-01-24", ["put_off_to_three_clear_days"]),
        ("2026-01-23", "2026-01-24", ["put_off_to_three_clear_days"]),
        ("2026-01-24", "2026-01-24", []),
        ("2026-02-01", "2026-02-01", []),
    ],
)
def test_a_guarantee_ends_after_three_clear_days_at_the_earliest(asked: str, effective: str, doubts: list[str]) -> None:
    """Fails without `earliest_end` in `_decide_ending`."""
    held = replace(GUARANTEE, starts_on=on("2025-03-01"))
    for event in (TERMINATED, SUSPENDED):
        ruling = ruled(word(event, on(asked), kind=GF), held)
        assert (ruling.fate, ruling.effective_on, codes(ruling)) == (Fate.NEW, on(effective), doubts)


def test_a_guarantors_file_handed_in_again_another_day_changes_nothing() -> None:
    """Fails if only the same day were known again: what the clear days put off moves with the day of the notice."""
    row = word(TERMINATED, on("2026-01-20"), kind=GF)
    held = replace(GUARANTEE, starts_on=on("2025-03-01"))
    first = ruled(row, held)
    told = replace(held, said=(Said(TERMINATED, first.effective_on or DAY),))
    assert ruled(row, told, day=on("2026-02-02")).fate is Fate.UNCHANGED


def test_an_rc_pro_may_end_in_the_past_which_is_told() -> None:
    ruling = ruled(word(TERMINATED, on("2026-01-05")), BEFORE)
    assert (ruling.effective_on, codes(ruling)) == (on("2026-01-05"), ["takes_effect_in_the_past"])


def test_a_suspension_is_lifted_once_and_then_told_anew_with_another_day() -> None:
    suspended = replace(HELD, said=(Said(SUSPENDED, on("2026-04-01")),))
    lift = word(REINSTATED, on("2026-05-01"))
    assert ruled(lift, suspended, HELD).targets == (7,)
    lifted = replace(HELD, said=(*suspended.said, Said(REINSTATED, on("2026-05-01"))))
    assert ruled(lift, lifted).fate is Fate.UNCHANGED
    assert code(ruled(word(REINSTATED, on("2026-05-02")), lifted)) == "nothing_suspended"
    assert ruled(word(SUSPENDED, on("2026-04-01")), suspended).fate is Fate.UNCHANGED
    assert code(ruled(word(SUSPENDED, on("2026-04-01")), lifted)) == "suspension_was_lifted"
    assert ruled(word(SUSPENDED, on("2026-06-01")), lifted).fate is Fate.NEW


def test_a_policy_that_the_issuer_does_not_know_is_doubted_once() -> None:
    assert ruled(UNKNOWN, BEFORE, HELD) == Ruling(Fate.NEW, targets=(7,))
    assert ruled(UNKNOWN, BEFORE, replace(HELD, doubted=True)).fate is Fate.UNCHANGED


# --- lots ---------------------------------------------------------------------------------------------------


def test_a_row_that_comes_again_is_a_duplicate_and_one_that_contradicts_it_is_refused() -> None:
    check = LotChecker().check
    rows: list[Pushed] = [PUSHED, word(TERMINATED, on("2026-06-01")), UNKNOWN]
    assert [check(row) for row in rows] == [None] * 3
    assert {r.fate for r in map(check, rows) if r} == {Fate.DUPLICATE}
    other = check(pushed(amount_cents=1))
    assert other
    assert code(other) == "contradicts_an_earlier_row"
    assert check(pushed(starts_on=on("2027-03-01"))) is None
    assert check(word(TERMINATED, on("2026-07-01"))) is None


def test_rounds_hold_each_policy_once_in_the_order_of_the_rows() -> None:
    one, other = PUSHED, pushed(policy_key="x")
    assert rounds([one, other, one, other, one]) == ([[0, 1], [2, 3], [4]], [])
    assert rounds([]) == ([], [])
    many = MOST_OF_ONE_POLICY + 2
    turns, beyond = rounds([one] * many)
    assert (len(turns), beyond) == (MOST_OF_ONE_POLICY, [many - 2, many - 1])
