"""The reminder engine's tables. `Notice` and its rows are the ledger: never deleted, never rewritten."""

from reminders.models.batch import Batch, BatchKind, LeftOut
from reminders.models.bounce import AddressConfirmation, AddressTroubleRow, Bounce
from reminders.models.controls import DomainPace, Pace, StopSwitch, Tick, Wave
from reminders.models.notice import Attempt, Notice, NoticeItem
from reminders.models.sender import JournalMark, Reconciliation, SenderIdentity, SendingMachine
from reminders.models.settlement import IncidentNote, Settlement
from reminders.models.watch import Alarm, Watch, WrongReport

__all__ = [
    "AddressConfirmation",
    "AddressTroubleRow",
    "Alarm",
    "Attempt",
    "Batch",
    "BatchKind",
    "Bounce",
    "DomainPace",
    "IncidentNote",
    "JournalMark",
    "LeftOut",
    "Notice",
    "NoticeItem",
    "Pace",
    "Reconciliation",
    "SenderIdentity",
    "SendingMachine",
    "Settlement",
    "StopSwitch",
    "Tick",
    "Watch",
    "Wave",
    "WrongReport",
]
