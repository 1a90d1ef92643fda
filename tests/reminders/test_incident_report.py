"""The report on a batch that went wrong: what left, when, by whom, what came back, what was corrected."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction

from registry.actions import change_contact
from reminders.errors import ReminderError
from reminders.models import Batch, IncidentNote, Notice
from reminders.models.batch import PauseReason
from reminders.models.settlement import Decision
from reminders.planning.approval import cancel_batch, hold_batch
from reminders.planning.incident import EVENTS, add_note, incident_report
from reminders.planning.preview import find_batch
from reminders.planning.settling import settle
from reminders.planning.switch import resume_sending, stop_sending
from reminders.rules.states import NoticeState
from tests.factories import NOW, BatchFactory, NoticeFactory
from tests.reminders.recalling import corrected, recalled, sent_wrongly
from tests.reminders.returned import came_back
from tests.reminders.scenes import (
    ACCEPTED,
    DAY,
    LOST_AFTER_DOT,
    NO_SUCH_USER,
    RecordingTransport,
    clock_at,
    due_file,
    person,
    planned_batch,
    released_batch,
    renew,
    send,
)
from tests.reminders.scenes import LATER as GREYLISTED

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(hours=2)


def report(batch: Batch) -> dict[str, Any]:
    return incident_report(find_batch(batch.pk), now=LATER)


def printed(batch: Batch, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("incident_report", str(batch.pk))
    return capsys.readouterr().out


@pytest.fixture
def gone_wrong() -> tuple[Batch, dict[str, Notice]]:
    """Four mails: one arrived, one came back, one was refused, one may have left."""
    due_file(categories=("COA", "CIF"))
    for _ in range(3):
        due_file()
    batch = released_batch(release_steps=(2,))
    stop_sending(reason="des dossiers complets sont relancés", by=person("odile"), now=NOW)
    resume_sending(by=person("odile"), now=NOW)
    hold_batch(batch_id=batch.pk, reason=PauseReason.SMTP_DOWN, detail="421 plus tard")
    Batch.objects.filter(pk=batch.pk).update(state="RELEASING", pause_reason="", ceiling=4)
    send(RecordingTransport(replies=[ACCEPTED, ACCEPTED, NO_SUCH_USER, LOST_AFTER_DOT]))
    names = ("arrived", "returned", "refused", "uncertain")
    notices = dict(zip(names, Notice.objects.select_related("intermediary").order_by("rank"), strict=True))
    came_back(notices["returned"])
    came_back(notices["arrived"], "postfix_delivered")
    came_back(notices["arrived"], "complaint_arf")
    return batch, notices


Wrong = tuple[Batch, dict[str, Notice]]


def numbers(rows: list[dict[str, Any]]) -> list[int]:
    return [row["notice"] for row in rows]


def test_i8_everything_is_counted_by_state_category_and_what_came_back(gone_wrong: Wrong) -> None:
    batch, _ = gone_wrong
    told = report(batch)
    assert {s: n for s, n in told["counts"].items() if n} == {"ACCEPTED": 2, "REFUSED": 1, "UNCERTAIN": 1}
    assert sum(told["counts"].values()) == told["planned"] == 4
    assert {c: sum(counts.values()) for c, counts in told["by_category"].items()} == {"CIF": 1, "COA": 4}
    assert told["bounces_by_kind"] == {"COMPLAINT": 1, "DELIVERED": 1, "HARD_ADDRESS": 1}


def test_what_was_withdrawn_at_the_moment_of_sending_is_counted_by_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Fails without the reasons in `_COUNTS`: a list withdrawn whole said « 3 écartés », and not why."""
    complete, moved, _ = (due_file() for _ in range(3))
    batch = released_batch()
    renew(complete)
    change_contact(intermediary=moved, email="neu@example.org", by=None, why="essai", day=DAY)
    send()
    told = report(batch)
    assert (told["skipped"], told["counts"]["ACCEPTED"]) == ({"COMPLETE": 1, "FACTS_CHANGED": 1}, 1)
    said = "Écartés au moment de l’envoi\u00a0: dossier complet (1), dossier modifié depuis la préparation du lot (1)"
    assert said in printed(batch, capsys)


