"""Growing steps (paliers): how far into the frozen order a release may go at a time."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate


def ceilings(planned: int, sizes: Iterable[int]) -> tuple[int, ...]:
    """The rank that each step may reach: 25, then 250 more, then 2,500 more, then all `planned`.

    Sizes that go past the list are dropped; the last ceiling is always `planned`.
    """
    reached = [rank for rank in accumulate(sizes) if rank < planned]
    return (*reached, planned)


def next_ceiling(current: int, steps: Iterable[int]) -> int | None:
    """The ceiling after `current`, or None where the list has been let through."""
    return next((rank for rank in steps if rank > current), None)


def step_floor(ceiling: int, steps: Iterable[int]) -> int:
    """The rank that the step before reached: this one goes from there to `ceiling`."""
    return max((rank for rank in steps if rank < ceiling), default=0)
