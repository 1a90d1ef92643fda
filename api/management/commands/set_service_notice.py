"""Say something on every answer of the API, or stop saying it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from api.service_notice import READ_EVERY, set_notice
from registry import clock
from registry.management.console import RegisterCommand, WrongUse, acting_user, add_by, require


class Command(RegisterCommand):
    """`set_service_notice TEXT`."""

    help = "Say a text on every answer of the API (X-Service-Notice) during an incident; --clear ends it."
    examples = """
  manage.py set_service_notice 'Dépôts lents depuis 9 h, rien n’est perdu. Prochain point à 11 h.' --by alice
  manage.py set_service_notice --clear --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """What, by whom."""
        parser.add_argument("text", nargs="?", default="", metavar="TEXT", help="300 characters at most")
        parser.add_argument("--clear", action="store_true", help="say nothing any more")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Set it."""
        if bool(options["text"].strip()) is options["clear"]:
            raise WrongUse("Indiquez soit un texte, soit --clear.")
        by = acting_user(options["by"])
        require(by, "reminders.stop_sending")
        made = set_notice(text=options["text"], by=by, now=clock.now())
        said = f"Dit sur chaque réponse de l’API\u00a0: {made.text}" if made.text else "Plus rien n’est dit."
        self.stdout.write(f"{said} (sous {READ_EVERY:.0f} s partout)")
