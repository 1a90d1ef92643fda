"""Growing steps: how far into the frozen order a release may go at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.steps import ceilings, next_ceiling, step_floor

DEFAULT = (25, 250, 2_500)


@pytest.mark.parametrize(
    ("planned", "sizes", "expected"),
    [
        (18_000, DEFAULT, (25, 275, 2_775, 18_000)),
        (2_776, DEFAULT, (25, 275, 2_775, 2_776)),
        (2_775, DEFAULT, (25, 275, 2_775)),
        (276, DEFAULT, (25, 275, 276)),
        (275, DEFAULT, (25, 275)),
        (26, DEFAULT, (25, 26)),
        (25, DEFAULT, (25,)),
        (1, DEFAULT, (1,)),
        (18_000, (), (18_000,)),
        (10, (1, 1, 1), (1, 2, 3, 10)),
    ],
)
def test_each_step_reaches_so_far(planned: int, sizes: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert ceilings(planned, sizes) == expected


@given(st.integers(1, 100_000), st.lists(st.integers(1, 5_000), max_size=8))
def test_steps_grow_and_end_with_the_list_never_beyond(planned: int, sizes: list[int]) -> None:
    steps = ceilings(planned, sizes)
    assert steps[-1] == planned
    assert list(steps) == sorted(set(steps))
    assert steps[0] == min([planned, *sizes[:1]])


@given(st.integers(1, 100_000), st.lists(st.integers(1, 5_000), max_size=8))
def test_going_on_from_step_to_step_reaches_each_of_them_once(planned: int, sizes: list[int]) -> None:
    steps = ceilings(planned, sizes)
    reached: list[int] = []
    current = 0
    while (current := next_ceiling(current, steps) or 0) and len(reached) <= len(steps):
        reached.append(current)
    assert tuple(reached) == steps


def test_after_the_whole_list_there_is_no_next_step() -> None:
    assert next_ceiling(100, (25, 100)) is None
    assert next_ceiling(25, (25, 100)) == 100


@given(st.integers(1, 100_000), st.lists(st.integers(1, 5_000), max_size=8))
def test_each_step_begins_where_the_one_before_ended(planned: int, sizes: list[int]) -> None:
    steps = ceilings(planned, sizes)
    assert [step_floor(rank, steps) for rank in steps] == [0, *steps[:-1]]
