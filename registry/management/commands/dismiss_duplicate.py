"""Say that two numbers that look alike are two persons."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import dismiss_duplicate
from registry.management.arguments import orias_number
from registry.management.console import RegisterCommand, acting_user, add_by, add_json, require, text_up_to

PERMISSION = "registry.change_intermediary"


class Command(RegisterCommand):
    """Dismiss a pair."""

    help = "Say that two numbers are two persons: suggest_duplicates does not name the pair again."
    examples = "  manage.py dismiss_duplicate 07001003 07004711 --reason 'père et fils' --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which two, why, who."""
        for name in ("a", "b"):
            parser.add_argument(name, type=orias_number, metavar=name.upper(), help="eight digits")
        parser.add_argument(
            "--reason", type=text_up_to(500), required=True, metavar="TEXT", help="how you know, for the record"
        )
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        by = acting_user(options["by"])
        require(by, PERMISSION)
        numbers = (options["a"], options["b"])
        dismiss_duplicate(by=by, why=options["reason"], now=clock.now(), numbers=numbers)
        if options["json"]:
            self.print_json({"numbers": numbers, "dismissed": True})
            return
        self.stdout.write(f"{numbers[0]} et {numbers[1]} ne seront plus proposés ensemble.")
