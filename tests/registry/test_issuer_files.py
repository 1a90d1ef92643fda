"""Files of issuers: compared without a trace, applied lot by lot, gone on with after a stop, each row's fate told."""

from __future__ import annotations

import csv
import json
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from registry.actions import pushes
from registry.actions.recording import RegisterError
from registry.intake import issuer_files
from registry.models import Cover, CoverEvent, Intermediary, Issuer, IssuerFile, IssuerLot
from registry.models.issuer import FileContent
from registry.roles import Role
from tests.factories import IntermediaryFactory, IssuerFactory, RegistrationFactory, UserFactory
from tests.registry.commands import run
from tests.registry.issuer_files import COVER, EVENT, covers_of, take, written
from tests.registry.register_files import snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_files, "ROWS_PER_LOT", 3)


@pytest.fixture
def issuer() -> Issuer:
    return IssuerFactory.create(code="MUTUELLE", name="Mutuelle d’essai")


@pytest.fixture
def officer() -> User:
    user = UserFactory.create(username="alice")
    user.groups.add(Group.objects.get(name=Role.REGISTRY_OFFICER.group))
    return user


@pytest.fixture
def people() -> list[Intermediary]:
    return [
        RegistrationFactory.create(intermediary=IntermediaryFactory.create(orias_number=f"07{n:06d}")).intermediary
        for n in range(10)
    ]


def versions() -> dict[int, int]:
    return dict(Intermediary.objects.values_list("id", "facts_version"))


