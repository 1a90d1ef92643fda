"""Open a removal case."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.cases import open_case
from registry.management.arguments import YEARS
from registry.management.cases import OPEN_PERMISSION, CaseCommand, add_person, find_person, find_registration
from registry.management.console import acting_user, add_by, add_json, require, text_up_to, whole_number
from registry.rules.removals import Ground


class Command(CaseCommand):
    """Open it."""

    help = (
        "Open a removal case about one registration, or about the person. Nothing is sent yet. The ground is read from "
        "the file: a case is not opened where it does not stand today."
    )
    examples = """
  manage.py open_removal_case 07001003 --category COA --ground COVER --reason 'aucune attestation' --by alice
  manage.py open_removal_case 07001003 --category COA --ground FEE --year 2027 --reason 'frais impayés' --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, on which ground, by whom."""
        add_person(parser)
        parser.add_argument("--ground", choices=[g.value for g in Ground], required=True, help="on which ground")
        parser.add_argument("--year", type=whole_number(YEARS[0], YEARS[-1]), metavar="YEAR", help="of which campaign")
        parser.add_argument(
            "--reason",
            type=text_up_to(500),
            required=True,
            metavar="TEXT",
            help="the facts, as the letters will tell them",
        )
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        now = clock.now()
        by = acting_user(options["by"])
        require(by, OPEN_PERMISSION)
        person = find_person(options["orias_number"])
        registration = None if options["person"] else find_registration(person, options["category"])
        case = open_case(
            by=by,
            now=now,
            intermediary=person,
            registration=registration,
            ground=Ground(options["ground"]),
            reason=options["reason"],
            year=options["year"],
        )
        self.tell(case, clock.local_day(now), options)
