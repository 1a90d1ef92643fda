"""Register anew an intermediary who was removed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.orders import record_reentry
from registry.management.arguments import iso_day, orias_number
from registry.management.cases import OPEN_PERMISSION, find_person, find_registration
from registry.management.console import RegisterCommand, acting_user, add_by, require
from registry.rules.categories import Category


class Command(RegisterCommand):
    """Register it."""

    help = (
        "Register anew, by a decision, an intermediary whose registration was removed: it keeps its number, and the "
        "past period stays on the public register. Refused while an order of the ACPR or the AMF bars it."
    )
    examples = (
        "  manage.py reenter_registration 07001003 --category COA --on 2028-01-07 --act CI-2028-000004 --by alice"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, when, by which act."""
        parser.add_argument("orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="eight digits")
        parser.add_argument("--category", choices=[c.value for c in Category], required=True, help="which registration")
        parser.add_argument("--on", type=iso_day, required=True, metavar="DAY", help="first day")
        parser.add_argument("--act", required=True, metavar="TEXT", help="reference of the decision")
        parser.add_argument("--reason", default="nouvelle inscription", metavar="TEXT", help="why, for the record")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        by = acting_user(options["by"])
        require(by, OPEN_PERMISSION)
        registration = find_registration(find_person(options["orias_number"]), options["category"])
        record_reentry(
            by=by,
            why=options["reason"],
            day=clock.local_day(clock.now()),
            registration=registration,
            registered_on=options["on"],
            act_reference=options["act"],
        )
        self.stdout.write(
            f"{options['orias_number']} {options['category']}\u00a0: inscrit à nouveau le {options['on']}."
        )
