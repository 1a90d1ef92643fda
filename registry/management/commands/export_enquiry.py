"""Write the January enquiry of one insurer or guarantor."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from registry.actions.issuers import find_issuer
from registry.intake.enquiries import export_enquiry
from registry.intake.reporting import ReportError
from registry.management.arguments import iso_day
from registry.management.console import RegisterCommand, require_writable
from registry.rules.french import counted


class Command(RegisterCommand):
    """`export_enquiry ISSUER --as-of DAY --csv OUT`."""

    expected_errors: ClassVar[tuple[type[Exception], ...]] = (ReportError,)
    help = (
        "Write the policies of an insurer or guarantor that end with the campaign to come and whose tacit renewal on 1 "
        "January is to be confirmed, one a row. The last column takes the answer: RENOUVELEE, NON_RENOUVELEE, INCONNUE."
    )
    examples = "  manage.py export_enquiry MUTUELLE-OUEST --as-of 2026-12-15 --csv enquete.csv"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose policies, on which day, where to."""
        parser.add_argument("issuer", metavar="ISSUER", help="code of the insurer or guarantor")
        parser.add_argument("--as-of", type=iso_day, required=True, metavar="DAY", help="the day of the enquiry")
        parser.add_argument("--csv", type=Path, required=True, metavar="OUT", help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        """One call."""
        issuer = find_issuer(options["issuer"])
        require_writable(options["csv"])
        written = export_enquiry(issuer, options["as_of"], options["csv"])
        self.stdout.write(f"{counted(written, 'police')} à confirmer. Écrit\u00a0: {options['csv']}")
