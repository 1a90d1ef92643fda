"""The yearly synthesis of complaints."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from hotline.management.shared import HotlineCommand
from hotline.management.synthesis_pdf import delays, synthesis_pdf, volume
from hotline.worklists import CSV_COLUMNS, csv_lines, synthesis_of
from registry import clock
from registry.clock import local_day
from registry.management.arguments import YEARS
from registry.management.console import add_json, require_readable, require_writable, whole_number
from registry.management.spreadsheet import write_csv


class Command(HotlineCommand):
    """`complaints_report YEAR`."""

    help = (
        "The yearly synthesis of complaints: volume, nature, delays, quality of the answers. Complaints count in the "
        "year of their number. --csv writes one line for each, without names; --pdf the synthesis for those who govern."
    )
    examples = """
  manage.py complaints_report 2026
  manage.py complaints_report 2026 --csv reclamations.csv --pdf synthese.pdf --measures constats.txt
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The year and the forms."""
        parser.add_argument("year", type=whole_number(YEARS[0], YEARS[-1]), metavar="YEAR", help="such as 2026")
        parser.add_argument("--csv", type=Path, metavar="OUT", help="one line for each, for a spreadsheet")
        parser.add_argument("--pdf", type=Path, metavar="OUT", help="the synthesis on paper")
        parser.add_argument("--measures", type=Path, metavar="FILE", help="what was found and done, printed in the PDF")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, write, tell."""
        now = clock.now()
        day, year = local_day(now), options["year"]
        for path in (options["csv"], options["pdf"]):
            require_writable(path)
        measures = _words_of(options["measures"])
        found = synthesis_of(year, day)
        if options["csv"]:
            write_csv(options["csv"], csv_lines(year, day), list(CSV_COLUMNS.values()))
        if options["pdf"]:
            options["pdf"].write_bytes(synthesis_pdf(found, measures=measures, made_at=now))
        if options["json"]:
            self.print_json(asdict(found))
            return
        for label, figure in [*volume(found), *delays(found)]:
            self.stdout.write(f"{label}\u00a0: {figure}")


def _words_of(path: Path | None) -> str:
    if path is None:
        return ""
    require_readable(path)
    return path.read_text(encoding="utf-8").strip()
