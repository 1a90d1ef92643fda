"""`manage.py import_register`: verdicts, counts, exit codes, and the files it leaves."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group

from registry.models import Intermediary, RegisterImport
from registry.roles import Role
from settings.embedded import BASE_DIR
from tests.factories import UserFactory
from tests.registry.commands import run
from tests.registry.register_files import CLEAN, MESSY, apply, commit, facts, query, row, snapshot, written

pytestmark = pytest.mark.django_db

EXPECTED = json.loads(MESSY.with_name("register-messy.expected.json").read_text(encoding="utf-8"))
KEYS = {"records", "ok", "error", "duplicate", "ignored", "warnings", "new", "changed", "unchanged", "applied"}


@pytest.fixture
def officer() -> str:
    """The name of a user who may change the register."""
    user = UserFactory.create(username="alice")
    user.groups.add(Group.objects.get(name=Role.REGISTRY_OFFICER.group))
    return "alice"


def field_named(why: str) -> str:
    """The field that the expectation of the messy sample names; "" where it names none."""
    return why.partition(":")[0] if ":" in why else ""


def test_the_messy_sample_is_judged_record_by_record_as_expected(tmp_path: Path) -> None:
    out = tmp_path / "verdicts.json"
    answer = run("import_register", MESSY, "--report", out, "--json")
    assert answer.code == 0
    assert {k: answer.json[k] for k in EXPECTED["counts"]} == EXPECTED["counts"]
    records = json.loads(out.read_text(encoding="utf-8"))["records"]
    assert [(r["line"], r["orias_number"], r["verdict"]) for r in records] == [
        (r["line"], r["orias"], r["verdict"]) for r in EXPECTED["rows"]
    ]
    for record, expected in zip(records, EXPECTED["rows"], strict=True):
        assert bool(record["message"]) == (expected["verdict"] in ("error", "duplicate"))
        if expected["verdict"] == "error" and (field := field_named(expected["why"])):
            assert record["field"] == field, expected


UNNAMED = {
    66: "date_suppression",
    73: "siren",
    75: "numero_orias",
    76: "encaissement_fonds",
    79: "",
}
"""Lines whose expectation says the matter in words; the column a person would look at."""


def test_the_other_errors_of_the_messy_sample_name_the_column_to_look_at(tmp_path: Path) -> None:
    out = tmp_path / "verdicts.json"
    run("import_register", MESSY, "--report", out)
    records = json.loads(out.read_text(encoding="utf-8"))["records"]
    assert {r["line"]: r["field"] for r in records if r["line"] in UNNAMED} == UNNAMED
    assert "07001056" in next(r["message"] for r in records if r["line"] == 57)


def test_the_json_has_the_keys_that_scripts_read() -> None:
    answer = run("import_register", CLEAN, "--json")
    assert set(answer.json) >= KEYS
    assert (answer.json["records"], answer.json["ok"], answer.json["new"]) == (1422, 1422, 1422)
    assert answer.json["applied"] is False
    assert not Intermediary.objects.exists()


def test_it_says_in_words_what_it_found_and_how_to_apply_it() -> None:
    answer = run("import_register", CLEAN)
    assert "1\u202f422 lignes" in answer.out
    assert "--apply" in answer.out
    assert answer.err == ""


def test_a_dry_run_with_errors_names_the_first_and_says_that_applying_would_be_refused(tmp_path: Path) -> None:
    """Fails where the advice is to apply what will be refused."""
    report, errors = tmp_path / "v.json", tmp_path / "e.csv"
    answer = run("import_register", MESSY, "--report", report, "--errors", errors)
    assert answer.code == 0
    assert "serait refusé" in answer.out
    assert "--skip-errors" in answer.out
    assert len([line for line in answer.out.splitlines() if line.startswith("  ligne ")]) == 3
    assert "… et 15 autres" in answer.out
    assert f"Écrit\u00a0: {report}" in answer.out
    assert f"Écrit\u00a0: {errors}" in answer.out


def test_applied_by_an_officer_it_carries_the_officer_s_name(officer: str) -> None:
    answer = run("import_register", CLEAN, "--apply", "--by", officer, "--json")
    commit()
    assert (answer.code, answer.json["applied"], answer.json["new"]) == (0, True, 1422)
    assert RegisterImport.objects.get().applied_by is not None
    again = run("import_register", CLEAN, "--apply", "--by", officer, "--json")
    assert (again.code, again.json["unchanged"]) == (0, 1422)
    assert RegisterImport.objects.count() == 1


# --- refusals ---------------------------------------------------------------------------------------------


def test_a_file_with_errors_is_applied_by_no_half(tmp_path: Path, officer: str) -> None:
    """Fails without `_require_allowed` in apply_file. The report is written all the same."""
    before, out = snapshot(), tmp_path / "verdicts.json"
    answer = run("import_register", MESSY, "--apply", "--by", officer, "--report", out)
    assert answer.code == 1
    assert "Lignes en erreur\u00a0: 18" in answer.err
    assert "--skip-errors" in answer.err
    assert answer.err.count("\n") == 1
    assert snapshot() == before
    assert len(json.loads(out.read_text(encoding="utf-8"))["records"]) == 78


def test_the_right_rows_of_a_file_with_errors_are_applied_where_that_is_asked_for(officer: str) -> None:
    answer = run("import_register", MESSY, "--apply", "--by", officer, "--skip-errors", "--json")
    commit()
    assert (answer.code, answer.json["applied"], answer.json["new"], answer.json["error"]) == (0, True, 58, 18)
    wrong = {r["orias"] for r in EXPECTED["rows"] if r["verdict"] == "error"}
    right = {r["orias"] for r in EXPECTED["rows"] if r["verdict"] == "ok"}
    assert {number for number, *_ in facts()["people"]} == right
    assert not (wrong - right) & right


def bad_file(name: str, content: bytes | None) -> Callable[[Path], Path]:
    def make(place: Path) -> Path:
        path = place / name
        if content is not None:
            path.write_bytes(content)
        return path

    return make


WRONG_FILES = {
    "missing": (bad_file("absent.csv", None), "n’existe pas"),
    "directory": (lambda place: place, "dossier"),
    "xlsx": (bad_file("r.xlsx", b"PK\x03\x04" + b"\0" * 100), "Excel"),
    "pdf": (bad_file("r.csv", b"%PDF-1.7\n"), "PDF"),
    "empty": (bad_file("r.csv", b""), "vide"),
    "header only": (lambda place: written(place / "r.csv"), "ligne de titres"),
    "not a register": (bad_file("r.csv", b"a;b;c\n1;2;3\n"), "titres"),
}


@pytest.mark.parametrize("kind", WRONG_FILES)
def test_what_is_no_register_file_is_told_in_one_line_and_exit_code_2(tmp_path: Path, kind: str, officer: str) -> None:
    make, said = WRONG_FILES[kind]
    answer = run("import_register", make(tmp_path), "--apply", "--by", officer)
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    assert answer.out == ""


def test_a_user_whom_nobody_knows_is_a_wrong_use(officer: str) -> None:
    answer = run("import_register", CLEAN, "--apply", "--by", "alcie")
    assert answer.code == 2
    assert f"Vouliez-vous dire {officer}\u00a0?" in answer.err
    assert not Intermediary.objects.exists()


def test_a_user_without_the_permission_is_refused() -> None:
    user = UserFactory.create()
    answer = run("import_register", CLEAN, "--apply", "--by", user.username)
    assert answer.code == 1
    assert "registry.change_intermediary" in answer.err
    assert not Intermediary.objects.exists()


@pytest.mark.parametrize("option", ["--report", "--errors"])
@pytest.mark.parametrize("place", ["absent/out", "", "file/out", "x" * 300, "/dev/null"])
def test_a_report_that_cannot_be_written_stops_the_import_before_it_reads(
    tmp_path: Path, option: str, place: str, monkeypatch: pytest.MonkeyPatch, officer: str
) -> None:
    """Fails without `require_writable`: minutes of work would be lost at its end."""
    (tmp_path / "file").touch()
    monkeypatch.delattr("registry.management.commands.import_register.open_register")
    answer = run("import_register", CLEAN, "--apply", "--by", officer, option, tmp_path / place)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert ("ne peut pas être écrit" in answer.err) or ("n’est pas un fichier ordinaire" in answer.err)


def test_a_target_without_the_right_to_write_is_a_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    answer = run("import_register", CLEAN, "--errors", tmp_path / "out.csv")
    assert answer.code == 2
    assert "Vérifiez les droits" in answer.err


def test_no_file_is_written_over_another_that_is_needed(tmp_path: Path) -> None:
    """Fails without the second half of `_writable`: the rows to put right would replace the register's file."""
    path = written(tmp_path / "r.csv", row(1), row(2, email="x"))
    before = path.read_bytes()
    for options in (("--errors", path), ("--report", tmp_path / "." / "r.csv"), ("--report", "o", "--errors", "./o")):
        answer = run("import_register", path, *options)
        assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert path.read_bytes() == before


