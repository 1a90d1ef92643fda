"""POST /api/v1/register/check/"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factories import IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
CHECK = "/api/v1/register/check/"


def check(client: Client, numbers: Any, **headers: str) -> Any:
    return client.post(CHECK, {"numbers": numbers}, content_type="application/json", headers=headers)


def test_each_is_told_as_its_own_page_tells_it(client: Client) -> None:
    people = [
        RegistrationFactory(with_funds=True).intermediary,
        RegistrationFactory(removed=True).intermediary,
        RegistrationFactory(suspended=True).intermediary,
    ]
    RegistrationFactory(intermediary=people[0], iob=True)
    numbers = [one.orias_number for one in reversed(people)]
    told = check(client, numbers).json()
    assert told == {"results": [client.get(f"/api/v1/register/{n}/").json() for n in numbers], "unknown": []}


def test_those_that_the_register_does_not_publish_are_unknown(client: Client) -> None:
    bare = IntermediaryFactory().orias_number
    known = RegistrationFactory().intermediary.orias_number
    told = check(client, [bare, "99999999", known, known, bare]).json()
    assert (len(told["results"]), told["unknown"]) == (1, [bare, "99999999"])


def test_a_thousand_numbers_cost_one_query(client: Client, django_assert_num_queries: Any) -> None:
    made = [RegistrationFactory().intermediary.orias_number for _ in range(3)]
    absent = [f"{n:08d}" for n in range(90_000_000, 90_000_997)]
    with django_assert_num_queries(1):
        told = check(client, made + absent).json()
    assert (len(told["results"]), len(told["unknown"])) == (3, 997)


@pytest.mark.parametrize(
    ("numbers", "pointer", "code"),
    [
        ([], "#/numbers", "min_length"),
        (["x"], "#/numbers/0", "invalid"),
        (["07001003", "0700100٣"], "#/numbers/1", "invalid"),
        (["00000000"] * 1001, "#/numbers", "max_length"),
        ("07001003", "#/numbers", "not_a_list"),
        ([None], "#/numbers/0", "null"),
        ([["07001003"]], "#/numbers/0", "invalid"),
        (["07001003 "], "#/numbers/0", "invalid"),
        (["07001003\n"], "#/numbers/0", "invalid"),
        ([19227997], "#/numbers/0", "invalid"),
    ],
)
def test_what_is_no_number_is_pointed_at(client: Client, numbers: Any, pointer: str, code: str) -> None:
    answer = check(client, numbers)
    assert answer.status_code == 400
    assert (answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"]) == (pointer, code)


def test_it_has_a_budget_of_its_own(client: Client) -> None:
    statuses = [check(client, ["07001003"]).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert client.get("/api/v1/register/07001003/").status_code == 404
