"""Keep a file whatever its age, or let its age count again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.purging import lift_hold, place_hold
from registry.management.arguments import orias_number
from registry.management.cases import SIGN_PERMISSION, find_person
from registry.management.console import RegisterCommand, acting_user, add_by, require, text_up_to


class Command(RegisterCommand):
    """Place a hold, or lift it."""

    help = "Keep a file from being destroyed, for a court, an authority or a complaint; --lift ends it."
    examples = """
  manage.py legal_hold 07001003 --reason 'recours n° 2701234' --by bruno
  manage.py legal_hold 07001003 --lift --reason 'jugement rendu' --by bruno
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, why, by whom."""
        parser.add_argument("orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="eight digits")
        parser.add_argument("--lift", action="store_true", help="end it")
        parser.add_argument("--reason", type=text_up_to(500), required=True, metavar="TEXT", help="why, for the record")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        by = acting_user(options["by"])
        require(by, SIGN_PERMISSION)
        act = lift_hold if options["lift"] else place_hold
        act(by=by, why=options["reason"], now=clock.now(), intermediary=find_person(options["orias_number"]))
        state = "n’est plus conservé d’office" if options["lift"] else "est conservé, quel que soit son âge"
        self.stdout.write(f"Le dossier {options['orias_number']} {state}.")
