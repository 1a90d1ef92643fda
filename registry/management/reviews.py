"""What the commands on reviews share: the certificate meant, and how a row of the queue is told."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry.management.console import Failed, whole_number
from registry.models import Cover
from registry.reviews import QueueRow
from registry.rules.facts import CoverStatus
from registry.rules.papers import PaperLevel
from registry.rules.reviews import REASON_TEXTS, ReviewReason

PERMISSION = "registry.change_cover"
BIGGEST = 2**63 - 1


def add_cover(parser: CommandParser) -> None:
    """The number of a certificate, read with `find_cover`."""
    parser.add_argument("cover", type=whole_number(1, BIGGEST), metavar="ID", help="the certificate, as review_queue")


def find_cover(number: int) -> Cover:
    """Raises Failed where there is none."""
    cover = Cover.objects.select_related("intermediary").filter(pk=number).first()
    if cover is None:
        raise Failed(f"Aucune attestation {number} au registre\u00a0: voyez review_queue.")
    return cover


def add_reason(parser: CommandParser) -> None:
    """The code of a reason, and words beside it."""
    codes = [reason.value for reason in ReviewReason]
    listed = "; ".join(f"{reason.value}: {reason.label_en}" for reason in ReviewReason)
    parser.add_argument("--reason", choices=codes, metavar="CODE", help=listed)
    parser.add_argument("--note", default="", metavar="TEXT", help="words for the intermediary, up to 300 characters")


def told(cover: Cover) -> str:
    """A certificate in one line."""
    who = f"{cover.intermediary.orias_number} {cover.intermediary.name}"
    status = CoverStatus(cover.status).label
    return f"{cover.pk} {who}\u00a0: {cover.kind} {cover.starts_on} – {cover.ends_on}, {status}"


def plain_row(row: QueueRow) -> dict[str, Any]:
    """A row of the queue for scripts."""
    return {
        "cover": row.cover.pk,
        "orias_number": row.cover.intermediary.orias_number,
        "name": row.cover.intermediary.name,
        "kind": row.cover.kind,
        "categories": row.cover.categories,
        "starts_on": row.cover.starts_on,
        "ends_on": row.cover.ends_on,
        "deposited_on": row.cover.deposited_on,
        "due_on": row.clock.due_on,
        "days_left": row.clock.days_left,
        "is_late": row.clock.is_late,
        "paused_since": row.clock.paused_since,
        "assigned_to": row.assigned_to or None,
        "document": row.document.pk if row.document else None,
        "document_state": row.document_state,
        "level": row.level,
        "findings": [{"code": f.code, "level": f.level, "text": f.in_words[0]} for f in row.findings],
    }


def time_left(row: QueueRow) -> str:
    """How much time is left for it, for people."""
    if row.clock.paused_since:
        return f"suspendu ({row.clock.paused_since})"
    days = row.clock.days_left
    return f"{-days} j de retard" if row.clock.is_late else f"{days} j"


def troubles(row: QueueRow) -> str:
    """What a reviewer should look at, worst first; "conforme" where there is nothing."""
    order = (PaperLevel.WRONG, PaperLevel.DOUBT, PaperLevel.UNKNOWN)
    found = [f.code.value for level in order for f in row.findings if f.level is level]
    return ", ".join(dict.fromkeys(found)) or "conforme"


def reason_in_words(code: str) -> str:
    """What the intermediary reads."""
    return REASON_TEXTS[ReviewReason(code)][0]
