"""Whoever of the staff reads English reads no French at the desk, nor of complaints, papers and files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import translation

from api.english import TEXTS, told
from hotline.models import Incident, LineCall
from hotline.rules.complaints import Matter
from registry.past import kept as known_now
from reminders.models import Notice
from reminders.rules.states import NoticeState
from tests.factories import (
    NOW,
    CallFactory,
    ComplaintFactory,
    ContactFactory,
    CorrectionRequestFactory,
    DecisionFactory,
    DocumentFactory,
    IntermediaryFactory,
    LookUpFactory,
    RenewalRequestFactory,
    reach,
)
from tests.reaching import modules_under, reached, template
from tests.removing import ordered
from tests.web.languages import in_both
from tests.web.staff_english import french_of, get, post
from tests.web.staff_stage import a_paper, as_role
from tests.web.stage import NUMBER, Stage, checked, released, set_stage
from web.templatetags.codes import code

pytestmark = pytest.mark.usefixtures("at_nine_thirty")
VIEWS = (
    "desk", "desk_acts", "complaints", "synthesis", "incidents", "lead", "look_ups", "persons", "papers", "review_acts",
    "removals", "orders", "purges", "sessions", "signals",
)  # fmt: skip
MINE = (
    *(f"web/views/{name}.py" for name in VIEWS),
    *(f"web/{name}.py" for name in ("desk", "persons", "chronicle", "reviews", "commission", "given")),
)
WAYS = reached(modules_under(*MINE))
ERRORS = {"RegisterError", "ReminderError", "HotlineError", "PastError"}
ASKS = {"day_of", "day_or_none", "number_of", "one_of"}
"""Of `web.given`: what is asked for, named last, begins the refusal."""
OF_GIVEN = {"web.views.orders", "web.views.sessions"}
"""Where `said` is that of `web.given` as well: what must be said, and what it is called."""
ALIKE = {"Code"}
TOLD_ELSEWHERE = {
    ("hotline.actions.calls", "_require_whole"),
    ("hotline.actions.complaints", "_require_day"),
    ("hotline.actions.incidents", "_require_words"),
    ("reminders.planning.approval", "moving"),
    ("web.views.removals", "_by_mail"),
}
"""Raise a text of a rule (`why_no_…`, `_refused`), looked for by its function, or another refusal's."""
DESK, SPACE = "/assistance/", "/espace/"


def plain(text: str | None) -> str:
    return (text or "").replace("\u00a0", " ").replace("\u202f", " ")


