"""The worklist of removal cases."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.arguments import orias_number
from registry.management.cases import in_one_line
from registry.management.console import RegisterCommand, add_json, progress
from registry.models import RemovalCase
from registry.removals import plain_case
from registry.rules.removals import LIVE_CASE_STATES


class Command(RegisterCommand):
    """Show them."""

    help = (
        "Show the removal cases under way: where each stands, what comes next and from when, what is in the way, and "
        "which of our own terms is past. --ready keeps those whose next step may be taken today."
    )
    examples = "  manage.py removal_cases --ready --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which ones."""
        parser.add_argument(
            "--intermediary", type=orias_number, metavar="ORIAS_NUMBER", help="of one intermediary, past ones too"
        )
        parser.add_argument("--ready", action="store_true", help="only those whose next step may be taken today")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, look, tell."""
        day = clock.local_day(clock.now())
        cases = RemovalCase.objects.select_related("intermediary", "registration").order_by("since_on", "id")
        if options["intermediary"]:
            cases = cases.filter(intermediary__orias_number=options["intermediary"])
        else:
            cases = cases.filter(state__in=[state.value for state in LIVE_CASE_STATES])
        told = []
        with progress("Affaires", total=cases.count()) as advance:
            for case in cases.iterator():
                told.append(plain_case(case, day))
                advance(1)
        if options["ready"]:
            told = [case for case in told if case["next"] and not case["block"]]
        if options["json"]:
            self.print_json(told)
            return
        self.stdout.write("\n".join(map(in_one_line, told)) or "Aucune affaire.")
