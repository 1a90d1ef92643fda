"""How much two numbers look like one person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.duplicates import LIKELY, Alike, Evidence, is_a_slip, weigh

NOTHING = Alike(same_email=False, same_phone=False, similarity=0.0, same_postcode=False, sirens=("", ""))
E = Evidence


@pytest.mark.parametrize(
    ("alike", "evidence", "worth_a_look"),
    [
        ({}, (), False),
        ({"same_email": True}, (E.SAME_EMAIL,), True),
        # An accountant answers for many.
        ({"same_phone": True}, (E.SAME_PHONE,), False),
        ({"same_phone": True, "similarity": 0.6}, (E.SAME_PHONE, E.CLOSE_NAME), True),
        ({"similarity": 0.6, "same_postcode": True}, (E.CLOSE_NAME, E.SAME_PLACE), False),
        (
            {"similarity": 0.6, "same_postcode": True, "sirens": ("552100554", "")},
            (E.CLOSE_NAME, E.SAME_PLACE, E.ONE_SIREN_ONLY),
            True,
        ),
        ({"similarity": 1.0}, (E.SAME_NAME,), True),
        ({"similarity": 1.0, "sirens": ("552100554", "732829320")}, (E.SAME_NAME, E.OTHER_SIREN), False),
        ({"similarity": 1.0, "sirens": ("552100554", "552100545")}, (E.SAME_NAME, E.SIREN_NEARLY_SAME), True),
        ({"same_email": True, "same_category": True}, (E.SAME_EMAIL, E.SAME_CATEGORY), True),
    ],
)
def test_what_they_share_is_said_and_weighed(
    alike: dict[str, Any], evidence: tuple[Evidence, ...], worth_a_look: bool
) -> None:
    found = weigh(replace(NOTHING, **alike))
    assert (found.evidence, found.is_worth_a_look) == (evidence, worth_a_look)


def test_all_together_is_likely_and_never_more_than_a_hundred() -> None:
    found = weigh(Alike(True, True, 1.0, True, ("552100554", "")))
    assert LIKELY <= found.points <= 100


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("552100554", "552100554", False),
        ("552100554", "552100555", True),
        ("552100554", "552100545", True),
        ("552100554", "552101545", False),
        ("552100554", "152100551", False),
        ("552100554", "55210055", False),
        ("12", "21", True),
        ("123", "321", False),
    ],
)
def test_a_slip_of_the_keys_is_one_digit_or_two_neighbours(one: str, other: str, slip: bool) -> None:
    assert is_a_slip(one, other) is slip
    assert is_a_slip(other, one) is slip


CODES = st.text("0123", max_size=4)


@given(st.booleans(), st.booleans(), st.floats(0, 1), st.booleans(), st.tuples(CODES, CODES))
def test_the_order_of_the_two_does_not_matter(
    email: bool, phone: bool, similarity: float, place: bool, sirens: tuple[str, str]
) -> None:
    pair = Alike(email, phone, similarity, place, sirens)
    assert weigh(pair) == weigh(replace(pair, sirens=(sirens[1], sirens[0])))
