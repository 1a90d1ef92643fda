"""Acts of law in a real browser: a session of the commission with the keyboard alone, the destruction of files without
scripts. Every page of them by axe: test_three_states.

Where this machine has no Chromium, or not the packages to drive it, every one of these is reported as not run.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from registry import clock
from registry.models import CommissionSession, DeadlineDecision, PurgeCertificate, RenewalRequest
from tests.browser.test_journeys import (  # noqa: F401 - fixtures
    SCREEN,
    STOPPED_AT,
    Open,
    browser,
    expect,
    pytestmark,
    violations,
    window,
)
from tests.factories import RegistrationFactory, RenewalRequestFactory
from tests.removing import Procedure, at, lapsed, members, ordered
from tests.web.staff_stage import as_role

DAY = date(2032, 5, 28)
SPACE = "/espace/"


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(DAY))


def ripe() -> Procedure:
    """A case that a session of the day may decide."""
    members(named_on=date(2031, 1, 1))
    procedure = Procedure(lapsed())
    procedure.formally(date(2032, 5, 3))
    return procedure


def test_a_session_is_entered_with_the_keyboard_alone(window: Open, db: None) -> None:  # noqa: F811
    """Every stop of the tabulator is seen; voices are chosen by their first letter."""
    ripe()
    page = window(as_role("registry_officer"))
    page.goto(f"{SPACE}commission/saisir/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    voices = 0
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(STOPPED_AT) != "nonenone", page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.tagName") == "SELECT":
            page.keyboard.press("P")
            voices += 1
        if page.evaluate("document.activeElement.id") == "reason":
            break
    assert voices == 5
    page.keyboard.type("feuille de seance")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=5 pour, 0 contre")
    page.locator("main button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/commission/CI-"))
    assert CommissionSession.objects.get().resolutions.get().ballots.filter(choice="FOR").count() == 5


def test_files_are_destroyed_and_a_paper_confirmed_without_scripts(window: Open, db: None) -> None:  # noqa: F811
    """Each by the two people that the law asks for."""
    ordered(lapsed(), date(2026, 5, 4))
    request: Any = RenewalRequestFactory(year=2032)
    one, two = (window(as_role("administrator", name), java_script_enabled=False) for name in ("ada", "root"))
    one.goto(f"{SPACE}destructions/")
    one.get_by_label("Pourquoi maintenant").fill("purge annuelle")
    one.get_by_role("button", name="Signer cette liste").click()
    expect(one.get_by_text("une autre personne l’approuve")).to_be_visible()
    two.goto(one.url)
    two.get_by_label("Nombre de dossiers").fill("1")
    two.get_by_role("button", name="Détruire ces dossiers").click()
    expect(two.get_by_text("en fait foi")).to_be_visible()
    assert PurgeCertificate.objects.get().files == 1
    one.goto(f"{SPACE}demandes/?annee=2032")
    one.locator("#paper-number").fill(request.registration.intermediary.orias_number)
    one.locator("#paper-category").select_option("COA")
    one.get_by_label("Jour du dépôt, ou de la poste").fill("2032-01-20")
    one.get_by_label("D’où il vient").fill("courrier")
    one.get_by_role("button", name="Saisir").click()
    expect(one.get_by_text("Papier saisi")).to_be_visible()
    two.goto(f"{SPACE}demandes/?annee=2032")
    two.get_by_label("Jour du dépôt, lu sur le papier").fill("2032-01-20")
    two.get_by_role("button", name="Confirmer ce dépôt").click()
    expect(two.get_by_text("Dépôt confirmé")).to_be_visible()
    assert RenewalRequest.objects.get().state == "FILED"


def test_the_registers_other_acts_work_without_scripts(window: Open, db: None) -> None:  # noqa: F811
    """Two numbers merged by two people, a case opened and its notice written, days given back: no script runs."""
    keep, drop = RegistrationFactory().intermediary, RegistrationFactory(category="CIF").intermediary
    about = lapsed()
    officer, approver, root = (
        window(as_role(role), java_script_enabled=False) for role in ("registry_officer", "approver", "administrator")
    )
    officer.goto(f"{SPACE}fusions/")
    officer.get_by_label("Numéro gardé").fill(keep.orias_number)
    officer.get_by_label("Numéro abandonné").fill(drop.orias_number)
    officer.get_by_role("button", name="Aperçu").click()
    officer.get_by_label("Pourquoi c’est la même personne").fill("inscrit deux fois")
    officer.get_by_role("button", name="Signer cet aperçu").click()
    officer.wait_for_url("**/accord/**")
    approver.goto(officer.url)
    approver.get_by_role("button", name="Approuver la fusion").click()
    expect(approver.get_by_text(f"{drop.orias_number} est fusionné avec {keep.orias_number}")).to_be_visible()
    officer.goto(f"{SPACE}dossiers/{about.intermediary.orias_number}/")
    officer.get_by_role("link", name="Ouvrir une affaire").click()
    officer.get_by_label("Inscription").select_option("COA")
    officer.get_by_label("Motif légal").select_option("CONDITION")
    officer.get_by_label("Exposé des faits").fill("honorabilité")
    officer.get_by_role("button", name="Ouvrir l’affaire").click()
    officer.get_by_role("button", name="Écrire l’avis").click()
    expect(officer.get_by_text("dépôt non enregistré")).to_be_visible()
    root.goto(f"{SPACE}delais/")
    root.get_by_label("Premier jour perdu").fill("2032-05-24")
    root.get_by_label("Dernier jour perdu").fill("2032-05-25")
    root.locator("#freeze-reason").fill("panne du site")
    root.locator("form", has=root.locator("#freeze-reason")).get_by_role("button").click()
    root.get_by_role("button", name="Signer cette décision").click()
    expect(root.get_by_text("le registre la suit")).to_be_visible()
    assert DeadlineDecision.objects.get().days_lost == 2
