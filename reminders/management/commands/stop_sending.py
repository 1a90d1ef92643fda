"""The red button: no message leaves any more, on any machine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import acting_user, add_by, require, text_up_to
from reminders.management.shared import BatchCommand
from reminders.planning.switch import stop_sending


class Command(BatchCommand):
    """Stop everything."""

    help = "Stop all sending at once, on every machine, before the next message. Open again with resume_sending."
    examples = "  manage.py stop_sending 'des dossiers complets sont relancés' --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Why, and who."""
        parser.add_argument(
            "reason", type=text_up_to(300), metavar="REASON", help="why, in words that others will read"
        )
        add_by(parser, required=False)

    def handle(self, *args: Any, **options: Any) -> None:
        """Stop. Without --by too: whoever can run a command may stop a mailing that goes wrong."""
        by = acting_user(options["by"]) if options["by"] is not None else None
        if by:
            require(by, "reminders.stop_sending")
        already = stop_sending(reason=options["reason"], by=by, now=clock.now())
        self.stdout.write(
            "Les envois étaient déjà arrêtés\u00a0: seul le motif affiché change."
            if already
            else "Envois arrêtés sur toutes les machines."
        )
        self.stdout.write("Pour les rouvrir\u00a0: manage.py resume_sending --by NOM")
