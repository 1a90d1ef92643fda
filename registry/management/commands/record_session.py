"""Enter a session of the commission with its votes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.sessions import record_session
from registry.management.cases import OPEN_PERMISSION
from registry.management.console import RegisterCommand, acting_user, add_by, add_json, require
from registry.management.sessions import read_session, session_in_lines
from registry.sessions import plain_session


class Command(RegisterCommand):
    """Enter it."""

    help = (
        "Enter a session of the registration commission from a JSON file: its day and, for each case, who voted for, "
        "against, abstained, or declared an interest (and neither sits nor counts for the quorum). Nothing is decided "
        "until another person signs it (sign_session)."
    )
    examples = """
  manage.py record_session seance.json --by alice
  seance.json: {"held_on": "2027-04-16", "cases": {"12": {"for": ["m1", "m2", "m3"], "conflict": ["m4"]}}}
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file, by whom."""
        parser.add_argument("file", type=Path, metavar="FILE", help="the session as JSON")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock and the file, make one call, tell."""
        by = acting_user(options["by"])
        require(by, OPEN_PERMISSION)
        held_on, votes = read_session(options["file"])
        session = record_session(by=by, why="séance", now=clock.now(), held_on=held_on, votes=votes)
        told = plain_session(session)
        if options["json"]:
            self.print_json(told)
            return
        self.stdout.write("\n".join(session_in_lines(told)))
        self.stdout.write(
            f"Pour la signer\u00a0: manage.py sign_session {session.number} --digest EMPREINTE --by AUTRE"
        )