def named(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def calls(*names: str, within: str = "") -> Iterator[tuple[tuple[str, str], ast.Call]]:
    """Whatever the pages can come to that calls one of these."""
    for place, node in WAYS.items():
        for one in ast.walk(node) if place[0].startswith(within) else ():
            if isinstance(one, ast.Call) and named(one.func) in names:
                yield place, one


def in_pairs(node: ast.expr) -> bool:
    """Whether it says both languages itself."""
    return isinstance(node, ast.Call) and named(node.func) == "said"


def halves(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def refused() -> Iterator[tuple[tuple[str, str], str | None]]:
    """The texts of all refusals; None for one that is no text."""
    for place, call in calls(*ERRORS):
        if not in_pairs(call.args[-1]) and place not in TOLD_ELSEWHERE:
            yield place, template(call.args[-1])
    for place, node in WAYS.items():
        if place[1].startswith("why_no_"):
            said = (one.value for one in ast.walk(node) if isinstance(one, ast.Return))
            yield from ((place, text) for one in said if one and (text := template(one)))


def done() -> Iterator[tuple[tuple[str, str], str | None]]:
    """What is told once an act is done: at its end, or by the table of acts."""
    for place, call in calls("success", "warning", within="web.views."):
        for node in halves(call.args[1]):
            if not (in_pairs(node) or ast.unparse(node) == "wanted.said"):
                yield place, template(node)
    for place, call in calls("Act", within="web.views."):
        yield from (
            (place, template(one)) for one in call.args if isinstance(one, ast.Constant) and " " in str(one.value)
        )


def test_the_walk_sees_what_pages_come_to() -> None:
    """Fails where the walk would lose its way."""
    places = {place for place, _ in refused()}
    assert {("registry.actions.orders", "_lock_entered"), ("hotline.rules.days", "why_no_promise")} <= places
    assert {("web.views.removals", "ACTS"), ("web.views.complaints", "ACTS")} <= {place for place, _ in done()}


def test_every_refusal_that_a_page_can_come_to_has_its_english() -> None:
    """Fails for a refusal that is written tomorrow: add its English to api.english."""
    assert [(place, text) for place, text in refused() if plain(text) not in TEXTS] == []


def test_what_is_told_once_an_act_is_done_has_its_english() -> None:
    assert [(place, text) for place, text in done() if plain(text) not in TEXTS] == []


def test_what_a_form_asks_for_has_its_english() -> None:
    asked = {template(call.args[-1]) for _, call in calls(*ASKS, within="web.views.")}
    asked |= {template(call.args[1]) for place, call in calls("said") if place[0] in OF_GIVEN}
    assert {"Jour de la séance", "Nom"} <= asked
    assert {name for name in asked if name not in TEXTS and told_in_english(str(name)) == name} - ALIKE == set()


def told_in_english(text: str) -> str:
    with translation.override("en"):
        return told(text)


def test_a_code_is_the_member_of_its_list() -> None:
    assert code("DELAY", "Matter") is Matter.DELAY
    with pytest.raises(LookupError, match="0 closed lists are called Matters"):
        code("DELAY", "Matters")
    with pytest.raises(LookupError, match="2 closed lists are called Evidence"):
        code("SIREN", "Evidence")
    with pytest.raises(ValueError, match="LATE"):
        code("LATE", "Matter")


# --- pages -------------------------------------------------------------------------------------------------


MINUTE = timedelta(minutes=1)
ONCE = "0" * 32
SENT = {"once": ONCE, "channel": "EMAIL", "matter": "DELAY"}


def fill_the_desk(stage: Stage) -> None:
    """Messages, calls, promises, look-ups, a busy line, an incident and what was said of it, an extra agent."""
    released(stage.batch)
    notice = Notice.objects.get(batch=stage.batch, intermediary=stage.durand)
    reach(notice, NoticeState.ACCEPTED)
    CallFactory(intermediary=stage.durand, note="rappelle pour son divorce", reason="WHY_MAIL", notice=notice)
    CallFactory(promised=True, intermediary=stage.durand, started_at=NOW - 60 * MINUTE, call_back_by=NOW - MINUTE)
    CallFactory(promised=True, note="le matin", caller_key="199001235")
    LookUpFactory.create_batch(6, at=NOW)
    LineCall.objects.create(line_id="a", rang_at=NOW - 5 * MINUTE, answered_at=NOW - 4 * MINUTE)
    lead = as_role("hotline_lead")
    soon = {"message": "Des relances sont parties à tort.", "next_update_at": "2026-01-29T16:30", "once": ONCE}
    lead.post(f"{DESK}incidents/", soon | {"cause": "une règle fautive", "batch": stage.batch.pk, "pause": "on"})
    lead.post(f"{DESK}renforts/", {"name": "renfort1", "ends_at": "2026-01-30T18:00"})
    assert (Incident.objects.count(), Notice.objects.count()) == (1, 3)


DESK_PAGES = {
    "desk": get(DESK),
    "ringing": get(f"{DESK}?ligne=1"),
    "nobody": get(f"{DESK}?q=introuvable"),
    "too short": get(f"{DESK}?q=x"),
    "several": get(f"{DESK}?q=cabinet"),
    "public": get(f"{DESK}?q=08000042"),
    "call backs": get(f"{DESK}rappels/"),
    "look-ups": get(f"{DESK}consultations/"),
    "line": get(f"{DESK}ligne/"),
    "wallboard": get(f"{DESK}tableau/"),
    "extra agents": get(f"{DESK}renforts/"),
    "incidents": get(f"{DESK}incidents/"),
    "check refused": post(f"{DESK}verifier/", consultation="999999"),
    "nothing said": post(f"{DESK}noter/", once=ONCE, q="durand"),
    "no hour": post(f"{DESK}noter/", once=ONCE, reason="OTHER", outcome="CALL_BACK", call_back_by="demain"),
    "too late": post(f"{DESK}noter/", once=ONCE, reason="OTHER", outcome="CALL_BACK", call_back_by="2026-01-29T08:00"),
    "no promise": post(f"{DESK}rappels/", call="999999"),
    "no extra": post(f"{DESK}renforts/", name="x", ends_at=""),
    "no incident": post(f"{DESK}incidents/", message="Panne.", next_update_at="2026-01-29T08:00", once=ONCE),
}


@pytest.mark.django_db
def test_the_desk_is_english_throughout(stage: Stage) -> None:
    """Fails for a word that a template, a label or a refusal forgot."""
    fill_the_desk(stage)
    incident = {"incident": get(f"{DESK}incidents/{Incident.objects.get().pk}/")}
    assert french_of(DESK_PAGES | incident) == {}
    agent = as_role("hotline_agent")
    checked(agent, NUMBER)
    agent.cookies["touches"] = "non"
    assert french_of({"checked": get(f"{DESK}?q={NUMBER}"), "line": get(f"{DESK}ligne/")}, agent) == {}
    assert french_of({"auditor": get(f"{DESK}?q=08000043")}, as_role("auditor")) == {}


@pytest.mark.django_db
def test_what_is_read_aloud_is_french_on_every_page_and_english_beside_it_on_an_english_one(stage: Stage) -> None:
    """Fails without `as_read_aloud`: an English hour in a French sentence. What is French is marked so."""
    fill_the_desk(stage)
    agent = as_role("hotline_agent")
    english, french = in_both(agent, get(f"{DESK}?q={NUMBER}"))
    assert '<div lang="fr"><p>Des relances sont parties à tort.</p>' in english.text
    assert "<summary>The same in English</summary><p>We have an incident on our side" in english.text
    assert "Next word on 29\u00a0January\u00a02026 at 16:30." in english.text
    assert "in English" not in french.text
    for page in (english, in_both(agent, get(f"{DESK}incidents/{Incident.objects.get().pk}/"))[0]):
        assert "Prochaine information le 29\u00a0janvier\u00a02026 à 16\u00a0h\u00a030" in page.text


@pytest.mark.django_db
def test_an_english_page_tells_where_a_file_stands_in_english_too(stage: Stage) -> None:
    """Before the check what is public, after it the whole."""
    agent = as_role("hotline_agent")
    before, _ = in_both(agent, get(f"{DESK}?q={NUMBER}"))
    checked(agent, NUMBER)
    after, _ = in_both(agent, get(f"{DESK}?q={NUMBER}"))
    assert "is registered as COA and IOB.</p>" in before.text
    assert (
        "<p>We miss the certificates of professional indemnity insurance and of the financial guarantee" in after.text
    )


def complaints_of_every_state(stage: Stage) -> list[str]:
    """Their numbers: spoken, written, late, acknowledged, answered, found to be none."""
    lead, base = as_role("administrator"), f"{DESK}reclamations/"
    long_ago = NOW.date() - timedelta(days=90)
    made = [ComplaintFactory(spoken=True), ComplaintFactory(intermediary=stage.durand, batch=stage.batch)]
    made += [ComplaintFactory(sent_on=long_ago) for _ in range(4)]
    on = {"on": "2026-01-29"}
    lead.post(f"{base}{made[3].number}/retard/", on)
    lead.post(f"{base}{made[3].number}/accuser/", on)
    lead.post(f"{base}{made[4].number}/repondre/", on | {"outcome": "REFUSED", "text": "Non, voici pourquoi."})
    lead.post(f"{base}{made[5].number}/requalifier/", {"reason": "une simple question"})
    return [one.number for one in made]


@pytest.mark.django_db
def test_complaints_are_english_throughout(stage: Stage) -> None:
    released(stage.batch)
    numbers, base = complaints_of_every_state(stage), f"{DESK}reclamations/"
    asked = {number: get(f"{base}{number}/") for number in numbers}
    asked |= {
        "list": get(base),
        "of a batch": get(f"{base}?lot={stage.batch.pk}"),
        "new": get(f"{base}nouvelle/"),
        "synthesis": get(f"{base}synthese/?annee=2025"),
        "none": get(f"{base}synthese/?annee=2024"),
        "no channel": post(f"{base}nouvelle/", once=ONCE, channel="FAX"),
        "no day": post(f"{base}nouvelle/", **SENT, on="hier"),
        "nobody": post(f"{base}nouvelle/", **SENT, on="2026-01-28", orias_number="9"),
        "old": post(f"{base}nouvelle/", **SENT, on="2019-01-28", text="x", complainant="x"),
        "no answer": post(f"{base}{numbers[1]}/repondre/", outcome="?"),
        "answered already": post(f"{base}{numbers[4]}/accuser/", on="2026-01-29"),
        "not late": post(f"{base}{numbers[1]}/retard/", on="2026-01-29"),
    }  # fmt: skip
    assert french_of(asked, None, "Cabinet Durand") == {}
    done = as_role("administrator")
    done.cookies["langue"] = "en"
    answer = done.post(f"{base}{numbers[1]}/accuser/", {"on": "2026-01-29"}, follow=True)
    assert "Acknowledgement recorded." in answer.text


@pytest.mark.django_db
def test_papers_under_review_are_english_throughout() -> None:
    good, bad, late = a_paper(), a_paper(issuer="X"), a_paper(deposited_on=date(2025, 11, 20), clean=False)
    CorrectionRequestFactory(cover=late, ended_on=date(2026, 1, 29), note="la page deux")
    base = f"{SPACE}pieces/"
    asked = {name: get(f"{base}?pour={name}") for name in ("toutes", "moi", "personne", "renvoyees")}
    asked |= {str(one.pk): get(f"{base}{one.pk}/") for one in (good, bad, late)}
    asked |= {
        "at a risk": get(f"{base}{late.pk}/?risque=oui"),
        "no keys": get(f"{base}{good.pk}/?pour=moi"),
        "hidden": get(f"{base}{late.pk}/document/{late.papers.get().document_id}/"),
        "not as shown": post(f"{base}{good.pk}/accepter/", mark="0" * 64),
        "no reason": post(f"{base}{good.pk}/refuser/"),
        "no words": post(f"{base}{good.pk}/refuser/", reason="OTHER"),
        "no lot": post(f"{base}lot/"),
        "left": post(f"{base}lot/", cover=[bad.pk, 999999]),
    }
    assert french_of(asked, None, "Mutuelle d’essai") == {}
    browser = as_role("administrator")
    browser.cookies["langue"] = "en"
    assert "1 certificate accepted." in browser.post(f"{base}lot/", {"cover": [good.pk]}).text


@pytest.mark.django_db
def test_a_file_and_what_happened_to_it_are_english_throughout(stage: Stage) -> None:
    """Fails for a word of the chronicle too: each kind of event is in it."""
    durand = stage.durand
    ContactFactory(intermediary=durand, name="")
    fill_the_desk(stage)
    ComplaintFactory(intermediary=durand)
    RenewalRequestFactory(registration=durand.registrations.get(category="COA"))
    DecisionFactory(registration=durand.registrations.get(category="IOB"))
    DocumentFactory(intermediary=durand)
    IntermediaryFactory(orias_number="08000052", merged_into=durand)
    base = f"{SPACE}dossiers/"
    asked = {
        "search": get(base),
        "several": get(f"{base}?q=cabinet"),
        "nobody": get(f"{base}?q=introuvable"),
        "too short": get(f"{base}?q=x"),
        "file": get(f"{base}{NUMBER}/"),
        "another day": get(f"{base}{NUMBER}/?jour=2026-03-02"),
        "no instant": get(f"{base}{NUMBER}/?connu=hier"),
        "too early": get(f"{base}{NUMBER}/?connu=2000-01-01"),
        "to come": get(f"{base}{NUMBER}/?connu=2900-01-01"),
        "merged": get(f"{base}08000052/"),
        "no day": get(f"{base}{NUMBER}/?jour=demain"),
        "no year": get(f"{base}{NUMBER}/?jour=9999-12-31"),
    }
    assert french_of(asked, None, "attestation.pdf") == {}


@pytest.mark.django_db(transaction=True)
def test_a_file_as_it_was_known_is_english_throughout() -> None:
    """Outside a transaction, as in use: what is known at an instant is what was written before it."""
    ordered(set_stage().durand.registrations.get(category="IOB"), date(2026, 1, 26))
    then = known_now().now.isoformat()
    assert french_of({"past": lambda browser: browser.get(f"{SPACE}dossiers/{NUMBER}/", {"connu": then})}) == {}
