"""hotline/calls/, events/, incidents/ and what status/ tells of them."""

from __future__ import annotations

import pytest
from django.test import Client

from hotline.models import LineCall, LookUp
from registry import clock
from tests.api.callers import Keyed, staff_in
from tests.factories import NOW, IncidentFactory, IntermediaryFactory

pytestmark = pytest.mark.django_db
AREA = "/api/v1/hotline/"


@pytest.fixture(autouse=True)
def _at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def lead(db: None) -> Keyed:
    """The lead's program."""
    return Keyed(staff_in("hotline_lead"), "staff:read", "staff:hotline")


def test_a_ring_shows_who_it_may_be_and_is_taken_once(lead: Keyed) -> None:
    IntermediaryFactory(orias_number="07001003", phone_e164="+590690123456", phone_key="690123456")
    event = {"line_id": "a1", "caller": "+33690123456"}
    for kind in ("RING", "RING"):
        lead.act("post", f"{AREA}events/", event | {"event": kind})
    told = lead.act("post", f"{AREA}events/", event | {"event": "ANSWER"}).json()
    assert [card["orias_number"] for card in told["results"]] == ["07001003"]
    assert (told["rang_at"], told["hung_up_at"], LineCall.objects.count()) == (told["answered_at"], None, 1)


def test_a_withheld_number_is_nobodys(lead: Keyed) -> None:
    """Fails where the empty key is looked up: most files have no telephone."""
    IntermediaryFactory()
    told = lead.act("post", f"{AREA}events/", {"event": "RING", "line_id": "a1"}).json()
    assert (told["results"], told["more"]) == ([], False)


def test_a_call_is_announced_at_one_agents_desk(lead: Keyed) -> None:
    hugo = staff_in("hotline_agent", "hugo")
    event = {"line_id": "a1", "event": "ANSWER"}
    assert lead.act("post", f"{AREA}events/", event | {"agent": "hugo"}).status_code == 200
    assert LineCall.objects.get().agent == hugo
    refused = lead.act("post", f"{AREA}events/", event | {"agent": "personne"})
    assert (refused.status_code, LineCall.objects.count()) == (400, 1)


def test_whom_a_program_is_shown_is_on_record(lead: Keyed) -> None:
    """Fails where either view reads its cards past `give_cards`."""
    IntermediaryFactory(orias_number="07001003", phone_e164="+590690123456", phone_key="690123456")
    lead.act("post", f"{AREA}events/", {"line_id": "a1", "event": "RING", "caller": "0690123456"})
    lead.get(f"{AREA}lookup/?q=07001003")
    lead.get(f"{AREA}lookup/?q=introuvable")
    told = LookUp.objects.order_by("id").values_list("way", "purpose", "agent__username")
    assert list(told) == [("LINE", "PROGRAM", "hotline_lead"), ("NUMBER", "PROGRAM", "hotline_lead")]


def test_a_call_is_logged_and_listed(lead: Keyed) -> None:
    IntermediaryFactory(orias_number="07001003")
    body = {"reason": "DEADLINE", "outcome": "ANSWERED", "orias_number": "07001003", "caller": "01 99 00 12 34"}
    made = lead.act("post", f"{AREA}calls/", body)
    assert (made.status_code, made.json()["caller"], made.json()["agent"]) == (201, "199001234", "hotline_lead")
    assert len(lead.get(f"{AREA}calls/?orias_number=07001003").json()["results"]) == 1
    assert lead.act("post", f"{AREA}calls/", body | {"outcome": "CALL_BACK"}).json()["code"] == "hotline_refuses"


def test_an_incident_is_told_to_everybody_until_it_is_over(lead: Keyed) -> None:
    word = {"message": "Relances à tort.", "next_update_at": "2026-01-29T12:00:00+01:00"}
    made = lead.act("post", f"{AREA}incidents/", word | {"stop": True}).json()
    (told,) = Client().get("/api/v1/status/").json()["incidents"]
    assert (told["message"], told["state"], told["state_label"]) == (
        "Relances à tort.",
        "INVESTIGATING",
        "Nous cherchons la cause",
    )
    assert "hotline_lead" not in str(told)
    place = f"{AREA}incidents/{made['incident']}/updates/"
    assert lead.act("post", place, {"message": "fini", "state": "RESOLVED"}).json()["code"] == "hotline_refuses"
    assert lead.act("post", place, {"message": "fini", "state": "RESOLVED", "cause": "D-2"}).status_code == 201
    assert Client().get("/api/v1/status/").json()["incidents"] == []
    assert lead.get(f"{AREA}incidents/").json()["results"][0]["resolved_at"] is not None


def test_an_agent_sees_incidents_and_declares_none() -> None:
    agent = Keyed(staff_in("hotline_agent"), "staff:*")
    IncidentFactory()
    assert len(agent.get(f"{AREA}incidents/").json()["results"]) == 1
    assert agent.act("post", f"{AREA}incidents/", {}).status_code == 403
