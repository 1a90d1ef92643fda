"""Confirm a renewal request that came on paper, or send its entry back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import confirm_paper, send_back_paper
from registry.actions.renewals import find_request
from registry.management.arguments import iso_day
from registry.management.console import WrongUse, acting_user, require
from registry.management.renewals import PERMISSION, RequestCommand, year_of
from registry.rules.categories import Category


class Command(RequestCommand):
    """Confirm it."""

    help = (
        "Confirm, as a second person, a deposit on paper that another has entered: read the day of the deposit on the "
        "paper yourself. From then on that day counts. --send-back undoes an entry that was wrong."
    )
    examples = """
  manage.py confirm_paper 07001003 --category COA --filed-on 2027-02-27 --by bruno
  manage.py confirm_paper 07001003 --category COA --send-back --reason 'autre cabinet' --by bruno
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The day read on the paper, or --send-back."""
        super().add_arguments(parser)
        parser.add_argument("--filed-on", type=iso_day, metavar="DAY", help="the day of the deposit, as you read it")
        parser.add_argument("--send-back", action="store_true", help="the entry is wrong: open the request again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        day = clock.local_day(clock.now())
        if (options["filed_on"] is None) is not options["send_back"]:
            raise WrongUse("Indiquez soit --filed-on, le jour lu sur le papier, soit --send-back.")
        by = acting_user(options["by"])
        require(by, PERMISSION)
        request = find_request(options["orias_number"], Category(options["category"]), year_of(options, day))
        why = options["reason"] or "dépôt papier"
        if options["send_back"]:
            told = send_back_paper(by=by, why=why, day=day, request=request)
        else:
            told = confirm_paper(by=by, why=why, day=day, request=request, filed_on=options["filed_on"])
        self.tell(told, day, options)