def test_what_was_given_up_as_too_late_says_the_last_reply_and_until_when_it_was_of_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Fails without `tried_in_vain`: « 2 trop tard », and no more."""
    batch = released_batch(2)
    last = Notice.objects.values_list("not_after", flat=True)[0]
    clock = clock_at(last - timedelta(minutes=2))
    send(RecordingTransport([GREYLISTED], before=lambda _: clock.forward(timedelta(minutes=3))), clock=clock)
    told = report(batch)
    (late,) = told["expired"]
    assert (late["code"], late["reply"], late["not_after"]) == (451, GREYLISTED.text, "2026-02-12T23:59:59+01:00")
    assert (told["counts"]["EXPIRED"], told["expired_untried"]) == (2, 1)
    said = printed(batch, capsys)
    assert "utile jusqu’au 12/02/2026 23:59:59" in said
    assert "1 relance sans tentative avant le dernier instant utile" in said


def test_what_was_refused_came_back_or_is_uncertain_is_listed_with_the_words_that_were_said(gone_wrong: Wrong) -> None:
    batch, notices = gone_wrong
    told = report(batch)
    (refused,), (uncertain,), (bounced,) = told["refused"], told["uncertain"], told["bounced"]
    assert (refused["notice"], refused["verdict"], refused["code"]) == (
        notices["refused"].pk, "REFUSED_ADDRESS", 550,
    )  # fmt: skip
    assert (uncertain["notice"], uncertain["settlement"]) == (notices["uncertain"].pk, None)
    assert (bounced["notice"], bounced["kind"], bounced["status"]) == (notices["returned"].pk, "HARD_ADDRESS", "5.1.1")
    assert bounced["orias_number"] == notices["returned"].intermediary.orias_number
    assert numbers(told["complaints"]) == [notices["arrived"].pk]


def test_what_happened_is_told_in_order_with_who_and_why(gone_wrong: Wrong) -> None:
    batch, _ = gone_wrong
    timeline = report(batch)["timeline"]
    events = [(e["what"], e["who"], e["why"]) for e in timeline]
    for expected in (
        ("PLANNED", "planner", ""),
        ("APPROVED", "approver", ""),
        ("RELEASED", "planner", ""),
        ("STOPPED", "odile", "des dossiers complets sont relancés"),
        ("OPENED", "odile", ""),
        ("PAUSED", "", "serveur de messagerie indisponible\u00a0: 421 plus tard"),
        ("RESUMED", "", ""),
        ("FIRST_MAIL", "", ""),
        ("LAST_MAIL", "", ""),
        ("STEP", "", "2 → 4"),
    ):
        assert expected in events, events
    instants = [datetime.fromisoformat(e["at"]) for e in timeline]
    assert instants == sorted(instants)
    acts = [what for what, *_ in events]
    assert acts.index("PLANNED") < acts.index("APPROVED") < acts.index("RELEASED") < acts.index("STOPPED")


def test_every_instant_is_told_in_the_time_of_paris_in_one_form(gone_wrong: Wrong) -> None:
    """Fails without `local`: those of batches were UTC, to the second or to the microsecond, beside others."""
    batch, notices = gone_wrong
    add_note(batch=batch, text="cause", by=person("odile"), now=NOW)
    settle(
        notice_id=notices["uncertain"].pk, decision=Decision.AS_SENT, reason="vu", by=person("odile"), now=LATER
    )  # fmt: skip
    instants = re.findall(r"\d{4}-\d\d-\d\dT[^\"]+", json.dumps(report(batch)))
    assert len(instants) > 10
    assert [at for at in instants if not re.fullmatch(r"[^.]{19}\+0[12]:00", at)] == []


def test_the_printed_report_counts_as_french_does(gone_wrong: Wrong, capsys: pytest.CaptureFixture[str]) -> None:
    batch, _ = gone_wrong
    said = printed(batch, capsys)
    assert "Relances\u00a0: 2 acceptées par le serveur, 1 incertaine, 1 refusée par le serveur" in said
    assert "Remis dans la boîte (1)" in said


def test_a_stop_before_the_batch_or_after_its_end_is_not_its_own() -> None:
    """Fails without the bounds of `_stops`."""
    stop_sending(reason="avant", by=person("odile"), now=NOW - timedelta(days=1))
    resume_sending(by=person("odile"), now=NOW - timedelta(days=1))
    batch = released_batch(1)
    send(RecordingTransport())
    stop_sending(reason="après", by=person("odile"), now=NOW + timedelta(days=1))
    assert not {"STOPPED", "OPENED"} & {e["what"] for e in report(batch)["timeline"]}
    draft = BatchFactory.create()
    assert [e["what"] for e in report(draft)["timeline"]] == ["PLANNED"]


def test_what_was_corrected_since_is_told(gone_wrong: Wrong) -> None:
    batch, notices = gone_wrong
    assert report(batch)["corrected"] == []
    settle(
        notice_id=notices["uncertain"].pk, decision=Decision.SEND_AGAIN, reason="vu au journal", by=person("odile"),
        now=LATER,
    )  # fmt: skip
    for name in ("returned", "refused", "arrived"):
        change_contact(
            intermediary=notices[name].intermediary, email=f"{name}@nouveau.example", by=None, why="appel", day=DAY
        )
    told = report(batch)
    assert [(row["notice"], row["what"], row["by"]) for row in told["corrected"]] == [
        (notices["uncertain"].pk, "SEND_AGAIN", "odile"),
        (notices["returned"].pk, "ADDRESS_CHANGED", None),
        (notices["refused"].pk, "ADDRESS_CHANGED", None),
    ]
    assert told["uncertain"][0]["settlement"] == "SEND_AGAIN"


def test_notes_are_kept_in_order_in_the_report_and_in_what_happened() -> None:
    due_file()
    batch = planned_batch()
    add_note(batch=batch, text=" cause\u00a0: import incomplet ", by=person("odile"), now=NOW)
    add_note(batch=batch, text="hotline prévenue", by=person("bruno"), now=LATER)
    told = report(batch)
    assert [(n["by"], n["text"]) for n in told["notes"]] == [
        ("odile", "cause\u00a0: import incomplet"),
        ("bruno", "hotline prévenue"),
    ]
    assert [e["what"] for e in told["timeline"]][-1] == "NOTE"
    with pytest.raises(ReminderError, match="La note est vide"):
        add_note(batch=batch, text=" ", by=person("odile"), now=NOW)
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        IncidentNote.objects.update(text="autre")
    with pytest.raises(IntegrityError, match="incidentnote_says_something"), transaction.atomic():
        IncidentNote.objects.create(batch=batch, text="", by=person("odile"), at=NOW)


def test_the_mails_of_another_batch_are_not_told(gone_wrong: Wrong) -> None:
    assert gone_wrong
    other = NoticeFactory.create().batch
    told = report(other)
    assert (told["refused"], told["uncertain"], told["bounced"], told["bounces_by_kind"]) == ([], [], [], {})
    assert {s: n for s, n in told["counts"].items() if n} == {NoticeState.PLANNED.value: 1}


def test_the_batches_that_correct_it_are_in_its_timeline_and_who_got_one_among_its_corrections() -> None:
    """Fails without `_recalls`, or without `_recalled`."""
    wrong = sent_wrongly(2)
    given_up = recalled(wrong)
    cancel_batch(batch_id=given_up.pk, by=person("planner"), now=NOW)
    recall = corrected(wrong, RecordingTransport([ACCEPTED, LOST_AFTER_DOT]))
    told = report(wrong)
    events = [(e["what"], e["who"], e["why"]) for e in told["timeline"] if e["what"].startswith("RECALL")]
    assert events == [
        ("RECALL_PLANNED", "planner", f"lot {given_up.pk}, 2 destinataires\u00a0: essai"),
        ("RECALL_CANCELLED", "", f"lot {given_up.pk}"),
        ("RECALL_PLANNED", "planner", f"lot {recall.pk}, 2 destinataires\u00a0: essai"),
        ("RECALL_APPROVED", "approver", f"lot {recall.pk}"),
        ("RECALL_RELEASED", "planner", f"lot {recall.pk}"),
        ("RECALL_COMPLETED", "", f"lot {recall.pk}"),
    ]
    assert [(row["what"], row["by"], row["why"]) for row in told["corrected"]] == [
        ("RECALLED", "planner", "essai"),
        ("RECALL_UNCERTAIN", "planner", "essai"),
    ]
    assert not [e for e in report(recall)["timeline"] if e["what"].startswith("RECALL")]


def test_every_event_and_correction_has_its_words() -> None:
    """Fails where the command would end in a KeyError on the worst day of the year."""
    corrected(sent_wrongly(1))
    out = StringIO()
    call_command("incident_report", str(Batch.objects.earliest("id").pk), stdout=out)
    assert {f"RECALL_{state}" for state in ("COMPLETED", "CANCELLED", "STALE")} <= set(EVENTS)
