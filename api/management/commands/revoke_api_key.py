"""Revoke a key of the API, at once and for good."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from api.keys import revoke_key
from registry import clock
from registry.management.console import RegisterCommand, acting_user, add_by, add_json


class Command(RegisterCommand):
    """`revoke_api_key ID`."""

    help = (
        "Revoke a key, named by its visible part: its next request is refused. Anyone of staff may, and an account "
        "its own; a second time changes nothing."
    )
    examples = "  manage.py revoke_api_key k3jd82msq4xa --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and who."""
        parser.add_argument("key", metavar="ID", help="the visible part of the key")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Revoke."""
        key, was_live = revoke_key(key_id=options["key"], by=acting_user(options["by"]), now=clock.now())
        if options["json"]:
            self.print_json({"id": key.key_id, "revoked_at": key.revoked_at, "changed": was_live})
            return
        if was_live:
            self.stdout.write(f"Clé {key.key_id} de {key.holder.get_username()} révoquée.")
        else:
            self.stdout.write(f"Clé {key.key_id} déjà révoquée le {key.revoked_at:%d/%m/%Y}\u00a0: rien n’est changé.")
