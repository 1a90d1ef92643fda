"""Import what an insurer or guarantor says about its policies: suspended, not renewed, terminated, reinstated."""

from __future__ import annotations

from typing import Any

from registry import clock
from registry.management.issuer_files import IssuerFileCommand
from registry.models.issuer import FileContent


class Command(IssuerFileCommand):
    """`import_cover_events FILE --issuer CODE`."""

    content = FileContent.EVENTS
    help = (
        "Compare an insurer's or guarantor's notices (CSV: SUSPENSION, DENONCIATION, RESILIATION, REMISE_EN_VIGUEUR) "
        "with the register and report; with --apply, record them as received now. A guarantee does not end before "
        "three clear days (CA R512-17). Lots, resumption and exit code as for import_covers."
    )
    examples = """
  manage.py import_cover_events avis.csv --issuer MUTUELLE-OUEST
  manage.py import_cover_events avis.csv --issuer MUTUELLE-OUEST --apply --by alice --report sorts.json
"""

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call."""
        self.take(clock.now(), options)
