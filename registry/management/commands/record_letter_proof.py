"""Record what became of a case's letter."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.cases import record_letter_proof
from registry.actions.letters import find_letter
from registry.management.arguments import iso_day
from registry.management.cases import OPEN_PERMISSION, CaseCommand, find_case
from registry.management.console import Failed, acting_user, add_by, add_json, require
from registry.rules.removals import ProofKind


class Command(CaseCommand):
    """Record it."""

    help = (
        "Record what became of the letter of a removal case: POSTED with its registered number, from which day its "
        "time runs; DELIVERED; UNCLAIMED; RETURNED takes the case into error, and the step is done again."
    )
    examples = (
        "  manage.py record_letter_proof 2027-000012 --kind POSTED --on 2027-03-03 --reference '1A 234 567 8901 2' "
        "--by alice"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which letter, what, when."""
        parser.add_argument("letter", metavar="NUMBER", help="number of the letter")
        kinds = [k.value for k in ProofKind if k is not ProofKind.MAILED]
        parser.add_argument("--kind", choices=kinds, required=True, help="what became of it")
        parser.add_argument("--on", type=iso_day, required=True, metavar="DAY", help="the day it says")
        parser.add_argument("--reference", default="", metavar="TEXT", help="number of the registered letter")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        now = clock.now()
        by = acting_user(options["by"])
        require(by, OPEN_PERMISSION)
        letter = find_letter(options["letter"])
        if letter.case_id is None:
            raise Failed(f"La lettre {letter.number} n’est pas celle d’une affaire\u00a0: rien n’est à prouver.")
        record_letter_proof(
            by=by,
            why=f"lettre {letter.number}",
            now=now,
            letter=letter,
            kind=ProofKind(options["kind"]),
            happened_on=options["on"],
            reference=options["reference"],
        )
        self.tell(find_case(letter.case_id), clock.local_day(now), options)
