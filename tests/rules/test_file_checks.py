import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.file_checks import PERSON_COLUMNS, FileChecker
from registry.rules.int_table import IntTable
from registry.rules.rows import ParsedRow, Verdict, parse_row
from tests.rules.register_rows import RIGHT, cells

OTHER_NUMBER, OTHER_SIREN = "08000001", "356000000"


def judged(*rows: dict[str, str]) -> list[ParsedRow]:
    check = FileChecker().check
    return [check(parse_row(cells(**changes), line)) for line, changes in enumerate(rows, start=2)]


def told(parsed: ParsedRow) -> tuple[str, str, str]:
    said = parsed.reported
    return (parsed.verdict.value, said.field, said.code) if said else (parsed.verdict.value, "", "")


OK = ("ok", "", "")
IOB, CIF = {"categorie": "IOB"}, {"categorie": "CIF", "encaissement_fonds": "NON"}
ELSEWHERE = {"numero_orias": OTHER_NUMBER, "siren": OTHER_SIREN}


def test_one_row_for_each_category_of_a_number_is_right() -> None:
    assert [told(parsed) for parsed in judged({}, IOB, CIF, ELSEWHERE)] == [OK] * 4


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"telephone": "+33 2 61 91 99 99", "rcpro_fin": "28/02/2027", "gf_montant": "115 000 €"},
        {"siren": "732 829 320", "statut": "inscrit", "denomination": " Atlantique  Alpes "},
    ],
)
def test_the_same_facts_again_are_a_duplicate_however_they_are_written(again: dict[str, str]) -> None:
    first, between, second = judged({}, ELSEWHERE, again)
    assert (told(first), told(between)) == (OK, OK)
    assert told(second) == ("duplicate", "", "duplicate")
    assert second.row is None
    assert "ligne 2" in second.problems[0].message


@pytest.mark.parametrize("field", ["ville", "rcpro_police", "gf_montant", "date_inscription", "gf_debut"])
def test_other_facts_for_the_same_number_and_category_are_an_error(field: str) -> None:
    changes = {"date_inscription": "2008-01-01", "gf_debut": "2025-03-02"}.get(field, "1")
    first, second = judged({}, {field: changes})
    assert told(first) == OK
    assert told(second) == ("error", "categorie", "conflicting_registration")
    assert "ligne 2" in second.problems[0].message


@pytest.mark.parametrize("category", ["COA", "IOB"])
def test_another_siren_for_the_number_is_an_error(category: str) -> None:
    _, second = judged({}, {"siren": OTHER_SIREN, "categorie": category})
    assert told(second) == ("error", "siren", "siren_conflict")
    assert "07001003 à la ligne 2" in second.problems[0].message


def test_another_number_for_the_siren_is_an_error() -> None:
    _, _, third = judged(ELSEWHERE, {}, {"numero_orias": "09000001"})
    assert told(third) == ("error", "numero_orias", "siren_of_another_number")
    assert "07001003 à la ligne 3" in third.problems[0].message


def test_numbers_without_a_siren_and_pseudo_sirens_meet_nobody() -> None:
    nobody = {"siren": ""}
    pseudo = {"numero_orias": "32829320", "siren": "A32829320"}
    rows = judged({}, {"numero_orias": "10000001"} | nobody, {"numero_orias": "10000002"} | nobody, pseudo)
    assert [told(parsed) for parsed in rows] == [OK] * 4


def test_a_siren_given_late_binds_from_then_on() -> None:
    none, late, same, other, elsewhere = judged(
        {"siren": ""},
        IOB,
        CIF,
        {"siren": OTHER_SIREN} | IOB,
        {"numero_orias": "09000001"},
    )
    assert [found.code for found in none.warnings] == ["siren_missing"]
    assert [(found.field, found.code) for found in late.warnings] == [("siren", "person_differs")]
    assert told(same) == OK
    assert told(other) == ("error", "siren", "siren_conflict")
    assert told(elsewhere) == ("error", "numero_orias", "siren_of_another_number")