def test_a_refusal_is_told_to_scripts_with_its_counts_and_exit_code_1(officer: str) -> None:
    """Fails without the counting of what RegisterError took along."""
    before = snapshot()
    answer = run("import_register", MESSY, "--apply", "--by", officer, "--json")
    assert (answer.code, answer.json["applied"], answer.json["error"], answer.json["new"]) == (1, False, 18, 58)
    assert "Lignes en erreur\u00a0: 18" in answer.err
    assert snapshot() == before


def test_whoever_applies_gives_a_name() -> None:
    """Fails where a file is applied in nobody's name: every writer is recorded."""
    answer = run("import_register", CLEAN, "--apply")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "--by NOM" in answer.err
    assert not Intermediary.objects.exists()


def test_a_name_that_is_empty_is_not_taken_for_no_name() -> None:
    """Fails where `--by "$NOBODY"` applies a file in the system's name."""
    with pytest.raises(SystemExit) as end:
        run("import_register", CLEAN, "--apply", "--by", "")
    assert end.value.code == 2
    assert not Intermediary.objects.exists()


@pytest.mark.slow
def test_at_the_command_line_itself_the_exit_code_is_2_and_the_error_one_line(
    database_env: dict[str, str], tmp_path: Path
) -> None:
    command = [sys.executable, "manage.py", "import_register", str(tmp_path / "absent.csv")]
    done = subprocess.run(
        command, cwd=BASE_DIR, env=database_env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip().count("\n") == 0
    assert "absent.csv" in done.stderr


# --- rows to put right ------------------------------------------------------------------------------------


def test_the_rows_to_put_right_are_imported_once_corrected(tmp_path: Path, officer: str) -> None:
    out = tmp_path / "a-corriger.csv"
    path = written(tmp_path / "r.csv", row(1), row(2, email="x", denomination='=HYPERLINK("x")'), row(3, email="y"))
    assert run("import_register", path, "--apply", "--by", officer, "--skip-errors", "--errors", out).code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";")
    assert [r[header.index("erreur_ligne")] for r in rows] == ["3", "4"]
    assert rows[0][header.index("denomination")] == '\'=HYPERLINK("x")'
    for one in rows:
        one[header.index("email")] = "juste@cabinet.example"
    answer = run("import_register", written(out, *rows, header=header), "--apply", "--by", officer, "--json")
    assert (answer.code, answer.json["new"], answer.json["error"]) == (0, 2, 0)
    names = query("SELECT name FROM registry_intermediary ORDER BY orias_number")
    assert names == [("Cabinet 1",), ('=HYPERLINK("x")',), ("Cabinet 3",)]


