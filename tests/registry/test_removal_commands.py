"""The removal procedure by its commands alone, and its letters as they are on paper."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from registry.models import CommissionSession, Intermediary, Letter, Registration, RemovalCase
from registry.paper import Sheet, print_sheet, printable
from registry.roles import Role
from registry.rules.removals import CaseState
from tests.factories import CoverFactory
from tests.registry.commands import Answer, run
from tests.removing import Procedure, at, lapsed, members

pytestmark = pytest.mark.django_db

MARCH = date(2027, 3, 1)
On = Callable[..., Answer]


def text_of(pdf: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(bytes(pdf))).pages)
    return " ".join(" ".join(pages).split())


@pytest.fixture
def on(settings: Any) -> On:
    """Run a command on a day, with `alice`, who opens, `bruno`, who signs, and `root`."""
    for name, role in (("alice", Role.REGISTRY_OFFICER), ("bruno", Role.APPROVER), ("root", Role.ADMINISTRATOR)):
        run("create_user", name, "--role", role.value)

    def command(day: date, name: str, *arguments: object) -> Answer:
        settings.REGISTER_NOW = at(day)
        return run(name, *arguments)

    return command


@pytest.fixture
def mine() -> Registration:
    return lapsed()


def done(answer: Answer) -> Any:
    assert answer.code == 0, answer.err
    return answer.json


def posted(on: On, day: date) -> Any:
    letter = Letter.objects.order_by("-id")[0].number
    return done(
        on(
            day,
            "record_letter_proof",
            letter,
            "--kind",
            "POSTED",
            "--on",
            day,
            "--reference",
            "1A 2",
            "--by",
            "alice",
            "--json",
        )
    )


def test_a_removal_by_commands(on: On, mine: Registration, tmp_path: Path) -> None:
    number = mine.intermediary.orias_number
    for code in ("m1", "m2", "m3"):
        assert on(MARCH, "name_member", code, "--name", f"Mme {code}", "--from", "2026-01-01", "--by", "root").code == 0
    opening = (
        number,
        "--category",
        "COA",
        "--ground",
        "COVER",
        "--reason",
        "aucune attestation",
        "--by",
        "alice",
        "--json",
    )
    case = done(on(MARCH, "open_removal_case", *opening))["case"]
    told = done(on(MARCH, "advance_removal_case", case, "--to", "NOTICE", "--by", "alice", "--json"))
    assert (told["state"], told["next"], told["block"]) == ("NOTICE", "FORMAL", "NO_PROOF")
    assert posted(on, MARCH)["not_before"] == "2027-03-21"
    early = on(MARCH + timedelta(days=19), "advance_removal_case", case, "--to", "FORMAL", "--by", "alice")
    assert (early.code, "à partir du 2027-03-21" in early.err) == (1, True)
    formal = MARCH + timedelta(days=20)
    done(on(formal, "advance_removal_case", case, "--to", "FORMAL", "--by", "alice", "--json"))
    posted(on, formal)
    held = formal + timedelta(days=20)
    file = tmp_path / "seance.json"
    file.write_text(json.dumps({"held_on": str(held), "cases": {str(case): {"for": ["m1", "m2"], "conflict": ["m3"]}}}))
    session = done(on(held, "record_session", file, "--by", "alice", "--json"))
    assert session["cases"][0]["outcome"] == "CARRIED"
    assert [c["case"] for c in done(on(held, "removal_cases", "--ready", "--json"))] == [case]
    signing = ("sign_session", session["session"], "--digest", session["digest"], "--json")
    assert on(held, *signing, "--by", "alice").code == 1
    assert done(on(held, *signing, "--by", "bruno"))["signed"] is True
    late = done(on(held + timedelta(days=16), "removal_cases", "--json"))[0]
    assert late["late_since"] == str(held + timedelta(days=15))
    assert "EN RETARD" in on(held + timedelta(days=16), "removal_cases").out
    done(on(held, "advance_removal_case", case, "--to", "LETTER", "--by", "alice", "--json"))
    posted(on, held)
    assert on(held, "advance_removal_case", case, "--to", "PUBLISHED", "--by", "alice").code == 1
    published = done(on(held, "advance_removal_case", case, "--to", "PUBLISHED", "--by", "bruno", "--json"))
    assert (published["state"], published["next"]) == ("PUBLISHED", None)
    out = tmp_path / "pv.pdf"
    assert on(held, "show_session", session["session"], "--out", out).code == 0
    minutes = text_of(out.read_bytes())
    assert number in minutes
    assert mine.intermediary.name not in minutes
    assert "Intérêt déclaré, n’a pas siégé : Mme m3" in minutes
    assert hashlib.sha256(out.read_bytes()).hexdigest() == CommissionSession.objects.get().minutes_sha256


def test_a_step_that_finds_the_file_in_order_fails_and_says_so(on: On, mine: Registration) -> None:
    procedure = Procedure(mine)
    procedure.open(MARCH)
    CoverFactory.create(intermediary=mine.intermediary, starts_on=MARCH, ends_on=date(2028, 2, 29), categories=["COA"])
    answer = on(MARCH, "advance_removal_case", procedure.case.pk, "--to", "NOTICE", "--by", "alice")
    assert (answer.code, "est retirée" in answer.err) == (1, True)
    assert RemovalCase.objects.get().state == "WITHDRAWN"


def test_a_case_is_held_resumed_and_withdrawn_with_reasons(on: On, mine: Registration) -> None:
    procedure = Procedure(mine)
    case = procedure.open(MARCH).pk
    assert on(MARCH, "hold_removal_case", case, "--by", "alice").code == 2
    for act, state in (("hold", "HELD"), ("resume", "OPEN"), ("withdraw", "WITHDRAWN")):
        told = done(on(MARCH, f"{act}_removal_case", case, "--reason", "essai", "--by", "alice", "--json"))
        assert (told["state"], told["note"]) == (state, "essai")
    assert on(MARCH, "removal_cases").out.strip() == "Aucune affaire."
    assert len(done(on(MARCH, "removal_cases", "--intermediary", mine.intermediary.orias_number, "--json"))) == 1
    assert on(MARCH, "hold_removal_case", 9, "--reason", "x", "--by", "alice").code == 1


def test_an_order_by_commands_and_the_way_back(on: On, mine: Registration) -> None:
    number = mine.intermediary.orias_number
    order = done(
        on(
            MARCH, "record_order", number, "--category", "COA", "--kind", "REMOVAL", "--authority", "ACPR",
            "--act", "2027-C-3", "--dated", MARCH, "--reason", "sanction", "--by", "alice", "--json",
        )
    )  # fmt: skip
    assert order["carried_out"] is False
    assert on(MARCH, "confirm_order", order["order"], "--act", "2027-C-3", "--by", "alice").code == 1
    assert done(on(MARCH, "confirm_order", order["order"], "--act", "2027-C-3", "--by", "bruno", "--json"))[
        "carried_out"
    ]
    back = ("reenter_registration", number, "--category", "COA", "--on", "2028-01-07", "--act", "CI", "--by", "alice")
    assert on(date(2028, 1, 7), *back).code == 0
    assert on(MARCH, "legal_hold", number, "--reason", "recours", "--by", "bruno").code == 0
    assert on(MARCH, "legal_hold", number, "--lift", "--reason", "jugé", "--by", "bruno").code == 0


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"held_on": "2027-04-16"}', '{"held_on": "x", "cases": {}}',
     '{"held_on": "2027-04-16", "cases": {"1": {"maybe": ["m1"]}}}',
     '{"held_on": "2027-04-16", "cases": {"1": {"for": ["m1"], "against": ["m1"]}}}'],
)  # fmt: skip
def test_a_file_that_is_no_session_is_wrong_use(on: On, tmp_path: Path, content: str) -> None:
    file = tmp_path / "seance.json"
    file.write_text(content)
    assert on(MARCH, "record_session", file, "--by", "alice").code == 2


# --- letters ----------------------------------------------------------------------------------------------


def test_a_letter_is_issued_again_byte_for_byte_whatever_has_changed_since(
    on: On, mine: Registration, tmp_path: Path, settings: Any
) -> None:
    """Fails if a letter were printed anew: the address, the setting and the day have changed."""
    procedure = Procedure(mine)
    procedure.open(MARCH)
    procedure.send(MARCH, CaseState.NOTICE)
    letter = procedure.letter()
    Intermediary.objects.update(name="Autre nom", town="Ailleurs")
    settings.RECOURSE_TEXT = "autre texte"
    out = tmp_path / "lettre.pdf"
    told = done(on(date(2030, 1, 1), "letter", letter.verify_code.lower(), "--out", out, "--json"))
    assert told["number"] == letter.number
    assert hashlib.sha256(out.read_bytes()).hexdigest() == letter.sha256
    assert on(MARCH, "letter", letter.number, "--compare", out).code == 0
    out.write_bytes(out.read_bytes() + b" ")
    assert on(MARCH, "letter", letter.number, "--compare", out).code == 1
    assert on(MARCH, "letter", "2027-999999").code == 1


def test_a_letter_says_whom_what_why_and_how_to_contest_it(mine: Registration) -> None:
    procedure = Procedure(mine)
    members()
    procedure.told(date(2027, 5, 3))
    for letter in Letter.objects.all():
        words = text_of(bytes(letter.pdf))
        for told in (
            letter.number, letter.verify_code, mine.intermediary.orias_number, "27290 MONTFORT", "R. 512-5",
            "aucune attestation pour la nouvelle période", "tribunal administratif", "responsabilité civile",
        ):  # fmt: skip
            assert told in words, (letter.kind, told)
    assert "3 mai 2027" in text_of(bytes(Letter.objects.get(kind="LETTER").pdf))


def test_the_same_sheet_is_the_same_bytes() -> None:
    sheet = Sheet("Registre", MARCH, "Objet", ("« L’été\u202f» — œuvre", "- 12 €"), ("A",), ("n° 1",), ("fin",))
    assert print_sheet(sheet) == print_sheet(sheet)
    assert b"20270301" in print_sheet(sheet)


def test_a_name_that_the_font_lacks_is_written_in_its_nearest_letters() -> None:
    assert printable("Łódź Žižka ’ … \u202f! 漢") == "?ódz Žižka ’ … \u00a0! ?"
