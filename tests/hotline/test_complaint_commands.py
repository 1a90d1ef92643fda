"""The commands on complaints, as the hotline uses them."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from pypdf import PdfReader

from hotline.models import Complaint
from registry import clock
from registry.management.console import Failed, WrongUse
from tests.factories import NOW, BatchFactory, ComplaintFactory, IntermediaryFactory, UserFactory

pytestmark = pytest.mark.django_db
MAIL = ("relance à tort", "--from", "Durand", "--channel", "email", "--matter", "unwanted_mail", "--by", "hugo")


@pytest.fixture(autouse=True)
def staff(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent and a lead, at NOW."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for name, role in {"hugo": "hotline_agent", "lea": "hotline_lead"}.items():
        UserFactory(username=name).groups.add(Group.objects.get(name=role))


def run(command: str, *arguments: Any) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def told(command: str, *arguments: Any) -> Any:
    return json.loads(run(command, *arguments, "--json"))


def test_from_the_mail_to_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    IntermediaryFactory(orias_number="07001003")
    batch = BatchFactory()
    made = told("record_complaint", *MAIL, "--orias", "07001003", "--batch", batch.pk, "--on", "2026-01-20")
    assert (made["number"], made["acknowledge_by"], made["answer_by"]) == ("R-2026-00001", "2026-01-31", "2026-03-20")
    assert (made["orias_number"], made["batch"]) == ("07001003", batch.pk)
    assert "20/03/2026" in run("acknowledge_complaint", "R-2026-00001", "--by", "lea")
    shown = run("answer_complaint", "R-2026-00001", "Le délai est légal.", "--outcome", "refused", "--by", "lea")
    assert "recours gracieux" in shown
    run("complaints")
    assert "Aucune réclamation" in capsys.readouterr().out


def test_a_spoken_one_prints_the_invitation_and_its_writing_the_acknowledgement() -> None:
    said = run(
        "record_complaint", "attente", "--from", "M.", "--channel", "phone", "--matter", "welcome", "--by", "hugo"
    )
    assert "écrivez-nous" in said
    assert "due" not in said
    written = run("record_complaint", "--follows", "R-2026-00001", "--on", "2026-01-29", "--by", "hugo")
    assert "29/03/2026" in written


def test_the_worklist_tells_the_late_and_what_to_write_to_them(capsys: pytest.CaptureFixture[str]) -> None:
    late = ComplaintFactory(sent_on=NOW.date() - timedelta(days=90))
    ComplaintFactory()
    assert [c["number"] for c in told("complaints")["complaints"]][0] == late.number
    assert told("complaints")["late"] == 1
    run("complaints")
    shown = capsys.readouterr().out
    assert "EN RETARD" in shown
    assert "Nous vous prions de nous en excuser" in shown
    run("acknowledge_complaint", late.number, "--late-answer", "--by", "lea")
    assert Complaint.objects.filter(number=late.number, told_late_by__username="lea").exists()


def test_it_is_a_request_after_all() -> None:
    number = ComplaintFactory().number
    assert "Requalifiée" in run("answer_complaint", number, "attestation demandée", "--requalify", "--by", "lea")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("record_complaint", "x", "--from", "M.", "--by", "hugo"), WrongUse),
        (("record_complaint", "x", "--follows", "R-2026-00001", "--by", "hugo"), WrongUse),
        (("record_complaint", *MAIL, "--orias", "07009999"), WrongUse),
        (("record_complaint", *MAIL, "--batch", "404"), WrongUse),
        (("record_complaint", *MAIL, "--notice", "404"), WrongUse),
        (("record_complaint", *MAIL, "--on", "2026-01-30"), Failed),
        (("answer_complaint", "R-2026-00001", "x", "--by", "lea"), WrongUse),
        (("answer_complaint", "R-2026-00001", "x", "--outcome", "granted", "--by", "lea"), Failed),
        (("acknowledge_complaint", "R-2026-00001", "--by", "hugo"), Failed),
    ],
)
def test_what_is_refused_ends_with_its_exit_code(words: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        run(*words)


def test_the_yearly_synthesis_is_printed_written_and_drawn(tmp_path: Path) -> None:
    run("record_complaint", *MAIL)
    csv, pdf, words = (tmp_path / name for name in ("r.csv", "r.pdf", "m.txt"))
    words.write_text("Lot d’essai relancé deux fois\u202f: règle corrigée…", encoding="utf-8")
    assert told("complaints_report", 2026, "--csv", csv, "--pdf", pdf, "--measures", words)["complaints"] == 1
    assert "R-2026-00001;EMAIL" in csv.read_text(encoding="utf-8-sig")
    assert "Durand" not in csv.read_text(encoding="utf-8-sig")
    text = PdfReader(pdf).pages[0].extract_text()
    assert "Synthèse annuelle des réclamations 2026" in text
    assert "règle corrigée…" in text
    assert "Réclamations\u00a0: 1" in run("complaints_report", 2026)
