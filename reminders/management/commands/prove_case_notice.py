"""Take a reminder of the ledger for the notice of a removal case."""

from __future__ import annotations

from typing import Any

from registry import clock
from registry.actions.cases import notify_by_mail
from registry.management.cases import OPEN_PERMISSION, CaseCommand, find_case
from registry.management.console import acting_user, require
from reminders.errors import ReminderError
from reminders.planning.proofs import find_mail


class Command(CaseCommand):
    """Take it."""

    help = (
        "Take for the notice of a removal case the first reminder of the ledger that told the intermediary of the same "
        "missing cover and was accepted by its mail server. The time until the formal notice runs from that day. Where "
        "there is none, the notice is a letter (advance_removal_case --to NOTICE)."
    )
    examples = "  manage.py prove_case_notice 12 --by alice"
    expected_errors = (ReminderError,)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, look in the ledger, make one call, tell."""
        now = clock.now()
        day = clock.local_day(now)
        by = acting_user(options["by"])
        require(by, OPEN_PERMISSION)
        case = find_case(options["case"])
        mail = find_mail(case, day)
        why = options["reason"] or f"relance {mail.key[:8]} du {mail.mailed_on}"
        moved = notify_by_mail(by=by, why=why, now=now, case=case, key=mail.key, mailed_on=mail.mailed_on)
        self.tell(moved, day, options)
        self.require_not_withdrawn(moved)
