"""A campaign that is moved, and reminders that follow it: previewed, decided, reversed, and no wave sent twice."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from registry import clock
from registry.actions import freeze_deadlines, revert_decision, shift_campaign
from registry.findings import stale_files
from registry.management.console import Failed, WrongUse
from registry.models import DeadlineDecision, Intermediary
from reminders.models import Notice, NoticeItem
from tests.factories import NOW, CoverFactory, RegistrationFactory, UserFactory
from tests.registry.register_files import snapshot
from tests.reminders.scenes import (
    DAY,
    RecordingTransport,
    approved_batch,
    clock_at,
    complete_file,
    due_file,
    person,
    planned_batch,
    release_batch,
    send,
)

TO_APRIL = {"due_on": date(2026, 4, 30), "tolerated_until": date(2026, 4, 30), "expires_on": date(2026, 4, 30)}


def shift(**dates: date) -> DeadlineDecision:
    return shift_campaign(
        by=person("registrar"), reason="tolérance", act_reference="CI-2026-D1", now=NOW, year=2026, dates=dates
    )


def mailed(now: datetime) -> list[str]:
    """Plan, approve, release and deliver on that day; to whom a message left."""
    batch = approved_batch(now=now)
    release_batch(batch_id=batch.pk, by=person("planner"), now=now)
    transport = RecordingTransport()
    send(transport, clock=clock_at(now))
    return transport.recipients


def waves(someone: Intermediary) -> list[str]:
    return sorted(NoticeItem.objects.filter(intermediary=someone, held=True).values_list("wave", flat=True))


@pytest.mark.django_db(transaction=True)
def test_i2_a_campaign_moved_and_moved_back_sends_every_wave_once() -> None:
    """Fails if a wave's identity were its deadline, or if the plan read the dates that the campaign started from."""
    someone = due_file()
    complete_file()
    assert len(mailed(NOW)) == 1
    assert waves(someone) == ["D-30"]
    # Moved to 30 April: the waves of February are not due any more, and D-30 of the new date has been had.
    moved = shift(**TO_APRIL)
    for day in (datetime(2026, 2, 13, 9, 30, tzinfo=NOW.tzinfo), datetime(2026, 4, 2, 9, 30, tzinfo=NOW.tzinfo)):
        with pytest.raises(AssertionError, match="nobody is due"):
            planned_batch(day.date(), now=day)
    assert len(mailed(datetime(2026, 4, 16, 9, 30, tzinfo=NOW.tzinfo))) == 1
    assert waves(someone) == ["D-15", "D-30"]
    # Moved back: what is late now is told once by its own wave, nothing that was had comes again.
    revert_decision(by=person("registrar"), reason="annulée", now=NOW, number=moved.pk)
    early = datetime(2026, 2, 16, 9, 30, tzinfo=NOW.tzinfo)
    with pytest.raises(AssertionError, match="nobody is due"):
        planned_batch(early.date(), now=early)
    assert Notice.objects.filter(state="ACCEPTED").count() == 2
    assert NoticeItem.objects.filter(held=True).count() == 2


@pytest.mark.django_db(transaction=True)
def test_i2_a_freeze_and_its_reversal_send_every_wave_once() -> None:
    someone = due_file()
    assert len(mailed(NOW)) == 1
    made = freeze_deadlines(
        by=person("registrar"), reason="panne", now=NOW, from_on=date(2026, 2, 10), until_on=date(2026, 2, 14)
    )
    # D-15 of 5 March begins on 18 February, not on the 13th.
    with pytest.raises(AssertionError, match="ALREADY_REMINDED"):
        planned_batch(date(2026, 2, 17), now=NOW.replace(month=2, day=17))
    assert len(mailed(NOW.replace(month=2, day=18))) == 1
    revert_decision(by=person("registrar"), reason="plus courte", now=NOW, number=made.pk)
    with pytest.raises(AssertionError, match="ALREADY_REMINDED"):
        planned_batch(date(2026, 2, 20), now=NOW.replace(month=2, day=20))
    assert waves(someone) == ["D-15", "D-30"]


