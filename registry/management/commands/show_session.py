"""Show a session of the commission, and write out its minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from registry.management.console import Failed, RegisterCommand, add_json, require_writable
from registry.management.sessions import find_session, session_in_lines
from registry.sessions import plain_session


class Command(RegisterCommand):
    """Show it."""

    help = (
        "Show a session: each vote and what it comes to. --out writes the signed minutes as PDF, as they were signed."
    )
    examples = "  manage.py show_session CI-2027-000031 --out pv.pdf"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which session, where to."""
        parser.add_argument("session", metavar="NUMBER", help="number of the session")
        parser.add_argument("--out", type=Path, metavar="FILE", help="write the signed minutes there (PDF)")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, write, tell."""
        require_writable(options["out"])
        session = find_session(options["session"])
        if options["out"]:
            if not session.minutes:
                raise Failed(
                    f"La séance {session.number} n’est pas signée\u00a0: elle n’a pas encore de procès-verbal."
                )
            options["out"].write_bytes(session.minutes)
        told = plain_session(session)
        if options["json"]:
            self.print_json(told)
            return
        self.stdout.write("\n".join(session_in_lines(told)))
