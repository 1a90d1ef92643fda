"""The reminder engine's tables. `Notice` and its rows are the ledger: never deleted, never rewritten."""

from reminders.models.batch import Batch, LeftOut
from reminders.models.controls import DomainPace, Pace, StopSwitch, Tick, Wave
from reminders.models.notice import Attempt, Notice, NoticeItem
from reminders.models.watch import Alarm, Watch, WrongReport

__all__ = [
    "Alarm",
    "Attempt",
    "Batch",
    "DomainPace",
    "LeftOut",
    "Notice",
    "NoticeItem",
    "Pace",
    "StopSwitch",
    "Tick",
    "Watch",
    "Wave",
    "WrongReport",
]
