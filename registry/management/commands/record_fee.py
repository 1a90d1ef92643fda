"""Record that the fee of a renewal was paid, or that its debtor was told it is unpaid."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import record_fee, record_fee_notice
from registry.actions.renewals import find_request
from registry.management.arguments import iso_day
from registry.management.console import WrongUse, acting_user, require
from registry.management.renewals import PERMISSION, RequestCommand, euros, year_of
from registry.rules.categories import Category


class Command(RequestCommand):
    """Record it."""

    help = (
        "Record that the fee of a renewal request was paid; or, with --informed-on, that its debtor was told on that "
        "day that it is unpaid: the thirty days begin. fee_letters writes the letters. The money itself stays outside."
    )
    examples = """
  manage.py record_fee 07001003 --category COA --amount 25,00 --paid-on 2027-01-12 --reference CB-8812 --by alice
  manage.py record_fee 07001003 --category COA --informed-on 2027-02-02 --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The payment, or the notice."""
        super().add_arguments(parser)
        parser.add_argument("--amount", type=euros, metavar="EUROS", help="what was paid: 25,00")
        parser.add_argument("--paid-on", type=iso_day, metavar="DAY", help="the day of the payment")
        parser.add_argument("--reference", default="", metavar="TEXT", help="reference of the payment")
        parser.add_argument("--informed-on", type=iso_day, metavar="DAY", help="the day on which the debtor was told")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        day = clock.local_day(clock.now())
        paid = options["amount"] is not None and options["paid_on"] is not None
        if paid is (options["informed_on"] is not None):
            raise WrongUse("Indiquez soit --amount, --paid-on et --reference, soit --informed-on.")
        by = acting_user(options["by"])
        require(by, PERMISSION)
        request = find_request(options["orias_number"], Category(options["category"]), year_of(options, day))
        act: dict[str, Any] = {"by": by, "day": day, "request": request}
        if paid:
            told = record_fee(
                **act,
                why=options["reason"] or "règlement des frais",
                amount_cents=options["amount"],
                paid_on=options["paid_on"],
                reference=options["reference"],
            )
        else:
            why = options["reason"] or "information du défaut de paiement"
            told = record_fee_notice(**act, why=why, informed_on=options["informed_on"])
        self.tell(told, day, options)
