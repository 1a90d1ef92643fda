"""Who asks too often is asked to wait."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import IntermediaryFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("path", "allowed"), [("/api/v1/status/", 60), ("/api/v1/register/", 30)])
def test_an_address_may_ask_so_often_a_minute(client: Client, path: str, allowed: int) -> None:
    statuses = [client.get(path).status_code for _ in range(allowed + 1)]
    assert statuses == [200] * allowed + [429]
    assert client.get(path, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_searching_too_often_leaves_the_status_readable(client: Client) -> None:
    last = [client.get("/api/v1/register/") for _ in range(31)][-1]
    assert last.json()["code"] == "too_many_requests"
    assert 1 <= int(last.headers["Retry-After"]) <= 60
    assert client.get("/api/v1/status/").status_code == 200


def test_an_account_may_read_a_hundred_and_twenty_files_a_minute(staff: Client) -> None:
    path = f"/api/v1/intermediaries/{IntermediaryFactory().orias_number}/notices/"
    statuses = [staff.get(path).status_code for _ in range(121)]
    assert statuses == [200] * 120 + [429]
