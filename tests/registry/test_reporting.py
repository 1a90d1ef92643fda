import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.intake.reading import judged_rows, open_register
from registry.intake.reporting import ERROR_COLUMNS, ErrorsCsv, JsonReport, ReportError
from registry.intake.spreadsheet import neutralised, restored
from registry.rules.rows import COLUMNS, Verdict, parse_row
from tests.rules.register_rows import cells

MESSY = Path(__file__).parent.parent / "data" / "register-messy.csv"


def test_the_report_has_one_record_for_each_of_the_file(tmp_path: Path) -> None:
    out = tmp_path / "rapport.json"
    expected = json.loads(MESSY.with_name("register-messy.expected.json").read_text(encoding="utf-8"))["rows"]
    with JsonReport(out) as report:
        for parsed, _ in judged_rows(open_register(MESSY)):
            report.add(parsed)
    records = json.loads(out.read_text(encoding="utf-8"))["records"]
    keys = {"line", "orias_number", "verdict", "field", "code", "message", "warnings"}
    assert all(set(record) == keys for record in records)
    got = [(record["line"], record["orias_number"], record["verdict"]) for record in records]
    assert got == [(row["line"], row["orias"], row["verdict"]) for row in expected]
    by_line = {record["line"]: record for record in records}
    assert (by_line[2]["field"], by_line[2]["code"], by_line[2]["message"]) == ("", "", "")
    assert (by_line[56]["field"], by_line[56]["code"]) == ("siren", "siren_length")
    assert [set(warning) for warning in by_line[52]["warnings"]] == [{"field", "code", "message"}]
    assert by_line[52]["warnings"][0]["code"] == "email_missing"


def test_a_report_of_nothing_is_valid(tmp_path: Path) -> None:
    with JsonReport(tmp_path / "vide.json"):
        pass
    assert json.loads((tmp_path / "vide.json").read_text()) == {"records": []}


@given(st.text(st.characters(codec=None), min_size=1, max_size=20))
def test_the_report_is_valid_whatever_a_cell_holds(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    out = tmp_path_factory.mktemp("rapport") / "rapport.json"
    parsed = parse_row(cells(numero_orias=text), 2)
    with JsonReport(out) as report:
        report.add(parsed)
    [record] = json.loads(out.read_text(encoding="utf-8"))["records"]
    assert record["orias_number"] == parsed.orias_number_as_given


def errors_of(path: Path, out: Path) -> list[list[str]]:
    register = open_register(path)
    with ErrorsCsv(out, register.delimiter) as errors:
        for parsed, row in judged_rows(register):
            errors.add(parsed, row)
    with out.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=register.delimiter))


def test_the_bad_rows_come_back_in_their_own_columns_with_what_is_wrong(tmp_path: Path) -> None:
    header, *rows = errors_of(MESSY, tmp_path / "erreurs.csv")
    assert (tmp_path / "erreurs.csv").read_bytes().startswith(b"\xef\xbb\xbfnumero_orias;")
    assert header == [*COLUMNS, *ERROR_COLUMNS]
    assert len(rows) == 18
    by_line = {row[len(COLUMNS)]: row for row in rows}
    assert by_line["56"][:2] == ["24001055", "12345678"]
    assert by_line["56"][-3:-1] == ["siren", "siren_length"]
    assert "8 chiffres" in by_line["56"][-1]
    assert by_line["79"][:3] == ["Total", "77", ""]
    assert by_line["65"][COLUMNS.index("rcpro_montant_sinistre")] == "-5"
    assert by_line["77"][COLUMNS.index("telephone")] == "0199001234␀"


def test_all_that_is_wrong_with_a_row_is_told_at_once_and_no_cell_is_lost(tmp_path: Path) -> None:
    wide = [*cells(email="x", siren="1"), "=surplus"]
    narrow = parse_row(cells(email="x", siren="1"), 2)
    with ErrorsCsv(tmp_path / "e.csv", ",") as errors:
        errors.add(narrow, wide[:-1])
        errors.add(parse_row(wide, 3), wide)
        errors.add(parse_row(cells(), 4), cells())
    with (tmp_path / "e.csv").open(encoding="utf-8-sig", newline="") as file:
        _, first, second = csv.reader(file)
    assert first[-1].count(" | ") == 1
    assert second[-1] == "'=surplus"


def test_a_corrected_error_file_is_read_as_a_register(tmp_path: Path) -> None:
    out = tmp_path / "erreurs.csv"
    errors_of(MESSY, out)
    corrected = out.read_text(encoding="utf-8-sig").replace(";12345678;", ";732829320;")
    out.write_text(corrected, encoding="utf-8-sig")
    judged = [parsed for parsed, _ in judged_rows(open_register(out))]
    right = [parsed.orias_number_as_given for parsed in judged if parsed.verdict is Verdict.OK]
    assert "24001055" in right


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("+33 1 99", "'+33 1 99"),
        ("-2+3", "'-2+3"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("-5", "-5"),
        ("-1 564,50 €", "-1 564,50 €"),
        ("07001003", "07001003"),
        ("", ""),
    ],
)
def test_no_cell_runs_as_a_formula_and_a_negative_amount_stays_readable(cell: str, safe: str) -> None:
    assert neutralised(cell) == safe
    assert restored(safe) == cell


@given(st.text(st.characters(exclude_characters="\x00")).filter(lambda text: not text.startswith("'")))
def test_neutralising_is_undone_exactly(cell: str) -> None:
    assert restored(neutralised(cell)) == cell


def test_an_apostrophe_of_the_name_itself_stays() -> None:
    assert restored("'t Hooft") == "'t Hooft"


def report_on_one_row(out: Path, then: Callable[[], object]) -> None:
    with JsonReport(out) as report:
        report.add(parse_row(cells(), 2))
        then()


def full() -> None:
    raise OSError(28, "No space left on device")


def test_an_error_inside_leaves_no_half_report_and_the_older_one_untouched(tmp_path: Path) -> None:
    out = tmp_path / "rapport.json"
    out.write_text("ancien")
    with pytest.raises(ZeroDivisionError):
        report_on_one_row(out, lambda: 1 / 0)
    assert out.read_text() == "ancien"
    assert list(tmp_path.iterdir()) == [out]


def test_a_disk_that_fills_up_is_told_by_name_and_leaves_no_half_report(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"rapport.json.*disque est plein"):
        report_on_one_row(tmp_path / "rapport.json", full)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_full_at_the_very_end_leaves_no_half_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JsonReport, "end", lambda report: full())
    with pytest.raises(ReportError, match=r"rapport.json.*disque est plein"):
        report_on_one_row(tmp_path / "rapport.json", list)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", [".", "absent/rapport.json"])
def test_a_place_that_takes_no_file_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(ReportError, match="rapport.json|fichier"):
        report_on_one_row(tmp_path / place, list)
