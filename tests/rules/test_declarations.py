"""A certificate declared on a page: read by the register's parsers, or told field by field."""

from __future__ import annotations

from datetime import date

import pytest

from registry.rules.categories import Category, CoverKind
from registry.rules.declarations import Declared, read_declaration

REGISTERED = (Category.COA, Category.IOB)
GOOD = {
    "kind": "RC_PRO",
    "issuer": "  Mutuelle   d’essai ",
    "policy": "RC-2026/77",
    "starts_on": "2026-03-01",
    "ends_on": "28/02/2027",
    "amount": "1 564 610,00 €",
    "annual": "",
}


def test_a_good_one_is_read_as_the_register_keeps_it() -> None:
    read = read_declaration(GOOD, ["IOB", "COA", "CIF", "XXX"], REGISTERED)
    assert read == Declared(
        kind=CoverKind.RC_PRO,
        categories=(Category.COA, Category.IOB),
        issuer="Mutuelle d’essai",
        policy="RC-2026/77",
        starts_on=date(2026, 3, 1),
        ends_on=date(2027, 2, 28),
        amount_cents=156_461_000,
        annual_cents=None,
    )


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"kind": "VELO"}, "kind", "required"),
        ({"issuer": " "}, "issuer", "required"),
        ({"issuer": "x" * 121}, "issuer", "too_long"),
        ({"issuer": "x\u202ey"}, "issuer", "bidi_character"),
        ({"policy": "x" * 61}, "policy", "too_long"),
        ({"starts_on": ""}, "starts_on", "required"),
        ({"ends_on": "bientôt"}, "ends_on", "date_format"),
        ({"ends_on": "2026-02-28"}, "ends_on", "ends_before_it_starts"),
        ({"amount": "beaucoup"}, "amount", "amount_format"),
        ({"annual": "-5"}, "annual", "amount_negative"),
    ],
)
def test_what_is_wrong_is_told_of_its_field(change: dict[str, str], field: str, code: str) -> None:
    read = read_declaration(GOOD | change, ["COA"], REGISTERED)
    assert isinstance(read, list)
    assert [(problem.field, problem.code) for problem in read] == [(field, code)]


@pytest.mark.parametrize("categories", [[], ["CIF"], ["XXX"]])
def test_a_certificate_is_declared_for_a_registration_of_the_file(categories: list[str]) -> None:
    """Fails where a category is taken that the file is not registered for."""
    [problem] = read_declaration(GOOD, categories, REGISTERED)  # type: ignore[misc]
    assert problem.field == "categories"


def test_an_empty_form_is_told_of_every_field_that_is_needed() -> None:
    read = read_declaration({}, [], REGISTERED)
    assert {problem.field for problem in read} == {  # type: ignore[union-attr]
        "kind", "categories", "issuer", "starts_on", "ends_on"
    }  # fmt: skip
