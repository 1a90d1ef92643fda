"""The ledger after a file was destroyed: every notice and attempt still counts (I8), and names nobody any more."""

from __future__ import annotations

from registry.actions import RegisterError
from reminders.models import Attempt, Bounce, LeftOut, Notice, Settlement, WrongReport
from reminders.rules.states import WAITING_STATES

KEPT = (
    "reminders.Notice",
    "reminders.NoticeItem",
    "reminders.Attempt",
    "reminders.LeftOut",
    "reminders.Bounce",
    "reminders.Settlement",
    "reminders.WrongReport",
)
"""Rows of which the sums of batches are made. The rest of the app that leads to a person is deleted."""

ADDRESS_AFTER = "detruite@invalid"
REASON_AFTER = "motif détruit"


def erase_from_ledger(ids: list[int]) -> dict[str, int]:
    """Take addresses, replies and facts out of what the ledger holds of these intermediaries; how many rows by table.

    Raises RegisterError where a notice has not come to its end.
    """
    mine = Notice.objects.filter(intermediary__in=ids)
    if mine.filter(state__in=[state.value for state in WAITING_STATES]).exists():
        raise RegisterError("Une relance de ces dossiers n’est pas réglée\u00a0: attendez-la, ou annulez son lot.")
    notices = list(mine.values_list("pk", flat=True))
    bounces = {"recipient": ADDRESS_AFTER, "diagnostic": "", "reporter": "", "message_id": ""}
    changed = {
        Notice: mine.update(email=ADDRESS_AFTER, evidence=None),
        Attempt: Attempt.objects.filter(notice__in=notices).update(reply=""),
        Bounce: Bounce.objects.filter(notice__in=notices).update(**bounces),
        LeftOut: LeftOut.objects.filter(intermediary__in=ids).update(evidence={}),
        WrongReport: WrongReport.objects.filter(notice__in=notices).update(facts={}),
        Settlement: Settlement.objects.filter(notice__in=notices).exclude(reason="").update(reason=REASON_AFTER),
    }
    return {model._meta.db_table: n for model, n in changed.items()}
