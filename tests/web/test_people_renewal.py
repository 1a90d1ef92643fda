"""The renewal on the site: still true, what changed, check, receipt; and that a second click changes nothing."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from api.models import KeptAnswer
from registry import clock
from registry.actions import change_contact
from registry.models import Intermediary, RenewalRequest
from tests.factories import NOW, FeeRateFactory, IntermediaryFactory
from tests.web.people import MINE, Desk, account_for, signed_in_as

pytestmark = pytest.mark.django_db
STEP = f"/mon-espace/{MINE}/renouvellement"
CONTACT = {"trade_name": "", "email": "contact@cabinet-martin.example", "phone": "", "address": "", "postcode": "",
           "town": "Nantes"}  # fmt: skip


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def hidden(client: Client, path: str = f"{STEP}/verifier/") -> dict[str, str]:
    """What the form of a page sends along unseen."""
    text = client.get(path).text
    return dict(re.findall(r'<input type="hidden" name="(once|facts_version)" value="([^"]*)"', text))


def file(client: Client, **change: str) -> Any:
    return client.post(f"{STEP}/verifier/", hidden(client) | {"still_true": "on"} | change)


def states() -> list[str]:
    mine = RenewalRequest.objects.filter(registration__intermediary__orias_number=MINE)
    return list(mine.order_by("id").values_list("state", flat=True))


def test_all_still_true_is_two_clicks_and_a_receipt(marie: Client, desk: Desk) -> None:
    FeeRateFactory(category="COA", amount_cents=2_500)
    first = marie.get(f"{STEP}/").text
    assert "jamais confirmé" in first
    assert "Cabinet Martin &amp; &lt;Filles&gt;" in first
    assert marie.post(f"{STEP}/", {"answer": "true"}).headers["Location"] == f"{STEP}/verifier/"
    filed = file(marie)
    assert (filed.status_code, filed.headers["Location"]) == (303, f"{STEP}/recu/")
    assert states() == ["FILED", "FILED"]
    one = RenewalRequest.objects.filter(state="FILED").first()
    assert one is not None
    assert (one.channel, one.filed_on) == ("ONLINE", date(2026, 1, 29))
    receipt = marie.get(f"{STEP}/recu/").text
    assert f"n°&nbsp;{one.pk}" in receipt
    assert "25\u00a0€" in receipt
    assert "Votre demande est déposée" in marie.get(f"{STEP}/").text


def test_what_changed_is_shown_before_it_is_written_and_written_with_the_request(marie: Client, desk: Desk) -> None:
    assert marie.post(f"{STEP}/", {"answer": "changed"}).headers["Location"] == f"{STEP}/changer/"
    answer = marie.post(f"{STEP}/changer/", CONTACT | {"town": "Rennes", "phone": "02 40 12 34 56"})
    assert answer.headers["Location"] == f"{STEP}/verifier/"
    assert "Rennes" in marie.get(f"{STEP}/verifier/").text
    assert Intermediary.objects.get(orias_number=MINE).town == "Nantes"
    file(marie)
    after = Intermediary.objects.get(orias_number=MINE)
    assert (after.town, after.phone_e164, after.email) == ("Rennes", "+33240123456", CONTACT["email"])


def test_who_says_all_is_true_after_all_changes_nothing(marie: Client, desk: Desk) -> None:
    """Fails where the draft of an earlier visit is filed along unseen."""
    marie.post(f"{STEP}/changer/", CONTACT | {"town": "Rennes"})
    marie.post(f"{STEP}/", {"answer": "true"})
    file(marie)
    assert Intermediary.objects.get(orias_number=MINE).town == "Nantes"


def test_what_is_wrong_is_told_beside_its_field_and_kept_as_typed(marie: Client, desk: Desk) -> None:
    answer = marie.post(f"{STEP}/changer/", CONTACT | {"email": "pas une adresse", "town": "Rennes"})
    assert answer.status_code == 400
    assert 'id="email-error"' in answer.text
    assert 'value="Rennes"' in answer.text
    assert 'value="pas une adresse"' in answer.text
    assert "email\u00a0:" not in answer.text


def test_i15_the_same_form_sent_twice_files_once(marie: Client, desk: Desk) -> None:
    """Fails without `act_once`: the second click would be told that nothing waits, and its person would call us."""
    form = hidden(marie) | {"still_true": "on"}
    answers = [marie.post(f"{STEP}/verifier/", form) for _ in range(2)]
    assert [(a.status_code, a.headers["Location"]) for a in answers] == [(303, f"{STEP}/recu/")] * 2
    assert KeptAnswer.objects.count() == 1
    assert RenewalRequest.history.rel.related_model.objects.filter(state="FILED").count() == 2  # type: ignore[attr-defined]


def test_a_file_that_changed_meanwhile_is_read_again_before_it_is_filed(marie: Client, desk: Desk) -> None:
    """Fails without the version: one would confirm what one has not seen."""
    form = hidden(marie) | {"still_true": "on"}
    change_contact(by=None, why="essai", day=date(2026, 1, 29), intermediary=desk.mine, town="Brest")
    answer = marie.post(f"{STEP}/verifier/", form)
    assert answer.status_code == 409
    assert "Le dossier a changé" in answer.text
    assert states() == ["OPEN", "OPEN"]
    assert file(marie).status_code == 303


@pytest.mark.parametrize("change", [{"still_true": ""}, {"once": "x"}, {"facts_version": ""}])
def test_a_form_that_does_not_say_all_files_nothing(marie: Client, desk: Desk, change: dict[str, str]) -> None:
    assert file(marie, **change).status_code == 409
    assert states() == ["OPEN", "OPEN"]


def test_an_answer_that_is_none_is_asked_for_again(marie: Client, desk: Desk) -> None:
    answer = marie.post(f"{STEP}/")
    assert answer.status_code == 400
    assert "Choisissez" in answer.text


def test_filing_again_with_another_form_is_refused(marie: Client, desk: Desk) -> None:
    file(marie)
    again = marie.post(f"{STEP}/verifier/", {"once": "0" * 32, "still_true": "on",
                       "facts_version": str(Intermediary.objects.get(orias_number=MINE).facts_version)})  # fmt: skip
    assert again.status_code == 409
    assert "Aucune demande" in again.text


def test_where_no_request_is_open_it_is_said(marie: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(month=9))
    assert "Aucune demande de renouvellement" in marie.get(f"{STEP}/").text


def test_a_number_given_up_takes_nothing(desk: Desk) -> None:
    gone = IntermediaryFactory(merged_into=desk.others)
    client = signed_in_as(account_for("gone@cabinet.example", gone))
    form = {"once": "0" * 32, "still_true": "on", "facts_version": str(gone.facts_version)}
    answer = client.post(f"/mon-espace/{gone.orias_number}/renouvellement/verifier/", form)
    assert answer.status_code == 409
    assert "fusionné" in answer.text
    assert "Fusionné" in client.get(f"/mon-espace/{gone.orias_number}/").text


def test_home_says_what_is_left_and_leads_to_it(marie: Client, desk: Desk) -> None:
    before = marie.get(f"/mon-espace/{MINE}/").text
    assert "Il vous reste" in before
    assert "28\u00a0février\u00a02026" in before
    assert "dans 30\u00a0jours" in before
    assert f'href="{STEP}/"' in before
    file(marie)
    after = marie.get(f"/mon-espace/{MINE}/").text
    assert f'/mon-espace/{MINE}/pieces/deposer/?piece=RC_PRO"' in after
    assert "déposée dans les délais" in after
