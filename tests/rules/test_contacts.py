"""Contacts as they are read, and when an address is to be confirmed again."""

from __future__ import annotations

from datetime import date

import pytest

from registry.rules.contacts import is_to_check, read_contact_card

DAY = date(2026, 6, 1)
LONG_AGO = date(2015, 6, 5)


def test_a_card_is_read_as_the_register_would() -> None:
    values = {"role": "COMPLIANCE", "name": " Léa  Roy", "email": " Lea@Example.org ", "phone": "06 90 12 34 56"}
    assert read_contact_card(values) == (
        {
            "role": "COMPLIANCE",
            "name": "Léa Roy",
            "email": "Lea@example.org",
            "phone_e164": "+590690123456",
            "phone_key": "690123456",
        },
        [],
    )
    assert read_contact_card({"phone": ""}) == ({"phone_e164": "", "phone_key": ""}, [])


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("role", "CHIEF", "unknown_role"),
        ("name", "x" * 251, "too_long"),
        ("name", "a\u202eb", "bidi_character"),
        ("email", "personne", "email_no_at"),
        ("phone", "12", "phone_length"),
    ],
)
def test_what_cannot_be_is_said(field: str, text: str, code: str) -> None:
    values, problems = read_contact_card({field: text})
    assert (values, [p.code for p in problems]) == ({}, [code])


@pytest.mark.parametrize(
    ("checked_on", "registered_on", "expected"),
    [
        (None, LONG_AGO, True),
        (date(2025, 6, 1), LONG_AGO, True),
        (date(2025, 6, 2), LONG_AGO, False),
        (None, date(2025, 6, 2), False),
        (None, date(2025, 6, 1), True),
        (LONG_AGO, date(2026, 5, 1), False),
    ],
)
def test_an_address_is_asked_about_after_a_year(checked_on: date | None, registered_on: date, expected: bool) -> None:
    assert is_to_check(checked_on, registered_on, DAY) is expected
