"""What the number of a file forces in the sandbox when something is deposited there: the scanner's word, which no
scanner gives there, and the reviewer's, which nobody waits for. Outside the sandbox none of it does anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.contrib.auth.models import User

from api.sandbox import outcome_of
from api.sandbox_outcomes import OFFICER, Outcome
from registry.actions import accept_cover, record_scan, refuse_cover
from registry.intake.papers import Examined
from registry.models import Cover, Document
from registry.papers.checking import Checked
from registry.rules.documents import DocumentFault, DocumentState
from registry.rules.reviews import ReviewReason

WHY = "bac à sable"
SIGNATURE = "Essai-Infecte"


def forced_check(orias_number: str, found: Examined) -> Examined:
    """What the check of a file has found, or what the number says that it has."""
    if outcome_of(orias_number) != Outcome.UNREADABLE:
        return found
    return replace(found, checked=Checked(DocumentFault.DAMAGED))


def force_scan(document: Document, now: datetime) -> None:
    """In the sandbox, have a file that was checked be scanned at once: clean, unless its number says otherwise."""
    outcome = outcome_of(document.intermediary.orias_number)
    if outcome and document.state == DocumentState.NOT_SCANNED:
        record_scan(now=now, document=document, signature=SIGNATURE if outcome == Outcome.INFECTED else "")
        document.refresh_from_db()


def force_review(cover: Cover, day: date) -> None:
    """In the sandbox, have a certificate be reviewed at once where its number says so. Raises RegisterError."""
    outcome = outcome_of(cover.intermediary.orias_number)
    if outcome not in (Outcome.ACCEPTED, Outcome.REFUSED):
        return
    officer = User.objects.get(username=OFFICER)
    if outcome == Outcome.ACCEPTED:
        accept_cover(by=officer, why=WHY, day=day, cover=cover)
    else:
        refuse_cover(by=officer, why=WHY, day=day, cover=cover, reason=ReviewReason.UNREADABLE)
    cover.refresh_from_db()
