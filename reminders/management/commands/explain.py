"""Explain: why someone gets a reminder, or none."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.arguments import iso_day, orias_number
from registry.management.console import Terminal, add_json
from registry.rules.file_state import FileStatus
from reminders.config import engine_settings
from reminders.management.explaining import checks_table, notices_table
from reminders.management.shared import BatchCommand
from reminders.planning.explain import explain


class Command(BatchCommand):
    """Explain one intermediary's case."""

    help = "Explain, check by check, why an intermediary would be reminded on a day or not, and every notice sent."
    examples = """
  manage.py explain 07001003
  manage.py explain 07001003 --as-of 2026-02-24 --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and when."""
        parser.add_argument("orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="eight digits")
        parser.add_argument("--as-of", type=iso_day, metavar="DAY", help="the day to explain (default: today)")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, show it."""
        day = options["as_of"] or clock.local_day(clock.now())
        told = explain(options["orias_number"], day=day, gap_days=engine_settings().gap_days)
        if options["json"]:
            self.print_json(told)
            return
        console = Terminal()
        status = FileStatus(told["state"]).label
        console.print(f"{told['orias_number']} {told['name']} — {status} au {told['as_of']}", style="bold")
        if told["merged_into"]:
            console.print(f"Numéro fusionné avec {told['merged_into']}\u00a0: voyez explain {told['merged_into']}.")
        if told["former_numbers"]:
            console.print(f"Numéros fusionnés avec celui-ci\u00a0: {', '.join(told['former_numbers'])}.")
        verdict = "serait relancé" if told["would_be_reminded"] else f"n’est pas relancé\u00a0: {told['reason_label']}"
        console.print(f"À cette date, cet intermédiaire {verdict}.")
        console.print(checks_table(told["checks"]))
        if told["notices"]:
            console.print(notices_table(told["notices"]))
