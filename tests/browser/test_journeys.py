"""What people do with the pages in a real browser: with the keyboard alone, without scripts, with axe looking on.

Where this machine has no Chromium, or not the packages to drive it, every one of these is reported as not run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from registry import clock
from registry.models import CorrectionRequest, Cover
from reminders.models import Batch, StopSwitch
from tests.factories import NOW, RegistrationFactory
from tests.reminders.scenes import person, send
from tests.web.staff_stage import a_paper, the_paper
from tests.web.stage import NUMBER, Stage, released, set_stage, signed_in
from web.browser import chromium, open_browser

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests NOT RUN: playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="browser tests NOT RUN: axe is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="browser tests NOT RUN: this machine has no Chromium"),
]
SCREEN = {"width": 1280, "height": 800}
STOPPED_AT = "(e => { const s = getComputedStyle(e); return s.outlineStyle + s.boxShadow })(document.activeElement)"
AXE = axe.Axe().axe_script
PASSWORD = "une phrase assez longue"
# What a click leads to is waited for: a look at the page as it is now may still see the one before.
expect = playwright.expect
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One for the module. Its driver runs a loop in this thread, which Django would take for an asynchronous caller."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with open_browser(str(chromium())) as opened:
            yield opened


@pytest.fixture(autouse=True)
def _at_nine_thirty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def stage() -> Stage:
    return set_stage()


Open = Callable[..., Any]


@pytest.fixture
def window(browser: Any, live_server: Any) -> Iterator[Open]:
    """Open a window, signed in as the client is; what its console complains of fails the test."""
    opened, complaints = [], []
    LOOKED_AT.clear()

    def open_window(client: Client | None = None, **options: Any) -> Any:
        context = browser.new_context(
            viewport=SCREEN, base_url=live_server.url, locale="fr-FR", reduced_motion="reduce", **options
        )
        if client:
            cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
            context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        opened.append(context)
        return page

    yield open_window
    for context in opened:
        context.close()
    assert [c for c in complaints if not re.search(r"status of 40[09]\b", c)] == []


def test_pages_that_load_more_than_text_have_nothing_for_axe(window: Open, stage: Stage) -> None:
    """A paper in its frame, a release that asks again by itself. All others of the staff: test_three_states."""
    page, paper = window(signed_in("administrator"), color_scheme="light"), the_paper()
    released(stage.batch)
    found = faults(page, f"/espace/pieces/{paper.pk}/") + faults(page, f"/espace/lots/{stage.batch.pk}/suivi/")
    assert not found, "\n".join(map(str, found))


LOOKED_AT: list[str] = []
"""The addresses that `faults` came to in this test."""


def passed_by(addresses: Iterable[str]) -> set[str]:
    """Which of these of the site's addresses, by name, `faults` did not come to in this test."""
    return set(addresses) - {str(resolve(path.partition("?")[0]).url_name) for path in LOOKED_AT}


def faults(page: Any, path: str, typed: dict[str, str] | None = None, form: str = ".box") -> list[tuple[str, ...]]:
    """All of axe's rules in light; in dark that of contrast, the one a theme can break. WCAG 1.4.10: nothing is read
    by scrolling sideways at 320 pixels. With `typed` (fields by id) the page as its form refuses that."""
    LOOKED_AT.append(path)
    page.emulate_media(color_scheme="light")
    page.goto(path)
    if typed is not None:
        path = f"{path} (refused)"
        refuse(page, typed, form)
    found = violations(page, path)
    page.emulate_media(color_scheme="dark")
    found += violations(page, f"{path} (dark)", runOnly=["color-contrast"])
    page.set_viewport_size({"width": 320, "height": 640})
    if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
        found.append((path, f"{width} pixels wide"))
    page.set_viewport_size(SCREEN)
    return found


def refuse(page: Any, typed: dict[str, str], form: str) -> None:
    """Send a form with these values, whatever the browser itself would say of them; it must be refused."""
    for field, value in typed.items():
        page.evaluate("([id, value]) => { document.getElementById(id).value = value }", [field, value])
    with page.expect_navigation() as answer:
        page.evaluate("form => document.querySelector(form).submit()", f"main form{form}")
    assert answer.value.status in (400, 409), (page.url, typed)


