"""reviews/ and the acts of a review by HTTP: the queue, what is asked back and answered, coded refusals."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from registry import clock
from registry.models import Cover, Intermediary
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import (
    NOW,
    CoverFactory,
    CoverPaperFactory,
    DocumentFactory,
    IntermediaryFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db
COVERS = "/api/v1/intermediaries/08000101/covers/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def mine() -> Intermediary:
    return RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000101")).intermediary


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


@pytest.fixture
def officer(mine: Intermediary) -> Keyed:
    return Keyed(staff_in("registry_officer"), "staff:*")


@pytest.fixture
def cover(mine: Intermediary) -> Cover:
    CoverFactory(intermediary=mine)
    made: Cover = CoverPaperFactory(cover__intermediary=mine, cover__deposited_on=date(2026, 1, 12)).cover
    return made


def test_what_is_asked_back_is_told_answered_and_keeps_its_day(cover: Cover, officer: Keyed, program: Keyed) -> None:
    address = f"{COVERS}{cover.pk}/"
    asked = officer.act("post", f"{address}ask/", {"code": "UNREADABLE", "note": "page 2"}).json()
    assert (asked["status"], asked["correction"]["code"], asked["correction"]["note"]) == (
        "RETURNED", "UNREADABLE", "page 2",
    )  # fmt: skip
    seen = program.get(address).json()
    assert seen["correction"]["detail"].startswith("Le document ne peut pas être lu.")
    assert (seen["clock"]["paused_since"], seen["clock"]["days_left"]) == ("2026-01-29", 42)
    assert "suspendu depuis le 29/01/2026" in seen["clock"]["detail"]
    english = program.get(address, headers={"accept-language": "en"}).json()
    assert "suspended since" in english["clock"]["detail"]
    better = DocumentFactory(intermediary=cover.intermediary)
    answered = program.act("post", f"{address}correct/", {"documents": [better.pk], "policy": "RC-9"}).json()
    assert (answered["status"], answered["correction"], answered["policy"]) == ("DEPOSITED", None, "RC-9")
    assert (answered["documents"][-1], answered["deposited_on"]) == (better.pk, "2026-01-12")


def test_an_answer_that_says_nothing_or_too_much_is_refused(cover: Cover, officer: Keyed, program: Keyed) -> None:
    address = f"{COVERS}{cover.pk}/"
    assert program.act("post", f"{address}correct/", {"policy": "X"}).json()["code"] == "register_refuses"
    officer.act("post", f"{address}ask/", {"code": "DATA_DIFFER"})
    assert "au moins l’un des deux" in program.act("post", f"{address}correct/").json()["reason"]
    for body in ({"deposited_on": "2026-01-01"}, {"kind": "RC_PRO"}, {"status": "ACCEPTED"}):
        assert program.act("post", f"{address}correct/", body).json()["errors"][0]["code"] == "unknown_field"
    assert program.act("post", f"{address}correct/", {"categories": ["IOB", "COA"]}).json()["categories"] == [
        "COA",
        "IOB",
    ]


def test_a_coded_refusal_tells_the_intermediary_what_to_do(cover: Cover, officer: Keyed, program: Keyed) -> None:
    address = f"{COVERS}{cover.pk}/"
    refused = officer.act("post", f"{address}refuse/", {"code": "OLD_PERIOD"}).json()
    assert (refused["status"], refused["clock"]) == ("REFUSED", None)
    told = program.get(address).json()["refusal"]
    assert (told["code"], told["on"], told["note"]) == ("OLD_PERIOD", "2026-01-29", "")
    assert "jusqu’à la fin de février" in told["detail"]


def test_words_alone_are_a_refusal_for_another_reason(cover: Cover, officer: Keyed) -> None:
    refused = officer.act("post", f"{COVERS}{cover.pk}/refuse/", {"reason": "page illisible"}).json()
    assert (refused["refusal"]["code"], refused["refusal"]["note"]) == ("OTHER", "page illisible")


def test_the_queue_is_paged_and_told_with_what_was_found(cover: Cover, officer: Keyed) -> None:
    CoverFactory(intermediary=cover.intermediary, deposited=True, deposited_on=date(2025, 11, 1))
    first = officer.get("/api/v1/reviews/", {"limit": 1}).json()
    assert (first["waiting"], first["late"]) == (2, 1)
    [row] = first["results"]
    assert (row["clock"]["is_late"], row["document"], row["level"]) == (True, None, "WRONG")
    [rest] = officer.get(first["next"]).json()["results"]
    assert (rest["cover"]["id"], rest["orias_number"], rest["document_state"]) == (cover.pk, "08000101", "NOT_SCANNED")
    assert officer.get("/api/v1/reviews/", {"cursor": "abc"}).json()["errors"][0]["code"] == "invalid_cursor"


def test_a_review_is_given_to_somebody_who_may(cover: Cover, officer: Keyed) -> None:
    address = f"{COVERS}{cover.pk}/assign/"
    assert officer.act("post", address, {"to": "registry_officer"}).status_code == 200
    mine: Any = officer.get("/api/v1/reviews/", {"assigned": "me"}).json()
    assert mine["results"][0]["assigned_to"] == "registry_officer"
    assert officer.get("/api/v1/reviews/", {"assigned": "nobody"}).json()["waiting"] == 0
    staff_in("auditor")
    for name in ("auditor", "nobody"):
        assert officer.act("post", address, {"to": name}).json()["errors"][0]["code"] == "not_a_reviewer"
    other = Keyed(staff_in("administrator"), "staff:*")
    assert "confiée à registry_officer" in other.act("post", address, {"to": "administrator"}).json()["reason"]
    assert other.act("post", address, {"to": None, "take_over": True}).status_code == 200
    returned = officer.get("/api/v1/reviews/", {"returned": "true"}).json()
    assert returned == {"waiting": 0, "late": 0, "results": [], "next": None}
