"""The reminder engine's tables. `Notice` and its rows are the ledger: never deleted, never rewritten."""

from reminders.models.batch import Batch, LeftOut
from reminders.models.controls import Pace, StopSwitch, Tick, Wave
from reminders.models.notice import Attempt, Notice, NoticeItem

__all__ = ["Attempt", "Batch", "LeftOut", "Notice", "NoticeItem", "Pace", "StopSwitch", "Tick", "Wave"]
