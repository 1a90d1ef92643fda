"""Import the certificates that an insurer or guarantor hands in."""

from __future__ import annotations

from typing import Any

from registry import clock
from registry.management.issuer_files import IssuerFileCommand
from registry.models.issuer import FileContent


class Command(IssuerFileCommand):
    """`import_covers FILE --issuer CODE`."""

    content = FileContent.COVERS
    help = (
        "Compare an insurer's or guarantor's certificates (CSV) with the register and report. With --apply they are "
        "recorded as accepted, in lots of 1,000 rows; a row that is refused leaves the others alone, and the same file "
        "started again after a stop goes on after its last lot. Refused rows leave the exit code 0: see the counts."
    )
    examples = """
  manage.py import_covers attestations.csv --issuer MUTUELLE-OUEST --report sorts.json --errors a-corriger.csv
  manage.py import_covers attestations.csv --issuer MUTUELLE-OUEST --apply --by alice
"""

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call."""
        self.take(clock.now(), options)