# --- the commands -----------------------------------------------------------------------------------------

SHIFT = ("--date", "due_on=2026-03-31", "--date", "tolerated_until=2026-03-31", "--reason", "tolérance", "--act", "A1")
OUTAGE = ("--from", "2026-02-24", "--until", "2026-02-26", "--reason", "panne")


@pytest.fixture
def _staff(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for name, role in {"alice": "administrator", "odile": "registry_officer"}.items():
        UserFactory.create(username=name).groups.add(Group.objects.get(name=role))


@pytest.fixture
def register(_staff: None) -> list[Intermediary]:
    """Two COA due, one of them a CIF too; one complete; one whose cover ends in March; one too new."""
    people = [due_file("07000001"), due_file("07000002", categories=("COA", "CIF")), complete_file("07000003")]
    for number, registered_on, ends_on in (
        ("07000004", date(2015, 6, 5), date(2026, 3, 10)),
        ("07000005", date(2026, 1, 9), date(2026, 2, 28)),
    ):
        one = RegistrationFactory.create(intermediary__orias_number=number, registered_on=registered_on)
        CoverFactory.create(intermediary=one.intermediary, ends_on=ends_on)
        people.append(one.intermediary)
    return people


def run(command: str, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def answer(command: str, *arguments: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(command, *arguments, "--json"))
    return told


@pytest.mark.usefixtures("register")
def test_i5_a_preview_tells_whom_a_shift_affects_and_writes_nothing() -> None:
    """Fails without `set_rollback`, or without one of the conditions of `deadline_change`."""
    planned_batch(DAY)
    before = snapshot()
    told = answer("shift_campaign", 2026, *SHIFT, "--by", "alice")
    assert snapshot() == before
    assert (told["decision"], told["act"], told["applied"]) == (None, "SHIFT", False)
    assert told["campaigns"] == [
        {
            "year": 2026,
            "due_on": {"before": "2026-02-28", "after": "2026-03-31"},
            "tolerated_until": {"before": "2026-02-28", "after": "2026-03-31"},
        }
    ]
    assert told["affected"] == {"COA": 2}
    assert told["due"] == [{"before": "2026-02-28", "after": "2026-03-31", "registrations": 2, "people": 2}]
    assert [p["orias_number"] for p in told["people"]] == ["07000001", "07000002"]
    by_wave = {w["wave"]: (w["people"], w["already_reminded"]) for w in told["waves"]}
    # The CIF’s D-2, planned today, is that of the same term.
    assert by_wave == {"D-45": (2, 0), "D-30": (0, 2), "D-15": (2, 0), "D-7": (2, 0), "D-2": (1, 1), "D+1": (2, 0)}
    seven = next(w for w in told["waves"] if w["wave"] == "D-7")
    assert (seven["first_day_before"], seven["first_day_after"]) == ("2026-02-21", "2026-03-24")
    assert told["waiting_notices"] == 2
    assert told["published"] is None


@pytest.mark.usefixtures("register")
def test_what_was_previewed_is_what_is_signed_and_then_reverted(tmp_path: Path) -> None:
    preview = answer("shift_campaign", 2026, *SHIFT, "--by", "alice")
    assert preview["reminders_today"] == {"before": 3, "after": 2}
    signed = answer("shift_campaign", 2026, *SHIFT, "--by", "alice", "--apply", "--csv", tmp_path / "qui.csv")
    number = signed["decision"]
    assert signed == preview | {"decision": number, "applied": True}
    made = DeadlineDecision.objects.get(pk=number)
    assert (made.signed_by.get_username(), made.signed_at, made.reason, made.act_reference) == (
        "alice", NOW, "tolérance", "A1",
    )  # fmt: skip
    assert stale_files() == 0
    written = io.StringIO((tmp_path / "qui.csv").read_text(encoding="utf-8-sig"))
    rows = list(csv.DictReader(written, delimiter=";"))
    assert [(r["orias_number"], r["due_before"], r["due_after"]) for r in rows] == [
        ("07000001", "2026-02-28", "2026-03-31"), ("07000002", "2026-02-28", "2026-03-31"),
    ]  # fmt: skip
    back = answer("shift_campaign", "--revert", number, "--reason", "annulée", "--by", "alice", "--apply")
    assert (back["act"], back["affected"]) == ("REVERSAL", {"COA": 2})
    assert back["reminders_today"] == {"before": 2, "after": 3}
    assert DeadlineDecision.objects.count() == 2


@pytest.mark.usefixtures("register")
def test_a_freeze_moves_campaigns_and_covers_that_end_alone() -> None:
    preview = answer("freeze_deadlines", *OUTAGE, "--by", "alice")
    assert DeadlineDecision.objects.count() == 0
    assert [list(c) for c in preview["campaigns"]] == [["year", "due_on", "tolerated_until", "expires_on"]]
    assert {(d["before"], d["after"]) for d in preview["due"]} == {
        ("2026-02-28", "2026-03-03"), ("2026-03-10", "2026-03-13"),
    }  # fmt: skip
    # The CIF's day, 31 January, had passed.
    assert preview["affected"] == {"COA": 3}
    assert "de notre service du 24/02/2026 au 26/02/2026" in preview["published"]
    signed = answer("freeze_deadlines", *OUTAGE, "--by", "alice", "--apply")
    assert signed == preview | {"decision": signed["decision"], "applied": True}
    with pytest.raises(Failed, match="déjà en vigueur"):
        run("freeze_deadlines", *OUTAGE, "--by", "alice")


@pytest.mark.usefixtures("register")
def test_people_are_told_in_french() -> None:
    shown = " ".join(run("shift_campaign", 2026, *SHIFT, "--by", "alice").split())
    for said in (
        "Décalage de campagne : aperçu, rien n’est écrit. Pour signer : --apply",
        "Campagne 2026, échéance ordinaire : 2026-02-28 → 2026-03-31",
        "Inscriptions concernées : 2 COA.",
        "Relances à prévoir aujourd’hui : 3 avant, 2 après.",
    ):
        assert said in shown
    shown = " ".join(run("freeze_deadlines", *OUTAGE, "--by", "alice", "--apply").split())
    assert "Gel des délais : décision" in shown
    assert "À publier : En raison de" in shown


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (("shift_campaign", 2026, *SHIFT, "--by", "odile"), Failed, "n’a pas la permission"),
        (("shift_campaign", *SHIFT, "--by", "alice"), WrongUse, "Il manque YEAR"),
        (("shift_campaign", 2026, "--reason", "x", "--by", "alice"), WrongUse, "Il manque --date"),
        (("shift_campaign", 2026, *SHIFT[:-2], "--by", "alice"), WrongUse, "Il manque --act"),
        (("freeze_deadlines", "--reason", "x", "--by", "alice"), WrongUse, "Il manque --from et --until"),
        (("shift_campaign", "--revert", 9, "--reason", "x", "--by", "alice"), Failed, "Aucune décision 9"),
        (("shift_campaign", 2026, "--date", "due=1", "--reason", "x", "--by", "alice"), Exception, "NOM=JOUR"),
        (("shift_campaign", 2026, "--date", "due_on=soon", "--reason", "x", "--by", "alice"), Exception, "un jour"),
    ],
)
@pytest.mark.usefixtures("_staff")
def test_what_is_wrongly_asked_for_is_told(arguments: tuple[Any, ...], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        run(*arguments)


@pytest.mark.usefixtures("register")
def test_notices_of_a_live_batch_that_concern_them_are_counted() -> None:
    planned_batch(DAY)
    told = answer("shift_campaign", 2026, "--date", "due_on=2026-02-20", "--reason", "x", "--act", "A", "--by", "alice")
    assert told["waiting_notices"] == 2
