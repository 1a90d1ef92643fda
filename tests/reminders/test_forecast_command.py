"""`forecast`: what it prints and writes, and which periods it refuses."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from registry import clock
from registry.management.console import Failed, WrongUse
from reminders.models import Wave
from tests.factories import NOW
from tests.reminders.scenes import DAY, complete_file, due_file, released_batch

pytestmark = pytest.mark.django_db

PERIOD = ("2026-01-29", "2026-02-16")


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def run(first: str = PERIOD[0], last: str = PERIOD[1], *arguments: object) -> str:
    out = io.StringIO()
    call_command("forecast", "--from", first, "--to", last, *map(str, arguments), stdout=out)
    return out.getvalue()


def answer(first: str = PERIOD[0], last: str = PERIOD[1]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(first, last, "--json"))
    return told


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def scene(n: int = 3) -> None:
    complete_file()
    for _ in range(n):
        due_file()


def test_the_json_has_the_keys_that_scripts_read(settings: Any) -> None:
    settings.CALLS_PER_MAIL, settings.PACE_PER_HOUR = 2.0, 2
    scene()
    told = answer()
    assert (told["from"], told["to"], told["total"], told["expected_calls"]) == (*PERIOD, 6, 12)
    assert [d["day"] for d in told["days"]][:3] == ["2026-01-29", "2026-01-30", "2026-02-02"]
    assert told["days"][0] == {
        "day": "2026-01-29",
        "waves": {"D-45": 0, "D-30": 3, "D-15": 0, "D-7": 0, "D-2": 0, "D+1": 0},
        "notices": 3,
        "expected_calls": 6,
        "expected_calls_per_hour": 4,
        "agents_needed": 2,
    }
    assert (told["agents"], told["call_seconds"], told["calls_per_mail"], told["pace_per_hour"]) == (6, 300, 2.0, 2)


def test_people_are_shown_a_table_and_what_it_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    scene()
    run()
    shown = capsys.readouterr().out
    assert "Relances prévues du 29/01/2026 au 16/02/2026, si rien ne change" in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["Jour", "D-30", "D-15", "Relances", "Appels", "Par", "h", "Agents"] in lines
    assert ["jeu.", "29/01", "3", "3", "0", "0", "1"] in lines
    assert ["Total", "6", "0"] in lines
    flat = " ".join(lines[-1] + [word for line in lines for word in line])
    assert "6 relances, 0 appel, sur 2 jours ; 11 jours d’envoi sans relance." in flat
    assert "envoyées en une heure, faute de rythme fixé ; 0,056 appel par courriel ; 300 s par appel" in flat


def test_a_list_longer_than_a_day_at_the_pace_is_told(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Two mails an hour, eight hours a day: 16."""
    settings.PACE_PER_HOUR = 2
    scene(17)
    told = run("2026-01-29", "2026-01-29")
    assert "une journée d’envoi ne suffit pas à la liste de 1\u00a0jour." in told
    assert "au rythme de 2 par heure" in " ".join(capsys.readouterr().out.split())
    settings.PACE_PER_HOUR = 3
    assert "ne suffit pas" not in run("2026-01-29", "2026-01-29")


def test_where_nobody_is_due_or_nothing_may_leave_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    complete_file()
    run()
    assert "Aucune relance en 13\u00a0jours d’envoi." in capsys.readouterr().out
    run("2026-01-31", "2026-02-01")
    assert "Aucun jour d’envoi dans cette période." in capsys.readouterr().out
    assert answer("2026-01-31", "2026-02-01")["days"] == []


def test_what_is_under_way_is_told_apart() -> None:
    released_batch(2)
    assert "S’y ajoutent 2\u00a0relances de lots déjà lancés" in run()
    assert (answer()["under_way"], answer()["total"]) == (2, 2)


def test_one_that_is_under_way_is_told_in_the_singular() -> None:
    released_batch(1)
    assert "S’y ajoute 1\u00a0relance de lots déjà lancés" in run()


def test_a_past_period_is_said_to_rest_on_what_is_known_today() -> None:
    scene()
    assert "Les jours passés sont calculés" in run("2026-01-05", "2026-01-20")
    assert "Les jours passés" not in run()


def test_a_period_to_come_leaves_out_what_goes_before_it() -> None:
    scene()
    told = answer("2026-02-02", "2026-02-16")
    assert [d["day"] for d in told["days"] if d["notices"]] == ["2026-02-13"]
    assert told["days"][0]["day"] == "2026-02-02"


def test_the_spreadsheet_holds_every_day_and_no_formula(tmp_path: Path) -> None:
    """Fails if a wave's code stood alone at the head of its column."""
    Wave.objects.create(code="=1+1", first_offset=-60, last_offset=-46)
    scene()
    run(*PERIOD, "--csv", tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert len(rows) == 13
    assert rows[0] == {
        "jour": "2026-01-29",
        "vague =1+1": "0",
        **{f"vague {wave}": "3" if wave == "D-30" else "0" for wave in ("D-45", "D-30", "D-15", "D-7", "D-2", "D+1")},
        "relances": "3",
        "appels": "0",
        "appels_par_heure": "0",
        "agents": "1",
    }
    heads = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(";")
    assert not [head for head in heads if head[0] in "=+-@"]


def test_a_spreadsheet_without_days_has_its_heads(tmp_path: Path) -> None:
    run("2026-01-31", "2026-02-01", "--csv", tmp_path / "out.csv")
    assert read(tmp_path / "out.csv") == []
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").startswith("jour;relances;appels")


def test_the_chart_is_written(tmp_path: Path) -> None:
    scene()
    run(*PERIOD, "--svg", tmp_path / "out.svg", "--json")
    root = ElementTree.fromstring((tmp_path / "out.svg").read_text(encoding="utf-8"))
    assert str(root.findtext("{http://www.w3.org/2000/svg}title")).startswith("Relances prévues du 29/01/2026")


def test_a_file_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    for option in ("--csv", "--svg"):
        with pytest.raises(Failed, match="n’existe pas") as failure:
            run(*PERIOD, option, tmp_path / "nowhere" / "out")
        assert failure.value.returncode == 1


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("2026-02-16", "2026-02-15", "avant de commencer"),
        ("2026-01-29", "2027-03-05", "La période compte 401 jours"),
        ("2027-03-06", "2027-03-07", "commence dans plus de 400 jours"),
        ("2199-12-30", "2199-12-31", "commence dans plus de 400 jours"),
    ],
)
def test_a_wrong_period_is_wrong_use(first: str, last: str, why: str) -> None:
    with pytest.raises(WrongUse, match=why) as refusal:
        run(first, last)
    assert refusal.value.returncode == 2


def test_the_longest_period_is_taken() -> None:
    assert (date(2027, 3, 4) - DAY).days + 1 == 400
    assert len(answer("2026-01-29", "2027-03-04")["days"]) > 270


def test_what_is_no_day_is_refused() -> None:
    with pytest.raises(CommandError, match="n’est pas un jour"):
        run("demain", "2026-02-01")
