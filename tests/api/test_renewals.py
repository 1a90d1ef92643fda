"""intermediaries/{orias_number}/renewals/ : requests looked at, filed, confirmed and paid by HTTP, by the register's
own actions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from api.v1.renewals import RenewalDetailSerializer
from registry import clock
from registry.models import Intermediary, RenewalRequest
from registry.rules.prefill import FIELDS, FIELDS_IN_ENGLISH
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import NOW, IntermediaryFactory, RegistrationFactory, RenewalRequestFactory

pytestmark = pytest.mark.django_db
RENEWALS = "/api/v1/intermediaries/08000111/renewals/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def request_of_mine() -> RenewalRequest:
    registration = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000111", town="Rennes"))
    made: RenewalRequest = RenewalRequestFactory(registration=registration)
    return made


@pytest.fixture
def mine(request_of_mine: RenewalRequest) -> Intermediary:
    return request_of_mine.registration.intermediary


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


@pytest.fixture
def officer(mine: Intermediary) -> Keyed:
    return Keyed(staff_in("registry_officer"), "staff:*")


def only(program: Keyed) -> dict[str, Any]:
    [one] = program.get(RENEWALS).json()["results"]
    return program.get(f"{RENEWALS}{one['id']}/").json()


def filed(program: Keyed, **change: Any) -> Any:
    body = {"category": "COA", "still_true": True, "facts_version": only(program)["facts_version"]}
    return program.act("post", RENEWALS, body | change)


def items(told: dict[str, Any]) -> dict[str, str]:
    return {item["kind"]: item["state"] for item in told["items"]}


def test_a_program_confirms_what_is_still_true_and_changes_what_is_not(program: Keyed, mine: Intermediary) -> None:
    before = only(program)
    assert (before["request_state"], before["confirmed_at"]) == ("OPEN", None)
    assert items(before) == {"REQUEST": "TO_DO", "RC_PRO": "TO_DO", "FINANCIAL_GUARANTEE": "COMPLETE", "FEE": "TO_DO"}
    assert {a["field"]: a["now"] for a in before["answers"]}["town"] == "Rennes"
    answer = filed(program, changes={"town": "Brest"})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert answer.headers["Location"] == f"http://testserver{RENEWALS}{told['id']}/"
    assert (told["request_state"], told["channel"], told["filed_on"]) == ("FILED", "API", "2026-01-29")
    assert items(told)["REQUEST"] == "COMPLETE"
    assert {a["field"]: a["now"] for a in told["answers"]}["town"] == "Brest"
    assert program.get(RENEWALS, {"fields": "id,channel"}).json()["results"] == [{"id": told["id"], "channel": "API"}]


def test_answers_are_compared_with_an_earlier_campaign_and_the_description_says_so(program: Keyed) -> None:
    """`confirmed_at` is the instant of `then`, which filing does not move: that is told by `filed_on`."""
    told = filed(program).json()
    assert (told["confirmed_at"], {a["then"] for a in told["answers"]}) == (None, {None})
    assert told["filed_on"] == "2026-01-29"
    words = RenewalDetailSerializer().fields["confirmed_at"].help_text
    assert "campagne antérieure" in str(words)
    assert "filed_on" in str(words)


def test_what_a_request_asks_to_confirm_is_named_in_the_caller_s_language(program: Keyed) -> None:
    [one] = program.get(RENEWALS).json()["results"]
    told = program.get(f"{RENEWALS}{one['id']}/", headers={"accept-language": "en"}).json()
    assert {a["field"]: a["label"] for a in told["answers"]} == FIELDS_IN_ENGLISH
    assert {a["field"]: a["label"] for a in only(program)["answers"]} == FIELDS
    assert list(FIELDS_IN_ENGLISH) == list(FIELDS)


def test_what_is_confirmed_is_what_was_read(program: Keyed, mine: Intermediary) -> None:
    """Fails without the comparison of `facts_version`."""
    seen = only(program)["facts_version"]
    Intermediary.objects.filter(pk=mine.pk).update(town="Brest")
    answer = filed(program, facts_version=seen)
    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert RenewalRequest.objects.get().state == "OPEN"
    assert filed(program).status_code == 201


def test_a_request_refused_changes_no_contact_either(program: Keyed, mine: Intermediary) -> None:
    """Fails without the one transaction of `acts_once`."""
    assert filed(program).status_code == 201
    answer = filed(program, changes={"town": "Brest"})
    assert (answer.status_code, answer.json()["code"]) == (409, "register_refuses")
    assert "déjà" in answer.json()["reason"]
    mine.refresh_from_db()
    assert mine.town == "Rennes"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"still_true": False}, "#/still_true", "not_confirmed"),
        ({"category": "AUTO"}, "#/category", "invalid_choice"),
        ({"facts_version": "x"}, "#/facts_version", "invalid"),
        ({"changes": {"email": "personne"}}, "#/changes/email", "email_no_at"),
        ({"changes": {"name": "Autre"}}, "#/changes/name", "unknown_field"),
        ({"filed_on": "2026-01-12"}, "#/filed_on", "not_yours_to_date"),
        ({"channel": "PAPER"}, "#/channel", "not_yours_to_date"),
        ({"year": 99}, "#/year", "min_value"),
    ],
)
def test_what_cannot_be_filed_is_pointed_at(program: Keyed, change: dict[str, Any], pointer: str, code: str) -> None:
    """Fails without `_deposit` for the members of staff (I12)."""
    answer = filed(program, **change)
    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    assert RenewalRequest.objects.get().state == "OPEN"


def test_i12_a_paper_counts_once_a_second_person_has_read_the_same_day(program: Keyed, officer: Keyed) -> None:
    entered = filed(officer, channel="PAPER", filed_on="2026-01-12").json()
    assert (entered["request_state"], items(entered)["REQUEST"]) == ("ENTERED", "BEING_CHECKED")
    act = f"{RENEWALS}{entered['id']}/confirm/"
    same = officer.act("post", act, {"filed_on": "2026-01-12"})
    assert (same.status_code, "autre personne" in same.json()["reason"]) == (409, True)
    second = Keyed(staff_in("registry_officer", "bruno"), "staff:*")
    assert "vous lisez" in second.act("post", act, {"filed_on": "2026-01-13"}).json()["reason"]
    told = second.act("post", act, {"filed_on": "2026-01-12"}).json()
    assert (told["request_state"], told["filed_on"], told["confirmed_on"]) == ("FILED", "2026-01-12", "2026-01-29")


def test_a_wrong_entry_goes_back(officer: Keyed) -> None:
    entered = filed(officer, channel="PAPER", filed_on="2026-01-12").json()
    told = officer.act("post", f"{RENEWALS}{entered['id']}/send-back/", {"reason": "autre cabinet"}).json()
    assert (told["request_state"], told["channel"], told["filed_on"]) == ("OPEN", "", None)


def test_staff_record_what_was_told_and_paid(officer: Keyed, request_of_mine: RenewalRequest) -> None:
    RenewalRequest.objects.filter(pk=request_of_mine.pk).update(
        state="FILED", channel="ONLINE", filed_on=date(2026, 1, 20), entered_on=date(2026, 1, 20), fee_cents=2500
    )
    acts = f"{RENEWALS}{request_of_mine.pk}/"
    told = officer.act("post", f"{acts}fee-notice/", {"informed_on": "2026-01-28"}).json()
    fee = next(item for item in told["items"] if item["kind"] == "FEE")
    assert (fee["due_on"], fee["reasons"][0]["code"]) == ("2026-02-27", "FEE_NOTICE_RUNS")
    paid = {"amount_cents": 2500, "paid_on": "2026-01-29", "reference": "CB-7"}
    assert items(officer.act("post", f"{acts}fee/", paid).json())["FEE"] == "COMPLETE"


def test_i14_a_request_of_another_file_is_absent_from_this_one(officer: Keyed) -> None:
    """Fails without the file in `_requests`."""
    foreign = RenewalRequestFactory().pk
    assert officer.get(f"{RENEWALS}{foreign}/").status_code == 404
    assert officer.act("post", f"{RENEWALS}{foreign}/confirm/", {"filed_on": "2026-01-12"}).status_code == 404


def test_another_year_has_none(program: Keyed) -> None:
    assert program.get(RENEWALS, {"year": 2025}).json() == {"results": []}
    assert program.get(RENEWALS, {"year": 1}).json()["errors"][0]["parameter"] == "year"
