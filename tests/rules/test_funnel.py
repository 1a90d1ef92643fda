"""The funnel of a preview: who is left at each stage."""

from __future__ import annotations

import pytest

from reminders.rules.eligibility import SkipReason
from reminders.rules.funnel import NOTHING_DUE, OUT_OF_REACH, REMINDED, Funnel, funnel


def test_everybody_is_somewhere_and_each_stage_is_part_of_the_one_before() -> None:
    told = funnel({"COMPLETE": 70, "ALREADY_REMINDED": 20, "NO_EMAIL": 3}, 7)
    assert told == Funnel(registered=100, due=30, not_yet_reminded=10, will_receive=7)


def test_nobody_left_out_and_nobody_at_all() -> None:
    assert funnel({}, 5) == Funnel(5, 5, 5, 5)
    assert funnel({}, 0) == Funnel(0, 0, 0, 0)


def test_every_reason_is_of_one_stage() -> None:
    """Fails where a new reason is not placed: the funnel would not end with those who receive."""
    stages = (NOTHING_DUE, REMINDED, OUT_OF_REACH)
    assert sorted(reason for stage in stages for reason in stage) == sorted(SkipReason)


def test_an_unknown_reason_is_an_error() -> None:
    with pytest.raises(ValueError, match="NOT_A_REASON"):
        funnel({"NOT_A_REASON": 1}, 1)
