"""Record that an association or a principal tells the end of a membership or mandate."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.affiliations import record_membership_end
from registry.management.affiliations import add_parties, parties
from registry.management.arguments import iso_day
from registry.management.console import RegisterCommand, acting_user, add_by, require
from registry.rules.affiliations import told_in_time


class Command(RegisterCommand):
    """`record_membership_end ORIAS_NUMBER CATEGORY BODY --last-day DAY`."""

    help = (
        "Record the end of a membership or mandate as the association or principal told it (CA R512-5, CMF R546-3). "
        "Without another one within the month a signal is opened: see list_signals."
    )
    examples = "  manage.py record_membership_end 07001003 CIF ASSO-CIF --last-day 2026-05-31 --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, of what, until when, told when."""
        add_parties(parser)
        parser.add_argument("--last-day", type=iso_day, required=True, metavar="DAY", help="last day of it")
        parser.add_argument("--told-on", type=iso_day, metavar="DAY", help="when we were told (default: today)")
        parser.add_argument("--reason", default="fin annoncée par l’organisme", help="why, for the history")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        by = acting_user(options["by"])
        require(by, "registry.change_registration")
        registration, body = parties(options)
        day = clock.local_day(clock.now())
        told_on, ends_on = options["told_on"] or day, options["last_day"]
        signal = record_membership_end(
            by=by,
            why=options["reason"],
            day=day,
            registration=registration,
            body=body,
            ends_on=ends_on,
            told_on=told_on,
        )
        late = "" if told_in_time(ends_on, told_on) else " Annonce tardive\u00a0: plus d’un mois après la fin."
        self.stdout.write(
            f"{options['number']} {registration.category}\u00a0: fin de {body} le {ends_on:%d/%m/%Y}.{late}"
        )
        if signal:
            self.stdout.write(f"Signalement {signal.pk}, à régler avant le {signal.due_on:%d/%m/%Y}.")
        else:
            self.stdout.write("Un autre organisme prend la suite\u00a0: pas de signalement.")