def test_a_siren_that_the_register_gave_to_another_number_is_an_error_everywhere(tmp_path: Path, officer: str) -> None:
    """Fails without `_refuse_conflicts`, or without the conflicts in the reports."""
    apply(written(tmp_path / "first.csv", row(1)))
    [[taken]] = query("SELECT siren FROM registry_intermediary")
    path = written(tmp_path / "r.csv", row(9, siren=taken), row(2))
    report, errors = tmp_path / "v.json", tmp_path / "e.csv"
    assert "  ligne 2\u00a0: " in run("import_register", path).out
    answer = run("import_register", path, "--json", "--report", report, "--errors", errors)
    assert [answer.json[k] for k in ("records", "ok", "error", "new")] == [2, 1, 1, 1]
    [bad, good] = json.loads(report.read_text(encoding="utf-8"))["records"]
    assert (bad["verdict"], bad["field"], bad["code"]) == ("error", "siren", "siren_of_another_number")
    assert "07000001" in bad["message"]
    assert good["verdict"] == "ok"
    assert errors.read_text(encoding="utf-8-sig").count("\n") == 2
    assert run("import_register", path, "--apply", "--by", officer).code == 1
    assert run("import_register", path, "--apply", "--by", officer, "--skip-errors").code == 0
    assert {number for number, *_ in facts()["people"]} == {"07000001", "07000002"}
