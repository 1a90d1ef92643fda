"""List those whose principal address nobody has confirmed for a year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from registry import clock
from registry.contacts import ToCheck, addresses_to_check
from registry.management.arguments import iso_day
from registry.management.console import RegisterCommand, Terminal, add_json, require_writable
from registry.management.spreadsheet import write_csv

COLUMNS = ["numero_orias", "denomination", "email", "telephones", "inscrit_le", "confirmee_le"]
SHOWN = 50


class Command(RegisterCommand):
    """List them."""

    help = (
        "List the registered intermediaries whose principal address, as it is, nobody has confirmed for a year, the "
        "longest unconfirmed first. An intermediary confirms by its PATCH that names the address; staff by "
        "confirm_address."
    )
    examples = """
  manage.py addresses_to_check --csv adresses.csv
  manage.py addresses_to_check --on 2027-01-01 --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The day, the form."""
        parser.add_argument("--on", type=iso_day, metavar="DAY", help="the day to ask for (default: today)")
        parser.add_argument("--csv", type=Path, metavar="OUT", help="write the list to OUT, for a spreadsheet")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, look, tell."""
        require_writable(options["csv"])
        found = addresses_to_check(options["on"] or clock.local_day(clock.now()))
        if options["csv"]:
            write_csv(options["csv"], map(_row, found), COLUMNS)
        if options["json"]:
            self.print_json({"addresses": [_plain(one) for one in found]})
        else:
            _show(found, Terminal())


def _plain(one: ToCheck) -> dict[str, Any]:
    return {
        "orias_number": one.orias_number,
        "name": one.name,
        "email": one.email,
        "phones": list(one.phones),
        "registered_on": one.registered_on,
        "checked_on": one.checked_on,
    }


def _row(one: ToCheck) -> dict[str, Any]:
    values = (one.orias_number, one.name, one.email, " / ".join(one.phones), one.registered_on, one.checked_on or "")
    return dict(zip(COLUMNS, values, strict=True))


def _show(found: list[ToCheck], console: Terminal) -> None:
    if not found:
        console.print("Aucune adresse à faire confirmer.")
        return
    table = Table("Numéro", "Dénomination", "Adresse", "Téléphones", "Confirmée le")
    for one in found[:SHOWN]:
        checked = str(one.checked_on or "jamais")
        table.add_row(one.orias_number, one.name, one.email, "\n".join(one.phones), checked)
    for column in table.columns:
        column.overflow = "fold"
    console.print(table)
    console.print(f"Adresses à faire confirmer\u00a0: {len(found)}.")
    if len(found) > SHOWN:
        console.print(f"Les {SHOWN} premières sont affichées\u00a0; --csv les donne toutes.")
