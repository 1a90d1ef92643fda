"""Rows of insurers and guarantors for tests of the rules: right ones, to be spoilt one value at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverEventKind, CoverStatus
from registry.rules.pushes import HeldCover, PushedCover, PushedEvent, Standing, UnknownPolicy

COA = frozenset({Category.COA})
YEAR = (date(2026, 3, 1), date(2027, 2, 28))
NAMED: tuple[str, CoverKind, str, str] = ("07001003", CoverKind.RC_PRO, "RC-1", "rc1")

PUSHED = PushedCover(*NAMED, COA, *YEAR, 156_461_000, 231_561_000)
HELD = HeldCover(7, CoverKind.RC_PRO, "rc1", COA, *YEAR, 156_461_000, 231_561_000, CoverStatus.ACCEPTED, pushed=True)
UNKNOWN = UnknownPolicy(*NAMED)


def pushed(**changes: Any) -> PushedCover:
    """The right certificate with these values instead."""
    return replace(PUSHED, **changes)


def word(event: CoverEventKind, effective_on: date, **changes: Any) -> PushedEvent:
    """A word about the right policy."""
    return replace(PushedEvent(*NAMED, event, effective_on), **changes)


def standing(*held: HeldCover, categories: frozenset[Category] = COA) -> Standing:
    """A COA that holds these."""
    return Standing(categories, held)
