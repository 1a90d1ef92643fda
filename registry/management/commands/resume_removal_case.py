"""Resume a removal case."""

from __future__ import annotations

from typing import Any

from registry import clock
from registry.actions.cases import resume_case
from registry.management.cases import OPEN_PERMISSION, CaseCommand, find_case
from registry.management.console import WrongUse, acting_user, require


class Command(CaseCommand):
    """Resume it."""

    help = "Go on with a removal case that is held, or in error because a letter came back: from where it was."
    examples = "  manage.py resume_removal_case 12 --reason 'nouvelle adresse' --by alice"

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        now = clock.now()
        if not options["reason"].strip():
            raise WrongUse("Dites pourquoi\u00a0: --reason TEXT.")
        by = acting_user(options["by"])
        require(by, OPEN_PERMISSION)
        case = resume_case(by=by, why=options["reason"], now=now, case=find_case(options["case"]))
        self.tell(case, clock.local_day(now), options)
