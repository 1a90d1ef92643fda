"""The fictional register keeps its promises, and the rules see in each file what its fate says."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from registry.intake.fiction import (
    MAX_PEOPLE,
    SHARES,
    Fate,
    Person,
    Stage,
    fictional_people,
    fictional_rows,
    profile,
    write_register,
)
from registry.intake.fiction_words import PHONE_RANGES, with_luhn_digit
from registry.rules.campaigns import default_campaign
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.facts import CoverFacts, FileFacts, Reference, RegistrationFacts, Requirement
from registry.rules.file_checks import FileChecker
from registry.rules.file_state import FileState, FileStatus, assess_file
from registry.rules.rows import COLUMNS, RegisterRow, Verdict, parse_row

THE_DAY = date(2026, 2, 24)
TERM = date(2026, 2, 28)
PEOPLE = 2_000


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return list(fictional_people(PEOPLE))


@pytest.fixture(scope="module")
def autumn() -> list[Person]:
    return list(fictional_people(PEOPLE, stage=Stage.BEFORE))


def test_the_same_register_is_written_twice(tmp_path: Path) -> None:
    write_register(tmp_path / "one.csv", 1_000)
    write_register(tmp_path / "two.csv", 1_000)
    assert digest(tmp_path / "one.csv") == digest(tmp_path / "two.csv")


@pytest.mark.parametrize("other", [{"seed": 2015}, {"campaign_year": 2027}, {"stage": Stage.BEFORE}], ids=str)
def test_another_seed_year_or_stage_is_another_register(tmp_path: Path, other: dict[str, int]) -> None:
    write_register(tmp_path / "one.csv", 1_000)
    write_register(tmp_path / "two.csv", 1_000, **other)  # type: ignore[arg-type]
    assert digest(tmp_path / "one.csv") != digest(tmp_path / "two.csv")


def test_a_person_is_the_same_in_a_register_of_any_size() -> None:
    assert list(fictional_rows(40))[:20] == list(fictional_rows(20))[:20]


def test_the_file_is_a_register_file(tmp_path: Path) -> None:
    write_register(tmp_path / "register.csv", 50)
    text = (tmp_path / "register.csv").read_bytes().decode("utf-8")
    header, *rows = csv.reader(text.splitlines(), delimiter=";")
    assert tuple(header) == COLUMNS
    assert rows == list(fictional_rows(50))
    assert {len(row) for row in rows} == {len(COLUMNS)}


def test_the_header_is_the_one_that_people_and_scripts_rely_on() -> None:
    assert ";".join(COLUMNS) == (
        "numero_orias;siren;denomination;nom_commercial;forme_juridique;categorie;statut;date_inscription;"
        "date_suppression;encaissement_fonds;email;telephone;adresse;code_postal;ville;rcpro_assureur;rcpro_police;"
        "rcpro_debut;rcpro_fin;rcpro_montant_sinistre;rcpro_montant_annuel;gf_garant;gf_numero;gf_debut;gf_fin;"
        "gf_montant"
    )


@pytest.mark.slow
@pytest.mark.parametrize("stage", list(Stage))
def test_the_import_reads_every_row_and_warns_of_missing_addresses_only(stage: Stage) -> None:
    checker = FileChecker()
    for line, cells in enumerate(fictional_rows(4_000, stage=stage), start=2):
        judged = checker.check(parse_row(cells, line))
        assert (judged.verdict, judged.problems) == (Verdict.OK, ())
        missing = [] if cells[COLUMNS.index("email")] else ["email_missing"]
        assert [warning.code for warning in judged.warnings] == missing


def test_every_word_can_be_written_in_windows_1252() -> None:
    for row in fictional_rows(2_000):
        assert ";".join(row).encode("cp1252")


@pytest.mark.slow
def test_numbers_are_unique_over_fifty_thousand() -> None:
    everybody = list(fictional_people(50_000))
    assert len({person.orias_number for person in everybody}) == 50_000
    assert len({person.siren for person in everybody}) == 50_000
    assert len({person.phone for person in everybody}) == 50_000
    assert len({person.email for person in everybody if person.email}) == 50_000 * 99 // 100


def test_one_more_than_the_numbers_allow_is_refused_with_the_limit() -> None:
    with pytest.raises(ValueError, match=f"{MAX_PEOPLE}"):
        next(fictional_people(MAX_PEOPLE + 1))


def test_a_campaign_before_the_register_is_refused_with_the_first_year() -> None:
    with pytest.raises(ValueError, match="2011"):
        next(fictional_people(1, campaign_year=2010))


@pytest.mark.parametrize("year", [2011, 2024, 2028, 2040])
def test_a_campaign_of_another_year_ends_with_its_own_february(year: int) -> None:
    ends = {
        entry.indemnity[3]
        for person in fictional_people(400, campaign_year=year)
        if person.fate in {Fate.COMPLETE, Fate.STILL_DUE}
        for entry in person.registrations
    }
    assert ends == {default_campaign(year).term.isoformat(), default_campaign(year + 1).term.isoformat()}


@pytest.mark.parametrize(
    ("digits", "siren"), [("73282932", "732829320"), ("35600000", "356000000"), ("00000000", "000000000")]
)
def test_the_last_digit_of_a_siren_is_its_check(digits: str, siren: str) -> None:
    assert with_luhn_digit(digits) == siren


def test_formats_are_those_of_the_register(people: list[Person]) -> None:
    for person in people:
        assert re.fullmatch(r"\d{8}", person.orias_number)
        assert re.fullmatch(r"[1-9]\d{8}", person.siren)
        assert passes_luhn(person.siren)
        assert re.fullmatch(r"(contact\d+@cabinet-\d+\.example)?", person.email)
        assert re.fullmatch(r"\d{10}", person.phone)
        assert person.phone[:6] in PHONE_RANGES
        assert re.fullmatch(r"(\d{5}|2A\d{3})", person.postcode)


def passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(d if place % 2 == 0 else sum(divmod(2 * d, 10)) for place, d in enumerate(digits)) % 10 == 0


def test_leading_zeros_occur(people: list[Person]) -> None:
    assert any(person.orias_number.startswith("0") for person in people)
    assert any(person.postcode.startswith("0") for person in people)


def test_the_number_begins_with_the_year_of_first_registration(people: list[Person]) -> None:
    for person in people:
        first = min(entry.registered_on for entry in person.registrations)
        assert person.orias_number[:2] == first[2:4]


def test_banking_and_finance_are_registered_since_2013(people: list[Person]) -> None:
    entries = [entry for person in people for entry in person.registrations]
    assert min(entry.registered_on for entry in entries if entry.category is Category.COA) < "2008"
    assert min(entry.registered_on for entry in entries if entry.category is not Category.COA) > "2013"


def test_decisions_are_dated_on_fridays(people: list[Person]) -> None:
    days = [entry.registered_on for person in people for entry in person.registrations]
    days += [entry.removed_on for person in people for entry in person.registrations if entry.removed_on]
    assert {date.fromisoformat(day).isoweekday() for day in days} == {5}


@pytest.mark.parametrize("start", [0, 1, 777, 999_800])
def test_any_two_hundred_people_in_a_row_hold_the_shares_exactly(start: int) -> None:
    assert Counter(profile(index) for index in range(start, start + 200)) == SHARES


def test_eighteen_thousand_of_twenty_four_thousand_are_complete() -> None:
    fates = Counter(profile(index) for index in range(24_000))
    assert fates[Fate.COMPLETE] == 18_000
    assert sum(fates[fate] for fate in Fate.due()) == 4_320


@pytest.mark.parametrize("size", [50, 333, 1_001])
def test_three_in_four_are_complete_in_a_register_of_any_size(size: int) -> None:
    complete = sum(profile(index) is Fate.COMPLETE for index in range(size))
    assert complete / size == pytest.approx(0.75, abs=0.03)


@pytest.mark.slow
def test_registrations_stand_as_in_2014() -> None:
    entries = [entry for person in fictional_people(24_000) for entry in person.registrations]
    mix = Counter(entry.category for entry in entries)
    assert len(entries) / 24_000 == pytest.approx(1.4, abs=0.03)
    assert mix[Category.COA] / len(entries) == pytest.approx(10 / 18, abs=0.01)
    assert mix[Category.IOB] / len(entries) == pytest.approx(3.5 / 18, abs=0.01)
    assert mix[Category.CIF] / len(entries) == pytest.approx(4.5 / 18, abs=0.01)
    holders = Counter(entry.category for entry in entries if entry.guarantee[0])
    assert holders[Category.COA] / mix[Category.COA] == pytest.approx(0.25, abs=0.02)
    assert holders[Category.IOB] / mix[Category.IOB] == pytest.approx(0.20, abs=0.02)
    assert holders[Category.CIF] == 0


def test_all_combinations_of_categories_occur(people: list[Person]) -> None:
    mixes = {tuple(entry.category for entry in person.registrations) for person in people}
    assert len(mixes) == 7


def test_everybody_not_unusual_is_covered_until_the_end_of_february_in_autumn(autumn: list[Person]) -> None:
    unusual = {Fate.OTHER_TERM, Fate.LAPSED}
    ends = {entry.indemnity[3] for p in autumn if p.fate not in unusual for entry in p.registrations}
    assert ends == {"2026-02-28"}


def test_those_registered_late_are_not_in_the_autumn_register(people: list[Person], autumn: list[Person]) -> None:
    late = {person.orias_number for person in people if person.fate is Fate.REGISTERED_LATE}
    assert late
    assert {person.orias_number for person in people} - {person.orias_number for person in autumn} == late


def test_only_those_who_renewed_differ_between_the_two_stages(people: list[Person], autumn: list[Person]) -> None:
    before = {person.rank: person for person in autumn}
    changed = {p.fate for p in people if p.fate is not Fate.REGISTERED_LATE and p != before[p.rank]}
    assert changed == {Fate.COMPLETE, Fate.PARTLY_DUE, Fate.GUARANTEE_DUE}


def test_a_renewal_changes_periods_and_nothing_else(people: list[Person], autumn: list[Person]) -> None:
    before = {person.rank: person for person in autumn}
    for person in people:
        if person.fate is Fate.COMPLETE:
            assert without_periods(person) == without_periods(before[person.rank])
            assert {entry.indemnity[2:4] for entry in person.registrations} == {("2026-03-01", "2027-02-28")}


def without_periods(person: Person) -> list[list[str]]:
    periods = {"rcpro_debut", "rcpro_fin", "gf_debut", "gf_fin"}
    return [[cell for name, cell in zip(COLUMNS, row, strict=True) if name not in periods] for row in person.rows()]


MINIMA = {
    Category.COA: (1_564_610, 2_315_610),
    Category.IOB: (500_000, 800_000),
    Category.CIF: (150_000, 150_000),
}
GUARANTEED = (Category.COA, Category.IOB)


def requirement(category: Category, kind: CoverKind, euros: int, annual: int | None) -> Requirement:
    annual_cents = None if annual is None else annual * 100
    return Requirement(category, kind, date(2007, 1, 1), None, euros * 100, annual_cents, "")


REFERENCE = Reference(
    requirements=(
        *(requirement(c, CoverKind.RC_PRO, *MINIMA[c]) for c in Category),
        *(requirement(c, CoverKind.FINANCIAL_GUARANTEE, 115_000, None) for c in GUARANTEED),
    ),
    campaigns=(default_campaign(2026), default_campaign(2027)),
)


def parsed(person: Person) -> list[RegisterRow]:
    return [row for cells in person.rows() if (row := parse_row(cells, 2).row)]


def covers(rows: Iterable[RegisterRow]) -> Iterator[CoverFacts]:
    for row in rows:
        for cells in (row.rc_pro, row.guarantee):
            if cells:
                yield CoverFacts(
                    kind=cells.kind,
                    categories=frozenset({row.category}),
                    starts_on=cells.starts_on,
                    ends_on=cells.ends_on,
                    amount_cents=cells.amount_cents,
                    annual_cents=cells.annual_cents,
                )


def registration(row: RegisterRow) -> RegistrationFacts:
    return RegistrationFacts(
        category=row.category,
        registered_on=row.registered_on,
        removed_on=row.removed_on,
        holds_client_funds=row.holds_client_funds,
        filer=row.filer,
    )


@pytest.fixture(scope="module")
def states(people: list[Person], autumn: list[Person]) -> list[tuple[Fate, FileState]]:
    """Every file as it stands on the day told, once both stages have been imported."""
    before = {person.rank: parsed(person) for person in autumn}
    found = []
    for person in people:
        rows = parsed(person)
        papers = tuple(covers([*before.get(person.rank, ()), *rows]))
        registrations = tuple(map(registration, rows))
        facts = FileFacts(person.orias_number, person.name, person.email, "fr", registrations, papers)
        found.append((person.fate, assess_file(facts, REFERENCE, THE_DAY)))
    return found


def remindable(state: FileState) -> list[CoverFinding]:
    return [finding for finding in state.findings if finding.is_remindable]


def test_the_rules_find_something_to_remind_of_exactly_where_the_fate_says_so(
    states: list[tuple[Fate, FileState]],
) -> None:
    expected = Fate.due() | {Fate.NO_EMAIL, Fate.BELOW_MINIMUM, Fate.LAPSED}
    assert {fate for fate, state in states if remindable(state)} == expected
    assert {fate for fate, state in states if not remindable(state)} == set(Fate) - expected


@pytest.mark.parametrize("fate", [Fate.COMPLETE, Fate.REGISTERED_LATE, Fate.OTHER_TERM])
def test_the_rules_find_these_files_in_order(states: list[tuple[Fate, FileState]], fate: Fate) -> None:
    assert {state.status for f, state in states if f is fate} == {FileStatus.IN_ORDER}


def test_the_rules_find_the_removed_removed(states: list[tuple[Fate, FileState]]) -> None:
    assert {state.status for f, state in states if f is Fate.REMOVED} == {FileStatus.REMOVED}


@pytest.mark.parametrize(
    ("fate", "open_state"),
    [
        (Fate.STILL_DUE, CoverState.DUE),
        (Fate.PARTLY_DUE, CoverState.DUE),
        (Fate.GUARANTEE_DUE, CoverState.DUE),
        (Fate.NO_EMAIL, CoverState.DUE),
        (Fate.BELOW_MINIMUM, CoverState.BELOW_MINIMUM),
        (Fate.LAPSED, CoverState.LAPSED),
    ],
)
def test_the_rules_find_the_indemnity_or_the_guarantee_in_the_state_of_the_fate(
    states: list[tuple[Fate, FileState]], fate: Fate, open_state: CoverState
) -> None:
    kind = CoverKind.FINANCIAL_GUARANTEE if fate is Fate.GUARANTEE_DUE else CoverKind.RC_PRO
    found = [f for ours, state in states if ours is fate for f in remindable(state) if f.kind is kind]
    assert {finding.state for finding in found} == {open_state}


def test_of_a_partly_due_file_something_is_renewed_and_something_is_not(
    states: list[tuple[Fate, FileState]],
) -> None:
    for fate, state in states:
        if fate is Fate.PARTLY_DUE:
            indemnities = {finding.state for finding in state.findings if finding.kind is CoverKind.RC_PRO}
            assert indemnities == {CoverState.IN_FORCE, CoverState.DUE}


def test_of_a_guarantee_due_file_no_indemnity_is_due(states: list[tuple[Fate, FileState]]) -> None:
    for fate, state in states:
        if fate is Fate.GUARANTEE_DUE:
            assert {finding.kind for finding in remindable(state)} == {CoverKind.FINANCIAL_GUARANTEE}


def test_some_of_the_still_due_owe_a_guarantee_too_and_others_have_one_that_runs_on(
    states: list[tuple[Fate, FileState]],
) -> None:
    guarantees = Counter(
        finding.state
        for fate, state in states
        if fate is Fate.STILL_DUE
        for finding in state.findings
        if finding.kind is CoverKind.FINANCIAL_GUARANTEE
    )
    assert guarantees[CoverState.DUE] > guarantees[CoverState.IN_FORCE] > 0
    assert {f.term for fate, s in states if fate is Fate.STILL_DUE for f in remindable(s)} == {TERM}
