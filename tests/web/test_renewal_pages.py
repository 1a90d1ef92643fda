"""Requests of a campaign and their fees on pages: opened, filed on paper by two people, paid, and told by letter."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User

from registry.models import Letter, RenewalCampaign, RenewalRequest
from tests.factories import RegistrationFactory, RenewalRequestFactory
from tests.web.staff_stage import as_role
from web.views import fees

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
DEMANDES, FRAIS = "/espace/demandes/", "/espace/frais/"


@pytest.fixture
def request_() -> RenewalRequest:
    """Open, of a COA, in the campaign of 2026."""
    made: RenewalRequest = RenewalRequestFactory()
    return made


def post(path: str, role: str = "registry_officer", **given: str) -> Any:
    return as_role(role).post(path, {"annee": "2026"} | given)


def of(request: RenewalRequest) -> dict[str, str]:
    registration = request.registration
    return {"number": registration.intermediary.orias_number, "category": registration.category}


def test_requests_are_counted_before_they_are_opened(request_: RenewalRequest) -> None:
    """Fails without the number in the form: what was shown is what is opened."""
    RegistrationFactory()
    for wrong in ({"reason": ""}, {"annee": "x", "reason": "x"}, {"annee": "2040", "reason": "x"}):
        assert post(f"{DEMANDES}ouvrir/", **wrong).status_code == 409, wrong
    shown = post(f"{DEMANDES}ouvrir/", reason="ouverture")
    assert "1 demande serait ouverte" in shown.text
    assert RenewalRequest.objects.count() == 1
    assert post(f"{DEMANDES}ouvrir/", reason="ouverture", total="7").status_code == 409
    assert post(f"{DEMANDES}ouvrir/", reason="ouverture", total="1").status_code == 303
    assert RenewalRequest.objects.count() == 2
    assert "il n’y a rien à ouvrir" in post(f"{DEMANDES}ouvrir/", reason="ouverture").text


def test_a_paper_counts_once_another_person_has_read_the_same_day_on_it(request_: RenewalRequest) -> None:
    given = of(request_) | {"filed_on": "2026-01-20", "reason": "courrier"}
    for wrong in ({"number": "99999999"}, {"category": "X"}, {"filed_on": ""}, {"reason": ""}):
        assert post(f"{DEMANDES}papier/", **given | wrong).status_code == 409, wrong
    assert post(f"{DEMANDES}papier/", **given).status_code == 303
    where = f"{DEMANDES}{request_.pk}/confirmer/"
    assert "une autre personne le confirme" in as_role("registry_officer").get(DEMANDES).text
    assert "2026-01-20" not in as_role("administrator").get(DEMANDES).text
    assert post(where, filed_on="2026-01-20").status_code == 409
    assert post(where, "administrator", filed_on="2026-01-21").status_code == 409
    assert post(where, "administrator", filed_on="").status_code == 409
    assert post(where, "administrator", filed_on="2026-01-20").status_code == 303
    found = RenewalRequest.objects.get()
    assert (found.state, found.confirmed_by) == ("FILED", User.objects.get(username="administrator"))


def test_a_paper_entered_wrongly_is_sent_back_with_a_reason(request_: RenewalRequest) -> None:
    post(f"{DEMANDES}papier/", **of(request_) | {"filed_on": "2026-01-20", "reason": "courrier"})
    where = f"{DEMANDES}{request_.pk}/confirmer/"
    assert post(where, "administrator", back="oui").status_code == 409
    assert post(where, "administrator", back="oui", reason="autre cabinet").status_code == 303
    assert RenewalRequest.objects.get().state == "OPEN"
    assert post(f"{DEMANDES}987654/confirmer/", "administrator", filed_on="2026-01-20").status_code == 409


def test_a_payment_is_recorded_whole_or_refused() -> None:
    filed = RenewalRequestFactory(filed=True)
    given = of(filed) | {"amount": "25,00", "paid_on": "2026-01-25", "reference": "CB-8812"}
    for wrong in ({"amount": "dix"}, {"amount": "25,0"}, {"amount": "1"}, {"paid_on": "2026-03-01"}, {"reference": ""}):
        assert post(f"{DEMANDES}reglement/", **given | wrong).status_code == 409, wrong
    assert 'value="CB-8812"' in post(f"{DEMANDES}reglement/", **given | {"amount": "1"}).text
    assert post(f"{DEMANDES}reglement/", **given).status_code == 303
    found = RenewalRequest.objects.get()
    assert (found.paid_cents, found.paid_on) == (2500, date(2026, 1, 25))


def shown_in(text: str) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', text)
    assert found, text
    return found[1]


def test_the_letters_that_are_shown_are_written_and_their_posting_starts_the_thirty_days() -> None:
    """Fails without the mark of the list, or where posting is taken for writing."""
    owed = RenewalRequestFactory(filed=True)
    RenewalRequestFactory(filed=True, paid=True)
    client = as_role("registry_officer")
    shown = shown_in(client.get(FRAIS).text)
    assert owed.registration.intermediary.orias_number in client.get(FRAIS).text
    for wrong in ({"shown": "0" * 64, "reason": "x"}, {"shown": shown}):
        assert post(f"{FRAIS}ecrire/", **wrong).status_code == 409, wrong
    assert post(f"{FRAIS}ecrire/", shown=shown, reason="échéance passée").status_code == 303
    letter = Letter.objects.get()
    text = client.get(f"{FRAIS}?annee=2026").text
    assert letter.number in text
    assert "Aucune lettre à écrire" in text
    for wrong in ({"posted_on": "2026-02-28"}, {"posted_on": "2026-01-02"}, {"posted_on": ""}, {"reason": ""}):
        given = {"posted_on": "2026-01-29", "reason": "bordereau"} | wrong
        assert post(f"{FRAIS}postees/", **given).status_code == 409, wrong
    assert post(f"{FRAIS}postees/", posted_on="2026-01-29", reason="bordereau").status_code == 303
    assert RenewalRequest.objects.get(pk=owed.pk).informed_on == date(2026, 1, 29)
    assert "Aucune lettre n’attend" in client.get(FRAIS).text


def test_only_so_many_letters_are_written_at_once_and_the_rest_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fees, "MOST_AT_ONCE", 1)
    for _ in range(2):
        RenewalRequestFactory(filed=True)
    client = as_role("registry_officer")
    for left in (1, 0):
        shown = shown_in(client.get(FRAIS).text)
        assert post(f"{FRAIS}ecrire/", shown=shown, reason="x").status_code == 303
        assert ("cette lettre" in client.get(FRAIS).text) is (left == 1)
    assert Letter.objects.count() == 2


def test_requests_filed_later_than_asked_get_no_letter() -> None:
    RenewalRequestFactory(filed=True)
    client = as_role("auditor")
    assert "Aucune lettre à écrire" in client.get(f"{FRAIS}?annee=2026&avant=2026-01-02").text
    assert client.get(f"{FRAIS}?annee=2026&avant=hier").status_code == 200


def test_a_register_without_campaigns_says_so() -> None:
    RenewalCampaign.objects.all().delete()
    for path in (DEMANDES, FRAIS):
        assert "ne connaît aucune campagne" in as_role("auditor").get(path).text


def test_who_may_only_look_writes_nothing(request_: RenewalRequest) -> None:
    for path in ("ouvrir/", "papier/", "reglement/", f"{request_.pk}/confirmer/"):
        assert post(f"{DEMANDES}{path}", "auditor").status_code == 403
    for path in ("ecrire/", "postees/"):
        assert post(f"{FRAIS}{path}", "hotline_agent").status_code == 403
