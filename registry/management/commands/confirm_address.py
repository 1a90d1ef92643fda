"""Record that the principal address of an intermediary was confirmed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import confirm_address
from registry.management.arguments import orias_number
from registry.management.console import RegisterCommand, acting_user, add_by, add_json, require, text_up_to
from registry.merges import find
from registry.rules.contacts import CheckSource

PERMISSION = "registry.change_intermediary"


class Command(RegisterCommand):
    """Confirm it."""

    help = (
        "Record that the principal address of an intermediary, as it is, was confirmed today: addresses_to_check asks "
        "again in a year. This does not lift what came back from it: dead_addresses --confirm does."
    )
    examples = "  manage.py confirm_address 07001003 --reason 'lue au téléphone avec la gérante' --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, how one knows, who."""
        parser.add_argument("orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="eight digits")
        parser.add_argument(
            "--reason", type=text_up_to(500), required=True, metavar="TEXT", help="how you know, for the record"
        )
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        day, by = clock.local_day(clock.now()), acting_user(options["by"])
        require(by, PERMISSION)
        person = find(options["orias_number"])
        done = confirm_address(by=by, why=options["reason"], day=day, intermediary=person, source=CheckSource.STAFF)
        if options["json"]:
            self.print_json({"orias_number": person.orias_number, "email": done.email, "checked_on": done.checked_on})
            return
        self.stdout.write(f"Adresse {done.email} de {person.orias_number} confirmée le {done.checked_on}.")
