"""batches/ : from the preview to the recall, with the same rules and words as the commands."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from registry import clock
from registry.findings import refresh_findings
from reminders.models import Batch, BatchHistory, SenderIdentity, StopSwitch  # type: ignore[attr-defined]
from reminders.rules.states import BatchState
from tests.api.callers import Keyed, staff_in
from tests.factories import NOW, AlarmFactory
from tests.reminders.scenes import DAY, complete_file, due_file, released_batch, send, states

pytestmark = pytest.mark.django_db
BATCHES = "/api/v1/batches/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def alice() -> Keyed:
    return Keyed(staff_in("registry_officer", "alice"), "staff:*")


@pytest.fixture
def bruno() -> Keyed:
    return Keyed(staff_in("approver", "bruno"), "staff:read", "staff:batches")


def planned(alice: Keyed) -> dict[str, Any]:
    for _ in range(3):
        due_file()
    complete_file()
    refresh_findings(as_of=DAY)
    answer = alice.act("post", BATCHES, {})
    assert answer.status_code == 201, answer.text
    report: dict[str, Any] = answer.json()
    return report


def act(program: Keyed, report: dict[str, Any], name: str, body: Any = None) -> Any:
    return program.act("post", f"{BATCHES}{report['batch']}/{name}/", body)


def refused(answer: Any) -> str:
    assert (answer.status_code, answer.json()["code"]) == (409, "reminders_refuse"), answer.text
    reason: str = answer.json()["reason"]
    return reason


def test_a_batch_goes_from_the_preview_to_its_end(alice: Keyed, bruno: Keyed) -> None:
    report = planned(alice)
    assert (report["planned"], report["created"], report["state"]) == (3, True, "DRAFT")
    approval = {"hash": report["hash"], "count": 3}
    assert act(alice, report, "approve", approval).json()["code"] == "permission_denied"
    assert act(bruno, report, "approve", approval).json()["state"] == "APPROVED"
    assert act(alice, report, "release").json()["state"] == "RELEASING"
    assert act(alice, report, "pause", {"reason": "un doute"}).json()["state"] == "PAUSED"
    assert act(alice, report, "resume").json()["state"] == "RELEASING"
    assert act(alice, report, "cancel").json()["state"] == "CANCELLED"
    assert Batch.objects.get(pk=report["batch"]).approved_by == bruno.key.holder


def test_i6_who_planned_does_not_approve() -> None:
    admin = Keyed(staff_in("administrator"), "staff:*")
    report = planned(admin)
    told = refused(act(admin, report, "approve", {"hash": report["hash"], "count": 3}))
    assert "une autre personne doit l’approuver" in told


@pytest.mark.parametrize(("change", "told"), [({"hash": "0" * 64}, "L’empreinte donnée"), ({"count": 4}, "et non 4")])
def test_i6_only_this_list_is_approved(alice: Keyed, bruno: Keyed, change: dict[str, Any], told: str) -> None:
    report = planned(alice)
    assert told in refused(act(bruno, report, "approve", {"hash": report["hash"], "count": 3} | change))


def test_planning_again_finds_the_same_batch(alice: Keyed) -> None:
    first = planned(alice)
    again = alice.act("post", BATCHES, {}).json()
    assert (again["batch"], again["created"]) == (first["batch"], False)


def test_nobody_due_is_told(alice: Keyed) -> None:
    complete_file()
    refresh_findings(as_of=DAY)
    assert alice.act("post", BATCHES, {}).json()["batch"] is None


def test_a_wave_that_there_is_not_is_no_request(alice: Keyed) -> None:
    answer = alice.act("post", BATCHES, {"wave": "D-99"})
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_request")
    assert "Vague inconnue" in answer.json()["reason"]


@pytest.mark.parametrize("body", [{"as_of": "1999-12-31"}, {"as_of": "hier"}, {"wave": "x" * 9}, {"waves": "D-7"}])
def test_what_cannot_be_planned_is_pointed_at(alice: Keyed, body: dict[str, str]) -> None:
    answer = alice.act("post", BATCHES, body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"#/{next(iter(body))}")


def test_a_batch_is_shown_as_the_command_shows_it(alice: Keyed) -> None:
    """One account for a terminal and for HTTP: fails where one has a key that the other lacks."""
    report = planned(alice)
    out = StringIO()
    call_command("show_batch", str(report["batch"]), "--json", stdout=out)
    assert alice.get(f"{BATCHES}{report['batch']}/").json() == json.loads(out.getvalue())
    told = alice.get(f"{BATCHES}{report['batch']}/", {"fields": "hash,planned"}).json()
    assert told == {"hash": report["hash"], "planned": 3}


def test_a_row_of_the_list_is_part_of_the_account_under_the_same_names(alice: Keyed, bruno: Keyed) -> None:
    """Fails where the list, or the answer of an act, tells a batch in another shape than its account."""
    made = planned(alice)
    address = f"{BATCHES}{made['batch']}/"
    acted = act(bruno, made, "approve", {"hash": made["hash"], "count": 3}).json()
    [row] = alice.get(BATCHES).json()["results"]
    assert row == acted
    account = alice.get(address).json()
    assert row.items() < account.items()
    assert set(row) < set(made)
    act(alice, made, "cancel")
    [row] = alice.get(BATCHES).json()["results"]
    assert row["ended_at"] is not None
    assert row.items() < alice.get(address).json().items()


def test_the_description_says_the_same_of_a_row_and_of_the_account(client: Any) -> None:
    shapes = client.get("/api/v1/schema/?format=json").json()["components"]["schemas"]
    row, account = shapes["Batch"]["properties"], shapes["BatchReport"]["properties"]
    assert set(row) < set(account)
    types = [{name: shape.get("$ref") or shape.get("type") for name, shape in one.items()} for one in (row, account)]
    differ = {name: (types[0][name], types[1][name]) for name in row if types[0][name] != types[1][name]}
    # An account may be of nobody due, and then names no batch and no state.
    assert set(differ) <= {"batch", "state", "state_label"}


def test_an_account_is_labelled_in_the_caller_s_language(alice: Keyed) -> None:
    """Fails without `report_told`: the commands' own labels are French."""
    report = planned(alice)
    address = f"{BATCHES}{report['batch']}/"
    act(alice, report, "cancel")
    told = alice.get(address, headers={"accept-language": "en"}).json()
    assert (told["kind_label"], told["state_label"]) == ("reminder", BatchState.CANCELLED.label_en)
    assert told["pause_reason_label"] == ""
    assert (report["kind_label"], report["state_label"]) == ("relance", BatchState.DRAFT.label)


