"""I14: to anyone but staff with the permission, a file and an absent one answer alike."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.factories import IntermediaryFactory, RegistrationFactory, UserFactory

pytestmark = pytest.mark.django_db
ABSENT = "99999999"
HIDDEN = [
    "/api/v1/intermediaries/{}/",
    "/api/v1/intermediaries/{}/state/",
    "/api/v1/intermediaries/{}/notices/",
    "/api/v1/intermediaries/{}/covers/",
]
READ_ONLY = HIDDEN[1:3]
NUMBERED = {"x-request-id": "the-same-for-both"}
LIMITS = {"Content-Length": "", "RateLimit": "", "RateLimit-Policy": ""}


def logged_in(**values: Any) -> Client:
    client = Client()
    client.force_login(UserFactory(**values))
    return client


def nobody() -> Client:
    return Client()


def an_account_without_a_role() -> Client:
    return logged_in(is_staff=True)


def an_account_with_a_role_that_is_not_staff() -> Client:
    user = UserFactory(username="outsider", is_staff=False)
    user.groups.add(Group.objects.get(name="hotline_agent"))
    client = Client()
    client.force_login(user)
    return client


OTHERS = [nobody, an_account_without_a_role, an_account_with_a_role_that_is_not_staff]


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("path", HIDDEN)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options", "head"])
def test_i14_a_file_answers_to_others_as_if_it_were_absent(others: Any, path: str, method: str) -> None:
    """Fails without `visible_files`, and without `AsNeeded` for nobody. The number of the request is given, since
    otherwise each has its own."""
    somebody = RegistrationFactory().intermediary
    client = others()
    real = getattr(client, method)(path.format(somebody.orias_number), headers=NUMBERED)
    absent = getattr(client, method)(path.format(ABSENT), headers=NUMBERED)
    assert real.status_code == absent.status_code == (401 if others is nobody else 404)
    assert real.content.replace(somebody.orias_number.encode(), ABSENT.encode()) == absent.content
    assert {**real.headers} | LIMITS == {**absent.headers} | LIMITS


@pytest.mark.parametrize("path", HIDDEN)
def test_an_account_that_was_closed_sees_nothing_any_more(staff: Client, agent: User, path: str) -> None:
    somebody = IntermediaryFactory()
    assert staff.get(path.format(somebody.orias_number)).status_code == 200
    User.objects.filter(pk=agent.pk).update(is_active=False)
    assert staff.get(path.format(somebody.orias_number)).status_code == 401


@pytest.mark.parametrize("path", HIDDEN)
def test_staff_are_told_of_an_absent_one_as_well(staff: Client, path: str) -> None:
    assert staff.get(path.format(ABSENT)).json()["code"] == "not_found"


@pytest.mark.parametrize("path", READ_ONLY)
def test_what_is_derived_may_only_be_read(staff: Client, path: str) -> None:
    answer = staff.post(path.format(IntermediaryFactory().orias_number), {}, content_type="application/json")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
