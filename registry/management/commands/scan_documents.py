"""Check and scan the files that wait, and scan again those scanned long ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.intake.papers import Scanning, scan_papers, to_scan
from registry.management.console import Failed, RegisterCommand, add_json, progress, whole_number
from registry.papers.antivirus import has_scanner


class Command(RegisterCommand):
    """Scan them."""

    help = (
        "Check and scan the files that wait for it; the workers do the same every minute. --again scans once more what "
        "was last scanned so many days ago: monthly, or with 0 after a new signature. Without CLAMD_URL files stay "
        "“not scanned”. Exit code 1 where the scanner does not answer or a kept file is damaged."
    )
    examples = """
  manage.py scan_documents
  manage.py scan_documents --again 30
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        parser.add_argument("--again", type=whole_number(0, 3650), metavar="DAYS", help="also those scanned DAYS ago")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, scan, tell."""
        days = options["again"]
        before = None if days is None else clock.now() - timedelta(days=days)
        with progress("documents", total=to_scan(again_before=before).count()) as advance:
            done = scan_papers(clock=clock.now, again_before=before, advance=advance)
        self._tell(done, options)

    def _tell(self, done: Scanning, options: dict[str, Any]) -> None:
        if options["json"]:
            self.print_json(
                {
                    "scanner": has_scanner(),
                    "checked": done.checked,
                    "clean": done.clean,
                    "infected": done.infected,
                    "missing": done.missing,
                    "not_scanned": done.not_scanned,
                }
            )
        elif has_scanner():
            infected = ", ".join(map(str, done.infected)) or "aucun"
            self.stdout.write(f"Contrôlés\u00a0: {done.checked}, sains\u00a0: {done.clean}, écartés\u00a0: {infected}.")
        else:
            self.stdout.write(f"Contrôlés\u00a0: {done.checked}. Aucun antivirus n’est configuré (CLAMD_URL).")
        if done.missing:
            raise Failed(f"Contenu absent ou abîmé\u00a0: documents {', '.join(map(str, done.missing))}.")
        if done.silent:
            raise Failed(f"L’antivirus ne répond pas ({done.silent})\u00a0: relancez quand il sera rétabli.")
