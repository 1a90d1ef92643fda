"""What anybody does with the public pages in a real browser, and somebody who was written to: by keys, without scripts.

Where this machine has no Chromium, or not the packages to drive it, every one of these is reported as not run.
"""

from __future__ import annotations

from typing import Any

from django.test import Client

from hotline.models import WhyReading
from registry import clock
from registry.public import published_by_number
from reminders.models import WrongReport
from tests.browser.test_journeys import (  # noqa: F401 - fixtures
    STOPPED_AT,
    Open,
    _at_nine_thirty,
    browser,
    expect,
    faults,
    passed_by,
    pytestmark,
    stage,
    window,
)
from tests.factories import NOW, CoverFactory, IncidentFactory
from tests.reminders.scenes import send
from tests.web.stage import NUMBER, Stage, released
from tests.web.test_every_page import ROWS
from web.proof import make_code

MOST_STOPS = 40
CALLED = "(e => (e.role === 'region' ? '' : e.innerText) || e.ariaLabel || e.id || '')(document.activeElement)"
INNER_STOP = "(e => e.type?.startsWith('date') && !e.matches(':focus'))(document.activeElement)"
"""The calendar inside a field of days, which the browser itself shows as focused."""


def walk_to(page: Any, name: str) -> None:
    """Press the tabulator until the stop of that name; each stop on the way is seen."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if not page.evaluate(INNER_STOP):
            assert page.evaluate(STOPPED_AT) != "nonenone", page.evaluate("document.activeElement.outerHTML")
        if name in page.evaluate(CALLED):
            return
    raise AssertionError(f"no stop is called {name}")


def code_of(number: str) -> str:
    """That of its proof."""
    return make_code(published_by_number([number], clock.local_day(NOW))[number], NOW)


def require_pdf(page: Any, address: str) -> None:
    """Have it without the browser's viewer, which has windows and words of its own."""
    answer = page.request.get(address)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")


def test_every_page_in_three_states_has_nothing_for_axe_in_both_themes(window: Open, stage: Stage) -> None:  # noqa: F811
    """With nothing to show, with all there is, and refusing what was typed; with an incident, and without.
    Fails too where a page is passed by."""
    page, found = window(color_scheme="light"), []
    released(stage.batch)
    send()
    for path in (
        "/", "/recherche/?q=durand", "/recherche/?q=introuvable", "/recherche/?q=a", f"/dossier/{NUMBER}/",
        "/verifier/", f"/verifier/?code={code_of(NUMBER)}", "/verifier/?code=BCDF", "/etat/", "/reclamations/",
        f"/pourquoi/{stage.token}/", "/connexion/",
    ):  # fmt: skip
        found += faults(page, path)
    Client().post(f"/pourquoi/{stage.token}/")
    CoverFactory(intermediary=stage.durand, renewed=True)
    IncidentFactory(batch=stage.batch)
    for path in ("/etat/", f"/pourquoi/{stage.token}/"):
        found += faults(page, path)
    assert not found, "\n".join(map(str, found))
    pages = {name for name, row in ROWS.items() if row.by is None} - {"proof", "prefer", "logout"}
    assert passed_by(pages) == set()


def test_anybody_finds_proves_and_checks_without_scripts_and_who_was_written_to_says_so(
    window: Open,  # noqa: F811
    stage: Stage,  # noqa: F811
) -> None:
    """Search, file, PDF, its code; how to complain; why this message, and « mon dossier est complet »."""
    released(stage.batch)
    send()
    page = window(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("searchbox").fill("durand")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="Cabinet Durand").click()
    require_pdf(page, page.get_by_role("link", name="Attestation (PDF)").get_attribute("href"))
    page.get_by_role("link", name="Vérifier une attestation").first.click()
    page.get_by_label("Code de l’attestation").fill(code_of(NUMBER))
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_text("Cabinet Durand").first).to_be_visible()
    page.get_by_role("link", name="Faire une réclamation").click()
    expect(page.get_by_text("10 jours ouvrables au plus")).to_be_visible()
    page.goto(f"/pourquoi/{stage.token}/")
    page.get_by_role("button", name="Mon dossier est complet").click()
    expect(page.get_by_text("Vous nous avez dit que votre dossier est complet")).to_be_visible()
    assert WrongReport.objects.get().notice.intermediary == stage.durand
    # A click in a mail and the way back from the form are two readings of one message.
    assert WhyReading.objects.get().notice.intermediary == stage.durand


def test_the_same_with_the_keyboard_alone(window: Open, stage: Stage) -> None:  # noqa: F811
    """In English too: the choice is a stop like any other. Fails where a stop cannot be seen or is not reached."""
    released(stage.batch)
    send()
    page = window()
    page.goto("/")
    walk_to(page, "q")
    page.keyboard.type("durand")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche/**")
    walk_to(page, "Cabinet Durand")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/dossier/{NUMBER}/")
    walk_to(page, "Attestation (PDF)")
    require_pdf(page, page.evaluate("document.activeElement.href"))
    page.goto("/verifier/")
    walk_to(page, "code")
    page.keyboard.type(code_of(NUMBER))
    page.keyboard.press("Enter")
    page.get_by_text("Cabinet Durand").first.wait_for()
    page.goto(f"/pourquoi/{stage.token}/")
    walk_to(page, "English")
    page.keyboard.press("Enter")
    page.get_by_text("Why this message?").first.wait_for()
    walk_to(page, "My file is complete")
    page.keyboard.press("Enter")
    page.wait_for_url("**#signalement")
    assert WrongReport.objects.count() == 1
