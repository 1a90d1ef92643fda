"""What waits for somebody at the hotline, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from hotline.models import Complaint
from hotline.rules.complaints import (
    OPEN_STATES,
    ComplaintChannel,
    ComplaintFacts,
    ComplaintOutcome,
    ComplaintState,
    Matter,
    Standing,
    assess_complaint,
)
from hotline.rules.synthesis import Synthesis, YearlyComplaint, synthesise

CSV_COLUMNS = {
    "number": "numero",
    "channel": "canal",
    "matter": "objet",
    "orias_number": "numero_orias",
    "batch": "lot",
    "spoken_on": "dite_le",
    "sent_on": "envoyee_le",
    "entered_on": "saisie_le",
    "acknowledge_by": "accuser_avant",
    "acknowledged_on": "accusee_le",
    "acknowledged_late": "accuse_en_retard",
    "answer_by": "repondre_avant",
    "answered_on": "repondue_le",
    "answered_late": "reponse_en_retard",
    "outcome": "issue",
    "state": "etat",
}
"""Of the spreadsheet of a year: no name in it."""

_PEOPLE = ("intermediary", "entered_by", "acknowledged_by", "answered_by")


def facts_of(complaint: Complaint) -> ComplaintFacts:
    """What the clocks look at."""
    return ComplaintFacts(
        state=ComplaintState(complaint.state),
        sent_on=complaint.sent_on,
        acknowledged_on=complaint.acknowledged_on,
        answered_on=complaint.answered_on,
        told_late_on=complaint.told_late_on,
    )


def standing_of(complaint: Complaint, day: date) -> Standing:
    """How it stands, with the holidays of this installation."""
    return assess_complaint(facts_of(complaint), day=day, subdivision=settings.LOCAL_HOLIDAYS)


def open_complaints(day: date, *, batch_id: int | None = None) -> list[tuple[Complaint, Standing]]:
    """Those to be done: the late first, then by the day that ends the next clock; the spoken, without clocks, last."""
    rows = Complaint.objects.filter(state__in=[s.value for s in OPEN_STATES]).select_related(*_PEOPLE)
    if batch_id is not None:
        rows = rows.filter(batch=batch_id)
    found = [(complaint, standing_of(complaint, day)) for complaint in rows.order_by("sent_on", "id")]
    return sorted(found, key=lambda pair: _urgency(*pair))


def _urgency(complaint: Complaint, standing: Standing) -> tuple[bool, date, int]:
    return (not standing.is_late, next_due(complaint, standing) or date.max, complaint.pk)


def next_due(complaint: Complaint, standing: Standing) -> date | None:
    """The last day of the clock that runs now."""
    return standing.acknowledge_by if complaint.state == ComplaintState.RECEIVED else standing.answer_by


def complaints_of(year: int) -> QuerySet[Complaint]:
    """Those numbered in a year, in the order of their numbers."""
    rows = Complaint.objects.filter(number__startswith=f"R-{year}-")
    return rows.select_related("intermediary").order_by("number")


def yearly(complaint: Complaint) -> YearlyComplaint:
    """What the synthesis counts of it."""
    return YearlyComplaint(
        facts=facts_of(complaint),
        began_on=complaint.spoken_on or complaint.sent_on or complaint.entered_on,
        channel=ComplaintChannel(complaint.channel),
        matter=Matter(complaint.matter),
        outcome=ComplaintOutcome(complaint.outcome) if complaint.outcome else None,
        batch=complaint.batch_id,
    )


def complaint_line(complaint: Complaint, standing: Standing) -> dict[str, Any]:
    """One complaint for scripts and lists."""
    return {
        "number": complaint.number,
        "state": complaint.state,
        "channel": complaint.channel,
        "matter": complaint.matter,
        "complainant": complaint.complainant,
        "orias_number": complaint.intermediary.orias_number if complaint.intermediary else None,
        "batch": complaint.batch_id,
        "notice": complaint.notice_id,
        "spoken_on": complaint.spoken_on,
        "sent_on": complaint.sent_on,
        "entered_on": complaint.entered_on,
        "acknowledge_by": standing.acknowledge_by,
        "acknowledged_on": complaint.acknowledged_on,
        "acknowledged_late": standing.acknowledged_late,
        "answer_by": standing.answer_by,
        "answered_on": complaint.answered_on,
        "answered_late": standing.answered_late,
        "told_late_on": complaint.told_late_on,
        "outcome": complaint.outcome or None,
        "recourse_open": standing.recourse_open,
        "duties": [duty.value for duty in standing.duties],
    }


def csv_lines(year: int, day: date) -> Iterator[dict[str, Any]]:
    """One line a complaint of a year, as the spreadsheet has it."""
    for complaint in complaints_of(year):
        line = complaint_line(complaint, standing_of(complaint, day))
        yield {column: _in_a_cell(line[name]) for name, column in CSV_COLUMNS.items()}


def _in_a_cell(value: Any) -> Any:
    return ("non", "oui")[value] if isinstance(value, bool) else value


def synthesis_of(year: int, day: date) -> Synthesis:
    """A year's complaints counted as they stand on `day`."""
    rows = (yearly(complaint) for complaint in complaints_of(year))
    return synthesise(rows, year=year, day=day, subdivision=settings.LOCAL_HOLIDAYS)
