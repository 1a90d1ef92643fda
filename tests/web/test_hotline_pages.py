"""The desk's acts and the lead's pages: checked, logged, called back, declared, complained, all on record."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pypdf import PdfReader

from hotline.models import Call, Complaint, ExtraAgent, Incident, LineCall, LookUp
from reminders.models import StopSwitch
from tests.factories import NOW, CallFactory, ComplaintFactory, IncidentFactory, IntermediaryFactory, LookUpFactory
from tests.web.stage import NUMBER, Page, Stage, checked, released, signed_in
from web.throttling import DeskSearches, PublicSearches

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
DESK = "/assistance/"
ONCE = "0" * 32
LATE, ACKNOWLEDGED = "et ne l’avons pas fait", "est enregistrée sous le numéro"
SOON = "2026-01-29T16:30"


@pytest.fixture
def agent() -> Client:
    return signed_in("hotline_agent")


@pytest.fixture
def lead() -> Client:
    return signed_in("hotline_lead")


def opened(client: Client, number: str = NUMBER) -> int:
    client.get(DESK, {"q": number})
    found = LookUp.objects.order_by("-id").first()
    assert found
    return found.pk


def log(client: Client, **values: Any) -> Any:
    usual = {"reason": "WHY_MAIL", "outcome": "ANSWERED", "once": uuid4().hex}
    return client.post(f"{DESK}noter/", usual | values)


# --- the desk ---


def test_every_file_opened_is_on_record_and_told_to_the_auditor(stage: Stage, agent: Client) -> None:
    """Fails where a file is shown without `record_look_up`."""
    for query in (NUMBER, "552100554", "durand@example.org", "fils"):
        agent.get(DESK, {"q": query})
        agent.get(DESK, {"q": "08000042"})
    durands = LookUp.objects.filter(intermediary=stage.durand).order_by("id")
    assert [one.way for one in durands] == ["NUMBER", "SIREN", "EMAIL", "NAME"]
    text = signed_in("auditor").get(f"{DESK}consultations/?numero={NUMBER}").text
    assert text.count("hotline_agent</td>") == 4
    assert "non&nbsp;: public seulement" in text
    assert agent.get(f"{DESK}consultations/").status_code == 403


def test_too_few_proofs_are_refused_on_the_desk_and_open_nothing(stage: Stage, agent: Client) -> None:
    look_up = opened(agent)
    answer = agent.post(f"{DESK}verifier/", {"consultation": look_up, "number": "on", "contact": "Personne"})
    assert (answer.status_code, LookUp.objects.get().checked_at) == (409, None)
    assert "durand@example.org" not in answer.text
    assert 'value="Personne"' in answer.text


def test_a_check_is_its_own_agents_and_ends_with_the_call(stage: Stage, agent: Client) -> None:
    checked(agent, NUMBER)
    assert "durand@example.org" in agent.get(DESK, {"q": NUMBER}).text
    assert "durand@example.org" not in signed_in("hotline_agent", "zoe").get(DESK, {"q": NUMBER}).text
    log(agent, consultation=LookUp.objects.order_by("id")[0].pk)
    assert "durand@example.org" not in agent.get(DESK, {"q": NUMBER}).text


def test_one_post_logs_the_call_with_what_is_known_of_it(stage: Stage, agent: Client) -> None:
    look_up = opened(agent)
    assert log(agent, consultation=look_up, note="merci", caller="01 23 45 67 89").status_code == 303
    call = Call.objects.get()
    assert (call.intermediary, call.caller_key, call.note, call.started_at) == (
        stage.durand,
        "123456789",
        "merci",
        NOW,
    )
    assert log(agent, consultation=look_up).status_code == 409


@pytest.mark.parametrize(
    "values",
    [
        {"reason": "FUN"},
        {"outcome": ""},
        {"outcome": "CALL_BACK", "call_back_by": "demain"},
        {"outcome": "CALL_BACK", "call_back_by": "2026-01-29T08:00"},
        {"outcome": "CALL_BACK"},
        {"consultation": "999999"},
        {"consultation": "x", "outcome": "CALL_BACK", "call_back_by": SOON},
    ],
)
def test_what_cannot_be_logged_is_told_and_kept_as_typed(stage: Stage, agent: Client, values: dict[str, str]) -> None:
    look_up = opened(agent)
    answer = log(agent, **({"consultation": look_up, "note": "à garder"} | values))
    assert (answer.status_code, Call.objects.count()) == (409, 0)
    assert "à garder" in answer.text


def test_a_caller_who_is_not_on_the_register_is_logged_too(agent: Client) -> None:
    LineCall.objects.create(
        line_id="a", caller_key="690123456", rang_at=NOW - timedelta(minutes=3), agent=User.objects.get()
    )
    line = LineCall.objects.get()
    text = agent.get(DESK, {"ligne": line.pk}).text
    assert 'value="0690123456"' in text
    assert log(agent, ligne=line.pk, caller="0690123456", reason="OTHER").status_code == 303
    call = Call.objects.get()
    assert (call.started_at, call.duration_seconds, call.intermediary) == (line.rang_at, 180, None)
    assert agent.get(f"{DESK}appel/").json() == {}


def test_a_promise_is_kept_from_its_list(stage: Stage, agent: Client) -> None:
    log(agent, consultation=opened(agent), outcome="CALL_BACK", call_back_by=SOON)
    assert "16&nbsp;h" in agent.get(f"{DESK}rappels/").text.replace("\u00a0", "&nbsp;")
    kept_by = agent.post(f"{DESK}rappels/", {"call": Call.objects.get().pk})
    assert (kept_by.status_code, Call.objects.get().called_back_at) == (303, NOW)
    assert agent.post(f"{DESK}rappels/", {"call": Call.objects.get().pk}).status_code == 409
    assert signed_in("auditor").post(f"{DESK}rappels/", {"call": 1}).status_code == 403


def test_searches_have_a_budget_by_account_and_by_address(
    stage: Stage, agent: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `too_many` in either view."""
    monkeypatch.setattr(DeskSearches, "rate", "2/min")
    monkeypatch.setattr(PublicSearches, "rate", "2/min")
    answers = [agent.get(DESK, {"q": NUMBER}) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert agent.get(DESK).status_code == 200
    assert signed_in("hotline_agent", "zoe").get(DESK, {"q": NUMBER}).status_code == 200
    public = Client()
    assert [public.get("/recherche/?q=durand").status_code for _ in range(3)] == [200, 200, 429]
    assert Client(REMOTE_ADDR="192.0.2.7").get("/recherche/?q=durand").status_code == 200


def test_a_misspelt_name_is_found_by_the_public_too(stage: Stage, client: Client) -> None:
    assert "Cabinet Durand" in client.get("/recherche/?q=durrand").text


# --- incidents ---


def test_an_incident_is_told_on_every_page_and_read_aloud(stage: Stage, agent: Client, lead: Client) -> None:
    """Fails without the line of the base template, or without `during_an_incident`."""
    released(stage.batch)
    word = {"message": "Relances à tort.", "next_update_at": SOON, "batch": stage.batch.pk, "pause": "on", "stop": "on"}
    word |= {"once": ONCE}
    assert agent.post(f"{DESK}incidents/", word).status_code == 403
    made = lead.post(f"{DESK}incidents/", word)
    assert made.status_code == 303
    stage.batch.refresh_from_db()
    assert (stage.batch.state, StopSwitch.objects.get().stopped) == ("PAUSED", True)
    for path in ("/", f"/dossier/{NUMBER}/", f"/pourquoi/{stage.token}/", "/etat/"):
        assert "Relances à tort." in Client().get(path).text, path
    assert "Relances à tort.</p><p>Prochaine information" in agent.get(DESK, {"q": NUMBER}).text
    checked(agent, NUMBER)
    assert "Relances à tort.</p><p>Prochaine information" in agent.get(DESK, {"q": NUMBER}).text
    page = str(made.headers["Location"])
    over = {"state": "RESOLVED", "message": "C’est fini.", "cause": "règle fautive"}
    assert lead.post(page, over | {"cause": ""}).status_code == 409
    assert lead.post(page, over).status_code == 303
    assert "Relances à tort." not in Client().get("/").text
    assert Incident.objects.get().state == "RESOLVED"


def test_an_incident_without_its_next_word_is_refused_and_what_was_typed_stays(stage: Stage, lead: Client) -> None:
    answer = lead.post(f"{DESK}incidents/", {"message": "Panne.", "next_update_at": "2026-01-29T08:00", "once": ONCE})
    assert (answer.status_code, Incident.objects.count()) == (409, 0)
    assert ">Panne.</textarea>" in answer.text
    assert lead.get(f"{DESK}incidents/999/").status_code == 404


# --- the line ---


def test_a_surge_asks_the_lead_for_an_incident(stage: Stage, agent: Client, lead: Client) -> None:
    assert "que d’habitude.</strong>" not in lead.get(f"{DESK}ligne/").text
    LookUpFactory.create_batch(6, at=NOW)
    text = lead.get(f"{DESK}ligne/").text
    assert "6 dossiers ouverts en cinq minutes" in text
    assert "Déclarer un incident…" in text
    assert "Prévenez le responsable" in agent.get(f"{DESK}ligne/").text


def test_the_wallboard_counts_the_day(agent: Client) -> None:
    minute = timedelta(minutes=1)
    for n, (answered, hung_up) in enumerate([(1, 3), (1, None), (None, 2), (None, None)]):
        LineCall.objects.create(
            line_id=str(n),
            rang_at=NOW - 5 * minute,
            answered_at=NOW - 5 * minute + answered * minute if answered else None,
            hung_up_at=NOW - 5 * minute + hung_up * minute if hung_up else None,
        )
    CallFactory.create_batch(2, reason="DEADLINE")
    text = agent.get(f"{DESK}tableau/").text.replace("&nbsp;", " ")
    for said in ("En attente</dt><dd>1<", "En conversation</dt><dd>1<", "67 %", "120 s", "Échéance</th>"):
        assert said in text


# --- extra agents ---


def test_an_extra_agent_works_until_the_end_and_the_password_is_shown_once(lead: Client, stage: Stage) -> None:
    answer = lead.post(f"{DESK}renforts/", {"name": "renfort1", "ends_at": "2026-01-30T18:00"})
    assert "affiché cette seule fois" in answer.text
    assert "affiché cette seule fois" not in lead.get(f"{DESK}renforts/").text
    extra = Client()
    extra.force_login(User.objects.get(username="renfort1"))
    assert log(extra, consultation=opened(extra)).status_code == 303
    assert extra.get("/espace/lots/").status_code == 403
    lead.post(f"{DESK}renforts/", {"retirer": ExtraAgent.objects.get().pk})
    assert extra.get(DESK, {"q": NUMBER}).status_code == 403
    assert lead.post(f"{DESK}renforts/", {"name": "x", "ends_at": ""}).status_code == 409


def test_a_call_without_a_file_and_an_incident_are_entered_once_however_often_their_form_is_sent(
    agent: Client, lead: Client
) -> None:
    """Fails without `act_once` in either: a double click would make two."""
    for client, path, typed, model in (
        (agent, DESK, {"reason": "OTHER", "outcome": "ANSWERED"}, Call),
        (lead, f"{DESK}incidents/", {"message": "Panne.", "next_update_at": SOON}, Incident),
    ):
        [once] = [str(f["value"]) for f in Page(client.get(path).text).all("input") if f.get("name") == "once"]
        to = f"{DESK}noter/" if path == DESK else path
        assert [client.post(to, typed | {"once": once}).status_code for _ in range(2)] == [303, 303]
        assert model.objects.count() == 1
        assert client.post(to, typed).status_code == 409, "no token of ours"


# --- complaints ---


def test_a_spoken_complaint_invites_to_write_and_runs_to_its_answer(stage: Stage, agent: Client, lead: Client) -> None:
    released(stage.batch)
    body = {
        "channel": "PHONE", "matter": "UNWANTED_MAIL", "on": "2026-01-29", "complainant": "M. Durand", "text": "à tort",
        "batch": stage.batch.pk, "consultation": opened(agent), "once": ONCE,
    }  # fmt: skip
    page = str(agent.post(f"{DESK}reclamations/nouvelle/", body).headers["Location"])
    assert "écrivez-nous à" in agent.get(page).text
    assert Call.objects.get().outcome == "COMPLAINT"
    assert agent.post(f"{page}repondre/", {}).status_code == 403
    for client, act, more in (
        (agent, "ecrit", {}),
        (lead, "accuser", {}),
        (lead, "repondre", {"outcome": "REFUSED", "text": "Non, parce que."}),
    ):
        assert client.post(f"{page}{act}/", {"on": "2026-01-29"} | more).status_code == 303, act
    made = Complaint.objects.get()
    assert (made.state, made.batch, made.intermediary) == ("ANSWERED", stage.batch, stage.durand)
    assert "recours" in made.recourse.lower()
    assert lead.post(f"{page}requalifier/", {"reason": "trop tard"}).status_code == 409
    assert lead.post(f"{page}danser/", {}).status_code == 404


def test_a_complaint_is_entered_once_however_often_its_form_is_sent(agent: Client) -> None:
    """Fails without `act_once`: a double click would make two, each with its clocks."""
    body = {"channel": "EMAIL", "matter": "DELAY", "on": "2026-01-28", "complainant": "M. Durand", "text": "lent"}
    assert agent.post(f"{DESK}reclamations/nouvelle/", body).status_code == 409, "no token of ours"
    token = Page(agent.get(f"{DESK}reclamations/nouvelle/").text)
    [once] = [str(field["value"]) for field in token.all("input") if field.get("name") == "once"]
    said = [agent.post(f"{DESK}reclamations/nouvelle/", body | {"once": once}).headers["Location"] for _ in range(2)]
    assert said == [f"{DESK}reclamations/{Complaint.objects.get().number}/"] * 2


@pytest.mark.parametrize(
    "values", [{"channel": "FAX"}, {"on": "hier"}, {"on": "2026-02-01"}, {"text": ""}, {"orias_number": "99999999"}]
)
def test_what_is_no_complaint_is_refused_and_kept_as_typed(agent: Client, values: dict[str, str]) -> None:
    usual = {"channel": "EMAIL", "matter": "DELAY", "on": "2026-01-28", "complainant": "M. Durand", "text": "lent"}
    usual |= {"once": ONCE}
    answer = agent.post(f"{DESK}reclamations/nouvelle/", usual | values)
    assert (answer.status_code, Complaint.objects.count()) == (409, 0)
    assert 'value="M. Durand"' in answer.text


def test_the_worklist_has_the_late_first_and_can_be_of_one_batch(stage: Stage, lead: Client) -> None:
    ComplaintFactory()
    late = ComplaintFactory(sent_on=NOW.date() - timedelta(days=90), batch=stage.batch)
    text = lead.get(f"{DESK}reclamations/").text
    assert text.index(late.number) < text.index("R-2025-00001")
    assert "En retard" in text
    assert "R-2025-00001" not in lead.get(f"{DESK}reclamations/?lot={stage.batch.pk}").text
    assert lead.post(f"{DESK}reclamations/{late.number}/retard/", {"on": "2026-01-29"}).status_code == 303


@pytest.mark.parametrize(
    ("days", "is_acknowledged", "offered"),
    [
        (1, False, [ACKNOWLEDGED]),
        (20, False, [ACKNOWLEDGED]),
        (90, False, [LATE, ACKNOWLEDGED]),
        (90, True, [LATE]),
        (20, True, []),
    ],
)
def test_what_is_offered_to_be_written_is_true(
    lead: Client, days: int, is_acknowledged: bool, offered: list[str]
) -> None:
    """Fails where the letter of a late answer stands there for a late acknowledgement: it would own up to nothing."""
    one = ComplaintFactory(sent_on=NOW.date() - timedelta(days=days))
    page = f"{DESK}reclamations/{one.number}/"
    if is_acknowledged:
        assert lead.post(f"{page}accuser/", {"on": "2026-01-29"}).status_code == 303
    text = lead.get(page).text
    assert [words for words in (LATE, ACKNOWLEDGED) if words in text] == offered


def test_the_synthesis_is_a_page_a_paper_and_a_spreadsheet(lead: Client) -> None:
    ComplaintFactory(complainant="Nom Secret")
    text = lead.get(f"{DESK}reclamations/synthese/?annee=2025").text
    assert "Message reçu à tort" in text
    paper = lead.get(f"{DESK}reclamations/synthese.pdf?annee=2025&mesures=Formation faite")
    words = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert "2025" in words
    assert "Formation faite" in words
    sheet = lead.get(f"{DESK}reclamations/synthese.csv?annee=2025").content.decode("utf-8-sig")
    assert not re.search("True|False|None", sheet)
    assert "R-2025-00001" in sheet
    assert "Secret" not in sheet
    assert "Synthèse des réclamations 2026" in lead.get(f"{DESK}reclamations/synthese/?annee=x").text


def test_an_open_incident_is_told_where_the_stop_switch_is_missing_too(lead: Client) -> None:
    IncidentFactory(message="Panne totale.")
    IntermediaryFactory()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM reminders_stopswitch")
    assert "Panne totale." in lead.get("/espace/").text
