"""Take a removal case one step further."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.cases import publish_case, send_step
from registry.actions.letters import STEP_OF
from registry.management.cases import OPEN_PERMISSION, SIGN_PERMISSION, CaseCommand, find_case
from registry.management.console import acting_user, require
from registry.rules.removals import CaseState


class Command(CaseCommand):
    """Take it."""

    help = (
        "Take a removal case to its next step: NOTICE, FORMAL and LETTER write the letter, which counts once its "
        "deposit is recorded (record_letter_proof); PUBLISHED removes the registration, by another person than who "
        "opened the case. The file is read anew: back in good standing, the case is withdrawn (exit code 1). The "
        "decision itself is taken in a session (record_session, sign_session)."
    )
    examples = """
  manage.py advance_removal_case 12 --to NOTICE --by alice
  manage.py advance_removal_case 12 --to PUBLISHED --by bruno
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """To which step."""
        super().add_arguments(parser)
        steps = [*(state.value for state in STEP_OF), CaseState.PUBLISHED.value]
        parser.add_argument("--to", choices=steps, required=True, help="the step")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        now, target = clock.now(), CaseState(options["to"])
        by = acting_user(options["by"])
        require(by, SIGN_PERMISSION if target is CaseState.PUBLISHED else OPEN_PERMISSION)
        case, why = find_case(options["case"]), options["reason"] or target.label.lower()
        if target is CaseState.PUBLISHED:
            case = publish_case(by=by, why=why, now=now, case=case)
        else:
            case = send_step(by=by, why=why, now=now, case=case, target=target)
        self.tell(case, clock.local_day(now), options)
        self.require_not_withdrawn(case)
