"""The keys of the API: whose, what for, until when, last used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from rich.table import Column, Table

from api.keys import WARNED_BEFORE
from api.models import ApiKey
from registry import clock
from registry.management.console import RegisterCommand, Terminal, add_json


class Command(RegisterCommand):
    """`list_api_keys`."""

    help = "List the keys of the API; those that expire within 30 days are said to. Tokens are kept nowhere."
    examples = """
  manage.py list_api_keys
  manage.py list_api_keys --all --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        parser.add_argument("--all", action="store_true", help="those revoked and expired too")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Show them."""
        now = clock.now()
        keys = ApiKey.objects.select_related("holder").order_by("holder__username", "name", "created_at")
        if not options["all"]:
            keys = keys.filter(revoked_at=None, expires_at__gt=now)
        told = [_told(key, now) for key in keys]
        if options["json"]:
            self.print_json(told)
            return
        table = Table(Column("Clé", no_wrap=True, min_width=12), "Compte", "Nom", "Droits", "Expire", "Dernier usage")
        for row in told:
            table.add_row(*_cells(row))
        Terminal().print(table if told else "Aucune clé.")


def _told(key: ApiKey, now: datetime) -> dict[str, Any]:
    return {
        "id": key.key_id,
        "holder": key.holder.get_username(),
        "name": key.name,
        "scopes": key.scopes,
        "networks": key.networks,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "expires_soon": now < key.expires_at < now + WARNED_BEFORE and key.revoked_at is None,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
        "last_used_from": key.last_used_from,
    }


def _cells(row: dict[str, Any]) -> Iterator[str]:
    yield from (row["id"], row["holder"], row["name"], " ".join(row["scopes"]))
    if row["revoked_at"]:
        yield f"révoquée le {row['revoked_at']:%d/%m/%Y}"
    else:
        yield f"{row['expires_at']:%d/%m/%Y}" + (" — bientôt" if row["expires_soon"] else "")
    used = row["last_used_at"]
    yield f"{used:%d/%m/%Y} depuis {row['last_used_from'] or '?'}" if used else "jamais"
