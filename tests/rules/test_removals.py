"""The removal case's machine, its clocks, and whether a ground stands."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.campaigns import default_campaign
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.deadlines import Freeze
from registry.rules.removals import (
    CASE_TRANSITIONS,
    LIVE_CASE_STATES,
    PAUSED_CASE_STATES,
    PROOF_BEFORE,
    REDONE_FROM,
    Block,
    CaseFacts,
    CaseState,
    CaseStep,
    Ground,
    Standing,
    assess_ground,
    decide_step,
    first_day_after,
)
from registry.rules.renewals import ItemKind, ItemReason, ItemState, Renewal, RenewalItem

S = CaseState
DAY = date(2027, 4, 1)
CAMPAIGNS = (default_campaign(2027), default_campaign(2028))
TWENTY = dict.fromkeys(CaseStep, 20)
ALL_PROVED = dict.fromkeys(CaseStep, date(2027, 1, 1))
EDGES = {
    (S.OPEN, S.NOTICE), (S.OPEN, S.HELD), (S.OPEN, S.WITHDRAWN),
    (S.NOTICE, S.FORMAL), (S.NOTICE, S.HELD), (S.NOTICE, S.ERROR), (S.NOTICE, S.WITHDRAWN),
    (S.FORMAL, S.DECIDED), (S.FORMAL, S.HELD), (S.FORMAL, S.ERROR), (S.FORMAL, S.WITHDRAWN), (S.FORMAL, S.DISMISSED),
    (S.DECIDED, S.LETTER), (S.DECIDED, S.HELD), (S.DECIDED, S.WITHDRAWN),
    (S.LETTER, S.PUBLISHED), (S.LETTER, S.HELD), (S.LETTER, S.ERROR), (S.LETTER, S.WITHDRAWN),
    (S.HELD, S.OPEN), (S.HELD, S.NOTICE), (S.HELD, S.FORMAL), (S.HELD, S.DECIDED), (S.HELD, S.LETTER),
    (S.HELD, S.WITHDRAWN),
    (S.ERROR, S.OPEN), (S.ERROR, S.NOTICE), (S.ERROR, S.DECIDED), (S.ERROR, S.WITHDRAWN),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), list(product(S, S)), ids=str)
def test_every_pair_of_states(before: CaseState, after: CaseState) -> None:
    assert (after in CASE_TRANSITIONS[before]) is ((before, after) in EDGES)


@pytest.mark.parametrize(("before", "after"), list(product(S, S)), ids=str)
def test_a_step_is_taken_along_the_edges_of_a_case_that_runs(before: CaseState, after: CaseState) -> None:
    decision = decide_step(CaseFacts(before, ALL_PROVED, Standing.STANDS), after, TWENTY, (), DAY)
    runs = before not in PAUSED_CASE_STATES and (before, after) in EDGES
    assert (decision.block is None) is runs
    assert runs or decision.block is Block.FORBIDDEN


def test_what_is_over_and_where_an_error_leads() -> None:
    assert set(S) - LIVE_CASE_STATES == {S.PUBLISHED, S.WITHDRAWN, S.DISMISSED}
    for state, back in REDONE_FROM.items():
        assert S.ERROR in CASE_TRANSITIONS[state]
        assert back in CASE_TRANSITIONS[S.ERROR]
        assert state in CASE_TRANSITIONS[back]


@pytest.mark.parametrize("standing", [Standing.CURED, Standing.AWAITS_US])
@pytest.mark.parametrize(("before", "after"), [(S.OPEN, S.NOTICE), (S.LETTER, S.PUBLISHED)])
def test_i11_no_step_where_the_ground_does_not_stand(before: CaseState, after: CaseState, standing: Standing) -> None:
    assert decide_step(CaseFacts(before, ALL_PROVED, standing), after, TWENTY, (), DAY).block == standing.value


@pytest.mark.parametrize(("target", "step"), PROOF_BEFORE.items(), ids=str)
def test_i11_the_step_before_is_proved_and_old_enough(target: CaseState, step: CaseStep) -> None:
    before = next(s for s in S if target in CASE_TRANSITIONS[s] and s not in PAUSED_CASE_STATES)
    others = {s: date(2020, 1, 1) for s in CaseStep if s is not step}
    bare = CaseFacts(before, others, Standing.STANDS)
    assert decide_step(bare, target, TWENTY, (), DAY).block is Block.NO_PROOF
    for age, block in ((19, Block.TOO_EARLY), (20, None), (21, None)):
        proved = CaseFacts(before, others | {step: DAY - timedelta(days=age)}, Standing.STANDS)
        told = decide_step(proved, target, TWENTY, (), DAY)
        assert (told.block, told.not_before) == (block, DAY + timedelta(days=20 - age))


DAYS = st.dates(date(2026, 1, 1), date(2029, 12, 31))


@given(DAYS, st.integers(0, 90), DAYS, st.integers(0, 30))
def test_a_clock_never_runs_out_early_and_a_freeze_only_adds(
    proved_on: date, days: int, frozen_on: date, length: int
) -> None:
    freeze = Freeze(frozen_on, frozen_on + timedelta(days=length))
    plain, frozen = first_day_after(proved_on, days, ()), first_day_after(proved_on, days, [freeze])
    assert plain == proved_on + timedelta(days=days)
    runs = proved_on <= freeze.until_on and plain >= freeze.from_on
    assert frozen - plain == timedelta(days=freeze.days_lost if runs else 0)


@given(DAYS, DAYS, st.integers(0, 60))
def test_who_may_act_on_a_day_may_act_on_each_later_one(proved_on: date, day: date, days: int) -> None:
    facts = CaseFacts(S.NOTICE, {CaseStep.NOTICE: proved_on}, Standing.STANDS)
    wait = dict.fromkeys(CaseStep, days)
    if decide_step(facts, S.FORMAL, wait, (), day).block is None:
        assert decide_step(facts, S.FORMAL, wait, (), day + timedelta(days=1)).block is None


# --- grounds ----------------------------------------------------------------------------------------------


def finding(state: CoverState, due_on: date | None = date(2027, 2, 28), **values: object) -> CoverFinding:
    return CoverFinding(Category.COA, CoverKind.RC_PRO, state, due_on=due_on, term=due_on, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "day", "standing"),
    [
        (finding(CoverState.LAPSED), date(2027, 3, 1), Standing.STANDS),
        (finding(CoverState.LAPSED), date(2027, 2, 28), Standing.CURED),
        (finding(CoverState.DUE, date(2027, 1, 31)), date(2027, 2, 10), Standing.CURED),
        (finding(CoverState.IN_FORCE), DAY, Standing.CURED),
        (finding(CoverState.AWAITING_REVIEW), DAY, Standing.AWAITS_US),
        (finding(CoverState.LAPSED, first_validity=True), DAY, Standing.CURED),
        (finding(CoverState.LAPSED, None), DAY, Standing.CURED),
        (finding(CoverState.MISSING, date(2028, 2, 29)), DAY, Standing.STANDS),
        (finding(CoverState.MISSING, date(2028, 2, 29)), date(2028, 1, 15), Standing.CURED),
        (finding(CoverState.BELOW_MINIMUM, date(2028, 2, 29)), DAY, Standing.CURED),
        (finding(CoverState.BELOW_MINIMUM, date(2027, 2, 28)), DAY, Standing.STANDS),
    ],
)
def test_a_missing_cover_is_a_ground_past_its_day_and_its_tolerance(
    found: CoverFinding, day: date, standing: Standing
) -> None:
    assert assess_ground(Ground.COVER, [Category.COA], [found], (), CAMPAIGNS, day) is standing


def test_within_the_tolerance_nobody_is_removed() -> None:
    shifted = default_campaign(2027).__class__(
        2027, date(2027, 1, 1), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 2, 28)
    )
    told = [
        assess_ground(Ground.COVER, [Category.COA], [finding(CoverState.LAPSED)], (), [shifted], day)
        for day in (date(2027, 3, 31), date(2027, 4, 1))
    ]
    assert told == [Standing.CURED, Standing.STANDS]


def renewal(kind: ItemKind, state: ItemState, *reasons: ItemReason) -> Renewal:
    return Renewal(Category.COA, 2027, (RenewalItem(kind, state, None, reasons),))


@pytest.mark.parametrize(
    ("ground", "told", "standing"),
    [
        (Ground.FEE, renewal(ItemKind.FEE, ItemState.PROBLEM, ItemReason.FEE_NOTICE_OVER), Standing.STANDS),
        (Ground.FEE, renewal(ItemKind.FEE, ItemState.TO_DO, ItemReason.FEE_NOTICE_RUNS), Standing.CURED),
        (Ground.NOT_FILED, renewal(ItemKind.REQUEST, ItemState.PROBLEM, ItemReason.NEVER_FILED), Standing.STANDS),
        (Ground.NOT_FILED, renewal(ItemKind.REQUEST, ItemState.PROBLEM, ItemReason.FILED_LATE), Standing.CURED),
        (
            Ground.NOT_FILED,
            renewal(ItemKind.REQUEST, ItemState.BEING_CHECKED, ItemReason.AWAITS_CONFIRMATION),
            Standing.AWAITS_US,
        ),
        (Ground.CONDITION, renewal(ItemKind.FEE, ItemState.COMPLETE), Standing.STANDS),
    ],
)
def test_the_grounds_of_a_renewal(ground: Ground, told: Renewal, standing: Standing) -> None:
    assert assess_ground(ground, [Category.COA], (), [told], CAMPAIGNS, DAY) is standing


def test_a_person_is_struck_off_only_where_the_ground_stands_for_each_registration() -> None:
    lapsed = finding(CoverState.LAPSED)
    other = CoverFinding(Category.IOB, CoverKind.RC_PRO, CoverState.IN_FORCE)
    both = [Category.COA, Category.IOB]
    assert assess_ground(Ground.COVER, both, [lapsed, other], (), CAMPAIGNS, DAY) is Standing.CURED
    assert assess_ground(Ground.COVER, [Category.COA], [lapsed, other], (), CAMPAIGNS, DAY) is Standing.STANDS
    assert assess_ground(Ground.CONDITION, [], (), (), CAMPAIGNS, DAY) is Standing.CURED
