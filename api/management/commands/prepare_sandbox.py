"""Make the sandbox's register."""

from __future__ import annotations

from typing import Any

from api.sandbox_world import PEOPLE, prepare
from registry.management.console import RegisterCommand


class Command(RegisterCommand):
    """`prepare_sandbox`."""

    help = (
        "Mark the database of the sandbox as one, bring it up to date and, the first time, fill it with a fictional "
        "register. For DJANGO_SETTINGS_MODULE=settings.sandbox only; a database that holds anything else is refused. "
        "Run it again after each update of the software."
    )
    examples = "  DJANGO_SETTINGS_MODULE=settings.sandbox manage.py prepare_sandbox"

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        filled = prepare()
        self.stdout.write(
            f"Bac à sable prêt\u00a0: {PEOPLE} intermédiaires fictifs. Une clé\u00a0: manage.py create_test_key NOM"
            if filled
            else "Bac à sable à jour\u00a0; ses dossiers et ses clés sont restés."
        )
