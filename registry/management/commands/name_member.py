"""Name a member of the registration commission."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry.actions.sessions import name_member
from registry.management.arguments import iso_day
from registry.management.console import RegisterCommand, acting_user, add_by, require


class Command(RegisterCommand):
    """Name one."""

    help = (
        "Name a member of the registration commission, for five years unless --until says otherwise; named again with "
        "the same code, its dates are changed. Those in office on the day of a session are its seats."
    )
    examples = "  manage.py name_member dupont --name 'Mme Dupont' --from 2027-01-01 --by root"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, from when, until when."""
        parser.add_argument("code", metavar="CODE", help="a short word for the votes")
        parser.add_argument("--name", required=True, metavar="NAME", help="as in the minutes")
        parser.add_argument("--from", dest="first", type=iso_day, required=True, metavar="DAY", help="first day")
        parser.add_argument("--until", type=iso_day, metavar="DAY", help="last day")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make one call, tell."""
        by = acting_user(options["by"])
        require(by, "registry.change_commissionmember")
        member = name_member(
            by=by,
            why="nomination à la commission",
            code=options["code"],
            name=options["name"],
            named_on=options["first"],
            ends_on=options["until"],
        )
        self.stdout.write(f"{member.code}\u00a0: {member.name}, du {member.named_on} au {member.ends_on}.")
