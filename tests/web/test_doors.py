"""What no page takes: a NUL, a number without end, one password after the other."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.reminders.scenes import person
from tests.web.stage import Stage, signed_in
from tests.web.test_every_page import ROWS
from web.people.limits import PASSWORDS_PER_NAME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
PASSWORD = "une phrase assez longue"


@pytest.fixture
def bruno() -> User:
    user = person("bruno")
    user.is_staff = True
    user.set_password(PASSWORD)
    user.save()
    return user


def test_no_page_breaks_on_a_nul(stage: Stage) -> None:
    """Fails without `WholeText`: PostgreSQL keeps no NUL, and the red switch itself answered 500."""
    browser = signed_in("administrator")
    browser.raise_request_exception = False
    fields = dict.fromkeys(("reason", "q", "note", "name", "message", "text", "number", "numero", "first"), "a\0b")
    for name, row in ROWS.items():
        asked = browser.get(row.path(stage), fields)
        assert asked.status_code < 500, name
        if not row.path(stage).endswith("/deposer/"):
            assert browser.post(row.path(stage), fields).status_code == 400, name
    assert "Demande illisible" in browser.post("/espace/arret/", fields).text


@pytest.mark.parametrize(
    "path",
    [
        "incidents/?lot=",
        "reclamations/?lot=",
        "reclamations/nouvelle/?consultation=",
    ],
)
def test_a_number_without_end_is_none(stage: Stage, path: str) -> None:
    """Fails without `LONGEST_NUMBER`: Python reads no number of 5,000 digits."""
    assert signed_in("administrator").get(f"/assistance/{path}" + "9" * 5000).status_code == 200


def tried(password: str, place: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=place).post("/connexion/", {"username": "bruno", "password": password})


def test_passwords_are_tried_so_often_and_no_more_from_one_place(bruno: User) -> None:
    """Fails without `note_password`: forty wrong ones, then the right one, were taken."""
    most = PASSWORDS_PER_NAME[0][1]
    assert {tried(f"faux {n}").status_code for n in range(most)} == {200}
    refused = tried(PASSWORD)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    assert "Attendez 15 minutes" in refused.text
    assert tried(PASSWORD, "198.51.100.7").status_code == 302


def test_the_admin_has_no_door_of_its_own(client: Client) -> None:
    answer = client.get("/admin/login/?next=/admin/auth/user/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/connexion/?next=/admin/auth/user/")


def test_a_stale_page_is_refused_by_a_page_of_ours(stage: Stage) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person("approver"))
    refused = browser.post("/espace/arret/", {"reason": "x"})
    assert (refused.status_code, "Page trop ancienne" in refused.text) == (403, True)
