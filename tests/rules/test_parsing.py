from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.rules.parsing import MOST_EUROS, parse_amount, parse_boolean, parse_date
from registry.rules.problems import Problem

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
SPACES = [" ", "\u00a0", "\u202f", "\u2009"]


def code(outcome: object) -> str:
    assert isinstance(outcome, Problem)
    assert outcome.message.startswith(f"{outcome.field}\u00a0: ")
    return outcome.code


@given(DAYS)
def test_a_day_is_read_back_in_every_accepted_writing(day: date) -> None:
    writings = [
        day.isoformat(),
        f"{day.day:02d}/{day.month:02d}/{day.year}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day.day:02d}-{day.month:02d}-{day.year}",
        f"{day.day:02d}.{day.month:02d}.{day.year}",
    ]
    assert [parse_date(writing, "rcpro_fin") for writing in writings] == [day] * 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-02-30", "date_no_such_day"),
        ("31/04/2026", "date_no_such_day"),
        ("03/31/2025", "date_no_such_day"),
        ("29/02/2027", "date_no_such_day"),
        ("0000-01-01", "date_year"),
        ("1899-12-31", "date_year"),
        ("2101-01-01", "date_year"),
        ("01/03/25", "date_format"),
        ("2025/03/01", "date_format"),
        ("01/03-2025", "date_format"),
        ("1er mars 2025", "date_format"),
        ("45717", "date_format"),
        ("2025-03-01T00:00:00", "date_format"),
        ("٢٠٢٥-٠٣-٠١", "date_format"),
    ],
)
def test_a_date_that_is_none_is_refused_by_name(text: str, expected: str) -> None:
    outcome = parse_date(text, "rcpro_fin")
    assert code(outcome) == expected
    assert isinstance(outcome, Problem)
    assert text in outcome.message


def test_an_empty_cell_has_no_value() -> None:
    assert parse_date("", "rcpro_fin") is None
    assert parse_amount("", "gf_montant") is None
    assert parse_boolean("", "encaissement_fonds") is None


@given(
    st.integers(0, MOST_EUROS),
    st.integers(0, 99),
    st.sampled_from(SPACES),
    st.sampled_from(["", "€", " €", "\u202fEUR"]),
)
def test_an_amount_is_read_back_in_cents_from_the_french_writing(
    euros: int, cents: int, space: str, currency: str
) -> None:
    grouped = f"{euros:,}".replace(",", space)
    for whole in (str(euros), grouped):
        assert parse_amount(f"{whole}{currency}", "gf_montant") == euros * 100
        assert parse_amount(f"{whole},{cents:02d}{currency}", "gf_montant") == euros * 100 + cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1564610", 156_461_000),
        ("1\u202f564\u202f610,00 €", 156_461_000),
        ("2 315 610", 231_561_000),
        ("115 000 €", 11_500_000),
        ("1564610.5", 156_461_050),
        ("12 euros", 1_200),
        ("0", 0),
    ],
)
def test_amounts_of_the_field_are_read(text: str, cents: int) -> None:
    assert parse_amount(text, "gf_montant") == cents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("beaucoup", "amount_format"),
        ("NaN", "amount_format"),
        ("inf", "amount_format"),
        ("1e6", "amount_format"),
        ("+5", "amount_format"),
        ("1.564.610", "amount_format"),
        ("1,564,610.00", "amount_format"),
        ("1.564", "amount_format"),
        ("1 56 4610", "amount_format"),
        ("€", "amount_format"),
        ("١٢", "amount_format"),
        ("-5", "amount_negative"),
        ("−5,00 €", "amount_negative"),
        ("- 1 000", "amount_negative"),
        (str(MOST_EUROS + 1), "amount_too_large"),
        ("9" * 5000, "amount_too_large"),
    ],
)
def test_what_is_no_amount_is_refused_by_name(text: str, expected: str) -> None:
    assert code(parse_amount(text, "gf_montant")) == expected


@pytest.mark.parametrize("text", ["OUI", "Oui", "o", "1", "true", "VRAI", "yes", "y"])
def test_yes_is_read(text: str) -> None:
    assert parse_boolean(text, "encaissement_fonds") is True


@pytest.mark.parametrize("text", ["NON", "non", "N", "0", "False", "faux", "no"])
def test_no_is_read(text: str) -> None:
    assert parse_boolean(text, "encaissement_fonds") is False


@pytest.mark.parametrize("text", ["peut-être", "2", "-", "OUI NON"])
def test_neither_yes_nor_no_is_refused(text: str) -> None:
    assert code(parse_boolean(text, "encaissement_fonds")) == "boolean_format"


@given(st.text(st.characters(codec=None)))
@example("\ud800")
@example("\x00")
def test_parsers_never_raise(text: str) -> None:
    for parser in (parse_date, parse_amount, parse_boolean):
        parser(text, "champ")
