"""From a decision to the content of its message: what is said to have been received."""

from __future__ import annotations

from datetime import date

import pytest

from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverFacts, CoverStatus, FileFacts
from reminders.messages.drafting import _received
from reminders.rules.eligibility import DueItem

COA, IOB = Category.COA, Category.IOB
RC_PRO, GUARANTEE = CoverKind.RC_PRO, CoverKind.FINANCIAL_GUARANTEE
LATE, THIS_YEAR, NEXT_YEAR = date(2025, 12, 1), date(2026, 2, 28), date(2027, 2, 28)


def asked(kind: CoverKind, term: date, *categories: Category) -> DueItem:
    return DueItem(kind, term, term, categories, (), None)


def cover(kind: CoverKind, ends_on: date, category: Category, status: CoverStatus = CoverStatus.ACCEPTED) -> CoverFacts:
    starts_on = date(ends_on.year - 1, 3, 1)
    return CoverFacts(kind, frozenset({category}), starts_on, ends_on, status, deposited_on=date(2026, 1, 20))


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (cover(RC_PRO, THIS_YEAR, IOB), False),
        (cover(RC_PRO, NEXT_YEAR, IOB), True),
        (cover(RC_PRO, NEXT_YEAR, COA), True),
        (cover(GUARANTEE, THIS_YEAR, COA), False),
        (cover(GUARANTEE, NEXT_YEAR, COA), True),
        (cover(RC_PRO, THIS_YEAR, COA), True),
        (cover(RC_PRO, THIS_YEAR, IOB, CoverStatus.DEPOSITED), True),
        (cover(RC_PRO, NEXT_YEAR, IOB, CoverStatus.WITHDRAWN), False),
    ],
)
def test_nobody_is_thanked_for_the_very_cover_whose_renewal_is_asked(held: CoverFacts, told: bool) -> None:
    """Fails where the earliest term of all items is the measure: a cover asked to be renewed was said to be received.

    The COA's RC Pro that ran out in December is asked for, and the IOB's that ends in February.
    """
    items = (asked(RC_PRO, LATE, COA), asked(RC_PRO, THIS_YEAR, IOB))
    facts = FileFacts("07001234", "Cabinet Martin", "a@martin.example", "fr", (), (held,))
    assert bool(list(_received(facts, items))) is told


def test_a_correction_that_asks_for_nothing_tells_of_what_waits_for_us_alone() -> None:
    held = (cover(RC_PRO, NEXT_YEAR, COA), cover(RC_PRO, THIS_YEAR, COA, CoverStatus.DEPOSITED))
    facts = FileFacts("07001234", "Cabinet Martin", "a@martin.example", "fr", (), held)
    assert [line.status for line in _received(facts, ())] == ["AWAITING_REVIEW"]
