"""removals/ and sessions/ : a removal by HTTP, from the missing cover to the publication, by two people."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest

from registry import clock
from registry.models import CommissionSession, Decision, Intermediary, Letter, Registration, RemovalCase
from tests.api.callers import Keyed, staff_in
from tests.factories import CoverFactory
from tests.removing import Procedure, at, lapsed, members

pytestmark = pytest.mark.django_db

CASES, SESSIONS = "/api/v1/removals/", "/api/v1/sessions/"
MARCH = date(2027, 3, 1)


class Days:
    """The clock of the calls."""

    day = MARCH


@pytest.fixture(autouse=True)
def days(monkeypatch: pytest.MonkeyPatch) -> Days:
    made = Days()
    monkeypatch.setattr(clock, "now", lambda: at(made.day))
    members()
    return made


@pytest.fixture
def mine() -> Registration:
    return lapsed()


@pytest.fixture
def officer() -> Keyed:
    return Keyed(staff_in("registry_officer"), "staff:*")


@pytest.fixture
def approver() -> Keyed:
    return Keyed(staff_in("approver"), "staff:*")


def opening(mine: Registration, **changes: Any) -> dict[str, Any]:
    number = mine.intermediary.orias_number
    return {"orias_number": number, "category": "COA", "ground": "COVER", "reason": "aucune attestation"} | changes


def opened(officer: Keyed, mine: Registration) -> str:
    answer = officer.act("post", CASES, opening(mine))
    assert answer.status_code == 201, answer.text
    return f"{CASES}{answer.json()['case']}/"


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Any) -> str:
    told = done(answer, 409)
    assert told["code"] == "register_refuses"
    return str(told["reason"])


def posted(officer: Keyed, case: str, days: Days) -> Any:
    letter = officer.get(case).json()["letters"][-1]
    proof = {"kind": "POSTED", "happened_on": str(days.day), "reference": "1A 234"}
    return done(officer.act("post", f"{case}letters/{letter}/proof/", proof))


def test_i11_a_removal_by_http_waits_for_each_proof_and_takes_two_people(
    officer: Keyed, approver: Keyed, mine: Registration, days: Days
) -> None:
    """Each refusal is the commands' own: tests/registry/test_removal_case.py says which line it guards."""
    case = opened(officer, mine)
    told = done(officer.act("post", f"{case}advance/", {"to": "NOTICE"}))
    assert (told["state"], told["next"], told["block"]) == ("NOTICE", "FORMAL", "NO_PROOF")
    told = posted(officer, case, days)
    assert (told["not_before"], told["block_label"]) == (
        "2027-03-21",
        "le délai n’est pas écoulé, à partir du 21 mars 2027.",
    )
    english = officer.get(case, headers={"accept-language": "en"}).json()
    assert english["block_label"] == "the time is not over; from 21 March 2027 on it may be taken."
    assert "à partir du 2027-03-21" in refused(officer.act("post", f"{case}advance/", {"to": "FORMAL"}))
    days.day += timedelta(days=20)
    done(officer.act("post", f"{case}advance/", {"to": "FORMAL"}))
    posted(officer, case, days)
    days.day += timedelta(days=20)
    pk = int(case.rstrip("/").rpartition("/")[2])
    votes = {"held_on": str(days.day), "cases": [{"case": pk, "for": ["m1", "m2", "m3"], "conflict": ["m4"]}]}
    session = done(officer.act("post", SESSIONS, votes), 201)
    assert [(c["outcome"], c["for"], c["sitting"]) for c in session["cases"]] == [("CARRIED", 3, 3)]
    where, signing = f"{SESSIONS}{session['session']}/", {"digest": session["digest"]}
    assert officer.act("post", f"{where}sign/", signing).status_code == 403
    assert "Cette empreinte" in refused(approver.act("post", f"{where}sign/", {"digest": "0" * 64}))
    assert "n’est pas signée" in refused(approver.get(f"{where}minutes/"))
    assert done(approver.act("post", f"{where}sign/", signing))["signed"] is True
    minutes = approver.get(f"{where}minutes/")
    assert hashlib.sha256(minutes.content).hexdigest() == approver.get(where).json()["minutes_sha256"]
    done(officer.act("post", f"{case}advance/", {"to": "LETTER"}))
    assert "n’est pas prouvée" in refused(approver.act("post", f"{case}publish/"))
    posted(officer, case, days)
    assert officer.act("post", f"{case}publish/").status_code == 403
    told = done(approver.act("post", f"{case}publish/"))
    assert (told["state"], told["next"], len(told["letters"])) == ("PUBLISHED", None, 3)
    mine.refresh_from_db()
    assert (mine.removed_on, Decision.objects.get().case_id) == (days.day, pk)
    assert officer.get(CASES).json()["results"] == []
    number = mine.intermediary.orias_number
    assert [c["case"] for c in officer.get(CASES, {"orias_number": number}).json()["results"]] == [pk]
    assert [c["case"] for c in officer.get(CASES, {"ended": "true"}).json()["results"]] == [pk]