def test_an_alarm_of_an_account_is_told_with_our_offset(alice: Keyed) -> None:
    """Fails where `watch_report` tells its instants as the database gives them."""
    alarm = AlarmFactory(closed=True)
    [told] = alice.get(f"{BATCHES}{alarm.batch_id}/").json()["alarms"]
    assert (told["raised_at"], told["closed_at"]) == ("2026-01-29T10:30:00+01:00", "2026-01-29T10:30:00+01:00")


def test_its_notices_come_in_their_order_in_pages(alice: Keyed) -> None:
    report = planned(alice)
    first = alice.get(f"{BATCHES}{report['batch']}/notices/", {"limit": 2}).json()
    second = alice.get(first["next"]).json()
    assert [n["rank"] for n in first["results"] + second["results"]] == [1, 2, 3]
    assert second["next"] is None


def test_the_list_tells_what_has_changed_since(alice: Keyed) -> None:
    report = planned(alice)
    assert [b["batch"] for b in alice.get(BATCHES).json()["results"]] == [report["batch"]]
    latest = BatchHistory.objects.order_by("-pgh_created_at").values_list("pgh_created_at", flat=True)[0]
    for since, found in ((latest, 1), (latest + timedelta(seconds=1), 0)):
        assert len(alice.get(BATCHES, {"updated_since": since.isoformat()}).json()["results"]) == found


@pytest.mark.django_db(transaction=True)
def test_a_batch_gone_wrong_is_recalled(alice: Keyed) -> None:
    batch = released_batch(2)
    report = {"batch": batch.pk}
    assert "pause_batch" in refused(act(alice, report, "recall"))
    send(batch=batch)
    assert states(batch) == {"ACCEPTED": 2}
    answer = act(alice, report, "recall", {"reason": "à tort"})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["kind"], told["planned"], told["reason"], told["created"]) == ("RECALL", 2, "à tort", True)
    assert act(alice, report, "recall").json()["created"] is False