CHANGES = {
    "siren": "",
    "denomination": "Autre",
    "nom_commercial": "Autre",
    "forme_juridique": "SAS",
    "email": "autre@cabinet.example",
    "telephone": "0199001234",
    "adresse": "ailleurs",
    "code_postal": "75009",
    "ville": "Paris",
}


@pytest.mark.parametrize("column", PERSON_COLUMNS)
def test_a_person_told_otherwise_on_the_next_row_is_a_warning_that_names_the_column(column: str) -> None:
    _, second = judged({}, {column: CHANGES[column]} | IOB)
    assert told(second) == OK
    warnings = [found for found in second.warnings if found.code == "person_differs"]
    assert [found.field for found in warnings] == [column]
    assert "ligne 2" in warnings[0].message


@pytest.mark.parametrize("column", PERSON_COLUMNS)
def test_a_person_told_otherwise_far_from_its_first_row_is_a_warning_still(column: str) -> None:
    *_, last = judged({}, ELSEWHERE, {column: CHANGES[column]} | IOB)
    warnings = [found for found in last.warnings if found.code == "person_differs"]
    assert [found.field for found in warnings] == [""]
    assert "ligne 2" in warnings[0].message


def test_the_first_row_wins_over_all_later_ones() -> None:
    _, other, again = judged({}, {"ville": "Paris"} | IOB, CIF)
    assert other.warnings
    assert [found.code for found in again.warnings] == ["guarantee_not_applicable"]
    _, _, far, back = judged({}, ELSEWHERE, IOB, CIF)
    assert not far.warnings
    assert [found.code for found in back.warnings] == ["guarantee_not_applicable"]


def test_a_row_wrong_by_itself_passes_through_and_is_not_compared_with() -> None:
    wrong, right = judged({"siren": OTHER_SIREN, "email": "x"}, {})
    assert told(wrong) == ("error", "email", "email_no_at")
    assert told(right) == OK
    assert parse_row([""], 2) == FileChecker().check(parse_row([""], 2))


def test_a_line_beyond_the_count_kept_does_not_disturb_the_verdict() -> None:
    check = FileChecker().check
    assert check(parse_row(cells(), 2**40)).verdict is Verdict.OK
    assert check(parse_row(cells(), 2**40 + 1)).verdict is Verdict.DUPLICATE


@given(st.lists(st.tuples(st.sampled_from([{}, IOB, CIF]), st.integers(10_000_000, 10_000_003)), max_size=20))
def test_a_number_and_category_is_accepted_exactly_once(plan: list[tuple[dict[str, str], int]]) -> None:
    rows = judged(*({"numero_orias": str(number), "siren": ""} | changes for changes, number in plan))
    accepted = [(row.row.person.orias_number, row.row.category) for row in rows if row.row]
    assert len(accepted) == len(set(accepted)) == len({(number, str(change)) for change, number in plan})


@given(st.lists(st.tuples(st.integers(1, 2**32 - 1), st.integers(1, 2**64 - 1))))
def test_the_table_holds_what_a_dict_holds(entries: list[tuple[int, int]]) -> None:
    table, model = IntTable(bits=2), dict[int, int]()
    for key, value in entries:
        assert table.put(key, value) == model.get(key, 0)
        model.setdefault(key, value)
    for key, value in list(model.items())[::2]:
        table.change(key, value ^ 1 or 2)
        model[key] = value ^ 1 or 2
    assert len(table) == len(model)
    assert {key: table.get(key) for key in model} == model
    assert table.get(2**31 + 12345) == model.get(2**31 + 12345, 0)


def test_the_table_keeps_numbers_that_follow_one_another_apart() -> None:
    table = IntTable()
    for key in range(1, 5000):
        table.put(key, key)
    assert all(table.get(key) == key for key in range(1, 5000))
    assert table.get(5000) == 0


def test_every_person_fact_is_compared() -> None:
    assert set(PERSON_COLUMNS) <= set(RIGHT)
