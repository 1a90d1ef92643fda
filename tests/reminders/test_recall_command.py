"""`recall_batch` and the other commands on a recall: what they print, refuse, and with which exit code."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from registry import clock
from registry.management.console import Failed
from registry.rules.categories import CoverKind
from reminders.models import Batch, Notice
from reminders.rules.states import BatchState
from tests.factories import NOW, UserFactory, batch_in
from tests.reminders.recalling import gone_wrong, people_of_each_class, situations_change
from tests.reminders.test_commands import BATCH_KEYS
from tests.reminders.test_recall import everything

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _staff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for name, role in {"odile": "registry_officer", "bruno": "approver", "hugo": "hotline_agent"}.items():
        UserFactory.create(username=name).groups.add(Group.objects.get(name=role))


@pytest.fixture
def wrong() -> Batch:
    people = people_of_each_class()
    batch = gone_wrong()
    situations_change(people)
    return batch


def run(command: str, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def answer(command: str, *arguments: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(command, *arguments, "--json"))
    return told


def test_a_recall_is_told_with_the_keys_of_any_batch_and_its_own(wrong: Batch) -> None:
    told = answer("recall_batch", wrong.pk, "--by", "odile", "--reason", "erreur de règle")
    assert told.keys() >= BATCH_KEYS | {"kind", "corrects", "reason", "by_class", "reached", "left_to_correct"}
    assert (told["kind"], told["corrects"], told["reason"]) == ("RECALL", wrong.pk, "erreur de règle")
    assert (told["state"], told["planned"], told["created"], told["dry_run"]) == ("DRAFT", 4, True, False)
    assert len(told["samples"]) == 4
    assert answer("show_batch", told["batch"])["by_class"] == told["by_class"]
    again = answer("recall_batch", wrong.pk, "--by", "odile")
    assert (again["batch"], again["created"]) == (told["batch"], False)


def test_a_recall_goes_its_way_by_commands_alone(wrong: Batch) -> None:
    told = answer("recall_batch", wrong.pk, "--by", "odile")
    with pytest.raises(Failed, match="n’a pas la permission reminders.approve_batch"):
        run("approve_batch", told["batch"], "--by", "odile", "--hash", told["hash"], "--count", 4)
    run("approve_batch", told["batch"], "--by", "bruno", "--hash", told["hash"], "--count", 4)
    assert answer("release_batch", told["batch"], "--by", "odile")["state"] == "RELEASING"


def test_the_preview_says_what_it_corrects_why_and_how_many_are_told_what(
    wrong: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run("recall_batch", wrong.pk, "--by", "odile", "--reason", "règle [fausse] de janvier")
    recall = Batch.objects.get(corrects=wrong.pk)
    assert f"relisez-le avec show_batch {recall.pk}" in said
    capsys.readouterr()
    run("show_batch", recall.pk)
    shown = capsys.readouterr().out
    assert f"Rectificatif du lot {wrong.pk} — règle [fausse] de janvier" in shown
    for label in ("dossier complet, rien à faire", "pièces reçues", "pièces bien attendues", "excuses sans détail"):
        assert label in shown
    assert "Touchés\u00a0: 4 = 0 rectifié auparavant + 4 dans ce lot." in shown
    assert f"approve_batch {recall.pk} --by NOM --hash {recall.hash} --count 4" in shown
    assert shown.count("Rectificatif\u00a0: ") == 4
    run("show_batch", wrong.pk)
    assert f"Ce lot a un rectificatif\u00a0: le lot {recall.pk}." in capsys.readouterr().out
    assert "existait déjà" in run("recall_batch", wrong.pk, "--by", "odile")


def test_i5_a_dry_run_shows_it_all_writes_nothing_and_opens_no_socket(
    wrong: Batch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fails without `rehearsal()`, and where a preview tried the mail server."""
    before = everything()

    def refuse(*_: object) -> None:
        raise AssertionError("a dry run opens no socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    told = answer("recall_batch", wrong.pk, "--by", "odile", "--dry-run")
    assert (told["batch"], told["dry_run"], told["created"], told["planned"]) == (None, True, False, 4)
    assert "rien n’a été écrit" in run("recall_batch", wrong.pk, "--by", "odile", "--dry-run")
    assert "Lot d’essai au" in capsys.readouterr().out
    assert everything() == before
    real = answer("recall_batch", wrong.pk, "--by", "odile")
    assert (real["hash"], real["by_class"]) == (told["hash"], told["by_class"])
    dry = answer("recall_batch", wrong.pk, "--by", "odile", "--dry-run")
    assert (dry["batch"], dry["created"]) == (real["batch"], False)


def test_only_who_may_plan_may_recall(wrong: Batch) -> None:
    with pytest.raises(Failed, match="n’a pas la permission reminders.plan_batch"):
        run("recall_batch", wrong.pk, "--by", "hugo")
    assert not Batch.objects.filter(corrects=wrong.pk).exists()


def test_what_cannot_be_recalled_is_refused_with_the_remedy() -> None:
    live = batch_in(BatchState.RELEASING)
    with pytest.raises(Failed, match=f"pause_batch {live.pk}"):
        run("recall_batch", live.pk, "--by", "odile")
    with pytest.raises(Failed, match="Le lot 4711 n’existe pas"):
        run("recall_batch", 4711, "--by", "odile")


def test_the_spreadsheet_says_what_each_is_told(wrong: Batch, tmp_path: Path) -> None:
    told = answer("recall_batch", wrong.pk, "--by", "odile")
    path = tmp_path / "liste.csv"
    run("show_batch", told["batch"], "--csv", path)
    text = path.read_text(encoding="utf-8-sig")
    assert f"pièces bien attendues\u00a0; {CoverKind.RC_PRO.label} COA au plus tard le 28/02/2026" in text
    assert text.count("\n") == 5


def test_explain_shows_a_correction_as_such(wrong: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    told = answer("recall_batch", wrong.pk, "--by", "odile")
    correction = Notice.objects.filter(batch=told["batch"]).select_related("intermediary").latest("id")
    number = correction.intermediary.orias_number
    latest, first = answer("explain", number)["notices"]
    assert (latest["kind"], latest["corrects"]) == ("RECALL", correction.corrects_id)
    assert latest["recall_class"] == correction.recall_class
    assert (first["kind"], first["corrects"], first["recall_class"]) == ("REMINDER", None, None)
    run("explain", number)
    assert "rectificatif" in capsys.readouterr().out
