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

from api.models import ApiKey, Mandate
from registry.models import Cover, Document, RenewalRequest
from tests.browser.test_journeys import (  # noqa: F401 - fixtures
    Open,
    _at_nine_thirty,
    browser,
    expect,
    faults,
    playwright,
    pytestmark,
    refuse,
    violations,
    window,
)
from tests.browser.test_public import walk_to
from tests.factories import RegistrationFactory
from tests.papers import pdf
from tests.web.people import ADDRESS, MINE, AtOnce, Desk, account_for, set_desk, signed_in_as
from tests.web.test_people_pages import SHOWN, fill

HOME = f"/mon-espace/{MINE}/"


@pytest.fixture(autouse=True)
def _mailed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.people.mail._POOL", AtOnce())


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return set_desk()


def code_mailed() -> str:
    """The last one."""
    found = re.search(r"[A-Z]{4}-[A-Z]{4}", str(mail.outbox[-1].body))
    assert found
    return found[0]


def sign_in(page: Any) -> None:
    """By a code, as people do."""
    page.goto(HOME)
    page.get_by_label("Adresse électronique").fill(ADDRESS)
    page.get_by_role("button", name="Recevoir un code").click()
    page.wait_for_url("**/connexion/code/*")
    page.get_by_label("Code", exact=True).fill(code_mailed())
    page.get_by_role("button", name="Entrer", exact=True).click()


REFUSED: dict[str, dict[str, str]] = {
    f"{HOME}renouvellement/changer/": {"email": "personne", "phone": "x"},
    f"{HOME}renouvellement/verifier/": {},
    f"{HOME}pieces/deposer/": {},
    f"{HOME}personnes/": {"email": "personne"},
    "/mon-espace/compte/cles/": {"name": ""},
    "/mon-espace/compte/webhooks/": {"url": "http://example.org"},
}
"""Pages with what their form refuses."""


def test_every_page_in_three_states_has_nothing_for_axe_in_both_themes(window: Open, desk: Desk) -> None:  # noqa: F811
    """With all there is to show, refusing what was typed, and with nothing yet; the receipt last of all."""
    fill(desk)
    door = window()
    door.goto("/mon-espace/connexion/")
    found = violations(door, "door")
    door.get_by_label("Adresse électronique").fill(ADDRESS)
    door.get_by_role("button", name="Recevoir un code").click()
    door.wait_for_url("**/connexion/code/*")
    found += violations(door, "code")
    refuse(door, {"code": "BCDF"}, ".box")
    found += violations(door, "code refused")
    page = window(desk.client, color_scheme="light")
    for path in ["/mon-espace/compte/", *(row.path(desk, MINE) for row in SHOWN.values())]:
        found += faults(page, path)
    for path, typed in REFUSED.items():
        found += faults(page, path, typed)
    new = RegistrationFactory().intermediary
    client = signed_in_as(account_for("zoe@cabinet.example", new))
    page = window(client, color_scheme="light")
    for path in ("", "pieces/", "messages/", "renouvellement/"):
        found += faults(page, f"/mon-espace/{new.orias_number}/{path}")
    for path in ("cles/", "webhooks/"):
        found += faults(page, f"/mon-espace/compte/{path}")
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
    expect(page.get_by_role("heading", level=1)).to_contain_text("Reçu de votre demande")
    assert RenewalRequest.objects.filter(registration__intermediary=desk.mine, state="FILED").count() == 2
    page.get_by_role("link", name="Voir ce qu’il reste à faire").click()
    page.get_by_role("link", name="Déposer l’attestation").click()
    paper = tmp_path / "attestation.pdf"
    paper.write_bytes(pdf(f"Attestation de responsabilite civile, cabinet {MINE}, du 01/03/2026 au 28/02/2027"))
    page.get_by_label("Attestation de votre assureur ou garant").set_input_files(paper)
    page.get_by_role("button", name="Envoyer et contrôler").click()
    expect(page.get_by_text("Fichier reçu et contrôlé")).to_be_visible()
    page.get_by_label("Assureur ou garant").fill("Mutuelle")
    page.get_by_label("Premier jour couvert").fill("2026-03-01")
    page.get_by_label("Dernier jour couvert").fill("2027-02-28")
    page.get_by_role("button", name="Déposer cette attestation").click()
    expect(page.get_by_text("Attestation reçue le")).to_be_visible()
    assert Cover.objects.get(intermediary=desk.mine, status="DEPOSITED").papers.count() == 1
    assert Document.objects.filter(intermediary=desk.mine).count() == 2


def test_keys_webhooks_people_and_messages_are_kept_without_scripts(window: Open, desk: Desk) -> None:  # noqa: F811
    fill(desk)
    page = window(desk.client, java_script_enabled=False)
    page.goto(f"{HOME}messages/")
    page.get_by_role("link", name=re.compile("Pourquoi ce message")).click()
    expect(page.get_by_role("heading", name="Pourquoi ce message")).to_be_visible()
    page.goto(f"{HOME}personnes/")
    page.get_by_label("Inviter une personne").fill("zoe@cabinet.example")
    page.get_by_role("button", name="Inviter").click()
    expect(page.get_by_text("zoe@cabinet.example", exact=True)).to_be_visible()
    page.goto("/mon-espace/compte/cles/")
    page.get_by_label("Nom de la nouvelle clé").fill("logiciel")
    page.get_by_role("button", name="Créer la clé").click()
    expect(page.locator("main")).to_contain_text("orl_")
    revoke = page.get_by_role("button", name=re.compile("Révoquer.*logiciel"))
    revoke.click()
    expect(revoke).to_have_count(0)
    page.goto("/mon-espace/compte/webhooks/")
    page.get_by_role("button", name=re.compile("Supprimer")).click()
    expect(page.get_by_text("Aucun webhook")).to_be_visible()
    assert Mandate.objects.filter(intermediary=desk.mine).count() == 2
    assert ApiKey.objects.get(name="logiciel").revoked_at


def test_somebody_signs_in_files_and_sends_with_the_keyboard_alone(
    window: Open,  # noqa: F811
    desk: Desk,
    tmp_path: Path,
) -> None:
    """Every stop of the tabulator is seen, and each field and button is reached and worked, the file's too."""
    page = window()
    page.goto(f"{HOME}renouvellement/verifier/")
    walk_to(page, "email")
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Enter")
    page.wait_for_url("**/connexion/code/*")
    walk_to(page, "code")
    page.keyboard.type(code_mailed().lower().replace("-", " "))
    page.keyboard.press("Enter")
    page.wait_for_url("**/verifier/")
    walk_to(page, "Aller au contenu")
    page.keyboard.press("Enter")
    walk_to(page, "still_true")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recu/*")
    assert RenewalRequest.objects.filter(registration__intermediary=desk.mine, state="FILED").count() == 2
    page.goto(f"{HOME}pieces/deposer/?piece=RC_PRO")
    paper = tmp_path / "attestation.pdf"
    paper.write_bytes(pdf(f"Attestation de responsabilite civile, cabinet {MINE}, du 01/03/2026 au 28/02/2027"))
    walk_to(page, "file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(paper)
    walk_to(page, "Envoyer et contrôler")
    page.keyboard.press("Enter")
    page.get_by_text("Fichier reçu et contrôlé").wait_for()
    for field, typed in (("issuer", "Mutuelle"), ("starts_on", "03032026"), ("ends_on", "02022027")):
        walk_to(page, field)
        # Of a day the figures alone, in an order that is right in every country.
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.get_by_text("Attestation reçue le").wait_for()
    assert Cover.objects.get(intermediary=desk.mine, status="DEPOSITED").papers.count() == 1


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
