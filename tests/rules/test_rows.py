import csv
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.file_checks import FileChecker
from registry.rules.rows import (
    COLUMNS,
    CoverCells,
    ParsedRow,
    Person,
    RegisterRow,
    RowStatus,
    Verdict,
    parse_row,
)
from tests.rules.register_rows import RIGHT, cells

DATA = Path(__file__).parent.parent / "data"


def records(name: str) -> list[list[str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def spoilt(**changes: str) -> list[tuple[str, str]]:
    parsed = parse_row(cells(**changes), 2)
    assert (parsed.verdict is Verdict.ERROR) == bool(parsed.problems)
    assert (parsed.row is None) == bool(parsed.problems)
    return [(found.field, found.code) for found in parsed.problems]


def kept(**changes: str) -> RegisterRow:
    parsed = parse_row(cells(**changes), 2)
    assert parsed.verdict is Verdict.OK
    assert parsed.row is not None
    return parsed.row


def warned(**changes: str) -> list[tuple[str, str]]:
    parsed = parse_row(cells(**changes), 2)
    assert parsed.verdict is Verdict.OK
    return [(found.field, found.code) for found in parsed.warnings]


NO_RC_PRO = {column: "" for column in COLUMNS if column.startswith("rcpro_")}
NO_GUARANTEE = {column: "" for column in COLUMNS if column.startswith("gf_")}


def test_a_right_record_becomes_typed_facts() -> None:
    period = (date(2025, 3, 1), date(2027, 2, 28))
    assert parse_row(cells(), 7) == ParsedRow(
        line=7,
        orias_number_as_given="07001003",
        verdict=Verdict.OK,
        row=RegisterRow(
            person=Person(
                orias_number="07001003",
                siren="732829320",
                name="Atlantique Alpes",
                trade_name="",
                legal_form="SARL",
                email="contact@cabinet.example",
                phone_e164="+33261919999",
                phone_key="261919999",
                address="85 rue de la République",
                postcode="33000",
                town="Bordeaux",
                phone_raw="0261919999",
            ),
            category=Category.COA,
            filer=Filer.SELF,
            principal_bears_liability=False,
            status=RowStatus.REGISTERED,
            registered_on=date(2007, 1, 20),
            removed_on=None,
            holds_client_funds=True,
            rc_pro=CoverCells(CoverKind.RC_PRO, "Compagnie d'Exemple", "RC1", *period, 156_461_000, 231_561_000),
            guarantee=CoverCells(CoverKind.FINANCIAL_GUARANTEE, "Banque d'Exemple", "GF1", *period, 11_500_000, None),
        ),
    )


def test_the_columns_are_those_of_the_format() -> None:
    assert list(COLUMNS) == records("register-clean.csv")[0] == records("register-messy.csv")[0]


EXPECTED = json.loads((DATA / "register-messy.expected.json").read_text(encoding="utf-8"))["rows"]
FIELDS_NOT_NAMED = {
    "removed without a date": "date_suppression",
    "same numero_orias, another siren": "siren",
    "same siren, another numero_orias": "numero_orias",
    "a CIF may not hold clients' funds": "encaissement_fonds",
    "a footer with too few columns": "",
}


def test_every_record_of_the_messy_file_gets_its_expected_verdict_and_field() -> None:
    check = FileChecker().check
    judged = [check(parse_row(row, line)) for line, row in enumerate(records("register-messy.csv")[1:], start=2)]
    assert len(judged) == len(EXPECTED)
    for parsed, expected in zip(judged, EXPECTED, strict=True):
        got = {"line": parsed.line, "orias": parsed.orias_number_as_given, "verdict": parsed.verdict.value}
        assert got == {key: expected[key] for key in got}
        if parsed.verdict is Verdict.ERROR:
            field = FIELDS_NOT_NAMED.get(expected["why"], expected["why"].split(":")[0])
            assert parsed.reported is not None
            assert parsed.reported.field == field, expected
        elif "warning" in expected["why"] or "no e-mail" in expected["why"]:
            assert parsed.warnings, expected


def test_every_record_of_the_clean_file_is_right() -> None:
    check = FileChecker().check
    judged = [check(parse_row(row, line)) for line, row in enumerate(records("register-clean.csv")[1:], start=2)]
    assert len(judged) == 1422
    assert {parsed.verdict for parsed in judged} == {Verdict.OK}
    # One removal stands before the registration in the sample: kept, and said.
    assert [found.code for parsed in judged for found in parsed.warnings] == ["removed_before_registered"]


@pytest.mark.parametrize("row", [[], [""], ["", " ", "\t"], [""] * 26, [" "] * 40])
def test_an_empty_line_is_ignored_whatever_its_width(row: list[str]) -> None:
    assert parse_row(row, 3) == ParsedRow(3, "", Verdict.IGNORED)


@pytest.mark.parametrize("row", [["Total", "77"], [*RIGHT.values(), ""], list(RIGHT.values())[:-1]])
def test_a_record_of_another_width_is_an_error_of_no_field(row: list[str]) -> None:
    parsed = parse_row(row, 3)
    assert parsed.reported is not None
    assert (parsed.verdict, parsed.orias_number_as_given) == (Verdict.ERROR, "")
    assert (parsed.reported.field, parsed.reported.code) == ("", "column_count")
    assert f"{len(row)} colonnes" in parsed.reported.message


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"numero_orias": ""}, [("numero_orias", "required")]),
        ({"denomination": " "}, [("denomination", "required")]),
        ({"denomination": "x" * 251}, [("denomination", "too_long")]),
        ({"denomination": "a\x00"}, [("denomination", "nul_character")]),
        ({"numero_orias": "1\x00"}, [("numero_orias", "nul_character")]),
        ({"categorie": ""}, [("categorie", "required")]),
        ({"categorie": "AGA"}, [("categorie", "category_unknown")]),
        ({"statut": ""}, [("statut", "required")]),
        ({"statut": "actif"}, [("statut", "status_unknown")]),
        ({"statut": "actif", "date_suppression": "2020-01-01"}, [("statut", "status_unknown")]),
        ({"date_inscription": ""}, [("date_inscription", "required")]),
        ({"date_inscription": "hier"}, [("date_inscription", "date_format")]),
        ({"date_inscription": "\x1b"}, [("date_inscription", "control_character")]),
        ({"statut": "SUPPRIME"}, [("date_suppression", "removal_without_date")]),
        ({"statut": "RADIÉ"}, [("date_suppression", "removal_without_date")]),
        ({"statut": "SUPPRIME", "date_suppression": "?"}, [("date_suppression", "date_format")]),
        ({"date_suppression": "2020-01-01"}, [("date_suppression", "removal_date_without_removal")]),
        ({"encaissement_fonds": ""}, [("encaissement_fonds", "required")]),
        ({"encaissement_fonds": "?"}, [("encaissement_fonds", "boolean_format")]),
        ({"categorie": "CIF"} | NO_GUARANTEE, [("encaissement_fonds", "cif_holds_funds")]),
        ({"rcpro_debut": ""}, [("rcpro_debut", "cover_date_missing")]),
        ({"rcpro_fin": ""}, [("rcpro_fin", "cover_date_missing")]),
        (
            {"gf_debut": "", "gf_fin": ""},
            [("gf_debut", "cover_date_missing"), ("gf_fin", "cover_date_missing")],
        ),
        ({"gf_debut": "\x1b"}, [("gf_debut", "control_character")]),
        ({"gf_fin": "2025-02-28"}, [("gf", "cover_ends_before_start")]),
        ({"rcpro_montant_annuel": "-5"}, [("rcpro_montant_annuel", "amount_negative")]),
        ({"gf_montant": "1e6"}, [("gf_montant", "amount_format")]),
        (
            {"telephone": "12", "siren": "1", "gf_montant": "x", "ville": "\u202e", "categorie": "?"},
            [
                ("siren", "siren_length"),
                ("categorie", "category_unknown"),
                ("telephone", "phone_length"),
                ("ville", "bidi_character"),
                ("gf_montant", "amount_format"),
            ],
        ),
    ],
)
def test_each_fault_is_told_once_and_in_the_order_of_the_columns(
    changes: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert spoilt(**changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"email": ""}, [("email", "email_missing")]),
        ({"siren": ""}, [("siren", "siren_missing")]),
        ({"telephone": "0691 12 34 56"}, [("telephone", "phone_unassigned")]),
        ({"categorie": "CIF", "encaissement_fonds": "NON"}, [("gf", "guarantee_not_applicable")]),
        (
            {"statut": "SUPPRIME", "date_suppression": "2006-01-01"},
            [("date_suppression", "removed_before_registered")],
        ),
    ],
)
def test_a_doubt_is_told_and_the_row_kept(changes: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert warned(**changes) == expected


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("supprimé", RowStatus.REMOVED),
        ("SUPPRIME", RowStatus.REMOVED),
        ("Supprime\u0301", RowStatus.REMOVED),
        ("RADIE", RowStatus.STRUCK_OFF),
    ],
)
def test_a_removal_keeps_its_kind_and_its_day(written: str, status: RowStatus) -> None:
    row = kept(statut=written, date_suppression="18/04/2025")
    assert (row.status, row.removed_on) == (status, date(2025, 4, 18))


