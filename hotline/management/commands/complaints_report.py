"""The yearly synthesis of complaints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from hotline.management.shared import HotlineCommand
from hotline.management.synthesis_pdf import delays, synthesis_pdf, volume
from hotline.rules.synthesis import synthesise
from hotline.worklists import complaint_line, complaints_of, standing_of, yearly
from registry import clock
from registry.clock import local_day
from registry.management.arguments import YEARS
from registry.management.console import add_json, require_readable, require_writable, whole_number
from registry.management.spreadsheet import write_csv

COLUMNS = {
    "number": "numero",
    "channel": "canal",
    "matter": "objet",
    "orias_number": "numero_orias",
    "batch": "lot",
    "spoken_on": "dite_le",
    "sent_on": "envoyee_le",
    "entered_on": "saisie_le",
    "acknowledge_by": "accuser_avant",
    "acknowledged_on": "accusee_le",
    "acknowledged_late": "accuse_en_retard",
    "answer_by": "repondre_avant",
    "answered_on": "repondue_le",
    "answered_late": "reponse_en_retard",
    "outcome": "issue",
    "state": "etat",
}


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
        rows = (yearly(complaint) for complaint in complaints_of(year))
        found = synthesise(rows, year=year, day=day, subdivision=settings.LOCAL_HOLIDAYS)
        if options["csv"]:
            write_csv(options["csv"], _lines(year, day), list(COLUMNS.values()))
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


def _lines(year: int, day: date) -> Iterator[dict[str, Any]]:
    for complaint in complaints_of(year):
        line = complaint_line(complaint, standing_of(complaint, day))
        yield {column: line[name] for name, column in COLUMNS.items()}
