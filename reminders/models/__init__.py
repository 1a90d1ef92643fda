"""The reminder engine's tables. `Notice` and its rows are the ledger: never deleted, never rewritten."""

from reminders.models.batch import Batch, LeftOut
from reminders.models.controls import Pace, StopSwitch, Tick, Wave
from reminders.models.notice import Attempt, Notice, NoticeItem
from reminders.models.sender import JournalMark, Reconciliation, SenderIdentity

__all__ = [
    "Attempt",
    "Batch",
    "JournalMark",
    "LeftOut",
    "Notice",
    "NoticeItem",
    "Pace",
    "Reconciliation",
    "SenderIdentity",
    "StopSwitch",
    "Tick",
    "Wave",
]
