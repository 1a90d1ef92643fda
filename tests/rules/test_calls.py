"""When the lead is asked about an incident; and which moves an incident makes."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules.calls import AT_LEAST, BatchCallers, LineFacts, judge_line
from hotline.rules.incidents import INCIDENT_TRANSITIONS, KNOWN_CAUSE, IncidentState, may_become

S = IncidentState


@pytest.mark.parametrize(
    ("facts", "prompts"),
    [
        (LineFacts(0), False),
        (LineFacts(4), False),
        (LineFacts(5), True),
        (LineFacts(83, (7, 9, 8, 8)), True),
        (LineFacts(24, (8, 8)), False),
        (LineFacts(25, (8, 8)), True),
        (LineFacts(0, (), (BatchCallers(1, 18_000, 90),)), False),
        (LineFacts(0, (), (BatchCallers(1, 18_000, 91),)), True),
        (LineFacts(0, (), (BatchCallers(1, 25, 1),)), False),
        (LineFacts(0, (), (BatchCallers(1, 25, 2),)), True),
        (LineFacts(0, (), (BatchCallers(1, 0, 0),)), False),
    ],
)
def test_over_three_times_the_usual_or_half_a_percent_of_a_batch(facts: LineFacts, prompts: bool) -> None:
    assert judge_line(facts).prompts is prompts


def test_only_the_batches_that_trouble_are_named() -> None:
    facts = LineFacts(0, (), (BatchCallers(1, 100, 0), BatchCallers(2, 100, 5)))
    assert judge_line(facts).batches == (2,)


@given(st.integers(0, 500), st.lists(st.integers(0, 500), max_size=4), st.integers(0, 100))
def test_more_calls_never_calm_the_line(calls: int, usual: list[int], more: int) -> None:
    now, then = (judge_line(LineFacts(n, tuple(usual))) for n in (calls, calls + more))
    assert now.over_usual <= then.over_usual
    assert not now.over_usual or calls >= AT_LEAST


def test_what_a_mail_draws_is_measured() -> None:
    assert BatchCallers(1, 18_000, 1_000).calls_per_mail == pytest.approx(0.0556, abs=1e-4)
    assert BatchCallers(1, 0, 0).calls_per_mail == 0


OPEN = [S.INVESTIGATING, S.IDENTIFIED, S.MONITORING]


@pytest.mark.parametrize(("current", "wanted"), list(product(S, S)))
def test_an_incident_moves_freely_until_it_is_over(current: S, wanted: S) -> None:
    assert (wanted in INCIDENT_TRANSITIONS[current]) is (current in OPEN and current is not wanted)
    assert may_become(current, wanted) is (current in OPEN)


def test_the_cause_is_named_once_it_is_said_to_be_known() -> None:
    assert frozenset({S.IDENTIFIED, S.MONITORING, S.RESOLVED}) == KNOWN_CAUSE
