"""Enter an order of the ACPR or the AMF, or confirm it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.orders import record_order
from registry.management.arguments import iso_day
from registry.management.cases import OPEN_PERMISSION, add_person, find_person, find_registration
from registry.management.console import RegisterCommand, acting_user, add_by, add_json, require, text_up_to
from registry.management.orders import plain_order, tell_order
from registry.models.registration import Authority, DecisionKind


class Command(RegisterCommand):
    """Enter it."""

    help = (
        "Enter an order of the ACPR or the AMF from its act. It is carried out the moment another person confirms it "
        "(confirm_order); no document of the file undoes it."
    )
    examples = """
  manage.py record_order 07001003 --category COA --kind REMOVAL --authority ACPR --act 2027-C-3 --dated 2027-03-01 --reason '…' --by alice
  manage.py record_order 07001003 --person --kind STRIKING_OFF --authority AMF --act SAN-2027-04 --dated 2027-03-01 --reason '…' --by alice
"""  # noqa: E501 - one command a line

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, what, by which act."""
        add_person(parser)
        kinds = [k.value for k in DecisionKind if k is not DecisionKind.REGISTRATION]
        parser.add_argument("--kind", choices=kinds, required=True, help="what is ordered")
        parser.add_argument("--authority", choices=["ACPR", "AMF"], required=True, help="who orders")
        parser.add_argument("--act", required=True, metavar="TEXT", help="reference of the act")
        parser.add_argument("--dated", type=iso_day, required=True, metavar="DAY", help="day of the act")
        parser.add_argument(
            "--effective", type=iso_day, metavar="DAY", help="first day of its effect (default: --dated)"
        )
        parser.add_argument("--until", type=iso_day, metavar="DAY", help="last day of a suspension")
        parser.add_argument("--barred-until", type=iso_day, metavar="DAY", help="no registration until then, included")
        parser.add_argument(
            "--reason", type=text_up_to(500), required=True, metavar="TEXT", help="what the act says, in one line"
        )
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        by = acting_user(options["by"])
        require(by, OPEN_PERMISSION)
        person = find_person(options["orias_number"])
        order = record_order(
            by=by,
            now=clock.now(),
            intermediary=person,
            registration=None if options["person"] else find_registration(person, options["category"]),
            kind=DecisionKind(options["kind"]),
            authority=Authority(options["authority"]),
            act_reference=options["act"],
            dated_on=options["dated"],
            effective_on=options["effective"] or options["dated"],
            reason=options["reason"],
            ends_on=options["until"],
            barred_until=options["barred_until"],
        )
        told = plain_order(order)
        self.print_json(told) if options["json"] else self.stdout.write(tell_order(told))
