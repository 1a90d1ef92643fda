"""The review at a terminal: what is printed, written, refused, and with which exit code."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command

from registry import clock
from registry.management.console import Failed, WrongUse
from registry.models import Cover, Document
from tests import papers
from tests.factories import NOW, CoverFactory, CoverPaperFactory, DocumentFactory, RegistrationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def _alice() -> User:
    alice: User = UserFactory.create(username="alice", is_staff=True)
    alice.groups.add(Group.objects.get(name="registry_officer"))
    UserFactory.create(username="hugo")
    return alice


@pytest.fixture
def cover() -> Cover:
    """One that nothing is found against."""
    whose = RegistrationFactory.create().intermediary
    CoverFactory.create(intermediary=whose, categories=["COA"])
    made: Cover = CoverPaperFactory.create(
        cover__intermediary=whose, cover__categories=["COA"], cover__deposited_on=date(2026, 1, 12)
    ).cover
    return made


def ran(capsys: pytest.CaptureFixture[str], *words: Any) -> str:
    call_command(*map(str, words))
    return capsys.readouterr().out


def status(cover: Cover) -> str:
    return Cover.objects.values_list("status", flat=True).get(pk=cover.pk)


def test_the_queue_is_told_to_people_and_to_scripts(cover: Cover, capsys: pytest.CaptureFixture[str]) -> None:
    told = ran(capsys, "review_queue")
    assert "1 attestation dans cette file, dont 0 en retard." in told
    assert cover.intermediary.orias_number in told
    assert "42 j" in told
    row = json.loads(ran(capsys, "review_queue", "--unassigned", "--json"))["rows"][0]
    assert (row["cover"], row["due_on"], row["days_left"], row["document_state"]) == (
        cover.pk, "2026-03-12", 42, "NOT_SCANNED",
    )  # fmt: skip
    assert ran(capsys, "review_queue", "--mine", "alice").startswith("0 attestation")


def test_a_review_goes_from_hand_to_hand(cover: Cover, capsys: pytest.CaptureFixture[str]) -> None:
    assert "confiée à alice" in ran(capsys, "assign_review", cover.pk, "--by", "alice")
    assert json.loads(ran(capsys, "review_queue", "--mine", "alice", "--json"))["waiting"] == 1
    assert "confiée à personne" in ran(capsys, "assign_review", cover.pk, "--nobody", "--by", "alice")
    with pytest.raises(Failed, match="n’a pas la permission"):
        call_command("assign_review", str(cover.pk), "--to", "hugo", "--by", "alice")


def test_a_certificate_is_looked_at_asked_about_and_accepted(cover: Cover, capsys: pytest.CaptureFixture[str]) -> None:
    shown = ran(capsys, "review_cover", cover.pk, "show")
    assert "conforme\u00a0: couvre toute la période du 01/03/2026 au 28/02/2027" in shown
    asked = ran(capsys, "review_cover", cover.pk, "ask", "--reason", "UNREADABLE", "--note", "page 2", "--by", "alice")
    assert "Numérisez-le de nouveau" in asked
    assert "page 2" in asked
    assert "suspendu (2026-01-29)" in ran(capsys, "review_queue", "--returned")
    told = json.loads(ran(capsys, "review_cover", cover.pk, "accept", "--by", "alice", "--json"))
    assert (told["status"], status(cover)) == ("ACCEPTED", "ACCEPTED")


def test_a_refusal_says_its_text(cover: Cover, capsys: pytest.CaptureFixture[str]) -> None:
    told = ran(capsys, "review_cover", cover.pk, "refuse", "--reason", "OLD_PERIOD", "--by", "alice")
    assert "L’attestation est celle de la période qui s’achève." in told
    assert cover.review.reason == "OLD_PERIOD"  # type: ignore[attr-defined]
    with pytest.raises(Failed, match="n’attend plus de contrôle"):
        call_command("review_cover", str(cover.pk), "accept", "--by", "alice")


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        (("accept",), WrongUse, "ajoutez --by"),
        (("refuse", "--by", "alice"), WrongUse, "donne un motif"),
        (("accept", "--reason", "OTHER", "--by", "alice"), WrongUse, "donne un motif"),
        (("ask", "--reason", "OTHER", "--by", "alice"), WrongUse, "demande une précision"),
        (("accept", "--by", "hugo"), Failed, "n’a pas la permission"),
        (("accept", "--by", "nobody"), WrongUse, "Aucun utilisateur"),
    ],
)
def test_a_wrong_decision_is_refused(words: tuple[str, ...], error: Any, told: str, cover: Cover) -> None:
    with pytest.raises(error, match=told):
        call_command("review_cover", str(cover.pk), *words)
    assert status(cover) == "DEPOSITED"


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(Failed, match="Aucune attestation 12 au registre"):
        call_command("review_cover", "12", "show")


def test_a_lot_is_accepted_and_each_fate_is_written(
    cover: Cover, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bare = CoverFactory.create(intermediary=cover.intermediary, deposited=True, renewed=True)
    listed, report = tmp_path / "lot.txt", tmp_path / "sort.csv"
    listed.write_text(f"{cover.pk}\n\n{bare.pk}\n")
    with pytest.raises(Failed, match="1 attestation à regarder"):
        call_command("accept_covers", "--file", str(listed), "--report", str(report), "--by", "alice")
    assert "1 attestation acceptée." in capsys.readouterr().out
    rows = list(csv.reader(report.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    assert [row[:2] for row in rows[1:]] == [[str(cover.pk), "ACCEPTED"], [str(bare.pk), "FOUND_WANTING"]]
    told = json.loads(ran(capsys, "accept_covers", cover.pk, "--by", "alice", "--json"))
    assert told["lines"] == [{"cover": cover.pk, "fate": "ALREADY", "detail": ""}]


def test_the_good_ones_of_the_queue_are_accepted(cover: Cover, capsys: pytest.CaptureFixture[str]) -> None:
    CoverFactory.create(intermediary=cover.intermediary, deposited=True)
    assert "1 attestation acceptée." in ran(capsys, "accept_covers", "--good", "--by", "alice")
    assert Cover.objects.filter(status="DEPOSITED").count() == 1


@pytest.mark.parametrize("words", [(), ("1", "--good")])
def test_a_lot_is_named_in_one_way(words: tuple[str, ...]) -> None:
    with pytest.raises(WrongUse, match="d’une seule manière"):
        call_command("accept_covers", *words, "--by", "alice")


def test_a_list_with_something_else_is_wrong_use(tmp_path: Path) -> None:
    listed = tmp_path / "lot.txt"
    listed.write_text("12\nabc\n")
    with pytest.raises(WrongUse, match="Ligne 2"):
        call_command("accept_covers", "--file", str(listed), "--by", "alice")


def test_a_letter_is_scanned_in_and_attached(cover: Cover, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    letter = tmp_path / "lettre.pdf"
    letter.write_bytes(papers.pdf())
    number = cover.intermediary.orias_number
    told = ran(capsys, "receive_document", number, letter, "--cover", cover.pk, "--by", "alice")
    document = Document.objects.order_by("-id")[0]
    assert told == f"Document {document.pk}\u00a0: Non analysé (aucun antivirus).\n"
    assert (document.channel, cover.papers.order_by("-id")[0].document_id) == ("PAPER", document.pk)  # type: ignore[attr-defined]
    letter.write_bytes(papers.EICAR)
    with pytest.raises(Failed, match="ni un PDF, ni une image"):
        call_command("receive_document", number, str(letter), "--cover", str(cover.pk), "--by", "alice")
    with pytest.raises(Failed, match="ne connaît pas le numéro"):
        call_command("receive_document", "07999999", str(letter), "--by", "alice")


def test_a_scan_without_a_scanner_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    DocumentFactory.create(scanning=True)
    assert "Aucun antivirus n’est configuré" in ran(capsys, "scan_documents")
    assert json.loads(ran(capsys, "scan_documents", "--json"))["scanner"] is False


def test_a_scan_tells_what_it_found_and_fails_where_the_scanner_is_silent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings  # noqa: PLC0415

    from settings.scanner import ClamdAddress  # noqa: PLC0415

    monkeypatch.setattr(settings, "CLAMD", ClamdAddress(path="/nonexistent/clamd.ctl"))
    assert "écartés\u00a0: aucun" in ran(capsys, "scan_documents", "--again", "0")
    gone = DocumentFactory.create(scanning=True)
    with pytest.raises(Failed, match=f"Contenu absent ou abîmé\u00a0: documents {gone.pk}"):
        call_command("scan_documents")
