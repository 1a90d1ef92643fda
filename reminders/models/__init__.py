"""The reminder engine's tables. `Notice` and its rows are the ledger: never deleted, never rewritten."""

from reminders.models.batch import Batch, BatchKind, LeftOut
from reminders.models.controls import Pace, StopSwitch, Tick, Wave
from reminders.models.notice import Attempt, Notice, NoticeItem

__all__ = ["Attempt", "Batch", "BatchKind", "LeftOut", "Notice", "NoticeItem", "Pace", "StopSwitch", "Tick", "Wave"]
