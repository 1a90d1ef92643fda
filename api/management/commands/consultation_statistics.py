"""How often the public register was consulted in a year."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from api.consultations import statistics
from api.service_models import ConsultationKind
from registry import clock
from registry.management.arguments import YEARS
from registry.management.console import RegisterCommand, Terminal, add_json, whole_number


class Command(RegisterCommand):
    """`consultation_statistics`."""

    help = "Tell how often the public register was consulted, by month and way; nothing is kept of who asked."
    examples = "  manage.py consultation_statistics --year 2026 --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which year."""
        year = whole_number(YEARS[0], YEARS[-1])
        parser.add_argument("--year", type=year, metavar="YEAR", help="default: this year")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, tell."""
        year = options["year"] or clock.local_day(clock.now()).year
        rows: list[dict[str, Any]] = [
            {"month": month.isoformat()[:7], "kind": kind, "requests": requests, "shown": shown}
            for month, ways in statistics(year).items()
            for kind, (requests, shown) in ways.items()
        ]
        if options["json"]:
            self.print_json({"year": year, "consultations": rows})
            return
        table = Table("Mois", "Voie", "Demandes", "Fiches montrées")
        for row in rows:
            kind = ConsultationKind(row["kind"]).label
            table.add_row(row["month"], kind, str(row["requests"]), str(row["shown"]))
        Terminal().print(table if rows else f"Aucune consultation en {year}.")
