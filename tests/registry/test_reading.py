import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.intake import reading
from registry.intake.reading import RegisterFileError, judged_rows, open_register
from registry.rules.rows import COLUMNS, Verdict
from tests.rules.register_rows import RIGHT, cells

DATA = Path(__file__).parent.parent / "data"
CLEAN = DATA / "register-clean.csv"


def text(*rows: list[str], delimiter: str = ";", header: tuple[str, ...] = COLUMNS) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue()


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "registre.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(tmp_path: Path, content: str | bytes) -> list[tuple[int, list[str]]]:
    return [(line, list(row)) for line, row in open_register(written(tmp_path, content))]


def refusal(tmp_path: Path, content: str | bytes) -> str:
    path = written(tmp_path, content)
    with pytest.raises(RegisterFileError) as caught:
        list(open_register(path))
    return str(caught.value)


def test_the_clean_sample_reads_as_the_csv_module_reads_it() -> None:
    register = open_register(CLEAN)
    with CLEAN.open(encoding="utf-8", newline="") as file:
        plain = list(csv.reader(file, delimiter=";"))[1:]
    assert (register.encoding, register.delimiter, register.header) == ("utf-8", ";", COLUMNS)
    assert register.sha256 == hashlib.sha256(CLEAN.read_bytes()).hexdigest()
    assert register.lines == len(plain) + 1
    assert list(register) == list(enumerate(plain, start=2))
    assert list(register) == list(register)


def test_records_are_counted_and_not_lines_of_text() -> None:
    register = open_register(DATA / "register-messy.csv")
    judged = [parsed for parsed, _ in judged_rows(register)]
    assert register.encoding == "utf-8-sig"
    assert [parsed.line for parsed in judged] == list(range(2, 80))
    assert register.lines == 80
    counts = [sum(parsed.verdict is verdict for parsed in judged) for verdict in Verdict]
    assert counts == [58, 18, 1, 1]


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_encoding_and_line_ends_are_found(tmp_path: Path, delimiter: str, encoding: str, end: str) -> None:
    row = cells(denomination='L’Œuvre « Été » 5 € ; "x", y')
    content = text(row, delimiter=delimiter).replace("\r\n", end)
    register = open_register(written(tmp_path, content.encode(encoding)))
    assert (register.encoding, register.delimiter) == (encoding, delimiter)
    assert list(register) == [(2, row)]


def test_columns_come_in_any_order_and_their_titles_in_any_dress(tmp_path: Path) -> None:
    shuffled = tuple(reversed(COLUMNS))
    dressed = tuple(f" {title.upper().replace('_', ' ')} " for title in shuffled)
    assert dressed[-1] == " NUMERO ORIAS "
    header = (*dressed[:-1], "Numéro-Orias")
    assert read(tmp_path, text(cells()[::-1], header=header)) == [(2, cells())]


def test_quoted_titles_are_titles(tmp_path: Path) -> None:
    content = ";".join(f'"{column}"' for column in COLUMNS) + "\n" + text(cells()).split("\n", 1)[1]
    assert read(tmp_path, content) == [(2, cells())]


def test_empty_columns_at_the_end_are_a_spreadsheet_s_and_left_aside(tmp_path: Path) -> None:
    rows = [[*cells(), "", ""], cells(), [*cells(), "", "reste"], ["Total", "77"], []]
    got = read(tmp_path, text(*rows, header=(*COLUMNS, "", " ")))
    assert got == [(2, cells()), (3, cells()), (4, rows[2]), (5, rows[3]), (6, [])]


def test_a_corrected_error_report_is_read_without_its_own_columns(tmp_path: Path) -> None:
    header = (*COLUMNS, "erreur_ligne", "erreur_champ")
    row = cells(denomination="'=SOMME()", telephone="'+33 2 61 91 99 99", nom_commercial="'t Hooft")
    expected = cells(denomination="=SOMME()", telephone="+33 2 61 91 99 99", nom_commercial="'t Hooft")
    assert read(tmp_path, text([*row, "7", "siren"], header=header)) == [(2, expected)]


