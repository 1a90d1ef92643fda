"""Each number of the sandbox forces what docs/api.md says: in the file, at a deposit, in the mail, in a procedure."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from fpdf import FPDF

from api.sandbox import outcome_of
from api.sandbox_outcomes import Outcome, TestKind
from api.sandbox_world import ANNUAL_MINIMUM, MINIMUM, give_numbers
from registry.models import Requirement
from reminders.models import Notice, StopSwitch
from tests.api.test_idempotency import DEPOSIT
from tests.api.test_sandbox import Trial, in_sandbox  # noqa: F401 - this process as the sandbox's

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_sandbox")]


@pytest.fixture
def tester(in_sandbox: None) -> Trial:  # noqa: F811
    return Trial()


def act(tester: Trial, path: str, body: Any, **headers: str) -> Any:
    given = {"Idempotency-Key": path[:200], **headers}
    return tester.post(path, body, content_type="application/json", headers=given)


def of(tester: Trial, outcome: Outcome, rest: str = "") -> str:
    return f"/api/v1/intermediaries/{tester.numbers[outcome]}/{rest}"


def paper() -> SimpleUploadedFile:
    made = FPDF()
    made.add_page()
    return SimpleUploadedFile("attestation.pdf", bytes(made.output()))


# --- given ------------------------------------------------------------------------------------------------------


def test_me_gives_each_number_with_what_it_forces_in_either_language(tester: Trial) -> None:
    french = tester.get("/api/v1/me/").json()["test_numbers"]
    english = tester.get("/api/v1/me/", headers={"accept-language": "en"}).json()["test_numbers"]
    assert {one["orias_number"]: one["outcome"] for one in french} == {
        number: outcome.value for outcome, number in tester.numbers.items()
    }
    assert {one["outcome_label"] for one in french} == {outcome.label for outcome in Outcome}
    assert {one["outcome_label"] for one in english} == {outcome.label_en for outcome in Outcome}
    fresh = give_numbers(tester.key.holder)
    assert {one["orias_number"] for one in tester.get("/api/v1/me/").json()["test_numbers"]} == set(fresh.values())


# --- the file ---------------------------------------------------------------------------------------------------


def test_the_amount_is_a_cent_short_of_what_the_law_asks_and_the_gap_is_one(tester: Trial) -> None:
    asked = Requirement.objects.get(category="COA", kind="RC_PRO", valid_until=None)
    assert (asked.amount_cents, asked.annual_cents) == (MINIMUM, ANNUAL_MINIMUM)
    rows = tester.get(of(tester, Outcome.BELOW_MINIMUM, "covers/")).json()["results"]
    assert {row["amount_cents"] for row in rows} == {MINIMUM - 1}
    assert {row["annual_cents"] for row in rows} == {ANNUAL_MINIMUM}

    # The gap opens and closes as the clock is moved.
    for day, state in (("02-10", "DUE"), ("03-02", "LAPSED"), ("03-16", "IN_FORCE")):
        told = tester.state(Outcome.GAP, **{"Sandbox-Now": f"2026-{day}T09:00:00+01:00"}).json()
        assert told["findings"][0]["state"] == state


def test_a_renewal_that_is_filed_is_refused_a_second_time_and_another_is_taken(tester: Trial) -> None:
    told = []
    for outcome in (Outcome.COMPLETE, Outcome.RENEWAL_FILED):
        [one] = tester.get(of(tester, outcome, "renewals/")).json()["results"]
        version = tester.get(of(tester, outcome, f"renewals/{one['id']}/")).json()["facts_version"]
        body = {"category": "COA", "still_true": True, "facts_version": version}
        answer = act(tester, of(tester, outcome, "renewals/"), body)
        told.append((answer.status_code, answer.json().get("code")))
    assert told == [(201, None), (409, "register_refuses")]


# --- a deposit --------------------------------------------------------------------------------------------------


FILES = {Outcome.INFECTED: ("INFECTED", ""), Outcome.UNREADABLE: ("BROKEN", "DAMAGED"), Outcome.DUE: ("CLEAN", "")}


@pytest.mark.slow
def test_what_is_uploaded_meets_with_what_its_number_says(tester: Trial) -> None:
    """Fails without `force_scan` or `forced_check`."""
    for outcome, expected in FILES.items():
        path = of(tester, outcome, "documents/")
        told = tester.post(path, {"file": paper()}, headers={"Idempotency-Key": path}).json()
        assert (told["state"], told["fault"]) == expected
        answer = act(tester, of(tester, outcome, "covers/"), DEPOSIT | {"documents": [told["id"]]})
        assert answer.status_code == (201 if outcome is Outcome.DUE else 409)


REVIEWED = {Outcome.ACCEPTED: ("ACCEPTED", None), Outcome.REFUSED: ("REFUSED", "UNREADABLE")}


def test_a_certificate_meets_with_what_its_number_says(tester: Trial) -> None:
    """Fails without `force_review`."""
    for outcome, expected in (REVIEWED | {Outcome.DUE: ("DEPOSITED", None)}).items():
        told = act(tester, of(tester, outcome, "covers/"), DEPOSIT).json()
        assert (told["status"], (told["refusal"] or {}).get("code")) == expected
        assert tester.get(of(tester, outcome, f"covers/{told['id']}/")).json()["status"] == told["status"]


# --- the mail ---------------------------------------------------------------------------------------------------


def test_the_reminders_of_three_numbers_met_with_their_fate_and_nothing_can_leave(tester: Trial) -> None:
    found = {}
    for outcome in (Outcome.MAIL_REFUSED, Outcome.MAIL_DEFERRED, Outcome.MAIL_BOUNCED):
        [notice] = tester.get(of(tester, outcome, "notices/")).json()["results"]
        found[outcome] = (notice["state"], notice["attempts"], notice["returned_at"] is not None)
    assert found == {
        Outcome.MAIL_REFUSED: ("REFUSED", 1, False),
        Outcome.MAIL_DEFERRED: ("DEFERRED", 1, False),
        Outcome.MAIL_BOUNCED: ("ACCEPTED", 1, True),
    }
    assert tester.get(of(tester, Outcome.COMPLETE, "notices/")).json()["results"] == []
    # A second set has a batch of its own.
    give_numbers(tester.key.holder)
    assert Notice.objects.count() == 6
    assert set(Notice.objects.values_list("batch__state", flat=True)) == {"PAUSED"}
    assert StopSwitch.objects.filter(stopped=False).count() <= 1


# --- a procedure, for staff -------------------------------------------------------------------------------------


def test_staff_see_the_removal_case_of_its_number(in_sandbox: None) -> None:  # noqa: F811
    tester = Trial(TestKind.STAFF)
    cases = tester.get("/api/v1/removals/").json()["results"]
    assert [one["orias_number"] for one in cases] == [tester.numbers[Outcome.REMOVAL_CASE]]
    assert len(tester.get("/api/v1/me/").json()["test_numbers"]) == len(Outcome)


def test_nothing_is_forced_outside_the_sandbox(settings: Any) -> None:
    """Fails where `outcome_of` does not ask which world this is."""
    assert outcome_of("90000115") == Outcome.ACCEPTED
    settings.SANDBOX = False
    assert outcome_of("90000115") == ""
