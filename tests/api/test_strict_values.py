"""Values are taken as the description says that they are written, and in no other way that the library would read."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from django.test import Client
from rest_framework import serializers

from api import v1
from api.bodies import Body
from api.fields import CountField, InstantField, WrittenDayField
from tests.api.callers import Keyed, holder_of, issuer_account, staff_in
from tests.api.test_idempotency import DEPOSIT
from tests.api.test_issuer import COVER, EVENT, NUMBER
from tests.factories import IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
FILE = f"/api/v1/intermediaries/{NUMBER}/"
THREE, MARCH = "\u0663", "\u0662\u0660\u0662\u0666-\u0660\u0663-\u0660\u0661"
"""3 and 2026-03-01 in Arabic digits."""
ISSUER = "/api/v1/issuer/"
SHAPE = serializers.Serializer
MANY = 40


@pytest.fixture
def staff() -> Keyed:
    RegistrationFactory(intermediary=IntermediaryFactory(orias_number=NUMBER))
    return Keyed(staff_in("administrator"), "staff:*")


def fault(answer: Any) -> tuple[str, str]:
    """Where a 400 points, and the code there."""
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter"), answer.text
    [error] = answer.json()["errors"]
    return error.get("parameter") or error["pointer"], error["code"]


@pytest.mark.parametrize("limit", [THREE, "\uff13", "\u09e9", "3.0", "1_0", "+3", " 3", "3\u00a0", "x"])
def test_a_limit_is_written_in_plain_digits(limit: str, staff: Keyed) -> None:
    """Fails without `CountField`: an Arabic 3 is a 3 to Python."""
    for path in ("batches/", "events/", "hotline/calls/"):
        assert fault(staff.get(f"/api/v1/{path}", {"limit": limit})) == ("limit", "invalid")
    assert fault(Client().get("/api/v1/register/", {"limit": limit})) == ("limit", "invalid")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"{FILE}renewals/", {"year": "\u0662\u0660\u0662\u0666"}),
        ("/api/v1/hotline/complaints/", {"batch": THREE}),
        ("/api/v1/register/", {"on": MARCH}),
        (f"{FILE}state/", {"on": MARCH}),
        (f"{FILE}state/", {"on": "2026-3-1"}),
        (f"{FILE}state/", {"on": "20260301"}),
        ("/api/v1/batches/", {"updated_since": f"{MARCH}T00:00:00Z"}),
        ("/api/v1/removals/", {"orias_number": "\u0660" * 8}),
    ],
)
def test_other_parameters_too(path: str, query: dict[str, str], staff: Keyed) -> None:
    assert fault(staff.get(path, query)) == (next(iter(query)), "invalid")


@pytest.mark.parametrize("as_of", [MARCH, f"{MARCH}T00:00:00+01:00"])
def test_a_moment_in_other_digits_is_none(as_of: str, staff: Keyed) -> None:
    assert fault(staff.get(f"{FILE}state/", {"as_of": as_of})) == ("as_of", "no_moment")


def test_what_is_written_as_described_is_taken(staff: Keyed) -> None:
    assert staff.get("/api/v1/batches/", {"limit": "3"}).status_code == 200
    assert staff.get(f"{FILE}state/", {"on": "2026-03-01"}).status_code == 200
    assert fault(staff.get("/api/v1/batches/", {"limit": "-1"})) == ("limit", "min_value")


@pytest.mark.parametrize(
    ("path", "row", "change"),
    [
        ("covers/", COVER, {"amount_cents": "1"}),
        ("covers/", COVER, {"annual_cents": "231561000"}),
        ("covers/", COVER, {"annual_cents": THREE}),
        ("covers/", COVER, {"amount_cents": True}),
        ("covers/", COVER, {"starts_on": "2026-3-1"}),
        ("covers/", COVER, {"starts_on": MARCH}),
        ("covers/", COVER, {"ends_on": "20270228"}),
        ("covers/", COVER, {"ends_on": "2027-W08-7"}),
        ("covers/", COVER, {"ends_on": 20270228}),
        ("events/", EVENT, {"effective_on": "2026-6-1"}),
        ("events/", EVENT, {"effective_on": " 2026-06-01"}),
    ],
)
def test_a_row_of_an_insurer_is_as_its_description_says(path: str, row: dict[str, Any], change: dict[str, Any]) -> None:
    """Fails without `_quoted` in Body for numbers, and without `WrittenDayField` for days."""
    insurer = Keyed(issuer_account(), "issuer:write")
    [fate] = insurer.act("post", f"{ISSUER}{path}", {"rows": [row | change]}).json()["rows"]
    assert (fate["fate"], [(e["pointer"], e["code"]) for e in fate["errors"]]) == (
        "REFUSED",
        [(f"#/rows/0/{next(iter(change))}", "invalid")],
    )


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount_cents": "156461000"}, "#/amount_cents"),
        ({"documents": ["1"]}, "#/documents/0"),
        ({"starts_on": "2026-3-1"}, "#/starts_on"),
    ],
)
def test_other_bodies_are_as_strict(change: dict[str, Any], pointer: str) -> None:
    mine = RegistrationFactory(intermediary=IntermediaryFactory(orias_number=NUMBER)).intermediary
    program = Keyed(holder_of(mine), "file:read", "file:write")
    assert fault(program.act("post", f"{FILE}covers/", DEPOSIT | change)) == (pointer, "invalid")


def read_from_callers() -> list[tuple[str, serializers.Field[Any, Any, Any, Any]]]:
    """Every field of every body and query of the API."""
    modules = [import_module(f"api.v1.{one.name}") for one in iter_modules(v1.__path__)]
    kinds = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
    named = [one for one in kinds if issubclass(one, Body) or (issubclass(one, SHAPE) and "Query" in one.__name__)]
    assert len(named) > MANY
    return [(f"{one.__name__}.{name}", field) for one in named for name, field in one().fields.items()]


def test_no_body_and_no_query_reads_a_day_or_a_number_as_the_library_does() -> None:
    """A new field is strict too: fails for a `serializers.DateField` that reads, or a number of an address."""
    lax = []
    for name, field in read_from_callers():
        if field.read_only:
            continue
        is_day = isinstance(field, serializers.DateField) and not isinstance(field, WrittenDayField)
        is_instant = isinstance(field, serializers.DateTimeField) and not isinstance(field, InstantField)
        is_count = "Query" in name and isinstance(field, serializers.IntegerField) and not isinstance(field, CountField)
        if is_day or is_instant or is_count:
            lax.append(name)
    assert lax == []
