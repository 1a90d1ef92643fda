"""Verify the register: every stored finding recomputed by the rules, every difference reported."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.findings import Difference, refresh_findings, verify_findings
from registry.management.console import Failed, RegisterCommand, add_json, progress
from registry.models import Intermediary
from registry.rules.french import counted

SHOWN = 50


class Command(RegisterCommand):
    """Recompute and compare."""

    help = (
        "Recompute every file by the rules from its source rows and report every stored finding that differs. "
        "Ends with 1 where there is a difference."
    )
    examples = """
  manage.py verify_register
  manage.py verify_register --refresh --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to bring the findings up to date first."""
        parser.add_argument("--refresh", action="store_true", help="bring all stored findings to today first")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify chunk by chunk."""
        day = clock.local_day(clock.now())
        refreshed = refresh_findings(as_of=day) if options["refresh"] else 0
        checked = outdated = 0
        differences: list[Difference] = []
        with progress("Vérification", total=Intermediary.objects.count()) as advance:
            for chunk in verify_findings(day=day):
                checked, outdated = checked + chunk.checked, outdated + chunk.outdated
                differences += chunk.differences
                advance(chunk.checked)
        if options["json"]:
            told = [_plain(d) for d in differences]
            self.print_json({"checked": checked, "differences": told, "outdated": outdated, "refreshed": refreshed})
        else:
            self._tell(checked, outdated, differences)
        if differences:
            raise Failed(
                f"{counted(len(differences), 'constat diffère', 'constats diffèrent')} des règles. "
                "Pour recalculer\u00a0: manage.py verify_register --refresh"
            )

    def _tell(self, checked: int, outdated: int, differences: list[Difference]) -> None:
        self.stdout.write(
            f"{counted(checked, 'dossier vérifié', 'dossiers vérifiés')}, {counted(len(differences), 'différence')}."
        )
        for d in differences[:SHOWN]:
            self.stdout.write(
                f"  {d.orias_number} {d.category} {d.kind}\u00a0: {d.difference.label} "
                f"(enregistré {d.stored}, calculé {d.computed})"
            )
        if outdated:
            waiting = counted(outdated, "constat attend", "constats attendent")
            self.stdout.write(f"{waiting} le passage de la nuit\u00a0: depuis le dernier, seule la date a changé.")


def _plain(difference: Difference) -> dict[str, str | None]:
    return {
        "orias_number": difference.orias_number,
        "category": difference.category,
        "kind": difference.kind,
        "difference": difference.difference,
        "stored": difference.stored,
        "computed": difference.computed,
    }
