"""Proofs and their codes, status, choices of the reader; both languages."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from registry.actions import merge_intermediaries
from registry.merges import preview_merge
from registry.models import Intermediary, Registration
from registry.public import published_by_number
from registry.rules.proof import read_code, write_code
from reminders.models import StopSwitch
from tests.factories import (
    NOW,
    DeadlineDecisionFactory,
    DecisionFactory,
    IncidentFactory,
    IntermediaryFactory,
    RegistrationFactory,
    UserFactory,
)
from tests.reminders.scenes import due_file
from tests.web.stage import Page
from web.proof import make_code, printable, read_proof

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
DAY = date(2026, 1, 29)


@pytest.fixture
def durand() -> Intermediary:
    durand = IntermediaryFactory(orias_number="08000041", name="Cabinet d’Œuvre & Łódź", town="Lyon", siren="552100554")
    RegistrationFactory(intermediary=durand, registered_on=date(2015, 1, 1), with_funds=True)
    RegistrationFactory(intermediary=durand, cif=True)
    return durand


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\u00a0", " ")


def code_of(number: str = "08000041") -> str:
    return make_code(published_by_number([number], DAY)[number], NOW)


def verified(client: Client, code: str) -> str:
    return str(client.get("/verifier/", {"code": code}).text).replace("\u00a0", " ").replace("&nbsp;", " ")


def test_the_proof_says_who_what_since_when_and_at_what_hour(client: Client, durand: Intermediary) -> None:
    answer = client.get("/dossier/08000041/attestation.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    for said in (
        "Cabinet d’Œuvre & ?ódz",
        "N° ORIAS 08000041",
        "SIREN 552100554",
        "Inscrit : COA",
        "depuis le 1er janvier 2015",
        "29 janvier 2026 à 10 h 30",
        "Inscrit : CIF",
    ):
        assert said in text
    assert code_of()[:23] in text
    assert len(answer.content) < 20_000


def test_the_same_proof_is_the_same_bytes(client: Client, durand: Intermediary) -> None:
    first, second = (client.get("/dossier/08000041/attestation.pdf").content for _ in range(2))
    assert first == second


def test_letters_that_the_fonts_lack_are_shown_without_their_accents() -> None:
    assert printable("Œuvre 12\u202f€ ő 中") == "Œuvre 12\u00a0€ o ?"


def test_a_code_says_what_the_proof_said_and_that_nothing_has_changed(client: Client, durand: Intermediary) -> None:
    text = verified(client, code_of())
    assert "Code authentique, et rien n’a changé" in text
    assert text.count("depuis le 1er janvier 2015") == 2


def test_a_code_says_what_has_changed_since(client: Client, durand: Intermediary) -> None:
    code = code_of()
    registration = Registration.objects.get(intermediary=durand, category="COA")
    DecisionFactory(registration=registration, decided_on=date(2026, 1, 20))
    Registration.objects.filter(pk=registration.pk).update(removed_on=date(2026, 1, 20))
    text = verified(client, code)
    assert "le registre a changé depuis" in text
    assert "Inscrit" in text
    assert "Supprimé" in text


def test_another_name_is_told(client: Client, durand: Intermediary) -> None:
    """Fails without `name_digest`: a proof may be shown under a name that is no longer one's own."""
    code = code_of()
    Intermediary.objects.filter(pk=durand.pk).update(name="Tout Autre")
    text = verified(client, code)
    assert "La dénomination a changé depuis l’attestation" in text
    assert "rien n’a changé" not in text


def test_a_code_is_read_however_it_is_typed(client: Client, durand: Intermediary) -> None:
    typed = code_of().lower().replace("-", " ").replace("0", "o")
    assert "Code authentique" in verified(client, typed)


def test_every_changed_letter_is_refused(client: Client, durand: Intermediary) -> None:
    """Fails without the seal."""
    sealed = read_code(code_of())
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert read_proof(write_code(bytes(changed))) is None
    assert "n’est pas de ce registre" in verified(client, write_code(bytes(sealed[:-1])))


@pytest.mark.parametrize("code", ["faux", "é", "!", "A" * 200])
def test_what_is_no_code_is_told_beside_the_box(client: Client, code: str) -> None:
    found = Page(verified(client, code))
    (box,) = [field for field in found.all("input") if field.get("name") == "code"]
    assert box["aria-invalid"] == "true"
    assert box["value"] == code


