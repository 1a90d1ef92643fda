"""Make a key of the API, shown this once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from api.keys import create_key
from api.management.accounts import program_account
from api.models import LONGEST_KEY_NAME, LONGEST_LIFE
from api.scopes import Scope
from registry import clock
from registry.management.console import RegisterCommand, acting_user, add_by, add_json, require, whole_number


class Command(RegisterCommand):
    """`create_api_key HOLDER --name N --scope S`."""

    help = (
        "Make a key of the API for an account. The token is printed once and kept nowhere. A key lives a year at "
        "most; to change it without a break, make a second one of the same name, put it in use, revoke the first. A "
        "key with a scope of staff is made by its holder only. For whose files an account acts: grant_mandate."
    )
    examples = """
  manage.py create_api_key cabinet-durand --name 'logiciel de gestion' --scope file:read --scope file:write --by alice
  manage.py create_api_key alice --name tableau --scope staff:read --network 192.0.2.0/24 --days 90 --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """For whom, what for, from where, for how long."""
        scopes = [scope.value for scope in Scope]
        parser.add_argument("holder", metavar="HOLDER", help="the account that the key acts for")
        told = f"what it is for, {LONGEST_KEY_NAME} characters at most"
        parser.add_argument("--name", required=True, metavar="N", help=told)
        parser.add_argument("--scope", required=True, action="append", choices=scopes, help="what it may do")
        parser.add_argument(
            "--network", action="append", default=[], metavar="CIDR", help="from where only; repeatable"
        )
        days = whole_number(1, LONGEST_LIFE.days)
        parser.add_argument("--days", type=days, default=LONGEST_LIFE.days, help="how long it lives (default: a year)")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, show it."""
        by, holder = acting_user(options["by"]), program_account(options["holder"])
        scopes = [Scope(text) for text in options["scope"]]
        if not all(scope.is_for_staff for scope in scopes):
            require(by, "api.manage_keys")
        key, token = create_key(
            holder=holder,
            name=options["name"].strip(),
            scopes=scopes,
            networks=options["network"],
            days=options["days"],
            by=by,
            now=clock.now(),
        )
        if options["json"]:
            told = {"id": key.key_id, "holder": holder.get_username(), "scopes": key.scopes, "networks": key.networks}
            self.print_json(told | {"expires_at": key.expires_at.isoformat(), "token": token})
            return
        self.stdout.write(f"Clé {key.key_id} créée pour {holder.get_username()}, jusqu’au {key.expires_at:%d/%m/%Y}.")
        self.stdout.write(f"À garder en lieu sûr, affichée cette seule fois\u00a0: {token}")
