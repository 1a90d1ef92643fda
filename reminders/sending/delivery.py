"""What one worker did, and why it stopped before the list was through."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from registry.rules.labels import LabelledEnum
from reminders.rules.states import NoticeState


class Halt(LabelledEnum):
    """Why a worker stopped before the list was through."""

    HELD = "HELD", "les envois sont arrêtés ou le lot est en pause", "sending is stopped or the batch is held"
    WINDOW = "WINDOW", "la plage d’envoi est fermée", "the send window is closed"
    SMTP_DOWN = "SMTP_DOWN", "le serveur de messagerie est indisponible", "the mail server is unavailable"
    NO_PACE = "NO_PACE", "la ligne de cadence manque en base", "the pace row is missing"
    IDENTITY = "IDENTITY", "les envois sont arrêtés", "sending is off: the sender's identity is not this one"
    JOURNAL = "JOURNAL", "le journal des envois ne peut pas être écrit", "the journal cannot be written"
    LETTERHEAD = "LETTERHEAD", "le lot a d’autres réglages que cette machine", "the batch has other settings than here"
    BUDGET = "BUDGET", "le temps imparti est écoulé", "the time given is over"


@dataclass(slots=True)
class Delivery:
    """What one worker did: notices by the state it gave them, and why it stopped early, if it did."""

    counts: Counter[NoticeState] = field(default_factory=Counter)
    halt: Halt | None = None
    detail: str = ""
