"""What people of an intermediary do in a real browser: sign in, renew, send a paper; by keys, and without scripts.

Where this machine has no Chromium, or not the packages to drive it, every one of these is reported as not run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail

from registry.models import Cover, Document, RenewalRequest
from tests.browser.test_journeys import (  # noqa: F401 - fixtures
    STOPPED_AT,
    Open,
    _at_nine_thirty,
    browser,
    faults,
    playwright,
    pytestmark,
    violations,
    window,
)
from tests.papers import pdf
from tests.web.people import ADDRESS, MINE, AtOnce, Desk, set_desk
from tests.web.test_people_pages import SHOWN, fill

HOME = f"/mon-espace/{MINE}/"


@pytest.fixture(autouse=True)
def _mailed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.people.mail._POOL", AtOnce())


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return set_desk()


def sign_in(page: Any) -> None:
    """By a code, as people do."""
    page.goto(HOME)
    page.get_by_label("Adresse électronique").fill(ADDRESS)
    page.get_by_role("button", name="Recevoir un code").click()
    code = re.search(r"[A-Z]{4}-[A-Z]{4}", str(mail.outbox[-1].body))
    assert code
    page.get_by_label("Code", exact=True).fill(code[0])
    page.get_by_role("button", name="Entrer", exact=True).click()


def test_every_page_has_nothing_for_axe_in_both_themes_and_fits_a_telephone(window: Open, desk: Desk) -> None:  # noqa: F811
    fill(desk)
    door = window()
    door.goto("/mon-espace/connexion/")
    found = violations(door, "door")
    door.get_by_label("Adresse électronique").fill(ADDRESS)
    door.get_by_role("button", name="Recevoir un code").click()
    found += violations(door, "code")
    page = window(desk.client, color_scheme="light")
    for path in ["/mon-espace/compte/", *(row.path(desk, MINE) for row in SHOWN.values())]:
        found += faults(page, path)
    assert not found, "\n".join(map(str, found))


def test_somebody_signs_in_renews_and_sends_the_certificate_without_scripts(
    window: Open,  # noqa: F811
    desk: Desk,
    tmp_path: Path,
) -> None:
    page = window(java_script_enabled=False)
    sign_in(page)
    page.get_by_role("link", name="Faire la demande de renouvellement").click()
    page.get_by_role("button", name="Mes coordonnées ont changé").click()
    page.get_by_label("Ville").fill("Rennes")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Ce que montre cette demande est exact").check()
    page.get_by_role("button", name="Déposer la demande").click()
    assert "Reçu de votre demande" in page.get_by_role("heading", level=1).inner_text()
    assert RenewalRequest.objects.filter(registration__intermediary=desk.mine, state="FILED").count() == 2
    page.get_by_role("link", name="Voir ce qu’il reste à faire").click()
    page.get_by_role("link", name="Déposer l’attestation").click()
    paper = tmp_path / "attestation.pdf"
    paper.write_bytes(pdf(f"Attestation de responsabilite civile, cabinet {MINE}, du 01/03/2026 au 28/02/2027"))
    page.get_by_label("Attestation de votre assureur ou garant").set_input_files(paper)
    page.get_by_role("button", name="Envoyer et contrôler").click()
    assert page.get_by_text("Fichier reçu et contrôlé").is_visible()
    page.get_by_label("Assureur ou garant").fill("Mutuelle")
    page.get_by_label("Premier jour couvert").fill("2026-03-01")
    page.get_by_label("Dernier jour couvert").fill("2027-02-28")
    page.get_by_role("button", name="Déposer cette attestation").click()
    assert page.get_by_text("Attestation reçue le").is_visible()
    assert Cover.objects.get(intermediary=desk.mine, status="DEPOSITED").papers.count() == 1
    assert Document.objects.filter(intermediary=desk.mine).count() == 2


def test_a_request_is_filed_with_the_keyboard_alone(window: Open, desk: Desk) -> None:  # noqa: F811
    """Every stop of the tabulator is seen, and the box and the button are reached and worked."""
    page = window(desk.client)
    page.goto(f"{HOME}renouvellement/verifier/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate(STOPPED_AT) != "nonenone", page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.id") == "still_true":
            break
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recu/*")
    assert RenewalRequest.objects.filter(registration__intermediary=desk.mine, state="FILED").count() == 2


def test_a_passkey_is_added_then_opens_the_door_without_a_code(window: Open, desk: Desk) -> None:  # noqa: F811
    """With the browser's own authenticator; under the policy that allows no script in a page."""
    page = window()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page)
    page.goto("/mon-espace/compte/acces/")
    page.get_by_label("Nom de la clé").fill("portable")
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    page.get_by_role("button", name="Retirer portable").wait_for()
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto("/mon-espace/connexion/")
    page.get_by_role("button", name="Entrer avec une clé d’accès").click()
    page.wait_for_url(f"**{HOME}")
    assert len(mail.outbox) == 1
    assert Authenticator.objects.get().last_used_at is not None
    page.goto("/mon-espace/compte/acces/")
    page.get_by_role("button", name="Retirer portable").click()
    page.get_by_text("Aucune clé d’accès").wait_for()
    assert not Authenticator.objects.exists()