def test_a_bank_agent_is_an_iob_filed_and_answered_for_by_its_principal() -> None:
    row = kept(categorie="mobspl")
    assert (row.category, row.filer, row.principal_bears_liability) == (Category.IOB, Filer.PRINCIPAL, True)


def test_a_row_without_covers_has_none_and_amounts_may_be_left_out() -> None:
    row = kept(**NO_RC_PRO, **NO_GUARANTEE)
    assert (row.rc_pro, row.guarantee) == (None, None)
    row = kept(rcpro_montant_sinistre="", gf_montant="", telephone="")
    assert row.rc_pro is not None
    assert row.guarantee is not None
    assert (row.rc_pro.amount_cents, row.guarantee.amount_cents) == (None, None)
    assert (row.person.phone_e164, row.person.phone_key) == ("", "")


def test_a_refused_row_shows_the_number_as_it_was_written() -> None:
    assert parse_row(cells(numero_orias=" 7001056 "), 2).orias_number_as_given == "7001056"


@given(st.lists(st.text(st.characters(codec=None)) | st.sampled_from(list(RIGHT.values())), min_size=26, max_size=26))
@example(["\ud800"] * 26)
@example(["\x00"] * 26)
@example(["\u202e"] * 26)
@example(["x" * 1000] * 26)
def test_reading_never_raises(row: list[str]) -> None:
    parsed = parse_row(row, 2)
    assert FileChecker().check(parsed) is parsed
    for found in (*parsed.problems, *parsed.warnings):
        assert found.message.replace("\u00a0", " ").isprintable()
