"""Confirm an order of the ACPR or the AMF."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.orders import confirm_order
from registry.management.cases import SIGN_PERMISSION
from registry.management.console import RegisterCommand, acting_user, add_by, add_json, require, whole_number
from registry.management.orders import find_order, plain_order, tell_order


class Command(RegisterCommand):
    """Confirm it."""

    help = (
        "Confirm an order as a second person: read the reference on the act yourself. It is carried out at once, its "
        "letter is written, and removal cases about the same are withdrawn."
    )
    examples = "  manage.py confirm_order 3 --act 2027-C-3 --by bruno"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which order, as read on which act."""
        parser.add_argument("order", type=whole_number(1, 2**31 - 1), metavar="ID", help="number of the order")
        parser.add_argument("--act", required=True, metavar="TEXT", help="reference of the act, as you read it")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        by = acting_user(options["by"])
        require(by, SIGN_PERMISSION)
        order = confirm_order(by=by, now=clock.now(), order=find_order(options["order"]), act_reference=options["act"])
        told = plain_order(order)
        self.print_json(told) if options["json"] else self.stdout.write(tell_order(told))
