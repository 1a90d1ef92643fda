"""hotline/complaints/ : by whom, with which clocks, and acting once."""

from __future__ import annotations

import pytest

from hotline.models import Complaint
from registry import clock
from tests.api.callers import Keyed, staff_in
from tests.factories import NOW, BatchFactory, ComplaintFactory

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/hotline/complaints/"
LETTER = {"channel": "LETTER", "matter": "DELAY", "text": "rien reçu", "complainant": "M. Martin", "on": "2026-01-20"}


@pytest.fixture(autouse=True)
def _at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def lead(db: None) -> Keyed:
    """The lead's program."""
    return Keyed(staff_in("hotline_lead"), "staff:read", "staff:hotline")


def test_a_complaint_is_recorded_acknowledged_and_answered(lead: Keyed) -> None:
    batch = BatchFactory()
    made = lead.act("post", PLACE, LETTER | {"batch": batch.pk})
    document = made.json()
    assert made.status_code == 201
    assert (document["answer_by"], document["duties"]) == ("2026-03-20", ["ACKNOWLEDGE", "ANSWER"])
    place = f"{PLACE}{document['number']}/"
    assert lead.act("post", f"{place}acknowledge/", {}).json()["acknowledged_on"] == "2026-01-29"
    done = lead.act("post", f"{place}answer/", {"outcome": "PARTLY", "text": "oui et non"}).json()
    assert "tribunal administratif" in done["recourse"]
    assert lead.get(f"{PLACE}?batch={batch.pk}").json()["results"][0]["state"] == "ANSWERED"
    assert lead.get(f"{PLACE}?waiting=true").json()["results"] == []


def test_i15_the_same_call_again_records_one(lead: Keyed) -> None:
    """Fails without acts_once."""
    first, again = (lead.act("post", PLACE, LETTER, idempotency_key="k").json() for _ in range(2))
    assert first == again
    assert Complaint.objects.count() == 1


def test_what_the_hotline_refuses_is_a_409_that_says_why(lead: Keyed) -> None:
    answer = lead.act("post", PLACE, LETTER | {"on": "2026-01-30"})
    assert (answer.status_code, answer.json()["code"]) == (409, "hotline_refuses")
    assert "à venir" in answer.json()["reason"]


def test_an_unknown_batch_is_pointed_at(lead: Keyed) -> None:
    answer = lead.act("post", PLACE, LETTER | {"batch": 404})
    assert answer.json()["errors"][0]["pointer"] == "#/batch"


def test_an_agent_takes_complaints_but_answers_none() -> None:
    agent = Keyed(staff_in("hotline_agent"), "staff:*")
    number = ComplaintFactory().number
    assert agent.act("post", PLACE, LETTER).status_code == 201
    assert agent.act("post", f"{PLACE}{number}/acknowledge/", {}).status_code == 403
