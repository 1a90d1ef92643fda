"""Import an insurer's or guarantor's answers to the January enquiry."""

from __future__ import annotations

from typing import Any

from registry import clock
from registry.management.issuer_files import IssuerFileCommand
from registry.models.issuer import FileContent


class Command(IssuerFileCommand):
    """`import_enquiry FILE --issuer CODE`."""

    content = FileContent.ENQUIRY
    help = (
        "Read the file of export_enquiry with its last column filled: RENOUVELEE makes the certificate of the next "
        "year, NON_RENOUVELEE ends the policy at its term, INCONNUE opens a signal for staff; none does nothing. "
        "Without --apply it only reports. Lots, resumption and exit code as for import_covers."
    )
    examples = """
  manage.py import_enquiry reponses.csv --issuer MUTUELLE-OUEST
  manage.py import_enquiry reponses.csv --issuer MUTUELLE-OUEST --apply --by alice
"""

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call."""
        self.take(clock.now(), options)
