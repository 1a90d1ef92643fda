"""Rows of issuers' files: read, refused with a code, in whatever spelling people use."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverEventKind
from registry.rules.issuer_rows import COVER_ROWS, ENQUIRY_ROWS, EVENT_ROWS, Read, RowFormat, next_period
from registry.rules.issuers import issuer_key, policy_key
from registry.rules.pushes import PushedCover, PushedEvent, UnknownPolicy
from tests.rules.strategies import on

COVER = {
    "numero_orias": "07001003", "nature": "RC_PRO", "police": "RC-2026/17", "categories": "COA IOB",
    "debut": "01/03/2026", "fin": "28/02/2027", "montant": "1 564 610,00 €", "montant_annuel": "2315610",
}  # fmt: skip
EVENT = {
    "numero_orias": "07001003", "nature": "GF", "police": "GF17", "fait": "RESILIATION", "date_effet": "2026-06-01"
}  # fmt: skip
ENQUIRY = COVER | {"denomination": "Cabinet", "debut": "2026-03-01", "fin": "2027-02-28", "reponse": "RENOUVELEE"}


def read(rows: RowFormat, right: dict[str, str], **changes: str) -> Read:
    cells = right | changes
    return rows.parse([cells[column] for column in rows.columns])


def codes(found: Read) -> list[tuple[str, str]]:
    return [(p.field, p.code) for p in found.problems]


def test_a_certificate_is_read() -> None:
    both = frozenset({Category.COA, Category.IOB})
    named = ("07001003", CoverKind.RC_PRO, "RC-2026/17", "rc202617")
    wanted = PushedCover(*named, both, on("2026-03-01"), on("2027-02-28"), 156_461_000, 231_561_000)
    assert read(COVER_ROWS, COVER) == Read("07001003", wanted)
    assert read(COVER_ROWS, COVER, categories="coa, mobsp").pushed == wanted
    assert read(COVER_ROWS, COVER, nature="rc pro").pushed == wanted


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"numero_orias": "7001003"}, [("numero_orias", "orias_number_leading_zero")]),
        ({"nature": ""}, [("nature", "required")]),
        ({"nature": "CAUTION"}, [("nature", "nature_unknown")]),
        ({"police": ""}, [("police", "required")]),
        ({"police": "--"}, [("police", "policy_format")]),
        ({"police": "x" * 61}, [("police", "too_long"), ("police", "required")]),
        ({"categories": ""}, [("categories", "required")]),
        ({"categories": "COA AGA"}, [("categories", "category_unknown")]),
        ({"debut": ""}, [("debut", "required")]),
        ({"fin": "28/02/27"}, [("fin", "date_format")]),
        ({"fin": "2026-02-28"}, [("fin", "cover_ends_before_start")]),
        ({"montant": "beaucoup"}, [("montant", "amount_format")]),
        ({"montant_annuel": "-1"}, [("montant_annuel", "amount_negative")]),
        ({"police": "RC\x00"}, [("police", "nul_character"), ("police", "required")]),
    ],
)
def test_a_certificate_that_cannot_be_read_says_why(changes: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert codes(read(COVER_ROWS, COVER, **changes)) == found
    assert read(COVER_ROWS, COVER, **changes).pushed is None


def test_amounts_may_be_left_out_and_an_empty_row_is_nothing() -> None:
    found = read(COVER_ROWS, COVER, montant="", montant_annuel="").pushed
    assert isinstance(found, PushedCover)
    assert (found.amount_cents, found.annual_cents) == (None, None)
    assert COVER_ROWS.parse([" "] * 8) == COVER_ROWS.parse([]) == Read("")
    assert codes(COVER_ROWS.parse(["07001003"])) == [("", "wrong_number_of_cells")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Suspension", "SUSPENDED"),
        ("DENONCIATION", "NOT_RENEWED"),
        ("dénonciation", "NOT_RENEWED"),
        ("NOT_RENEWED", "NOT_RENEWED"),
        ("résiliation", "TERMINATED"),
        ("REMISE_EN_VIGUEUR", "REINSTATED"),
    ],
)
def test_a_word_is_read_in_each_spelling(text: str, kind: str) -> None:
    named = ("07001003", CoverKind.FINANCIAL_GUARANTEE, "GF17", "gf17")
    assert read(EVENT_ROWS, EVENT, fait=text).pushed == PushedEvent(*named, CoverEventKind(kind), on("2026-06-01"))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"fait": "oubli"}, [("fait", "fait_unknown")]),
        ({"fait": ""}, [("fait", "required")]),
        ({"date_effet": "bientôt"}, [("date_effet", "date_format")]),
        ({"date_effet": ""}, [("date_effet", "required")]),
    ],
)
def test_a_word_that_cannot_be_read_says_why(changes: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert codes(read(EVENT_ROWS, EVENT, **changes)) == found


def test_an_answer_is_what_it_means() -> None:
    renewed = read(ENQUIRY_ROWS, ENQUIRY).pushed
    assert isinstance(renewed, PushedCover)
    assert (renewed.starts_on, renewed.ends_on, renewed.continues) == (on("2027-03-01"), on("2028-02-29"), True)
    assert renewed.amount_cents == 156_461_000
    no = read(ENQUIRY_ROWS, ENQUIRY, reponse="Non renouvelée").pushed
    assert isinstance(no, PushedEvent)
    assert (no.event, no.effective_on) == (CoverEventKind.NOT_RENEWED, on("2027-03-01"))
    assert isinstance(read(ENQUIRY_ROWS, ENQUIRY, reponse="inconnue").pushed, UnknownPolicy)
    assert read(ENQUIRY_ROWS, ENQUIRY, reponse="") == Read("07001003")
    assert codes(read(ENQUIRY_ROWS, ENQUIRY, reponse="peut-être")) == [("reponse", "reponse_unknown")]
    assert codes(read(ENQUIRY_ROWS, ENQUIRY, fin="?")) == [("fin", "date_format")]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "following"),
    [
        ("2026-03-01", "2027-02-28", ("2027-03-01", "2028-02-29")),
        ("2027-03-01", "2028-02-28", ("2028-03-01", "2029-02-28")),
        ("2026-07-01", "2027-06-30", ("2027-07-01", "2028-06-30")),
        ("2027-02-28", "2027-12-31", ("2028-01-01", "2028-12-31")),
    ],
)
def test_the_year_after_follows_without_a_gap(starts_on: str, ends_on: str, following: tuple[str, str]) -> None:
    assert next_period(on(starts_on), on(ends_on)) == (on(following[0]), on(following[1]))


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 800))
def test_the_year_after_is_a_year(start: date, length: int) -> None:
    first, last = next_period(start, date.fromordinal(start.toordinal() + length))
    assert 0 < (first - start).days - length <= 2
    assert 363 <= (last - first).days <= 365


@given(st.lists(st.text(max_size=12), max_size=12), st.sampled_from([COVER_ROWS, EVENT_ROWS, ENQUIRY_ROWS]))
def test_no_text_breaks_the_reader(cells: list[str], rows: RowFormat) -> None:
    found = rows.parse(cells)
    assert found.pushed is None or not found.problems


@given(st.data(), st.sampled_from([(COVER_ROWS, COVER), (EVENT_ROWS, EVENT), (ENQUIRY_ROWS, ENQUIRY)]))
def test_nor_does_one_spoilt_cell(data: Any, form: tuple[RowFormat, dict[str, str]]) -> None:
    rows, right = form
    column = data.draw(st.sampled_from(rows.columns))
    found = read(rows, right, **{column: data.draw(st.text(max_size=70))})
    assert (found.pushed is None) or not found.problems


def test_names_and_numbers_are_compared_without_their_dress() -> None:
    assert (
        issuer_key("  Mutuelle de l’Ouest – S.A. ")
        == issuer_key("MUTUELLE DE L'OUEST (S.A.)")
        == "mutuelle de l ouest s a"
    )
    assert issuer_key("Société Générale") == "societe generale"
    assert issuer_key("–") == policy_key(" / ") == ""
    assert policy_key("RC-2026/17 b") == policy_key("rc 2026 17B") == "rc202617b"
