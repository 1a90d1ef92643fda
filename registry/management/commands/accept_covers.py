"""Accept many certificates, each looked at again at that moment."""

from __future__ import annotations

import csv
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import accept_covers
from registry.actions.reviews import MOST_AT_ONCE, Fate, LineFate
from registry.management.console import (
    Failed,
    RegisterCommand,
    WrongUse,
    acting_user,
    add_by,
    add_json,
    progress,
    require,
    require_readable,
    require_writable,
    whole_number,
)
from registry.management.reviews import BIGGEST, PERMISSION
from registry.reviews import review_queue
from registry.rules.french import counted
from registry.rules.papers import PaperLevel
from registry.rules.problems import shown

GOOD = {PaperLevel.GOOD, PaperLevel.UNKNOWN}


class Command(RegisterCommand):
    """Accept them."""

    help = (
        f"Accept up to {MOST_AT_ONCE} certificates, each in a transaction of its own after it was looked at again: one "
        "with any doubt, or assigned to somebody else, is left for a person. To be run again freely after an "
        "interruption: what was accepted is told so. Exit code 1 where any was not."
    )
    examples = """
  manage.py accept_covers 4711 4712 --by alice
  manage.py accept_covers --file lot.txt --report sort.csv --by alice
  manage.py accept_covers --good --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and where to tell of each."""
        parser.add_argument("covers", nargs="*", type=whole_number(1, BIGGEST), metavar="ID", help="the certificates")
        parser.add_argument("--file", type=Path, metavar="FILE", help="their numbers, one a line")
        parser.add_argument("--good", action="store_true", help="those at the head of the queue without any doubt")
        parser.add_argument("--report", type=Path, metavar="OUT.csv", help="write what became of each")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, accept, tell."""
        require_writable(options["report"])
        by = acting_user(options["by"])
        require(by, PERMISSION)
        day = clock.local_day(clock.now())
        ids = self._ids(options)
        fates: list[LineFate] = []
        with progress("attestations", total=len(ids)) as advance:
            for line in accept_covers(by=by, why="lot accepté", day=day, ids=ids):
                fates.append(line)
                advance(1)
        self._tell(fates, options)

    def _ids(self, options: dict[str, Any]) -> list[int]:
        if [bool(options["covers"]), options["file"] is not None, options["good"]].count(True) != 1:
            raise WrongUse("Nommez les attestations d’une seule manière\u00a0: numéros, --file ou --good.")
        if options["good"]:
            queue = review_queue(day=clock.local_day(clock.now()), limit=MOST_AT_ONCE)
            return [row.cover.pk for row in queue.rows if row.level in GOOD]
        return options["covers"] or list(_read(options["file"]))

    def _tell(self, fates: list[LineFate], options: dict[str, Any]) -> None:
        if options["report"]:
            _write(options["report"], fates)
        counts = Counter(line.fate for line in fates)
        if options["json"]:
            lines = [{"cover": f.cover_id, "fate": f.fate, "detail": f.detail} for f in fates]
            self.print_json({"counts": {fate.value: counts[fate] for fate in Fate}, "lines": lines})
        else:
            for line in fates:
                if line.fate is not Fate.ACCEPTED:
                    detail = f" ({line.detail})" if line.detail else ""
                    self.stdout.write(f"{line.cover_id}\u00a0: {line.fate.label}{detail}")
            self.stdout.write(f"{counted(counts[Fate.ACCEPTED], 'attestation acceptée', 'attestations acceptées')}.")
        if left := sum(n for fate, n in counts.items() if not fate.is_good):
            raise Failed(f"{counted(left, 'attestation')} à regarder, voyez le sort de chacune ci-dessus.")


def _read(path: Path) -> Iterator[int]:
    require_readable(path)
    number = whole_number(1, BIGGEST)
    for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                yield number(line.strip())
            except ArgumentTypeError:
                said = f"«\u00a0{shown(line)}\u00a0» n’est pas un numéro d’attestation."
                raise WrongUse(f"Ligne {at}\u00a0: {said}") from None


def _write(path: Path, fates: list[LineFate]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["attestation", "sort", "libelle", "detail"])
        rows.writerows([f.cover_id, f.fate.value, f.fate.label, f.detail] for f in fates)
