"""intermediaries/{orias_number}/covers/ : deposited, withdrawn, reviewed by HTTP, by the register's own actions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from registry import clock
from registry.models import Cover, CoverHistory, Intermediary  # type: ignore[attr-defined]
from tests.api.callers import Keyed, holder_of, staff_in
from tests.api.test_idempotency import DEPOSIT
from tests.factories import NOW, CoverFactory, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
COVERS = "/api/v1/intermediaries/08000101/covers/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def mine() -> Intermediary:
    one = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000101")).intermediary
    CoverFactory(intermediary=one)
    return one


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


@pytest.fixture
def officer(mine: Intermediary) -> Keyed:
    return Keyed(staff_in("registry_officer"), "staff:*")


def deposited(program: Keyed, **change: Any) -> dict[str, Any]:
    answer = program.act("post", COVERS, DEPOSIT | change)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"http://testserver{COVERS}{made['id']}/"
    return made


def state(program: Keyed) -> str:
    told: str = program.get("/api/v1/intermediaries/08000101/state/").json()["state"]
    return told


def test_a_program_keeps_its_file_in_order_without_a_person(program: Keyed, officer: Keyed) -> None:
    assert state(program) == "TO_COMPLETE"
    made = deposited(program)
    assert (made["status"], made["channel"], made["deposited_on"]) == ("DEPOSITED", "API", "2026-01-29")
    assert state(program) == "UNDER_REVIEW"
    assert officer.act("post", f"{COVERS}{made['id']}/accept/").json()["status"] == "ACCEPTED"
    assert state(program) == "IN_ORDER"


def test_i12_the_day_of_deposit_is_the_day_in_paris(program: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 2, 28, 22, 59, tzinfo=UTC))
    assert deposited(program)["deposited_on"] == "2026-02-28"


def test_i12_staff_enter_the_day_on_which_a_paper_came_and_nobody_dates_an_own_deposit(
    program: Keyed, officer: Keyed
) -> None:
    """Fails without `_received_on`."""
    made = deposited(officer, deposited_on="2026-01-12")
    assert (made["deposited_on"], made["channel"]) == ("2026-01-12", "PAPER")
    for caller, day in ((program, "2026-01-12"), (officer, "2026-01-30")):
        answer = caller.act("post", COVERS, DEPOSIT | {"deposited_on": day})
        assert answer.json()["errors"][0]["code"] == "not_yours_to_date"
    assert Cover.objects.count() == 2


def test_who_deposited_takes_it_back_while_it_waits(program: Keyed) -> None:
    made = deposited(program)
    address = f"{COVERS}{made['id']}/"
    assert program.act("post", f"{address}withdraw/").json()["status"] == "WITHDRAWN"
    again = program.act("post", f"{address}withdraw/")
    assert (again.status_code, again.json()["code"]) == (409, "register_refuses")
    assert "n’attend plus de contrôle" in again.json()["reason"]
    assert program.get(address).json()["status"] == "WITHDRAWN"


def test_a_refusal_says_why_and_the_history_keeps_it(program: Keyed, officer: Keyed) -> None:
    made = deposited(program)
    address = f"{COVERS}{made['id']}/refuse/"
    assert officer.act("post", address).json()["errors"][0]["pointer"] == "#/reason"
    assert officer.act("post", address, {"reason": "page illisible"}).json()["status"] == "REFUSED"
    last = CoverHistory.objects.filter(pgh_obj=made["id"]).order_by("-pgh_id").select_related("pgh_context").first()
    assert "page illisible" in last.pgh_context.metadata["why"]
    assert last.pgh_context.metadata["user"] == officer.key.holder_id


@pytest.mark.parametrize("act", ["", "withdraw/", "accept/", "refuse/"])
def test_i14_a_certificate_of_another_file_is_absent_from_this_one(officer: Keyed, act: str) -> None:
    """Fails without the file in the query of `OneCoverView`."""
    foreign = CoverFactory().pk
    for number in (foreign, 10**17):
        address = f"{COVERS}{number}/{act}"
        answer = officer.act("post", address, {"reason": "x"}) if act else officer.get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_list_tells_what_has_changed_since(program: Keyed) -> None:
    made = deposited(program)
    assert len(program.get(COVERS).json()["results"]) == 2
    first = CoverHistory.objects.filter(pgh_obj=made["id"]).earliest("pgh_created_at").pgh_created_at
    changed = program.get(COVERS, {"updated_since": first.isoformat(), "fields": "id,status"}).json()["results"]
    assert changed[0] == {"id": made["id"], "status": "DEPOSITED"}
    later = (first + timedelta(days=1)).isoformat()
    assert program.get(COVERS, {"updated_since": later}).json()["results"] == []


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"ends_on": "2026-02-28"}, "#/ends_on", "ends_before_it_starts"),
        ({"starts_on": "1899-12-31"}, "#/starts_on", "too_early"),
        ({"starts_on": "2026-02-30"}, "#/starts_on", "invalid"),
        ({"kind": "AUTO"}, "#/kind", "invalid_choice"),
        ({"categories": []}, "#/categories", "min_length"),
        ({"categories": ["COA", "XXX"]}, "#/categories/1", "invalid_choice"),
        ({"amount_cents": -1}, "#/amount_cents", "min_value"),
        ({"amount_cents": 10**20}, "#/amount_cents", "max_value"),
        ({"issuer": ""}, "#/issuer", "blank"),
        ({"issuer": "x" * 121}, "#/issuer", "max_length"),
        ({"status": "ACCEPTED"}, "#/status", "unknown_field"),
    ],
)
def test_what_cannot_be_deposited_is_pointed_at(
    program: Keyed, change: dict[str, Any], pointer: str, code: str
) -> None:
    answer = program.act("post", COVERS, DEPOSIT | change)
    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    assert Cover.objects.count() == 1


def test_a_list_costs_three_queries(program: Keyed, django_assert_num_queries: Any) -> None:
    program.get(COVERS)
    with django_assert_num_queries(3):
        program.get(COVERS)


def test_last_day_of_all(program: Keyed) -> None:
    assert deposited(program, ends_on=date.max.isoformat())["ends_on"] == "9999-12-31"
