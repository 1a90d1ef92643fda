"""Whom we promised to call back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from hotline.actions.calls import record_call_back
from hotline.desk import open_call_backs
from hotline.management.shared import HotlineCommand
from registry import clock
from registry.clock import PARIS
from registry.management.console import Terminal, WrongUse, acting_user, add_by, add_json, require, whole_number
from registry.rules.french import counted


class Command(HotlineCommand):
    """The worklist of promised calls."""

    help = "List the calls promised, one line a caller, the oldest promise first; --done says that one was made."
    examples = """
  manage.py call_backs
  manage.py call_backs --done 812 --by hugo
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The list, or one that was made."""
        parser.add_argument("--done", type=whole_number(1, 2**31 - 1), metavar="CALL", help="this caller was called")
        add_by(parser, required=False)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """List, or keep a promise."""
        now = clock.now()
        if options["done"] is None:
            rows = [row | {"late": row["call_back_by"] < now} for row in open_call_backs()]
            return self.print_json({"call_backs": rows}) if options["json"] else _show(rows)
        if not options["by"]:
            raise WrongUse("Dites qui a rappelé\u00a0: --by NOM.")
        by = acting_user(options["by"])
        require(by, "hotline.change_call")
        kept = record_call_back(call_id=options["done"], by=by, now=now)
        if options["json"]:
            return self.print_json({"kept": kept})
        self.stdout.write(f"Noté\u00a0: {counted(kept, 'promesse tenue', 'promesses tenues')}.")
        return None


def _show(rows: list[dict[str, Any]]) -> None:
    console = Terminal()
    if not rows:
        console.print("Aucun rappel promis.")
        return
    table = Table("Appel", "Avant (Paris)", "Appelant", "Intermédiaire", "Promesses", "Note")
    for row in rows:
        due = f"{row['call_back_by'].astimezone(PARIS):%d/%m %H:%M}" + ("\nEN RETARD" if row["late"] else "")
        who = f"{row['orias_number'] or ''} {row['name']}".strip()
        table.add_row(str(row["call"]), due, row["caller"] or row["phone"], who, str(row["promises"]), row["note"])
    console.print(table)
