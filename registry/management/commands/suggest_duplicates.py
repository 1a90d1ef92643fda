"""Suggest pairs of numbers that may be one person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from registry.duplicates import Suggestion, suggest_duplicates
from registry.management.console import RegisterCommand, Terminal, add_json, require_writable
from registry.management.spreadsheet import write_csv
from registry.rules.duplicates import LIKELY

COLUMNS = ["numero_a", "denomination_a", "numero_b", "denomination_b", "points", "indices"]
SHOWN = 50


class Command(RegisterCommand):
    """Suggest them."""

    help = (
        "Suggest pairs of numbers that may be one person, by e-mail address, telephone, name and SIREN, with points "
        "from 0 to 100 and what gave them. A pair that was dismissed (dismiss_duplicate) is not suggested again. "
        "Nothing is written: merge_intermediaries merges."
    )
    examples = """
  manage.py suggest_duplicates
  manage.py suggest_duplicates --csv doublons.csv
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The form."""
        parser.add_argument("--csv", type=Path, metavar="OUT", help="write them to OUT, for a spreadsheet")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, tell."""
        require_writable(options["csv"])
        found = suggest_duplicates()
        if options["csv"]:
            write_csv(options["csv"], map(_row, found), COLUMNS)
        if options["json"]:
            self.print_json({"suggestions": [_plain(one) for one in found]})
        else:
            _show(found, Terminal())


def _plain(one: Suggestion) -> dict[str, Any]:
    evidence = [{"code": e.value, "label": e.label} for e in one.likeness.evidence]
    return {"numbers": one.numbers, "names": one.names, "points": one.likeness.points, "evidence": evidence}


def _row(one: Suggestion) -> dict[str, Any]:
    told = ", ".join(e.label for e in one.likeness.evidence)
    values = (one.numbers[0], one.names[0], one.numbers[1], one.names[1], one.likeness.points, told)
    return dict(zip(COLUMNS, values, strict=True))


def _show(found: list[Suggestion], console: Terminal) -> None:
    if not found:
        console.print("Aucun doublon à examiner.")
        return
    table = Table("Numéros", "Dénominations", "Points", "Indices")
    for one in found[:SHOWN]:
        row = _row(one)
        table.add_row("\n".join(one.numbers), "\n".join(one.names), str(row["points"]), row["indices"])
    console.print(table)
    likely = sum(one.likeness.points >= LIKELY for one in found)
    console.print(f"Paires à examiner\u00a0: {len(found)}, dont {likely} très probables (au moins {LIKELY} points).")
    if len(found) > SHOWN:
        console.print(f"Les {SHOWN} premières sont affichées\u00a0; --csv les donne toutes.")
