"""A parameter that an operation does not have is refused by name: a misspelt filter must not answer everything."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from registry import clock
from tests.api.callers import Keyed, holder_of, issuer_account, staff_in
from tests.api.test_matrix import MATRIX, OWN, Scene, ask, operations, scene  # noqa: F401 - the matrix's own scene
from tests.factories import NOW, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
TOO_MANY = 1001
NUMBER = "08000081"
STATE = f"/api/v1/intermediaries/{NUMBER}/state/"
UNLIKE = "zzz_9"


@pytest.fixture
def program() -> Keyed:
    mine = RegistrationFactory(intermediary=IntermediaryFactory(orias_number=NUMBER)).intermediary
    return Keyed(holder_of(mine), "file:read", "file:write")


def described() -> dict[str, dict[str, Any]]:
    paths = Client().get("/api/v1/schema/", headers={"accept": "application/vnd.oai.openapi+json"}).json()["paths"]
    return {one["operationId"]: one for item in paths.values() for one in item.values()}


def test_every_operation_refuses_what_its_description_does_not_name(
    scene: Scene,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each operation of the schema, lists and acts alike. Fails without `require_known_parameters` in ProblemsMixin."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr("api.throttling.ByBudget.allow_request", lambda *_: True)
    callers = {
        "staff": Keyed(staff_in("administrator"), "staff:*"),
        "insurer": Keyed(issuer_account(), "issuer:write"),
    }
    scene.subscribe(callers["staff"])
    wrong = []
    for operation, (method, path) in operations().items():
        client = callers["insurer" if operation.startswith("issuer_") else "staff"]
        query = MATRIX[operation].query or "?"
        answer = client.generic(method.upper(), f"{scene.address(path, OWN)}{query}&{UNLIKE}=1", "{}")
        told = answer.json()
        found = (answer.status_code, told["code"], told.get("errors", [{}])[0].get("parameter"))
        if found != (400, "unknown_parameter", UNLIKE):
            wrong.append((operation, found))
    assert wrong == []


def test_every_parameter_that_is_described_is_known(scene: Scene) -> None:  # noqa: F811
    """Fails where `declared` reads less than the description tells; values may still be refused, by another code."""
    client = Keyed(staff_in("administrator"), "staff:*")
    client.get("/api/v1/me/")
    told = described()
    asked = 0
    for operation, (method, path) in operations().items():
        names = [one["name"] for one in told[operation].get("parameters", []) if one["in"] == "query"]
        if method == "get" and names:
            asked += 1
            query = "&".join(f"{name}=x" for name in names)
            code = client.get(f"{scene.address(path, OWN)}?{query}").json().get("code")
            assert code != "unknown_parameter", operation
    assert asked >= 20


@pytest.mark.parametrize(
    ("query", "suggested"),
    [
        ("udated_since=2026-01-01T00:00:00Z", "updated_since"),
        ("Limit=3", "limit"),
        ("field=id", "fields"),
        ("format=xml", "cursor, fields"),
    ],
)
def test_the_nearest_known_name_is_suggested(query: str, suggested: str, program: Keyed) -> None:
    address = f"/api/v1/intermediaries/{NUMBER}/covers/?{query}"
    french, english = program.get(address), program.get(address, headers={"accept-language": "en"})
    assert (french.status_code, french.json()["code"]) == (400, "unknown_parameter")
    [error], [in_english] = french.json()["errors"], english.json()["errors"]
    assert (error["parameter"], error["code"]) == (query.partition("=")[0], "unknown_parameter")
    assert suggested in error["detail"]
    assert suggested in in_english["detail"]
    assert "Paramètre" in error["detail"]
    assert in_english["detail"].startswith("Unknown")


def test_it_is_told_only_to_whom_there_is_something_here(program: Keyed) -> None:
    """I14: who may not see is answered as before. Fails where the question comes before the rights."""
    assert Client().get("/api/v1/batches/?x=1").status_code == 401
    assert program.get("/api/v1/batches/?x=1").status_code == 404
    assert Client().get("/api/v1/me/?x=1").status_code == 401
    assert Client().get("/api/v1/nothing/?x=1").status_code == 404


def test_the_state_of_a_file_gives_only_the_members_asked_for(program: Keyed) -> None:
    assert program.get(f"{STATE}?fields=state,complete").json() == {"state": "TO_COMPLETE", "complete": False}
    for none in ("", ","):
        assert program.get(f"{STATE}?fields={none}").json()["errors"][0]["code"] == "blank"
    refused = program.get(f"{STATE}?fields=statte").json()
    assert (refused["code"], refused["errors"][0]["parameter"]) == ("invalid_parameter", "fields")


def test_the_description_still_takes_its_format() -> None:
    assert Client().get("/api/v1/schema/?format=json").json()["openapi"] == "3.1.0"
    assert Client().get("/api/v1/schema/?fromat=json").status_code == 400
    assert Client().get("/api/v1/docs/?script=").status_code == 200
    assert Client().get("/api/v1/register/?q=").status_code == 200


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("limit=1&limit=2", "limit", "repeated"),
        # The list is empty: fails where only rows are asked for their members.
        ("fields=", "fields", "blank"),
        ("fields=statte", "fields", "unknown_field"),
        ("updated_since=2026-01-01T00:00:00", "updated_since", "no_offset"),
        # As from a script whose variable is not set: passed over, it would answer everything.
        ("updated_since=", "updated_since", "blank"),
        ("as_of=%20", "as_of", "blank"),
        ("cursor=", "cursor", "blank"),
    ],
)
def test_what_can_be_meant_in_two_ways_is_refused(query: str, parameter: str, code: str, program: Keyed) -> None:
    answer = program.get(f"/api/v1/intermediaries/{NUMBER}/covers/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["code"]) == (parameter, code)


def test_a_plus_that_became_a_space_on_its_way_is_read_as_meant(program: Keyed) -> None:
    address = f"/api/v1/intermediaries/{NUMBER}/covers/?updated_since=2026-01-01T00:00:00+01:00"
    assert program.get(address).status_code == 200


@pytest.mark.parametrize("sign", ["%E2%80%AE", "%01", "%FF%FE", "%ED%A0%80"])
def test_characters_that_mislead_or_are_none_are_refused_in_an_address_too(client: Client, sign: str) -> None:
    """Fails without `_misleading`: nothing is found, and nobody is told why."""
    answer = client.get(f"/api/v1/register/?q=cabinet{sign}b")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert answer.json()["errors"][0]["parameter"] == "q"


@pytest.mark.parametrize("address", ["register/", "me/", "status/", "schema/", "docs/", "problems/", "nowhere/"])
def test_more_parameters_than_are_read_are_no_fault_of_ours(address: str) -> None:
    """Fails without `SuspiciousOperation` among the codes: Django reads a thousand, and raised in the view."""
    many = "&".join(f"a{n}=1" for n in range(TOO_MANY))
    answer = Client(raise_request_exception=False).get(f"/api/v1/{address}?{many}")
    assert (answer.status_code, answer.json()["code"]) in ((400, "malformed_request"), (404, "not_found"))


def test_nor_are_more_fields_of_a_form(program: Keyed) -> None:
    fields = {f"a{n}": "1" for n in range(TOO_MANY)}
    address = f"/api/v1/intermediaries/{NUMBER}/documents/"
    answer = program.post(address, fields, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")
