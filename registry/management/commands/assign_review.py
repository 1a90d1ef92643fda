"""Give the review of a certificate to somebody."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import assign_review
from registry.management.console import RegisterCommand, acting_user, add_by, require
from registry.management.reviews import PERMISSION, add_cover, find_cover, told


class Command(RegisterCommand):
    """Give it."""

    help = "Give the review of a certificate to somebody of staff (by default to oneself), or to nobody."
    examples = """
  manage.py assign_review 4711 --by alice
  manage.py assign_review 4711 --to bruno --take-over --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, to whom."""
        add_cover(parser)
        whom = parser.add_mutually_exclusive_group()
        whom.add_argument("--to", metavar="USER", help="who is to review it (default: the one of --by)")
        whom.add_argument("--nobody", action="store_true", help="take it away from whoever has it")
        parser.add_argument("--take-over", action="store_true", help="even where somebody else has it")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        day = clock.local_day(clock.now())
        by = acting_user(options["by"])
        require(by, PERMISSION)
        to = None if options["nobody"] else acting_user(options["to"] or options["by"])
        if to is not None:
            require(to, PERMISSION)
        cover = find_cover(options["cover"])
        assign_review(by=by, why="instruction", day=day, cover=cover, to=to, take_over=options["take_over"])
        whose = f"confiée à {to.get_username()}" if to else "confiée à personne"
        self.stdout.write(f"{told(cover)}\u00a0: {whose}.")
