"""Tell those who filed and did not pay, by letter, and record when the letters were posted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import QuerySet

from registry import clock
from registry.actions import record_fee_letters_posted, write_fee_letters
from registry.actions.renewal_fees import debtors
from registry.management.arguments import YEARS, iso_day
from registry.management.console import (
    Failed,
    RegisterCommand,
    acting_user,
    add_by,
    add_json,
    progress,
    require,
    whole_number,
)
from registry.management.renewals import PERMISSION
from registry.models import Letter
from registry.rules.french import counted


class Command(RegisterCommand):
    """Write them, or record that they left."""

    help = (
        "Tell by letter those who filed their renewal request of YEAR and have not paid its fee (CA L512-1, CMF "
        "L546-1). Without --apply they are only counted. A request has one letter; repeated, the command goes on where "
        "it stopped. Once they are posted, --posted-on starts the thirty days. --out writes the PDF of each letter of "
        "the campaign that is not recorded as posted, byte for byte as it was issued."
    )
    examples = """
  manage.py fee_letters 2027 --filed-before 2027-02-15 --by alice
  manage.py fee_letters 2027 --filed-before 2027-02-15 --by alice --apply --out lettres
  manage.py fee_letters 2027 --by alice --posted-on 2027-02-17
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which campaign, what to do."""
        parser.add_argument("year", type=whole_number(YEARS[0], YEARS[-1]), metavar="YEAR", help="year of the campaign")
        parser.add_argument(
            "--filed-before", type=iso_day, metavar="DAY", help="only requests filed before (default: today)"
        )
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--apply", action="store_true", help="write the letters; without this they are only counted")
        what.add_argument("--posted-on", type=iso_day, metavar="DAY", help="the letters written left on that day")
        parser.add_argument("--out", type=Path, metavar="DIR", help="write the PDF of the letters there")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, write or record, tell."""
        now, year = clock.now(), options["year"]
        day = clock.local_day(now)
        by = acting_user(options["by"])
        require(by, PERMISSION)
        if posted_on := options["posted_on"]:
            why = f"lettres de frais {year}"
            posted = record_fee_letters_posted(by=by, why=why, day=day, year=year, posted_on=posted_on)
            self._tell(options, posted=len(posted))
            return
        owing = debtors(year=year).filter(filed_on__lt=options["filed_before"] or day, letters__isnull=True)
        wanted = list(owing.values_list("id", flat=True))
        written = 0
        if options["apply"]:
            with progress("Lettres", total=len(wanted)) as advance:
                for _ in write_fee_letters(by=by, why=f"lettre de frais {year}", now=now, requests=wanted):
                    written += 1
                    advance(1)
        if options["out"]:
            _write_out(options["out"], Letter.objects.filter(request__in=debtors(year=year)).order_by("id"))
        self._tell(options, to_write=len(wanted), written=written)

    def _tell(self, options: dict[str, Any], *, to_write: int = 0, written: int = 0, posted: int = 0) -> None:
        if options["json"]:
            told = {"year": options["year"], "applied": options["apply"], "to_write": to_write}
            self.print_json(told | {"written": written, "posted": posted})
        elif options["posted_on"]:
            words = counted(posted, "lettre postée", "lettres postées")
            self.stdout.write(f"{words} le {options['posted_on']}\u00a0: les trente jours courent.")
        elif options["apply"]:
            words = counted(written, "lettre écrite", "lettres écrites")
            self.stdout.write(f"{words}. Une fois postées\u00a0: --posted-on JOUR")
        else:
            words = counted(to_write, "lettre à écrire", "lettres à écrire")
            self.stdout.write(f"{words}. Rien n’est écrit. Pour les écrire\u00a0: --apply")


def _write_out(folder: Path, letters: QuerySet[Letter]) -> None:
    """Raises Failed where the folder cannot take them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for letter in letters.iterator(chunk_size=100):
            (folder / f"{letter.number}.pdf").write_bytes(bytes(letter.pdf))
    except OSError as error:
        said = f"«\u00a0{folder}\u00a0» ne peut pas recevoir les lettres ({error.strerror})"
        raise Failed(f"{said}\u00a0: indiquez un autre dossier.") from error