def test_a_record_of_the_wrong_width_stays_wrong_after_rearrangement(tmp_path: Path) -> None:
    header = ("erreur_ligne", *COLUMNS)
    [(_, got)] = read(tmp_path, text(cells(), header=header))
    assert len(got) != len(COLUMNS)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (COLUMNS[1:], "manquantes\u00a0: numero_orias"),
        ((*COLUMNS, "age", "poids"), "inconnues\u00a0: age, poids"),
        ((*COLUMNS, "", "age"), "inconnues\u00a0: (sans titre), age"),
        ((*COLUMNS, "Siren"), "en double\u00a0: siren"),
    ],
)
def test_a_header_that_does_not_name_each_column_once_is_refused_by_name(
    tmp_path: Path, header: tuple[str, ...], said: str
) -> None:
    assert said in refusal(tmp_path, text(cells(), header=header))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "est vide"),
        (codecs.BOM_UTF8 + b"\r\n \n", "est vide"),
        (text(), "que sa ligne de titres"),
        (text(cells(), delimiter="\t"), "tabulation"),
        (text(cells(), delimiter="|"), "barre verticale"),
        ("sep=;\n" + text(cells()), "pas celle des titres"),
        (text(cells()).split("\n", 1)[1], "pas celle des titres"),
        ("\n" + text(cells()), "pas celle des titres"),
        (b"PK\x03\x04" + bytes(100), "xlsx"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "xls"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1f\x8b" + bytes(100), "gzip"),
        (text(cells()).encode("utf-16"), "UTF-16"),
        (text(cells()).encode("utf-16-le"), "binaire"),
    ],
)
def test_what_is_no_register_is_refused_with_what_it_is(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in refusal(tmp_path, content)


def test_a_path_that_is_no_readable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RegisterFileError, match="dossier"):
        open_register(tmp_path)
    with pytest.raises(RegisterFileError, match="existe pas"):
        open_register(tmp_path / "absent.csv")
    with pytest.raises(RegisterFileError, match="fichier ordinaire"):
        open_register("/dev/null")

    def denied(path: Path) -> None:
        raise PermissionError

    def broken(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(reading, "_chunks", denied)
    with pytest.raises(RegisterFileError, match="droits"):
        open_register(CLEAN)
    monkeypatch.setattr(reading, "_chunks", broken)
    with pytest.raises(RegisterFileError, match=r"Input/output error"):
        open_register(CLEAN)


def test_a_damaged_utf_8_file_is_refused_rather_than_read_as_gibberish(tmp_path: Path) -> None:
    content = text(cells(ville="Orléans"), cells(ville="Étaples"), cells(ville="Paris")).encode()
    spoilt = content.replace(b"Paris", b"Par\xe9s")
    assert "octet invalide à la ligne 4" in refusal(tmp_path, spoilt)
    assert "octet invalide à la ligne 2" in refusal(tmp_path, content.replace("é".encode(), b"\xc3", 1))
    assert "octet invalide à la ligne 5" in refusal(tmp_path, content + b"\xc3")
    assert "octet invalide à la ligne 4" in refusal(tmp_path, codecs.BOM_UTF8 + spoilt)


def test_one_accent_of_windows_decides_for_windows_even_past_the_first_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_BYTES", 500)
    content = text(cells(adresse="rue"), cells(ville="Orléans")).encode("cp1252")
    assert b"\xe9" not in content[:500]
    assert read(tmp_path, content)[1] == (3, cells(ville="Orléans"))


def test_an_accent_cut_by_the_end_of_a_chunk_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = text(cells(ville="Orléans €"))
    accent, sign = content.encode().index("é".encode()), content.encode().index("€".encode())
    for size in (accent + 1, sign + 1, sign + 2):
        monkeypatch.setattr(reading, "CHUNK_BYTES", size)
        assert read(tmp_path, content) == [(2, cells(ville="Orléans €"))]


def test_bytes_of_no_known_encoding_are_refused(tmp_path: Path) -> None:
    assert "ni en UTF-8 ni en Windows-1252" in refusal(tmp_path, text(cells()).encode() + b"\x81\xe9")


def test_a_quote_left_open_is_refused_with_the_record_where_it_was_opened(tmp_path: Path) -> None:
    content = text(cells(), cells()) + '07001003;732829320;"Cabinet;;;\n' + "x;y\n" * 3
    assert "guillemet ouvert à l’enregistrement 4" in refusal(tmp_path, content)


@pytest.fixture
def field_limit() -> Iterator[None]:
    """Lower the process's limit for one test."""
    before = csv.field_size_limit(1000)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("field_limit")
def test_a_quote_left_open_in_a_large_file_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE_BYTES", 1000)
    said = refusal(tmp_path, text(cells()) + '"' + "x;y\n" * 100_000)
    assert "guillemet ouvert à l’enregistrement 3" in said


def test_quotes_and_nul_inside_a_cell_are_the_row_s_affair(tmp_path: Path) -> None:
    row = cells(denomination='Cabinet "Les Lilas"\nSuite', telephone="01\x00")
    assert read(tmp_path, text(row, [], cells())) == [(2, row), (3, []), (4, cells())]


def test_a_huge_cell_is_an_error_of_its_row_only(tmp_path: Path) -> None:
    register = open_register(written(tmp_path, text(cells(ville="x" * 300_000), cells())))
    first, second = (parsed for parsed, _ in judged_rows(register))
    assert [found.code for found in first.problems] == ["too_long"]
    assert second.verdict is Verdict.OK


def test_a_line_without_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE_BYTES", 10_000)
    monkeypatch.setattr(reading, "CHUNK_BYTES", 512)
    assert "la ligne 2 dépasse" in refusal(tmp_path, text(cells(ville="x" * 20_000)))
    assert read(tmp_path, text(*[cells()] * 100))[-1] == (101, cells())


def test_a_file_that_changes_between_the_two_passes_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, text(cells()))
    register = open_register(path)
    path.write_bytes(text(cells()).encode() + b"\xff")
    with pytest.raises(RegisterFileError, match="a changé"):
        list(register)


def test_a_last_line_without_line_end_is_a_record(tmp_path: Path) -> None:
    assert read(tmp_path, text(cells()).rstrip("\r\n")) == [(2, cells())]
    assert len(RIGHT) == len(COLUMNS)
