"""Record that a registration belongs to an association or has a principal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.affiliations import record_membership
from registry.management.affiliations import add_parties, parties
from registry.management.arguments import iso_day
from registry.management.console import RegisterCommand, acting_user, add_by, require


class Command(RegisterCommand):
    """`record_membership ORIAS_NUMBER CATEGORY BODY`."""

    help = (
        "Record a membership of an association or a mandate of a principal from a day on. With --files the body files "
        "the renewal for the intermediary, a month earlier (CA A512-2)."
    )
    examples = "  manage.py record_membership 07001003 CIF ASSO-CIF --from 2026-01-05 --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, to what, since when."""
        add_parties(parser)
        parser.add_argument("--from", dest="starts_on", type=iso_day, metavar="DAY", help="first day (default: today)")
        parser.add_argument("--files", action="store_true", help="the body files the renewal")
        parser.add_argument("--reason", default="adhésion ou mandat annoncé", help="why, for the history")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call."""
        by = acting_user(options["by"])
        require(by, "registry.change_registration")
        registration, body = parties(options)
        day = clock.local_day(clock.now())
        starts_on = options["starts_on"] or day
        record_membership(
            by=by, why=options["reason"], day=day, registration=registration, body=body, starts_on=starts_on,
            files=options["files"],
        )  # fmt: skip
        self.stdout.write(
            f"{options['number']} {registration.category}\u00a0: {body}, à compter du {starts_on:%d/%m/%Y}."
        )
