"""Sign a session of the commission."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.sessions import sign_session
from registry.management.cases import SIGN_PERMISSION
from registry.management.console import RegisterCommand, acting_user, add_by, add_json, require
from registry.management.sessions import find_session, session_in_lines
from registry.sessions import plain_session


class Command(RegisterCommand):
    """Sign it."""

    help = (
        "Sign a session as a second person, bound to the digest of its votes: what two thirds carried with a quorum is "
        "decided, what was rejected is over. Each file is read anew: one back in good standing is withdrawn."
    )
    examples = "  manage.py sign_session CI-2027-000031 --digest 5f0c… --by bruno"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which session, which votes."""
        parser.add_argument("session", metavar="NUMBER", help="number of the session")
        parser.add_argument("--digest", required=True, metavar="SHA256", help="of the votes, as show_session tells it")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        by = acting_user(options["by"])
        require(by, SIGN_PERMISSION)
        session = find_session(options["session"])
        sign_session(by=by, why=f"séance {session.number}", now=clock.now(), session=session, digest=options["digest"])
        told = plain_session(find_session(session.number))
        if options["json"]:
            self.print_json(told)
            return
        self.stdout.write("\n".join(session_in_lines(told)))
