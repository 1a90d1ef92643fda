"""The history of the sandbox is dated by its own clock, and that of the register by nobody's but the database's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from api import sandbox_world
from api.sandbox import FIRST
from api.sandbox_history import date_by, date_history
from api.sandbox_outcomes import Outcome
from registry.models import Intermediary
from registry.past import load_reference_at
from tests.api.test_idempotency import DEPOSIT
from tests.api.test_sandbox import Trial, in_sandbox  # noqa: F401 - this process as the sandbox's
from tests.factories import IntermediaryFactory

pytestmark = pytest.mark.django_db
MARCH, APRIL, MAY = (f"2026-0{month}-02T09:00:00+02:00" for month in (3, 4, 5))


def prepare() -> None:
    """Leave this test's database as `prepare_sandbox` does, within the test's own transaction: what waits for its end
    is asked now, since a table with such questions is given no trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(sandbox_world._MARK)
    date_history(FIRST)


@pytest.fixture
def tester(in_sandbox: None) -> Trial:  # noqa: F811
    """A test key's program in such a database."""
    prepare()
    return Trial()


def write(tester: Trial, town: str, at: str) -> None:
    address = f"/api/v1/intermediaries/{tester.numbers[Outcome.DUE]}/"
    tag = tester.get(address).headers["ETag"]
    headers = {"If-Match": tag, "Sandbox-Now": at}
    answer = tester.patch(address, {"town": town}, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.text


def ask(client: Client, tester: Trial, rest: str, as_of: str, at: str = MAY) -> Any:
    address = f"/api/v1/{rest.format(tester.numbers[Outcome.DUE])}"
    return client.get(address, {"as_of": as_of}, headers={"Sandbox-Now": at})


def test_what_was_written_at_a_moved_instant_is_known_as_of_that_instant(tester: Trial) -> None:
    """Fails without `date_by` in `require_this_world`, and without `moved` in `kept`: the history would begin months
    later, on the day of the machine."""
    write(tester, "Dinan", MARCH)
    write(tester, "Vannes", APRIL)
    just_before = (datetime.fromisoformat(MARCH) - timedelta(seconds=1)).isoformat()
    towns = {}
    for as_of in ("2026-01-01", just_before, MARCH, "2026-03-02", "2026-04-01", APRIL, "2026-05-02"):
        told = ask(tester, tester, "intermediaries/{}/", as_of).json()
        public = ask(Client(), tester, "register/{}/", as_of).json()
        towns[as_of] = told["town"]
        assert public["town"] == told["town"], as_of
    assert list(towns.values()) == ["Brest", "Brest", "Dinan", "Dinan", "Dinan", "Vannes", "Vannes"]
    # What is to come, and what is older than the register, go by the same clock.
    for as_of, at, status in (
        ("2026-03-03", MARCH, 400),
        ("2026-03-02", MARCH, 200),
        (MAY, APRIL, 400),
        (MAY, MAY, 200),
        ("2026-01-01", "2026-01-01T00:00:00+01:00", 200),
        ("2025-12-31", MAY, 400),
    ):
        answer = ask(tester, tester, "intermediaries/{}/", as_of, at)
        assert answer.status_code == status, (as_of, at, answer.text)


def test_a_certificate_pushed_in_march_is_in_the_covers_and_the_state_of_march(tester: Trial) -> None:
    number = tester.numbers[Outcome.DUE]
    headers = {"Idempotency-Key": "k", "Sandbox-Now": MARCH}
    path = f"/api/v1/intermediaries/{number}/covers/"
    answer = tester.post(path, DEPOSIT, content_type="application/json", headers=headers)
    assert answer.status_code == 201, answer.text
    before, after = ("2026-03-01T09:00:00+02:00", MARCH)
    found = [len(ask(tester, tester, "intermediaries/{}/covers/", at).json()["results"]) for at in (before, after)]
    assert found == [1, 2]
    states = [ask(tester, tester, "intermediaries/{}/state/", at).json() for at in (before, after)]
    assert [one["findings"][0]["state"] for one in states] == ["LAPSED", "AWAITING_REVIEW"]


def test_what_was_there_before_is_known_since_the_years_beginning_and_history_still_only_grows(
    tester: Trial,
) -> None:
    """The law's rows came with the migrations: fails without the UPDATE, or where its trigger stays off."""
    assert load_reference_at(FIRST).requirements
    with pytest.raises(ProgrammingError, match="history only grows"), transaction.atomic():
        Intermediary.history.rel.related_model.objects.update(town="Rien")  # type: ignore[attr-defined]
    # Once more, as after an update of the software: nothing that is dated is dated anew.
    write(tester, "Dinan", MARCH)
    prepare()
    assert ask(tester, tester, "intermediaries/{}/", "2026-03-01").json()["town"] == "Brest"


def test_no_setting_dates_the_history_of_the_register() -> None:
    """Fails where a migration brings the sandbox's triggers, or a history reads the setting."""
    date_by(FIRST)
    one: Any = IntermediaryFactory()
    with connection.cursor() as cursor:
        cursor.execute("SELECT now(), count(*) FROM pg_trigger WHERE tgname = 'dated_by_the_sandbox'")
        began, dated = cursor.fetchone()
    assert (one.history.get().pgh_created_at, dated) == (began, 0)