def test_one_person_with_both_rights_neither_signs_nor_publishes_what_it_opened(
    approver: Keyed, mine: Registration, days: Days
) -> None:
    """An administrator holds both permissions. Fails without `opened_by_id == by.pk` in `publish_case`."""
    root = Keyed(staff_in("administrator"), "staff:*")
    procedure = Procedure(mine, clerk=root.key.holder)
    procedure.told(MARCH + timedelta(days=60))
    days.day = MARCH + timedelta(days=61)
    case = f"{CASES}{procedure.case.pk}/"
    assert "une autre personne" in refused(root.act("post", f"{case}publish/"))
    assert done(approver.act("post", f"{case}publish/"))["state"] == "PUBLISHED"


def test_a_file_back_in_order_is_withdrawn_by_the_step_and_the_answer_says_so(
    officer: Keyed, mine: Registration, days: Days
) -> None:
    """Fails where the act were a refusal: its transaction, and the withdrawal in it, would be undone."""
    case = opened(officer, mine)
    CoverFactory(intermediary=mine.intermediary, starts_on=MARCH, ends_on=date(2028, 2, 29), categories=["COA"])
    told = done(officer.act("post", f"{case}advance/", {"to": "NOTICE"}))
    assert (told["state"], told["letters"]) == ("WITHDRAWN", [])
    assert RemovalCase.objects.get().state == "WITHDRAWN"
    assert "aucune affaire à ouvrir" in refused(officer.act("post", CASES, opening(mine))).lower()


def test_a_case_is_held_resumed_and_redone_where_its_letter_came_back(
    officer: Keyed, mine: Registration, days: Days
) -> None:
    case = opened(officer, mine)
    assert done(officer.act("post", f"{case}hold/", {"reason": "recours"}))["state"] == "HELD"
    assert "ne suit pas" in refused(officer.act("post", f"{case}advance/", {"to": "NOTICE"}))
    assert done(officer.act("post", f"{case}resume/", {"reason": "rejeté"}))["state"] == "OPEN"
    done(officer.act("post", f"{case}advance/", {"to": "NOTICE"}))
    posted(officer, case, days)
    letter = officer.get(case).json()["letters"][0]
    back = {"kind": "RETURNED", "happened_on": str(MARCH)}
    assert done(officer.act("post", f"{case}letters/{letter}/proof/", back))["state"] == "ERROR"
    resumed = done(officer.act("post", f"{case}resume/", {"reason": "nouvelle adresse"}))
    assert (resumed["state"], resumed["next"]) == ("OPEN", "NOTICE")
    assert done(officer.act("post", f"{case}withdraw/", {"reason": "par erreur"}))["note"] == "par erreur"


def test_i15_a_letter_is_written_once_and_is_had_byte_for_byte(officer: Keyed, mine: Registration) -> None:
    case = opened(officer, mine)
    same = {"Idempotency-Key": "une-fois"}
    first = officer.act("post", f"{case}advance/", {"to": "NOTICE"}, **same)
    again = officer.act("post", f"{case}advance/", {"to": "NOTICE"}, **same)
    assert (first.json(), again.headers["Idempotent-Replayed"]) == (again.json(), "true")
    letter = Letter.objects.get()
    told = officer.get(f"{case}letters/{letter.number}/").json()
    assert (told["kind"], told["kind_label"], told["sha256"]) == ("NOTICE", "Avis préalable", letter.sha256)
    content = officer.get(f"{case}letters/{letter.number}/pdf/")
    assert hashlib.sha256(content.content).hexdigest() == letter.sha256
    assert content.headers["Content-Disposition"].startswith("attachment")


def test_no_mail_told_of_it_so_the_notice_is_a_letter(officer: Keyed, mine: Registration) -> None:
    answer = done(officer.act("post", f"{opened(officer, mine)}mailed/"), 409)
    assert (answer["code"], "adressez l’avis par lettre" in answer["reason"]) == ("reminders_refuse", True)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"orias_number": "99999999"}, "#/orias_number", "intermediary_unknown"),
        ({"category": "CIF"}, "#/category", "not_registered"),
        ({"ground": "HABIT"}, "#/ground", "invalid_choice"),
        ({"reason": ""}, "#/reason", "blank"),
        ({"severe": True}, "#/severe", "unknown_field"),
    ],
    ids=str,
)
def test_a_body_is_refused_with_where_and_why(
    officer: Keyed, mine: Registration, changes: dict[str, Any], pointer: str, code: str
) -> None:
    told = done(officer.act("post", CASES, opening(mine, **changes)), 400)
    assert [(error["pointer"], error["code"]) for error in told["errors"]] == [(pointer, code)]


def test_a_member_has_one_voice_on_each_case(officer: Keyed, mine: Registration) -> None:
    case = int(opened(officer, mine).rstrip("/").rpartition("/")[2])
    for cases in (
        [{"case": case, "for": ["m1"], "against": ["m1"]}],
        [{"case": case, "for": ["m1"]}, {"case": case, "for": ["m2"]}],
    ):
        told = done(officer.act("post", SESSIONS, {"held_on": str(MARCH), "cases": cases}), 400)
        assert [error["code"] for error in told["errors"]] == ["two_voices"]
    assert not CommissionSession.objects.exists()


def test_the_letter_of_another_case_is_as_if_absent(officer: Keyed, mine: Registration) -> None:
    case = opened(officer, mine)
    done(officer.act("post", f"{case}advance/", {"to": "NOTICE"}))
    other = opened(officer, lapsed())
    assert officer.get(f"{other}letters/{Letter.objects.get().number}/").status_code == 404
    assert Intermediary.objects.count() == 2
