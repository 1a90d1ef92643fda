"""PATCH /api/v1/intermediaries/{orias_number}/ and what a GET of it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.models import Intermediary, IntermediaryHistory  # type: ignore[attr-defined]
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
PAGE = "/api/v1/intermediaries/08000061/"


@pytest.fixture
def mine() -> Intermediary:
    one = IntermediaryFactory(orias_number="08000061", email="avant@example.org", town="Lyon")
    return RegistrationFactory(intermediary=one).intermediary


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


def change(program: Keyed, body: Any, **headers: str) -> Any:
    return program.act("patch", PAGE, body, **({"If_Match": program.get(PAGE).headers["ETag"]} | headers))


def test_it_shows_the_file(program: Keyed) -> None:
    told = program.get(PAGE).json()
    assert (told["orias_number"], told["email"], told["town"]) == ("08000061", "avant@example.org", "Lyon")
    assert told["registrations"][0]["category"] == "COA"


def test_it_changes_what_is_named_and_nothing_else(program: Keyed, mine: Intermediary) -> None:
    answer = change(program, {"email": " Apres@Example.org ", "phone": "06 90 12 34 56"})
    assert answer.status_code == 200, answer.text
    mine.refresh_from_db()
    assert (mine.email, mine.phone_e164, mine.phone_key) == ("Apres@example.org", "+590690123456", "690123456")
    assert mine.town == "Lyon"
    assert answer.headers["ETag"] == program.get(PAGE).headers["ETag"]


def test_i9_the_history_says_who_and_by_which_key(program: Keyed, mine: Intermediary) -> None:
    change(program, {"town": "Brest"})
    last = IntermediaryHistory.objects.filter(pgh_obj=mine).order_by("-pgh_id").select_related("pgh_context").first()
    assert last.pgh_context.metadata["user"] == program.key.holder_id
    assert program.key.key_id in last.pgh_context.metadata["why"]


def test_a_change_says_on_what_it_was_made(program: Keyed) -> None:
    answer = program.act("patch", PAGE, {"town": "Brest"})
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")


@pytest.mark.parametrize("etag", ['"1.abc"', 'W/"{}"', "abc", '""'])
def test_a_change_made_on_something_else_is_refused(program: Keyed, mine: Intermediary, etag: str) -> None:
    """Fails without `require_match`."""
    seen = program.get(PAGE).headers["ETag"]
    Intermediary.objects.filter(pk=mine.pk).update(town="Nantes")
    for given in (seen, etag.format(mine.facts_version + 1)):
        answer = change(program, {"town": "Brest"}, If_Match=given)
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    mine.refresh_from_db()
    assert mine.town == "Nantes"


def test_it_does_not_matter_how_much_of_it_was_seen_nor_in_which_language(program: Keyed) -> None:
    seen = program.get(PAGE, {"fields": "town"}, headers={"accept-language": "en"})
    assert seen.json() == {"town": "Lyon"}
    assert change(program, {"town": "Brest"}, If_Match=seen.headers["ETag"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"email": "personne"}, "#/email", "email_no_at"),
        ({"email": ""}, "#/email", "required"),
        ({"phone": "12"}, "#/phone", "phone_length"),
        ({"language": "de"}, "#/language", "unknown_language"),
        ({"town": "x" * 121}, "#/town", "too_long"),
        ({"town": "x" * 5000}, "#/town", "max_length"),
        ({"town": "a\u202eb"}, "#/town", "bidi_character"),
        ({"town": "a\u0000b"}, "#/town", "null_characters_not_allowed"),
        ({"town": None}, "#/town", "null"),
        ({"town": ["Brest"]}, "#/town", "invalid"),
        ({"name": "Autre"}, "#/name", "unknown_field"),
        ({"a/b~c": 1}, "#/a~1b~0c", "unknown_field"),
        ([], "#", "invalid"),
        ("x", "#", "invalid"),
    ],
)
def test_a_value_that_cannot_be_is_pointed_at(program: Keyed, body: Any, pointer: str, code: str) -> None:
    headers = {"If-Match": "*"}
    answer = program.generic("PATCH", PAGE, json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


def test_staff_change_it_too_and_a_hotline_agent_is_told_that_it_may_not(mine: Intermediary) -> None:
    officer, agent = Keyed(staff_in("registry_officer"), "staff:*"), Keyed(staff_in("hotline_agent"), "staff:*")
    assert change(officer, {"town": "Brest"}).status_code == 200
    answer = change(agent, {"town": "Lille"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_a_field_that_is_none_is_named(program: Keyed) -> None:
    answer = program.get(PAGE, {"fields": "town,secret"})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "fields")
