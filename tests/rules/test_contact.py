"""Contact fields, read by the rules of the register."""

from __future__ import annotations

import pytest

from registry.rules.contact import LIMITS, read_contact


def test_each_field_is_read_into_its_columns() -> None:
    given = {
        "email": " Durand@Example.ORG ",
        "phone": "0690 12 34 56",
        "trade_name": "  Durand\u200b  et fils ",
        "language": "en",
    }
    assert read_contact(given) == (
        {
            "email": "Durand@example.org",
            "phone_e164": "+590690123456",
            "phone_key": "690123456",
            "trade_name": "Durand et fils",
            "language": "en",
        },
        [],
    )


def test_a_telephone_may_be_taken_away() -> None:
    assert read_contact({"phone": ""}) == ({"phone_e164": "", "phone_key": ""}, [])


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("email", "", "required"),
        ("email", "durand", "email_no_at"),
        ("phone", "12", "phone_length"),
        ("language", "de", "unknown_language"),
        ("town", "x" * (LIMITS["town"] + 1), "too_long"),
        ("town", "a\x00b", "nul_character"),
        ("siren", "123456789", "not_changeable"),
    ],
)
def test_what_cannot_be_is_told(field: str, text: str, code: str) -> None:
    values, problems = read_contact({field: text})
    assert values == {}
    assert [(p.field, p.code) for p in problems] == [(field, code)]
