"""What the API tells of itself during an incident, and how often the public register was asked."""

from __future__ import annotations

from datetime import date
from io import StringIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client

from api import consultations, service_notice
from api.consultations import COUNTS
from api.models import Consultation, ServiceNotice
from registry import clock
from registry.management.console import Failed, WrongUse
from tests.api.callers import staff_in
from tests.factories import NOW, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
REGISTER = "/api/v1/register/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


# --- the notice -----------------------------------------------------------------------------------------


def test_a_notice_is_on_every_answer_until_it_is_cleared(client: Client) -> None:
    staff_in("registry_officer", "alice")
    text = "Dépôts lents depuis 9 h, rien n’est perdu."
    call_command("set_service_notice", text, "--by", "alice", stdout=StringIO())
    api = [f"/api/v1/{path}" for path in ("status/", "nothing/", "register/?limit=0", "me/")]
    for address in (*api, "/ws/service/?wsdl"):
        header = client.get(address).headers["X-Service-Notice"]
        assert header.isascii()
        assert unquote(header) == text
    call_command("set_service_notice", "--clear", "--by", "alice", stdout=StringIO())
    assert "X-Service-Notice" not in client.get("/api/v1/status/").headers
    assert ServiceNotice.objects.get().history.count() == 2  # type: ignore[attr-defined]


def test_it_is_set_by_who_may_stop_sending_and_says_something() -> None:
    staff_in("hotline_agent", "hugo")
    staff_in("registry_officer", "alice")
    with pytest.raises(Failed, match="stop_sending"):
        call_command("set_service_notice", "x", "--by", "hugo")
    for words in ([], ["x", "--clear"], [" "]):
        with pytest.raises(WrongUse):
            call_command("set_service_notice", *words, "--by", "alice")
    with pytest.raises(Failed, match="300"):
        call_command("set_service_notice", "x" * 301, "--by", "alice")


def test_an_answer_does_not_fail_because_the_notice_cannot_be_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the `except` in `notice_header`."""

    def away(*_: Any, **__: Any) -> None:
        raise DatabaseError("away")

    service_notice._last.clear()
    monkeypatch.setattr(ServiceNotice.objects, "values_list", away)
    assert client.get("/api/v1/problems/").status_code == 200


# --- the statistics -------------------------------------------------------------------------------------


def test_consultations_are_counted_by_day_and_way_and_nothing_else_is_kept(client: Client) -> None:
    one = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000141", name="Cabinet Kerguélen"))
    number = one.intermediary.orias_number
    for query in ("", "?q=kerguelen", "?q=kergelen", f"?q={number}", "?q=552100554"):
        assert client.get(f"{REGISTER}{query}").status_code == 200
    client.get(f"{REGISTER}{number}/")
    client.get(f"{REGISTER}99999999/")
    client.post(f"{REGISTER}check/", {"numbers": [number, "99999999"]}, content_type="application/json")
    COUNTS.write()
    COUNTS.write()
    rows = Consultation.objects.values_list("kind", "requests", "shown", "day")
    expected = {("LIST", 1, 1), ("NAME", 2, 2), ("NUMBER", 1, 1), ("SIREN", 1, 0), ("ENTRY", 1, 1), ("CHECK", 1, 1)}
    assert set(rows) == {(*row, date(2026, 1, 29)) for row in expected}
    out = StringIO()
    call_command("consultation_statistics", "--year", "2026", "--json", stdout=out)
    assert '"2026-01"' in out.getvalue()
    assert out.getvalue().count('"requests"') == 6


def test_they_are_written_now_and_then_and_added_up(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    client.get(REGISTER)
    assert not Consultation.objects.exists()
    monkeypatch.setattr(consultations, "WRITTEN_EVERY", 0.0)
    for _ in range(3):
        client.get(REGISTER)
    assert Consultation.objects.get().requests == 4


def test_a_database_that_refuses_keeps_nobody_from_the_register(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    """Fails without the `except` in `write`; what was counted waits."""
    with monkeypatch.context() as patch:
        patch.setattr(consultations, "WRITTEN_EVERY", 0.0)
        patch.setattr(consultations, "_UPSERT", "SELECT nothing")
        assert client.get(REGISTER).status_code == 200
    COUNTS.write()
    assert Consultation.objects.get().requests == 1
