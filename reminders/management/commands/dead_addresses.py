"""Whom to call for another address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from registry import clock
from registry.management.console import WrongUse, acting_user, add_by, add_json, require, text_up_to
from registry.management.spreadsheet import write_csv
from reminders.management.shared import BatchCommand
from reminders.planning.dead_addresses import confirm_address, dead_address_rows

COLUMNS = {
    "orias_number": "numero_orias",
    "name": "denomination",
    "email": "email",
    "phone": "telephone",
    "contact_phones": "autres_telephones",
    "hard": "retours_definitifs",
    "soft_days": "jours_de_retours_passagers",
    "since": "depuis",
    "last": "dernier",
    "said": "motif",
}


class Command(BatchCommand):
    """The worklist of addresses that no longer work."""

    help = (
        "List the intermediaries whose address no longer works: no reminder is written to it until it is changed, "
        "or somebody has made sure that it works (--confirm)."
    )
    examples = """
  manage.py dead_addresses
  manage.py dead_addresses --csv a-rappeler.csv
  manage.py dead_addresses --confirm 07001003 --reason 'boîte vidée, vu avec le cabinet' --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The form; or a confirmation."""
        add_json(parser)
        parser.add_argument("--csv", type=Path, metavar="OUT", help="write the list to OUT, for a spreadsheet")
        parser.add_argument("--confirm", metavar="ORIAS_NUMBER", help="say that the present address of this one works")
        parser.add_argument("--reason", type=text_up_to(500), help="how you know, with --confirm")
        add_by(parser, required=False)

    def handle(self, *args: Any, **options: Any) -> None:
        """List, or confirm one."""
        if options["confirm"]:
            self._confirm(options)
            return
        rows = list(dead_address_rows())
        if options["csv"]:
            write_csv(
                options["csv"],
                ({COLUMNS[k]: " / ".join(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows),
                list(COLUMNS.values()),
            )
        if options["json"]:
            self.print_json({"dead_addresses": rows})
        else:
            _show(rows, Console(markup=False, emoji=False))

    def _confirm(self, options: dict[str, Any]) -> None:
        if not (options["by"] and options["reason"]):
            raise WrongUse(
                "Pour confirmer une adresse, dites comment vous le savez (--reason) et qui vous êtes (--by)."
            )
        by = acting_user(options["by"])
        require(by, "reminders.add_addressconfirmation")
        done = confirm_address(orias_number=options["confirm"], reason=options["reason"], by=by, now=clock.now())
        if options["json"]:
            self.print_json({"orias_number": options["confirm"], "email": done.email, "confirmed": True})
            return
        self.stdout.write(f"Adresse {done.email} confirmée\u00a0: les relances peuvent de nouveau y être envoyées.")


def _show(rows: list[dict[str, Any]], console: Console) -> None:
    if not rows:
        console.print("Aucune adresse hors d’usage.")
        return
    table = Table("Numéro", "Dénomination", "Adresse", "Téléphone", "Depuis", "Dernier motif")
    for row in rows:
        phones = "\n".join(filter(None, [row["phone"], *row["contact_phones"]]))
        table.add_row(row["orias_number"], row["name"], row["email"], phones, row["since"][:10], row["said"])
    for column in table.columns:
        column.overflow = "fold"
    console.print(table)
    console.print(f"À rappeler pour une autre adresse\u00a0: {len(rows)}.")
