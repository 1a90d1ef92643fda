"""Merges, register files and shifts of a campaign in a real browser: by keys alone, and without scripts.

Where this machine has no Chromium, or not the packages to drive it, every one of these is reported as not run.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.models import DeadlineDecision, Intermediary, IntermediaryMerge, RegisterImport
from tests.browser.test_journeys import (  # noqa: F401 - fixtures
    Open,
    _at_nine_thirty,
    browser,
    expect,
    pytestmark,
    stage,
    window,
)
from tests.browser.test_public import walk_to
from tests.factories import RegistrationFactory
from tests.registry.register_files import row, written
from tests.web.staff_stage import as_role
from tests.web.stage import Stage

SPACE = "/espace/"


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A file of two right records and a wrong one."""
    return written(tmp_path / "registre.csv", row(1), row(2), row(3, email="sans arobase"))


def test_a_register_file_is_compared_signed_and_applied_without_scripts(window: Open, db: None, register: Path) -> None:  # noqa: F811
    """By two people; the rows with a fault are left out because the first one said so."""
    officer, approver = (window(as_role(role), java_script_enabled=False) for role in ("registry_officer", "approver"))
    officer.goto(f"{SPACE}imports/")
    officer.get_by_label("Fichier (CSV)").set_input_files(register)
    officer.get_by_role("button", name="Comparer").click()
    officer.locator("#reason").fill("recu le matin")
    officer.get_by_role("checkbox").first.check()
    officer.get_by_role("button", name="Signer ce décompte").click()
    expect(officer.get_by_text("une autre personne l’applique")).to_be_visible()
    approver.goto(officer.url)
    approver.locator("main form button").click()
    expect(approver.get_by_text("registre.csv").first).to_be_visible()
    assert (RegisterImport.objects.count(), Intermediary.objects.count()) == (1, 2)


def test_the_same_with_the_keyboard_alone(window: Open, db: None, register: Path) -> None:  # noqa: F811
    # The only window there is: a chooser opens in the one that is in front.
    officer = window(as_role("registry_officer"))
    officer.goto(f"{SPACE}imports/")
    walk_to(officer, "file")
    with officer.expect_file_chooser() as chosen:
        officer.keyboard.press("Space")
    chosen.value.set_files(register)
    press(officer, "Comparer")
    officer.wait_for_url("**/comparaison/**")
    walk_to(officer, "reason")
    officer.keyboard.type("recu le matin")
    walk_to(officer, "skip_errors")
    officer.keyboard.press("Space")
    press(officer, "Signer ce décompte")
    officer.wait_for_url("**/accord/**")
    approver = window(as_role("approver"))
    approver.goto(officer.url)
    press(approver, "Appliquer")
    approver.wait_for_url("**/imports/")
    assert RegisterImport.objects.count() == 1


def test_two_numbers_are_merged_and_parted_with_the_keyboard_alone(window: Open, db: None) -> None:  # noqa: F811
    keep, drop = RegistrationFactory().intermediary, RegistrationFactory(category="CIF").intermediary
    officer, approver = (window(as_role(role)) for role in ("registry_officer", "approver"))
    officer.goto(f"{SPACE}fusions/")
    walk_to(officer, "garde")
    officer.keyboard.type(keep.orias_number)
    walk_to(officer, "abandonne")
    officer.keyboard.type(drop.orias_number)
    officer.keyboard.press("Enter")
    officer.wait_for_url("**/apercu/**")
    walk_to(officer, "reason")
    officer.keyboard.type("inscrit deux fois")
    officer.keyboard.press("Enter")
    officer.wait_for_url("**/accord/**")
    approver.goto(officer.url)
    press(approver, "Approuver la fusion")
    approver.wait_for_url("**/fusions/")
    merge = IntermediaryMerge.objects.get()
    officer.goto(f"{SPACE}fusions/")
    walk_to(officer, "Défaire")
    officer.keyboard.press("Enter")
    walk_to(officer, f"undo-{merge.pk}")
    officer.keyboard.type("deux cabinets")
    officer.keyboard.press("Enter")
    officer.get_by_role("status").first.wait_for()
    assert Intermediary.objects.filter(merged_into=None).count() == 2


def test_a_campaign_is_shifted_with_the_keyboard_alone(window: Open, stage: Stage) -> None:  # noqa: F811
    page = window(as_role("administrator"))
    page.goto(f"{SPACE}delais/")
    walk_to(page, "year")
    page.keyboard.type("2026")
    walk_to(page, "tolerated_until")
    page.keyboard.type("03032026")
    walk_to(page, "shift-act")
    page.keyboard.type("CI-2026-014")
    walk_to(page, "shift-reason")
    page.keyboard.type("tempete")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decider/")
    press(page, "Signer cette décision")
    page.wait_for_url("**/delais/")
    assert DeadlineDecision.objects.get().tolerated_until == date(2026, 3, 3)


def test_the_same_without_scripts_and_taken_back(window: Open, stage: Stage) -> None:  # noqa: F811
    page = window(as_role("administrator"), java_script_enabled=False)
    page.goto(f"{SPACE}delais/")
    page.locator("#year").fill("2026")
    page.locator("#tolerated_until").fill("2026-03-31")
    page.get_by_label("Acte dont il procède").fill("CI-2026-014")
    page.locator("#shift-reason").fill("tempete")
    page.locator("form", has=page.locator("#shift-reason")).get_by_role("button").click()
    page.get_by_role("button", name="Signer cette décision").click()
    page.locator("summary", has_text="Annuler cette décision").click()
    page.locator("details form input[name=reason]").fill("le juge")
    page.locator("details form button").click()
    page.get_by_role("button", name="Signer cette décision").click()
    expect(page.get_by_text(re.compile("annulée par la décision")).first).to_be_visible()


def press(page: Any, name: str) -> None:
    """Walk to a button and press it."""
    walk_to(page, name)
    page.keyboard.press("Enter")
