"""Instants that callers give: of years that can be meant, wherever they are read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework import serializers

from api.fields import InstantField
from api.v1.batches import BatchesQuery
from api.v1.covers import CoversQuery
from api.v1.hotline_calls import CallBody
from api.v1.hotline_incidents import DeclareBody, UpdateBody
from api.v1.webhooks import ReplaySerializer
from tests.api.callers import Keyed, staff_in

READ: list[tuple[type[serializers.Serializer[Any]], str]] = [
    (BatchesQuery, "updated_since"),
    (CoversQuery, "updated_since"),
    (ReplaySerializer, "since"),
    (CallBody, "started_at"),
    (CallBody, "call_back_by"),
    (DeclareBody, "next_update_at"),
    (UpdateBody, "next_update_at"),
]


@pytest.mark.parametrize(("body", "name"), READ)
def test_every_instant_that_is_read_is_of_a_year_that_can_be_meant(
    body: type[serializers.Serializer[Any]], name: str
) -> None:
    assert isinstance(body().fields[name], InstantField)


@pytest.mark.parametrize(
    "given",
    ["0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
     "1899-12-31T12:00:00Z", "2201-01-02T00:00:00Z"],
)  # fmt: skip
def test_another_year_is_refused(given: str) -> None:
    """Fails with DRF's own field: an OverflowError."""
    with pytest.raises(serializers.ValidationError) as refused:
        InstantField().run_validation(given)
    assert refused.value.get_codes() in (["date_year"], ["overflow"])


@pytest.mark.parametrize("given", ["1900-01-02T00:00:00Z", "2026-03-29T02:30:00+01:00", "2200-12-31T12:00:00Z"])
def test_a_year_that_can_be_meant_is_taken(given: str) -> None:
    assert InstantField().run_validation(given).utcoffset() is not None


@pytest.mark.django_db
def test_the_year_one_in_an_address_is_pointed_at() -> None:
    answer = Keyed(staff_in("registry_officer"), "staff:*").get(
        "/api/v1/batches/", {"updated_since": "0001-01-01T00:00:00Z"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert answer.json()["errors"][0]["code"] == "date_year"


@pytest.mark.django_db
def test_the_description_still_says_date_time(client: Client) -> None:
    described = client.get("/api/v1/schema/", headers={"accept": "application/vnd.oai.openapi+json"}).json()
    (since,) = [
        one for one in described["paths"]["/api/v1/batches/"]["get"]["parameters"] if one["name"] == "updated_since"
    ]
    assert since["schema"] == {"type": "string", "format": "date-time"}
    replay = next(value for name, value in described["components"]["schemas"].items() if name.startswith("Replay"))
    assert replay["properties"]["since"]["format"] == "date-time"
