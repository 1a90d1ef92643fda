"""Incidents: declared with what they hold in one transaction, followed to their end, seen by plans."""

from __future__ import annotations

import io
import json
from argparse import ArgumentTypeError
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import DatabaseError, transaction

from hotline.actions.incidents import Declaration, declare_incident, update_incident
from hotline.desk import open_incidents
from hotline.errors import HotlineError
from hotline.management.arguments import hour
from hotline.models import Incident, IncidentUpdate
from hotline.rules.incidents import INCIDENT_TRANSITIONS, IncidentState
from registry import clock
from registry.management.console import Failed
from reminders.errors import ReminderError
from reminders.models import StopSwitch
from tests.factories import NOW, BatchFactory, IncidentFactory, UserFactory
from tests.reminders.scenes import due_file, planned_batch, released_batch

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(hours=1)
S = IncidentState


@pytest.fixture
def lea(monkeypatch: pytest.MonkeyPatch) -> User:
    """The lead, at NOW."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    user: User = UserFactory(username="lea")
    user.groups.add(Group.objects.get(name="hotline_lead"))
    return user


def said(
    message: str = "Des relances sont parties à tort.", at: datetime | None = SOON, cause: str = ""
) -> Declaration:
    return Declaration(message=message, next_update_at=at, cause=cause)


def run(command: str, *arguments: Any) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def stopped() -> bool:
    return StopSwitch.objects.filter(stopped=True).exists()


def test_declaring_one_holds_its_batch_and_all_sending_at_once(lea: User) -> None:
    batch = released_batch(2, release_steps=(1,))
    incident = declare_incident(declaration=said(), by=lea, now=NOW, batch_id=batch.pk, pause=True, stop=True)
    batch.refresh_from_db()
    assert (batch.state, incident.batch_paused, incident.sending_stopped, stopped()) == ("PAUSED", True, True, True)
    assert "incident" in batch.pause_detail


def test_what_cannot_be_declared_stops_nothing(lea: User) -> None:
    """Fails where pausing and stopping are transactions of their own: the row, which is refused, comes last."""
    batch = released_batch(1)
    with pytest.raises(DatabaseError):
        declare_incident(declaration=said(cause="\0"), by=lea, now=NOW, batch_id=batch.pk, pause=True, stop=True)
    batch.refresh_from_db()
    assert (batch.state, stopped(), Incident.objects.count()) == ("RELEASING", False, 0)


def test_a_batch_that_sends_nothing_is_left_as_it_is(lea: User) -> None:
    incident = declare_incident(declaration=said(), by=lea, now=NOW, batch_id=BatchFactory().pk, pause=True)
    assert (incident.batch_paused, incident.batch.state) == (False, "DRAFT")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("declaration", "more", "error"),
    [
        (said(message=" "), {}, HotlineError),
        (said(at=NOW), {}, HotlineError),
        (said(at=None), {}, HotlineError),
        (said(), {"pause": True}, HotlineError),
        (said(), {"batch_id": 404}, ReminderError),
    ],
)
def test_what_is_not_whole_is_refused(
    declaration: Declaration, more: dict[str, Any], error: type[Exception], lea: User
) -> None:
    with pytest.raises(error):
        declare_incident(declaration=declaration, by=lea, now=NOW, **more)


def test_each_word_is_kept_and_the_last_one_ends_it(lea: User) -> None:
    pk = declare_incident(declaration=said(), by=lea, now=NOW, stop=True).pk

    def say(state: S, **words: Any) -> Incident:
        return update_incident(incident_id=pk, state=state, declaration=said(**words), by=lea, now=NOW)

    with pytest.raises(HotlineError, match="cause"):
        say(S.IDENTIFIED)
    with pytest.raises(HotlineError, match="prochaine"):
        say(S.INVESTIGATING, at=None)
    assert say(S.IDENTIFIED, cause="règle D-2").cause == "règle D-2"
    assert say(S.IDENTIFIED, message="Toujours.").cause == "règle D-2"
    done = say(S.RESOLVED, at=None)
    assert (done.resolved_at, done.next_update_at, stopped()) == (NOW, None, True)
    with pytest.raises(HotlineError, match="autre incident"):
        say(S.INVESTIGATING)
    words = IncidentUpdate.objects.order_by("id").values_list("state", flat=True)
    assert list(words) == ["INVESTIGATING", "IDENTIFIED", "IDENTIFIED", "RESOLVED"]


def test_one_that_there_is_not_is_told(lea: User) -> None:
    with pytest.raises(HotlineError, match="404"):
        update_incident(incident_id=404, state=S.RESOLVED, declaration=said(), by=lea, now=NOW)


def test_a_plan_made_meanwhile_says_so_and_goes_green_again(lea: User) -> None:
    """Fails where the app does not tell the engine of its incidents (hotline.apps)."""
    due_file()
    over = IncidentFactory(over=True)
    assert over not in open_incidents()
    incident = IncidentFactory()
    batch = planned_batch()
    brake = next(b for b in batch.brakes if b["code"] == "OPEN_INCIDENT")
    assert brake["level"] == "AMBER"
    assert f"incident {incident.pk}" in brake["message"]


# --- what the database refuses ---


WRONG_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("incident_state_is_known", {"state": "PERHAPS"}),
    ("incident_says_something", {"message": ""}),
    ("incident_names_its_cause", {"state": "MONITORING"}),
    ("incident_says_when_next", {"next_update_at": None}),
    ("incident_says_when_next", {"next_update_at": NOW}),
    ("incident_says_when_next", {"over": True, "resolved_at": None}),
    ("incident_paused_a_batch", {"batch_paused": True}),
]


@pytest.mark.parametrize(("constraint", "values"), WRONG_ROWS)
def test_a_row_that_cannot_be_is_refused(constraint: str, values: dict[str, Any]) -> None:
    """Fails without the constraint named."""
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        IncidentFactory(**values)


@pytest.mark.parametrize(("current", "wanted"), list(product(S, S)))
def test_the_database_lets_the_moves_of_the_table_through_and_no_other(current: S, wanted: S) -> None:
    """Fails without incident_state_follows; an incident that is over is not even told the same again, without
    incident_that_is_over_stays."""
    values = {"over": True} if current is S.RESOLVED else {"state": current.value, "cause": "règle"}
    rows = Incident.objects.filter(pk=IncidentFactory(**values).pk)
    change: dict[str, Any] = {"state": wanted.value}
    if wanted is S.RESOLVED:
        change |= {"next_update_at": None, "resolved_at": NOW}
    if wanted in INCIDENT_TRANSITIONS[current] or (current is wanted and current is not S.RESOLVED):
        assert rows.update(**change) == 1
        return
    refusal = "over and stays" if current is wanted else "Invalid transition"
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        rows.update(**change)


def test_what_was_said_stays(lea: User) -> None:
    """Fails without incident_as_declared_stays, incident_is_kept and incidentupdate_is_kept."""
    incident = declare_incident(declaration=said(), by=lea, now=NOW)
    for act in (
        lambda: Incident.objects.update(sending_stopped=True),
        lambda: Incident.objects.filter(pk=incident.pk)._raw_delete("default"),
        lambda: IncidentUpdate.objects.update(message="rien"),
        lambda: IncidentUpdate.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="stays|Cannot"), transaction.atomic():
            act()


# --- commands ---


def test_from_the_declaration_to_the_end_at_a_terminal(lea: User, capsys: pytest.CaptureFixture[str]) -> None:
    batch = released_batch(1)
    words = ("Relances à tort.", "--next-update", "11:30", "--by", "lea")
    shown = run("declare_incident", *words, "--batch", batch.pk, "--pause", "--stop")
    assert f"Lot {batch.pk} en pause" in shown
    assert "Envois arrêtés" in shown
    pk = Incident.objects.get().pk
    assert "n’envoyait rien" in run("declare_incident", *words, "--batch", batch.pk, "--pause")
    later = ("--next-update", "2026-01-29T14:00", "--by", "lea")
    told = json.loads(
        run("update_incident", pk, "Trouvée.", "--state", "identified", "--cause", "D-2", *later, "--json")
    )
    assert (told["state"], told["cause"]) == ("IDENTIFIED", "D-2")
    run("incidents")
    assert "29/01 14:00" in capsys.readouterr().out
    assert "Terminé" in run("resolve_incident", pk, "Corrigé.", "--by", "lea")
    assert len(json.loads(run("incidents", "--json"))["incidents"]) == 1
    assert len(json.loads(run("incidents", "--all", "--json"))["incidents"]) == 2


def test_a_word_that_was_promised_and_did_not_come_is_told(lea: User, capsys: pytest.CaptureFixture[str]) -> None:
    run("incidents")
    assert "Aucun incident" in capsys.readouterr().out
    IncidentFactory(
        declared_at=NOW - timedelta(hours=3),
        updated_at=NOW - timedelta(hours=3),
        next_update_at=NOW - timedelta(hours=1),
    )
    assert json.loads(run("incidents", "--json"))["incidents"][0]["overdue"]
    run("incidents")
    assert "EN RETARD" in capsys.readouterr().out


def test_an_agent_declares_none(lea: User) -> None:
    UserFactory(username="hugo").groups.add(Group.objects.get(name="hotline_agent"))
    with pytest.raises(Failed, match=r"hotline\.add_incident.*hotline_lead"):
        run("declare_incident", "x", "--next-update", "11:30", "--by", "hugo")


@pytest.mark.parametrize("text", ["24:00", "demain", "1999-01-01T10:00"])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        hour(text)