@pytest.mark.parametrize("name", ["approve", "release", "pause", "resume", "cancel", "recall"])
def test_a_batch_that_there_is_not_is_not_found(name: str) -> None:
    admin = Keyed(staff_in("administrator"), "staff:*")
    for number in (999_999, 10**30):
        answer = admin.act("post", f"{BATCHES}{number}/{name}/", {})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_act_out_of_turn_is_refused_in_the_engine_s_words(alice: Keyed) -> None:
    report = planned(alice)
    assert "n’est pas approuvé" in refused(act(alice, report, "release"))
    assert "n’est qu’un projet" in refused(act(alice, report, "pause"))


# --- the switch ----------------------------------------------------------------------------------------------


def test_i7_the_switch_is_turned_by_http(alice: Keyed) -> None:
    answer = alice.act("put", "/api/v1/sending/", {"stopped": True, "reason": "des dossiers complets"})
    assert (answer.status_code, answer.json()["changed_by"]) == (200, "alice")
    assert StopSwitch.objects.get().stopped
    assert alice.get("/api/v1/sending/").json()["sending_off"] == "des dossiers complets"
    for loose in ("no", "off", "0", 0, 0.0, "false", None):
        assert alice.act("put", "/api/v1/sending/", {"stopped": loose}).status_code == 400, loose
    assert alice.act("put", "/api/v1/sending/", {"stopped": False, "reason": "zz"}).status_code == 400
    assert StopSwitch.objects.get().stopped
    assert alice.act("put", "/api/v1/sending/", {"stopped": False}).json()["stopped"] is False


def test_a_stop_says_why(alice: Keyed) -> None:
    answer = alice.act("put", "/api/v1/sending/", {"stopped": True, "reason": " "})
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_request")


def test_i13_a_copied_database_is_not_opened_over_the_network(alice: Keyed) -> None:
    """Fails without `_require_armed`."""
    SenderIdentity.objects.update(database_oid=1)
    assert "Sur la machine qui envoie" in refused(alice.act("put", "/api/v1/sending/", {"stopped": False}))


# --- who calls -----------------------------------------------------------------------------------------------


def test_a_caller_is_known_by_what_was_said(alice: Keyed) -> None:
    one = due_file("07001003", email="durand@example.org")
    for said, shape in (
        ("07001003", "NUMBER"),
        ("DURAND@example.org", "EMAIL"),
        (one.name, "NAME"),
        ("x", "TOO_SHORT"),
    ):
        told = alice.get("/api/v1/hotline/lookup/", {"q": said}).json()
        assert told["shape"] == shape
        assert [card["orias_number"] for card in told["results"]] == ([] if shape == "TOO_SHORT" else ["07001003"])


@pytest.mark.parametrize(("scope", "status"), [("staff:hotline", 200), ("staff:read", 200), ("staff:batches", 403)])
def test_the_telephone_systems_own_key_looks_callers_up_too(scope: str, status: int) -> None:
    """Fails without `other`: a key for the hotline could tell that it rings, and not ask who."""
    due_file("07001003")
    desk = Keyed(staff_in("hotline_agent"), scope)
    assert desk.get("/api/v1/hotline/lookup/", {"q": "07001003"}).status_code == status


def test_at_most_five_are_shown(alice: Keyed) -> None:
    for _ in range(6):
        due_file()
    told = alice.get("/api/v1/hotline/lookup/", {"q": "cabinet"}).json()
    assert (len(told["results"]), told["more"]) == (5, True)
    assert told["results"][0]["orias_number"] < told["results"][1]["orias_number"]


def test_a_lookup_costs_the_key_and_one_statement_that_finds_and_keeps(
    alice: Keyed, django_assert_num_queries: Any
) -> None:
    due_file("07001003")
    alice.get("/api/v1/me/")
    with django_assert_num_queries(2):
        alice.get("/api/v1/hotline/lookup/", {"q": "07001003"})


def test_what_else_is_asked_never_counts_against_a_lookup(alice: Keyed) -> None:
    alice.get("/api/v1/me/")
    answer = alice.get("/api/v1/hotline/lookup/", {"q": "07001003"})
    assert answer.headers["RateLimit"].startswith('"lookup";r=119')
