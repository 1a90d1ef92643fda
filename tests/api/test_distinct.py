"""What stands twice in a list of codes is refused, and pointed at."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from registry.models import Cover
from tests.api.callers import Keyed, holder_of, issuer_account
from tests.api.test_idempotency import DEPOSIT
from tests.api.test_issuer import COVER
from tests.factories import IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


def test_a_category_named_twice_is_pointed_at_and_nothing_is_deposited() -> None:
    """Fails with a plain ListField."""
    mine = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000082")).intermediary
    program = Keyed(holder_of(mine), "file:read", "file:write")
    body = DEPOSIT | {"categories": ["COA", "IOB", "COA"]}
    answer = program.act("post", "/api/v1/intermediaries/08000082/covers/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("#/categories/2", "duplicate")
    assert not Cover.objects.exists()


def test_in_a_lot_it_is_the_row_that_is_refused() -> None:
    program = Keyed(issuer_account(), "issuer:write")
    rows = {"rows": [COVER | {"categories": ["COA", "COA"]}]}
    [fate] = program.act("post", "/api/v1/issuer/covers/", rows).json()["rows"]
    assert fate["fate"] == "REFUSED"
    assert (fate["errors"][0]["pointer"], fate["errors"][0]["code"]) == ("#/rows/0/categories/1", "duplicate")


def test_the_description_says_so() -> None:
    schema: Any = Client().get("/api/v1/schema/?format=json").json()["components"]["schemas"]
    for name in ("Deposit", "IssuerCover", "Correction"):
        assert schema[name]["properties"]["categories"]["uniqueItems"] is True
    assert schema["Subscribe"]["properties"]["types"]["uniqueItems"] is True