def test_the_seal_is_by_the_secret_of_this_place(durand: Intermediary, settings: Any) -> None:
    code = code_of()
    settings.SECRET_KEY = "another secret"  # noqa: S105
    assert read_proof(code) is None


def test_a_number_that_was_merged_leads_to_the_other_and_so_does_its_proof(client: Client) -> None:
    due_file("08000061")
    due_file("08000062", categories=["IOB"])
    merge_intermediaries(
        by=UserFactory(),
        approved_by=UserFactory(),
        why="essai",
        now=NOW,
        day=DAY,
        keep="08000061",
        drop="08000062",
        preview_hash=preview_merge("08000061", "08000062").hash,
    )
    assert client.get("/dossier/08000062/").headers["Location"] == "/dossier/08000061/"
    assert "08000062" in client.get("/dossier/08000061/").text
    assert "N° ORIAS 08000061" in text_of(client.get("/dossier/08000062/attestation.pdf").content)
    assert "rien n’a changé" in verified(client, code_of("08000061"))


# --- status, announcements, complaints ------------------------------------------------------------------------


def test_the_status_tells_that_sending_is_stopped_but_not_why(client: Client) -> None:
    assert "Tout fonctionne." in client.get("/etat/").text
    StopSwitch.objects.update(stopped=True, reason="erreur de Bruno")
    text = client.get("/etat/").text
    assert "arrêté" in text
    assert "Bruno" not in text
    assert client.get("/etat/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("stopped", [False, True])
def test_the_status_does_not_say_that_all_works_while_an_incident_is_open(client: Client, stopped: bool) -> None:
    StopSwitch.objects.update(stopped=stopped, reason="essai" if stopped else "")
    IncidentFactory(message="Les pages répondent lentement.")
    text = client.get("/etat/").text
    assert "Tout fonctionne" not in text
    assert "Un incident est en cours" in text
    assert "Les pages répondent lentement" in text
    assert ("l’envoi des relances est arrêté" in text) is stopped


def test_a_freeze_of_deadlines_is_told_on_the_home_page_and_the_status(client: Client) -> None:
    DeadlineDecisionFactory(freeze=True, from_on=date(2026, 1, 20), until_on=date(2026, 1, 22))
    for path in ("/", "/etat/"):
        assert "tous les délais en cours sont prolongés" in client.get(path).text


def test_how_to_complain_needs_no_account(client: Client, settings: Any) -> None:
    settings.REPLY_TO = "greffe@registre.example"
    text = client.get("/reclamations/").text
    assert "greffe@registre.example" in text
    assert "10 jours ouvrables" in text
    assert "deux mois" in text


# --- the reader's choices ---------------------------------------------------------------------------------------


def test_english_is_one_click_away_on_every_public_page(client: Client, durand: Intermediary) -> None:
    pages = {
        "/": "Check an intermediary",
        "/recherche/?q=cabinet": "1 result",
        "/dossier/08000041/": "Keep a proof",
        "/verifier/": "Check a certificate",
        "/etat/": "Everything works",
        "/reclamations/": "Make a complaint",
        "/nulle-part/": "Page not found",
    }
    for path in pages:
        (switch,) = [a for a in Page(client.get(path).text).all("a") if a.get("hreflang") == "en"]
        answer = client.get(str(switch["href"]))
        assert answer.headers["Location"] == path
        client.cookies.clear()
    client.get("/affichage/?langue=en")
    for path, said in pages.items():
        answer = client.get(path)
        assert said in answer.text
        assert Page(answer.text).all("html")[0]["lang"] == answer.headers["Content-Language"] == "en"


def test_the_theme_is_chosen_without_a_script(client: Client) -> None:
    assert "data-theme" not in Page(client.get("/").text).all("html")[0]
    client.get("/affichage/?theme=dark")
    assert Page(client.get("/").text).all("html")[0]["data-theme"] == "dark"
    client.get("/affichage/?theme=auto")
    assert "data-theme" not in Page(client.get("/").text).all("html")[0]


ELSEWHERE = ["https://example.org/", "//example.org/", "javascript:alert(1)", "/\\example.org", ""]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere_by_a_choice(client: Client, target: str) -> None:
    assert client.get("/affichage/", {"theme": "dark", "vers": target}).headers["Location"] == "/"


def test_a_choice_that_there_is_not_is_none(client: Client) -> None:
    answer = client.get("/affichage/", {"theme": "pink", "langue": "<script>"})
    assert not answer.cookies
    client.cookies["langue"] = "xx"
    assert Page(client.get("/").text).all("html")[0]["lang"] == "fr"
