"""What an agent and a lead do with the desk in a real browser: ten callers, a call that rings, no scripts.

Where this machine has no Chromium, or not the packages to drive it, every one of these is reported as not run.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User

from hotline.actions.calls import record_line_event
from hotline.actions.extra_agents import grant_extra
from hotline.models import Call, Complaint, Incident, LineCall, LookUp
from hotline.rules.calls import LineEvent
from registry.models import Intermediary
from reminders.models import Notice
from reminders.rules.states import NoticeState
from tests.browser.test_journeys import (  # noqa: F401 - fixtures
    SCREEN,
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
from tests.browser.test_public import walk_to
from tests.factories import (
    NOW,
    CallFactory,
    ComplaintFactory,
    IncidentFactory,
    IntermediaryFactory,
    LookUpFactory,
    NoticeFactory,
    RegistrationFactory,
    reach,
)
from tests.reminders.scenes import person, send
from tests.web.hotline_rows import HOTLINE_ROWS, NO_PAGES
from tests.web.stage import NUMBER, Stage, checked, released, signed_in

HIGH = "document.documentElement.scrollHeight"
CALM = "document.activeElement.blur()"


BASE = "/assistance/"
TOO_LATE = "9999-12-31T23:59"
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    f"{BASE}?q=08000043": ({"contact": "personne"}, "[action$='verifier/']"),
    f"{BASE}renforts/": ({"name": "zoe", "ends_at": TOO_LATE}, ".box"),
    f"{BASE}incidents/": ({"message": "Panne", "next_update_at": TOO_LATE}, ""),
    f"{BASE}reclamations/nouvelle/": ({"on": "0001-01-01", "text": "rien", "complainant": "Mme Martin"}, ".box"),
}
"""Pages with what their form refuses, and which form."""


def test_every_page_in_three_states_has_nothing_for_axe_in_both_themes(window: Open, stage: Stage) -> None:  # noqa: F811
    """With nothing to show, with all there is, and refusing what was typed. Fails too where a page is passed by."""
    client = signed_in("administrator")
    page, found = window(client, color_scheme="light"), []
    for path in (BASE, *(BASE + rest for rest in ("rappels/", "renforts/", "reclamations/", "consultations/"))):
        found += faults(page, path)
    released(stage.batch)
    send()
    LookUpFactory(intermediary=stage.durand)
    CallFactory(promised=True, intermediary=stage.durand)
    grant_extra(name="zoe", ends_at=NOW + timedelta(days=2), by=person("lead"), now=NOW)
    complaint = ComplaintFactory(batch=stage.batch, intermediary=stage.durand)
    spoken = ComplaintFactory(spoken=True)
    incident = IncidentFactory(batch=stage.batch)
    checked(client, NUMBER)
    for path in (
        f"?q={NUMBER}", "?q=08000042", "?q=cabinet", "?q=introuvable", "rappels/", "consultations/", "ligne/",
        "tableau/", "renforts/", f"incidents/{incident.pk}/", "reclamations/", "reclamations/synthese/?annee=2025",
        f"reclamations/{complaint.number}/", f"reclamations/{spoken.number}/",
    ):  # fmt: skip
        found += faults(page, BASE + path)
    for path, (typed, form) in REFUSED.items():
        found += faults(page, path, typed, form)
    assert not found, "\n".join(map(str, found))
    pages = {name for name, row in HOTLINE_ROWS.items() if row.method == "get"} - NO_PAGES
    assert passed_by(pages) == set()


def test_the_desk_is_one_screen_without_scrolling_before_and_after_the_check(window: Open, stage: Stage) -> None:  # noqa: F811
    """The fullest: two categories with a guarantee, messages, calls with notes, a complaint, an incident."""
    released(stage.batch)
    send()
    items = Notice.objects.get(intermediary=stage.durand).items
    for _ in range(2):
        reach(NoticeFactory(intermediary=stage.durand, items=items, discharges=None), NoticeState.ACCEPTED)
    CallFactory.create_batch(3, intermediary=stage.durand, note="demande pourquoi, dit avoir tout déposé en janvier")
    ComplaintFactory(intermediary=stage.durand)
    IncidentFactory(message="Des relances sont parties à tort cette nuit à des dossiers complets.")
    client = signed_in("hotline_agent")
    page = window(client)
    page.goto(f"/assistance/?q={NUMBER}")
    expect(page.get_by_text("Qui est au téléphone")).to_be_visible()
    assert page.evaluate(HIGH) <= SCREEN["height"]
    checked(client, NUMBER)
    page.goto(f"/assistance/?q={NUMBER}")
    expect(page.get_by_text("durand@example.org")).to_be_visible()
    assert page.evaluate(HIGH) <= SCREEN["height"]
    page.goto(f"/affichage/?langue=en&vers=/assistance/?q={NUMBER}")
    expect(page.get_by_text("What is missing")).to_be_visible()
    assert page.evaluate(HIGH) <= SCREEN["height"]


def ten_callers(stage: Stage) -> list[tuple[str, str, str, str]]:  # noqa: F811
    """What each says first, which file that is, the keys that log it, and what the log then says of it."""
    RegistrationFactory(
        intermediary=IntermediaryFactory(
            orias_number="09000001", siren="732829320", name="Courtage Guillemin", phone_e164="+590690123456",
            phone_key="690123456", email="guillemin@example.org",
        )
    )  # fmt: skip
    return [
        (NUMBER, NUMBER, "r", "FILE_STATE ANSWERED"),
        ("552 100 554", NUMBER, "1r", "WHY_MAIL ANSWERED"),
        ("01 23 45 67 89", NUMBER, "4r", "DEADLINE ANSWERED"),
        ("durand@example.org", NUMBER, "t", "FILE_STATE ESCALATED"),
        ("fils", NUMBER, "x", "FILE_STATE LOST"),
        ("guillemain", "09000001", "3r", "HOW_TO_FILE ANSWERED"),
        ("0690123456", "09000001", "a\n", "FILE_STATE CALL_BACK"),
        ("guillemin@example.org", "09000001", "5t", "CONTACT ESCALATED"),
        ("732829320", "09000001", "6r", "SITE ANSWERED"),
        ("9000001", "09000001", "7r", "OTHER ANSWERED"),
    ]


def test_a_stand_in_agent_answers_ten_callers_on_one_screen_with_three_keys_at_most(window: Open, stage: Stage) -> None:  # noqa: F811
    """Search, read aloud what stands there, log: no caller takes more than three keys to log, nor another page."""
    page = window(signed_in("hotline_agent"))
    page.goto("/assistance/")
    for said, number, keys, logged in ten_callers(stage):
        page.evaluate(CALM)
        page.keyboard.press("/")
        page.keyboard.type(said)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.wait_for_selector("#say")
        who = Intermediary.objects.get(orias_number=number)
        expect(page.locator(".say")).to_contain_text(who.name)
        assert page.evaluate(HIGH) <= SCREEN["height"], said
        assert len(keys) <= 3
        page.evaluate(CALM)
        for key in keys:
            page.keyboard.press("Enter" if key == "\n" else key)
        page.wait_for_selector("text=Appel noté")
        call = Call.objects.order_by("-id")[0]
        assert (f"{call.reason} {call.outcome}", call.intermediary) == (logged, who), said
    assert LookUp.objects.filter(call__isnull=False).count() == 10


def test_the_key_that_leads_to_the_search_is_not_typed_into_it(window: Open, stage: Stage) -> None:  # noqa: F811
    """Fails where a field that has the cursor already takes it as text; in a text that has begun it is a sign."""
    page = window(signed_in("hotline_agent"))
    page.goto("/assistance/")
    page.locator("#q").focus()
    page.keyboard.press("/")
    page.keyboard.type("12/")
    assert page.locator("#q").input_value() == "12/"


def test_a_caller_is_checked_by_keys_and_the_whole_file_is_there(window: Open, stage: Stage) -> None:  # noqa: F811
    page = window(signed_in("hotline_agent"))
    page.goto(f"/assistance/?q={NUMBER}")
    assert "durand@example.org" not in page.content()
    page.evaluate(CALM)
    page.keyboard.press("s")
    page.keyboard.press("v")
    page.wait_for_selector("text=durand@example.org")
    expect(page.locator(".say")).to_contain_text("Il nous manque")


def test_a_call_that_is_answered_opens_its_file_at_that_desk_alone(window: Open, stage: Stage) -> None:  # noqa: F811
    agent, other = signed_in("hotline_agent", "hugo"), signed_in("hotline_agent", "zoe")
    page, elsewhere = window(agent), window(other)
    page.goto("/assistance/")
    elsewhere.goto("/assistance/")
    hugo = User.objects.get(username="hugo")
    record_line_event(event=LineEvent.ANSWER, line_id="a1", caller="0123456789", now=NOW, agent=hugo)
    page.wait_for_selector("#say")
    expect(page.locator(".say")).to_contain_text("Cabinet Durand")
    assert elsewhere.locator("#say").count() == 0
    assert LookUp.objects.get().line == LineCall.objects.get()
    record_line_event(event=LineEvent.RING, line_id="a2", caller="", now=NOW, agent=hugo)
    page.get_by_role("link", name="Un appel sonne").click()
    expect(page.get_by_text("tapez ce que dit l’appelant")).to_be_visible()


def test_everything_at_the_desk_works_without_scripts(window: Open, stage: Stage) -> None:  # noqa: F811
    """Search, check, promise a call, make it, complain, declare an incident."""
    page = window(signed_in("hotline_lead"), java_script_enabled=False)
    page.goto("/assistance/")
    page.get_by_role("searchbox").fill(NUMBER)
    page.get_by_role("button", name="Chercher").click()
    page.get_by_label("Son SIREN").check()
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_text("durand@example.org")).to_be_visible()
    page.get_by_role("button", name="Promettre").click()
    page.get_by_role("link", name="Rappels").click()
    page.get_by_role("button", name="Rappel fait").click()
    expect(page.get_by_text("Aucun rappel n’est promis")).to_be_visible()
    page.goto(f"/assistance/?q={NUMBER}")
    page.get_by_role("link", name="Réclamation…").click()
    page.get_by_label("Ce qui est dit").fill("relancé à tort")
    page.get_by_role("button", name="Enregistrer la réclamation").click()
    expect(page.get_by_text("À écrire à la personne")).to_be_visible()
    assert Complaint.objects.get().intermediary == stage.durand
    page.goto("/assistance/incidents/")
    page.get_by_label("Ce qui se passe").fill("Des relances sont parties à tort.")
    page.get_by_role("button", name="Déclarer l’incident").click()
    page.wait_for_url("**/incidents/*/")
    page.goto("/")
    expect(page.get_by_text("Des relances sont parties à tort.")).to_be_visible()
    assert Call.objects.filter(called_back_at=NOW, call_back_by__gt=NOW + timedelta(minutes=1)).exists()


def test_a_lead_works_with_the_keyboard_alone(window: Open, stage: Stage) -> None:  # noqa: F811
    """A complaint by its key, a promised call made, an extra agent, an incident: every stop on the way is seen."""
    page = window(signed_in("hotline_lead"))
    page.goto(f"{BASE}?q={NUMBER}")
    page.evaluate(CALM)
    page.keyboard.press("c")
    page.wait_for_url("**/reclamations/nouvelle/**")
    walk_to(page, "text")
    page.keyboard.type("relancé à tort")
    walk_to(page, "Enregistrer la réclamation")
    page.keyboard.press("Enter")
    page.get_by_text("À écrire à la personne").wait_for()
    CallFactory(promised=True)
    page.goto(f"{BASE}rappels/")
    walk_to(page, "Rappel fait")
    page.keyboard.press("Enter")
    page.get_by_text("Aucun rappel n’est promis").wait_for()
    page.goto(f"{BASE}incidents/")
    walk_to(page, "message")
    page.keyboard.type("Des relances sont parties à tort.")
    walk_to(page, "Déclarer l’incident")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/*/")
    assert Complaint.objects.get().intermediary == stage.durand
    assert Incident.objects.get().message == "Des relances sont parties à tort."


def test_the_wallboard_brings_itself_up_to_date(window: Open, stage: Stage) -> None:  # noqa: F811
    """Fails without refresh.js: it would show the morning all day."""
    page = window(signed_in("hotline_lead"))
    page.clock.install()
    page.goto("/assistance/tableau/")
    page.evaluate("window.sameDocument = true")
    waiting = page.locator("#board dd").first
    expect(waiting).to_have_text("0")
    record_line_event(event=LineEvent.RING, line_id="a-1", caller="0123456789", now=NOW)
    page.clock.fast_forward(11_000)
    page.locator("#board dd").first.filter(has_text="1").wait_for()
    assert page.evaluate("window.sameDocument")