def records(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["records"]
    return found


@pytest.mark.usefixtures("people")
def test_a_comparison_tells_what_would_be_done_and_leaves_no_trace(
    tmp_path: Path, issuer: Issuer, officer: User
) -> None:
    path = written(tmp_path / "a.csv", covers_of(10))
    before = snapshot()
    compared = take(path, issuer, None, apply=False)
    assert snapshot() == before
    assert IssuerFile.objects.count() == 0
    applied = take(path, issuer, officer)
    assert (compared.as_json() | {"applied": True}) == applied.as_json()
    assert applied.as_json() == {
        "rows": 10, "new": 10, "changed": 0, "unchanged": 0, "duplicate": 0, "ignored": 0, "refused": 0,
        "warnings": 0, "resumed": 0, "applied": True,
    }  # fmt: skip
    assert Cover.objects.filter(channel="ISSUER", status="ACCEPTED").count() == 10


@pytest.mark.usefixtures("people")
def test_the_same_file_twice_changes_nothing_not_even_a_version(tmp_path: Path, issuer: Issuer, officer: User) -> None:
    path = written(tmp_path / "a.csv", covers_of(7))
    take(path, issuer, officer)
    before = versions()
    again = take(path, issuer, officer)
    assert (again.as_json()["unchanged"], again.resumed, versions()) == (7, 0, before)


class Killed(BaseException):
    """As Ctrl-C or a lost connection: nobody catches it."""


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("dies_in", [0, 1, 2, 3])
def test_a_file_that_was_killed_goes_on_where_it_was_and_doubles_nothing(
    tmp_path: Path, issuer: Issuer, officer: User, monkeypatch: pytest.MonkeyPatch, dies_in: int
) -> None:
    """Killed after the writes of its n-th lot and before that lot is kept. Fails without IssuerLot, or if a lot's fates
    were written in a transaction of their own."""
    rows = [*covers_of(8), COVER | {"numero_orias": "07000000", "police": "RC-0"}, COVER | {"numero_orias": "99"}]
    path, report = written(tmp_path / "a.csv", rows), tmp_path / "sorts.json"
    real, lots = pushes.push_lot, Counter[str]()

    def dying(**values: Any) -> Any:
        done = real(**values)
        lots["pushed"] += 1
        if lots["pushed"] == dies_in + 1:
            raise Killed
        return done

    monkeypatch.setattr(issuer_files, "push_lot", dying)
    with pytest.raises(Killed):
        take(path, issuer, officer, report=report)
    assert (IssuerLot.objects.count(), Cover.objects.count()) == (dies_in, min(8, 3 * dies_in))
    assert not report.exists()
    monkeypatch.setattr(issuer_files, "push_lot", real)
    tally = take(path, issuer, officer, report=report)
    assert tally.resumed == 3 * dies_in
    assert (tally.as_json()["new"], tally.as_json()["duplicate"], tally.as_json()["refused"]) == (8, 1, 1)
    told = [(r["line"], r["fate"], r["code"]) for r in records(report)]
    assert told[:8] == [(line, "NEW", "") for line in range(2, 10)]
    assert told[8:] == [(10, "DUPLICATE", ""), (11, "REFUSED", "orias_number_length")]
    assert Cover.objects.count() == 8
    assert IssuerFile.objects.get().finished_at is not None


@pytest.mark.usefixtures("people")
def test_a_run_that_goes_on_keeps_to_the_lots_it_began_with(
    tmp_path: Path, issuer: Issuer, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails with ROWS_PER_LOT instead of `run.rows_per_lot`: rows would be passed over or done twice."""
    path = written(tmp_path / "a.csv", covers_of(10))
    monkeypatch.setattr(issuer_files, "ROWS_PER_LOT", 4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuer_files, "push_lot", lambda **_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            take(path, issuer, officer)
    monkeypatch.setattr(issuer_files, "ROWS_PER_LOT", 3)
    take(path, issuer, officer)
    assert [len(lot.fates) for lot in IssuerLot.objects.order_by("number")] == [4, 4, 2]


@pytest.mark.usefixtures("people")
def test_a_file_waits_while_another_import_is_running(
    tmp_path: Path, issuer: Issuer, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_files, "lock_import", lambda: False)
    with pytest.raises(RegisterError, match="Un autre import"):
        take(written(tmp_path / "a.csv", covers_of(2)), issuer, officer)
    assert Cover.objects.count() == 0


@pytest.mark.usefixtures("people")
def test_the_rows_refused_come_back_to_be_corrected_and_run_no_formula(
    tmp_path: Path, issuer: Issuer, officer: User
) -> None:
    rows = [COVER, COVER | {"police": "=1+1", "fin": "2020-01-01"}, COVER | {"numero_orias": "88888888"}]
    errors = tmp_path / "a-corriger.csv"
    take(written(tmp_path / "a.csv", rows), issuer, officer, errors=errors)
    text = errors.read_text(encoding="utf-8-sig")
    told = list(csv.DictReader(text.splitlines(), delimiter=";"))
    assert [row["erreur_code"] for row in told] == ["cover_ends_before_start", "intermediary_unknown"]
    assert told[0]["police"] == "'=1+1"
    corrected = tmp_path / "b.csv"
    corrected.write_text(text.replace("2020-01-01", "2027-02-28").replace("88888888", "07000002"), encoding="utf-8")
    assert take(corrected, issuer, officer).as_json()["new"] == 2
    assert set(Cover.objects.values_list("policy", flat=True)) == {"RC-1", "=1+1"}


@pytest.mark.usefixtures("people")
def test_words_come_by_file_too(tmp_path: Path, issuer: Issuer, officer: User) -> None:
    take(written(tmp_path / "a.csv", [COVER]), issuer, officer)
    rows = [EVENT, EVENT | {"police": "AUTRE"}, EVENT | {"fait": "oubli"}]
    report, content = tmp_path / "sorts.json", FileContent.EVENTS
    path = written(tmp_path / "b.csv", rows, content)
    take(path, issuer, officer, content=content, report=report)
    told = [(r["fate"], r["code"], r["effective_on"]) for r in records(report)]
    assert told == [("NEW", "", "2026-06-01"), ("REFUSED", "policy_unknown", None), ("REFUSED", "fait_unknown", None)]
    assert CoverEvent.objects.get().kind == "TERMINATED"
    assert take(path, issuer, officer, content=content).as_json()["unchanged"] == 1


def test_memory_does_not_grow_with_the_file(tmp_path: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if rows or fates were kept: 4,000 more rows would take some ten megabytes, and take less than one."""
    monkeypatch.setattr(issuer_files, "ROWS_PER_LOT", 500)
    peaks = []
    for count in (1000, 5000):
        path = written(tmp_path / f"{count}.csv", covers_of(count))
        tracemalloc.start()
        take(path, issuer, None, apply=False, report=tmp_path / "sorts.json")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 1_000_000


# --- the commands -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("people")
def test_the_command_compares_applies_and_reports(tmp_path: Path, issuer: Issuer, officer: User) -> None:
    path, report = written(tmp_path / "a.csv", covers_of(4)), tmp_path / "sorts.json"
    compared = run("import_covers", path, "--issuer", "MUTUELLE", "--report", report)
    assert (compared.code, Cover.objects.count()) == (0, 0)
    assert "4\u00a0lignes" in compared.out.replace(" lignes", "\u00a0lignes")
    assert "Rien n’est écrit" in compared.out
    assert len(records(report)) == 4
    applied = run("import_covers", path, "--issuer", "MUTUELLE", "--apply", "--by", "alice", "--json")
    assert (applied.code, applied.json["new"], applied.json["applied"]) == (0, 4, True)
    assert IssuerFile.objects.get().begun_by == officer


WRONG: list[tuple[tuple[str, ...], int, str]] = [
    (("--issuer", "AUTRE"), 1, "Aucun assureur"),
    (("--issuer", "MUTUELLE", "--apply"), 2, "dites qui en répond"),
    (("--issuer", "MUTUELLE", "--apply", "--by", "bruno"), 1, "pas la permission"),
    (("--issuer", "MUTUELLE", "--by", "personne"), 2, "Aucun utilisateur"),
]


@pytest.mark.usefixtures("issuer")
@pytest.mark.parametrize(("arguments", "code", "words"), WRONG)
def test_the_command_says_what_is_wrong(tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    UserFactory.create(username="bruno")
    answer = run("import_covers", written(tmp_path / "a.csv", [COVER]), *arguments)
    assert (answer.code, words in answer.err) == (code, True)


@pytest.mark.usefixtures("issuer")
def test_a_file_of_another_kind_or_written_over_itself_is_wrong_use(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", [EVENT], FileContent.EVENTS)
    other = run("import_covers", path, "--issuer", "MUTUELLE")
    assert (other.code, "categories" in other.err) == (2, True)
    over = run("import_cover_events", path, "--issuer", "MUTUELLE", "--errors", path)
    assert (over.code, "deux choses" in over.err) == (2, True)


def test_the_command_tells_the_first_refusals_and_that_it_went_on(
    tmp_path: Path, issuer: Issuer, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.csv", covers_of(5))
    real = pushes.push_lot
    with pytest.MonkeyPatch.context() as patch:
        calls = Counter[str]()

        def second_dies(**values: Any) -> Any:
            calls["n"] += 1
            if calls["n"] > 1:
                raise RegisterError("la base s’arrête")
            return real(**values)

        patch.setattr(issuer_files, "push_lot", second_dies)
        assert run("import_covers", path, "--issuer", "MUTUELLE", "--apply", "--by", "alice").code == 1
    answer = run("import_covers", path, "--issuer", "MUTUELLE", "--apply", "--by", "alice")
    assert answer.code == 0
    assert "Reprise après 3 lignes" in answer.out
    assert "ligne 2\u00a0: numero_orias\u00a0: «\u00a007000000\u00a0» n’est pas au registre" in answer.out


def test_an_issuer_is_entered_by_command(officer: User) -> None:
    assert run("record_issuer", "MO", "Mutuelle Ouest", "--alias", "M.O.", "--by", "alice").code == 0
    assert run("record_issuer", "mo", "Mutuelle Ouest", "--by", "alice").code == 1
    assert Issuer.objects.get().names.count() == 2
