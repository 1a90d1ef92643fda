"""Sessions of the commission on pages: the agenda, voices counted, entered, signed by another."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User

from registry import clock
from registry.models import CommissionMember, CommissionSession, RemovalCase
from registry.rules.removals import CaseState
from tests.removing import Procedure, at, lapsed, members
from tests.web.staff_stage import as_role

pytestmark = pytest.mark.django_db
FORMAL, DAY = date(2027, 5, 3), date(2027, 5, 28)
COMMISSION = "/espace/commission/"
ENTER = f"{COMMISSION}saisir/"


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(DAY))


@pytest.fixture
def case() -> RemovalCase:
    """On formal notice since 3 May: a session of 28 May may decide it."""
    members()
    procedure = Procedure(lapsed())
    procedure.formally(FORMAL)
    return procedure.case


def voices(case: RemovalCase, *choices: str, **given: str) -> dict[str, str]:
    said = {f"v-{case.pk}-m{n}": choice for n, choice in enumerate(choices, start=1)}
    return {"held_on": DAY.isoformat(), "reason": "feuille de séance"} | said | given


def enter(case: RemovalCase, *choices: str, role: str = "registry_officer", **given: str) -> Any:
    return as_role(role).post(ENTER, voices(case, *choices, **given))


def digest_in(answer: Any) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', answer.text)
    assert found, answer.text
    return found[1]


def entered(case: RemovalCase, *choices: str) -> CommissionSession:
    shown = enter(case, *choices)
    answer = enter(case, *choices, digest=digest_in(shown))
    assert answer.status_code == 303, answer.text
    return CommissionSession.objects.get()


def sign(session: CommissionSession, role: str = "approver", name: str | None = None, **given: str) -> Any:
    given = {"digest": session.digest} | given
    return as_role(role, name).post(f"{COMMISSION}{session.number}/signer/", given)


def state(case: RemovalCase) -> str:
    return str(RemovalCase.objects.values_list("state", flat=True).get(pk=case.pk))


def test_the_agenda_holds_what_may_be_decided_on_that_day_and_says_why_the_rest_may_not(case: RemovalCase) -> None:
    client = as_role("registry_officer")
    text = client.get(ENTER).text
    assert f"v-{case.pk}-m5" in text
    early = client.get(f"{ENTER}?held_on=2027-05-10").text
    assert f"v-{case.pk}-m5" not in early
    assert re.search("à partir du 2[0-9]\u00a0mai\u00a02027", early)
    for wrong in ("demain", "2027-05-29"):
        assert client.get(f"{ENTER}?held_on={wrong}").status_code == 409, wrong


def test_the_voices_are_counted_before_anything_is_written_then_entered_as_shown(case: RemovalCase) -> None:
    """Fails without the comparison of digests in `_entered`."""
    shown = enter(case, "FOR", "FOR", "AGAINST", "CONFLICT")
    assert "2 pour, 1 contre" in shown.text
    assert "Suppression décidée" in shown.text
    assert not CommissionSession.objects.exists()
    amended = enter(case, "FOR", "FOR", "AGAINST", amend="oui")
    assert '<option value="AGAINST" selected>' in amended.text
    assert enter(case, "FOR", "FOR", "FOR", digest=digest_in(shown)).status_code == 409
    assert not CommissionSession.objects.exists()
    made = entered(case, "FOR", "FOR", "AGAINST", "CONFLICT")
    assert (made.seats, made.prepared_by.username, state(case)) == (5, "registry_officer", "FORMAL")


def test_a_session_without_a_voice_or_a_reason_is_refused_and_what_was_typed_stays(case: RemovalCase) -> None:
    assert enter(case).status_code == 409
    answer = enter(case, "FOR", reason=" ")
    assert answer.status_code == 409
    assert '<option value="FOR" selected>' in answer.text
    assert not CommissionSession.objects.exists()


def test_a_second_person_signs_exactly_the_voices_and_the_minutes_are_handed_out(case: RemovalCase) -> None:
    session = entered(case, "FOR", "FOR", "FOR")
    where = f"{COMMISSION}{session.number}/"
    assert as_role("auditor").get(f"{where}pv.pdf").status_code == 404
    assert "une autre personne la signe" in as_role("registry_officer").get(where).text
    assert sign(session, "registry_officer").status_code == 403
    assert sign(session, digest="0" * 64).status_code == 409
    assert "Signer la séance" in as_role("approver").get(where).text
    assert sign(session).status_code == 303
    assert state(case) == CaseState.DECIDED
    text = as_role("auditor").get(where).text
    assert "signée" in text
    assert "suppression décidée" in text.lower()
    pdf = as_role("auditor").get(f"{where}pv.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["X-Content-Type-Options"] == "nosniff"
    assert sign(session, "administrator").status_code == 409


def test_who_entered_a_session_or_opened_its_case_does_not_sign_it(case: RemovalCase) -> None:
    """Fails without `_require_signable`: both may sign other sessions."""
    session = entered(case, "FOR", "FOR", "FOR")
    User.objects.filter(username__in=["registry_officer", "pierre"]).update(is_superuser=True, is_staff=True)
    where = f"{COMMISSION}{session.number}/"
    assert "une autre personne signe sa décision" in as_role("auditor", "pierre").get(where).text
    for name in ("registry_officer", "pierre"):
        assert sign(session, name=name).status_code == 409, name
    assert CommissionSession.objects.get().signed_by is None


def test_members_are_named_by_administrators_alone(case: RemovalCase) -> None:
    given = {"code": "dupont", "name": "Mme Dupont", "named_on": "2027-01-01", "reason": "arrêté du 20 décembre"}
    post = as_role("administrator").post
    for wrong in ({"code": "Mme Dupont"}, {"name": ""}, {"named_on": ""}, {"ends_on": "2026-01-01"}, {"reason": ""}):
        assert post(f"{COMMISSION}membres/", given | wrong).status_code == 409, wrong
    assert as_role("approver").post(f"{COMMISSION}membres/", given).status_code == 403
    assert post(f"{COMMISSION}membres/", given).status_code == 303
    assert CommissionMember.objects.get(code="dupont").ends_on == date(2032, 1, 1)
    assert "Mme Dupont" in as_role("auditor").get(COMMISSION).text


def test_without_members_or_cases_the_pages_say_so() -> None:
    client = as_role("registry_officer")
    assert "Aucune séance n’a été saisie" in client.get(COMMISSION).text
    assert "Aucun membre n’est en fonction" in client.get(ENTER).text
    members()
    assert "Aucune affaire ne peut être décidée" in client.get(ENTER).text
    assert client.get(f"{COMMISSION}CI-2027-999999/").status_code == 404