def violations(page: Any, path: str, *, of: str = "html", **options: Any) -> list[tuple[str, ...]]:
    """What axe finds in this part of the page, with the first nodes of each. It is put into the page once."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    asked = {"resultTypes": ["violations"], "preload": False} | options
    told = page.evaluate(
        "([of, asked]) => axe.run(of, asked)"
        ".then(r => r.violations.map(v => [v.id, ...v.nodes.slice(0, 3).map(n => n.html)]))",
        [of, asked],
    )
    return [(path, *map(str, one)) for one in told]


def test_signing_in_and_a_refusal_have_nothing_for_axe_either(window: Open, stage: Stage) -> None:
    page = window()
    page.goto("/espace/")
    page.get_by_label("Nom").fill("personne")
    page.get_by_label("Mot de passe").fill("faux")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page, "/connexion/") == []


def test_a_second_person_approves_and_the_release_is_seen_to_grow_by_itself(window: Open, stage: Stage) -> None:
    """The whole journey: read, type the number wrong, then right, release, watch."""
    page = window(signed_in("approver"))
    page.goto("/espace/")
    page.get_by_role("link", name=f"Lot {stage.batch.pk}").click()
    page.get_by_label("Nombre de destinataires").fill("4")
    page.get_by_role("button", name="Approuver ce lot").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"compte\s3"))
    page.get_by_label("Nombre de destinataires").fill("3")
    page.get_by_role("button", name="Approuver ce lot").click()
    page.get_by_role("button", name="Lancer le lot").click()
    page.wait_for_url("**/suivi/")
    expect(page.locator(".figures dd").first).to_contain_text("0")
    send()
    page.locator(".figures dd", has_text="sur 3 prévus").filter(has_text=re.compile(r"^3")).wait_for()
    assert Batch.objects.get(pk=stage.batch.pk).state == "COMPLETED"


def test_everything_works_without_scripts(window: Open, stage: Stage) -> None:
    """Sign in, approve, release, look again, stop everything, look somebody up: no script runs."""
    someone = signed_in("approver")
    someone.logout()
    who = person("approver")
    who.set_password(PASSWORD)
    who.save()
    page = window(java_script_enabled=False)
    page.goto("/espace/lots/")
    page.get_by_label("Nom").fill("approver")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name=f"Lot {stage.batch.pk}").click()
    page.get_by_label("Nombre de destinataires").fill("3")
    page.get_by_role("button", name="Approuver ce lot").click()
    page.get_by_role("button", name="Lancer le lot").click()
    page.wait_for_url("**/suivi/")
    send()
    page.reload()
    expect(page.locator(".figures dd").first).to_contain_text(re.compile(r"^\s*3"))
    page.get_by_role("link", name="Arrêter tous les envois").click()
    page.get_by_label("Pourquoi").fill("exercice")
    page.get_by_label("Oui, arrêter tous les envois").check()
    page.get_by_role("button", name="Arrêter tous les envois").click()
    expect(page.get_by_role("link", name="Envois arrêtés")).to_be_visible()
    assert StopSwitch.objects.get().reason == "exercice"
    page.goto("/assistance/")
    page.get_by_role("searchbox").fill("durand")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_text("À lire")).to_be_visible()


def test_the_desk_is_worked_with_the_keyboard_alone_and_fits_one_screen(window: Open, stage: Stage) -> None:
    RegistrationFactory(intermediary__name="Cabinet Durand Frères")
    page = window(signed_in("hotline_agent"))
    page.goto("/assistance/?q=introuvable")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type("durand")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-pick]")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("1")
    page.wait_for_selector("#say")
    bottom = page.locator(".cols").bounding_box()
    assert bottom["y"] + bottom["height"] <= SCREEN["height"]


def test_a_batch_is_approved_with_the_keyboard_alone(window: Open, stage: Stage) -> None:
    """From the skip link on: every stop of the tabulator is seen, and the form is reached and sent."""
    page = window(signed_in("approver"))
    page.goto(f"/espace/lots/{stage.batch.pk}/")
    page.keyboard.press("Tab")
    assert "Aller au contenu" in page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        shown = page.evaluate(STOPPED_AT)
        assert shown != "nonenone", page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.id") == "count":
            break
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Lot approuvé")
    assert Batch.objects.get(pk=stage.batch.pk).state == "APPROVED"


def test_papers_are_reviewed_with_the_keyboard_alone(window: Open) -> None:
    """Accept one, ask for a correction of the next: the keys lead to the buttons, Enter presses them."""
    first, second = the_paper(), a_paper(deposited_on=date(2026, 1, 14))
    page = window(signed_in("registry_officer"))
    with page.expect_response("**/document/**") as paper:
        page.goto(f"/espace/pieces/{first.pk}/?pour=personne")
    assert paper.value.status == 200
    page.keyboard.press("a")
    assert "Accepter" in page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/pieces/{second.pk}/?pour=personne")
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.id") == "ask-reason"
    page.keyboard.type("Document il")
    page.keyboard.press("Tab")
    page.keyboard.type("page 2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pieces/?pour=personne")
    found = Cover.objects.filter(pk__in=[first.pk, second.pk]).order_by("pk")
    assert [cover.status for cover in found] == ["ACCEPTED", "RETURNED"]
    assert CorrectionRequest.objects.get().reason == "UNREADABLE"


def test_papers_are_reviewed_without_scripts_or_keys(window: Open) -> None:
    paper = the_paper()
    page = window(signed_in("registry_officer"), java_script_enabled=False)
    page.goto("/espace/pieces/")
    page.get_by_role("link", name=re.compile(f"^{paper.pk},")).click()
    page.get_by_role("button", name="La prendre").click()
    expect(page.get_by_role("button", name="La rendre")).to_be_visible()
    page.locator("summary", has_text="Refuser").click()
    page.locator("#refuse-reason").select_option("OLD_PERIOD")
    page.get_by_role("button", name="Refuser l’attestation").click()
    expect(page.get_by_text("Attestation refusée")).to_be_visible()
    assert Cover.objects.get(pk=paper.pk).status == "REFUSED"


def test_the_theme_and_the_language_are_chosen_by_a_click(window: Open, stage: Stage) -> None:
    page = window(color_scheme="light")
    page.goto(f"/dossier/{NUMBER}/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("link", name="Sombre").click()
    expect(page.locator("body")).not_to_have_css("background-color", before)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("link", name="Certificate (PDF)")).to_be_visible()
