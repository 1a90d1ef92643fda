"""`as_of` and `on`: what the register knew, and the day that it is judged for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from registry import clock
from registry.models import Cover, Intermediary
from registry.past import kept
from tests.api.callers import Keyed, holder_of
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db(transaction=True)
FILE = "/api/v1/intermediaries/08000051/"
PUBLIC = "/api/v1/register/08000051/"


@pytest.fixture
def mine() -> Intermediary:
    """A COA, insured until the end of February 2026."""
    one = RegistrationFactory(
        intermediary=IntermediaryFactory(orias_number="08000051", name="Avant", town="Lyon")
    ).intermediary
    CoverFactory(intermediary=one)
    return one


@pytest.fixture
def before(mine: Intermediary) -> datetime:
    """An instant after which all has changed: another name, renewed, the first certificate refused."""
    instant = kept().now
    Intermediary.objects.filter(pk=mine.pk).update(name="Après")
    Cover.objects.filter(intermediary=mine).update(status="REFUSED")
    CoverFactory(intermediary=mine, renewed=True)
    RegistrationFactory(intermediary=mine, iob=True)
    return instant


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


def told(client: Client, path: str, at: datetime | str | None = None, **query: str) -> Any:
    asked = query | ({"as_of": at.isoformat() if isinstance(at, datetime) else at} if at else {})
    answer = client.get(path, asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_file_as_it_stood(program: Keyed, before: datetime) -> None:
    then, now = told(program, FILE, before), told(program, FILE)
    assert (then["name"], now["name"]) == ("Avant", "Après")
    assert [len(d["registrations"]) for d in (then, now)] == [1, 2]
    assert (then["facts_version"], now["known_at"]) == (None, None)
    assert then["known_at"] == before.astimezone(clock.PARIS).isoformat()


def test_its_certificates_as_they_stood(program: Keyed, before: datetime) -> None:
    then, now = told(program, f"{FILE}covers/", before), told(program, f"{FILE}covers/")
    assert [c["status"] for c in then["results"]] == ["ACCEPTED"]
    assert [c["status"] for c in now["results"]] == ["ACCEPTED", "REFUSED"]
    assert then["results"][0]["id"] == now["results"][1]["id"]


def test_its_state_a_day_judges_what_is_known_now_and_an_instant_what_was_known(
    program: Keyed, before: datetime
) -> None:
    """Fails where the two times were one."""
    path = f"{FILE}state/"

    def state(at: datetime | str | None, **query: str) -> tuple[str, str]:
        found = told(program, path, at, **query)
        return found["as_of"], found["state"]

    assert state("2026-03-02") == ("2026-03-02", "IN_ORDER")
    assert state(before, on="2026-02-10") == ("2026-02-10", "TO_COMPLETE")
    assert state(before, on="2026-03-02") == ("2026-03-02", "OVERDUE")
    assert state(None, on="2027-03-02") == ("2027-03-02", "OVERDUE")
    assert state(before)[0] == before.date().isoformat() or before.hour > 21
    # A version to give back with a change is that of now alone.
    assert (told(program, path, before)["facts_version"], told(program, path)["facts_version"] > 0) == (None, True)


def test_the_public_entry_and_the_list_as_they_stood(client: Client, before: datetime) -> None:
    then, now = told(client, PUBLIC, before), told(client, PUBLIC)
    assert (then["name"], now["name"]) == ("Avant", "Après")
    page = told(client, "/api/v1/register/", before, q="avant", on="2010-01-01")
    assert [(e["name"], e["categories"][0]["status"]) for e in page["results"]] == [("Avant", "NOT_YET_REGISTERED")]
    assert (page["on"], datetime.fromisoformat(page["known_at"])) == ("2010-01-01", before)
    assert told(client, "/api/v1/register/", q="avant")["results"] == []


def test_what_came_later_was_not_there(client: Client, program: Keyed, before: datetime) -> None:
    RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000052"))
    assert client.get("/api/v1/register/08000052/", {"as_of": before.isoformat()}).status_code == 404
    page = told(client, "/api/v1/register/", before)
    assert [e["orias_number"] for e in page["results"]] == ["08000051"]


@pytest.mark.parametrize("path", [FILE, f"{FILE}covers/", f"{FILE}state/", PUBLIC, "/api/v1/register/"])
def test_what_nobody_can_tell_is_refused(program: Keyed, mine: Intermediary, path: str) -> None:
    tomorrow = (kept().now + timedelta(days=1)).isoformat()
    for asked, code in ((tomorrow, "not_known"), ("2014-02-24T23:00+01:00", "not_known"), ("hier", "no_moment")):
        answer = program.get(path, {"as_of": asked})
        assert answer.status_code == 400
        assert [(e["parameter"], e["code"]) for e in answer.json()["errors"]] == [("as_of", code)]


def test_a_page_of_the_past_costs_as_few_queries_as_one_of_now(
    client: Client, mine: Intermediary, django_assert_num_queries: Any
) -> None:
    """Bounds of the history, the rows, what was merged into them, their registrations."""
    for _ in range(3):
        RegistrationFactory()
    at = kept().now.isoformat()
    with django_assert_num_queries(4):
        told(client, "/api/v1/register/", at)


def test_pages_of_the_past_follow_one_another(client: Client, mine: Intermediary) -> None:
    for _ in range(2):
        RegistrationFactory()
    first = told(client, "/api/v1/register/", kept().now, limit="2")
    second = client.get(first["next"]).json()
    assert [len(p["results"]) for p in (first, second)] == [2, 1]
    assert second["known_at"] == first["known_at"]
