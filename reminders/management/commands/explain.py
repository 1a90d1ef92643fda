"""Explain: why someone gets a reminder, or none."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from registry import clock
from registry.management.console import add_json
from registry.rules.file_state import FileStatus
from reminders.config import engine_settings
from reminders.management.shared import BatchCommand, iso_day
from reminders.models import BatchKind
from reminders.planning.explain import explain


class Command(BatchCommand):
    """Explain one intermediary's case."""

    help = "Explain, check by check, why an intermediary would be reminded on a day or not, and every notice sent."
    examples = """
  manage.py explain 07001003
  manage.py explain 07001003 --as-of 2026-02-24 --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and when."""
        parser.add_argument("orias_number", metavar="ORIAS_NUMBER", help="eight digits")
        parser.add_argument("--as-of", type=iso_day, metavar="DAY", help="the day to explain (default: today)")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, show it."""
        day = options["as_of"] or clock.local_day(clock.now())
        told = explain(options["orias_number"], day=day, gap_days=engine_settings().gap_days)
        if options["json"]:
            self.print_json(told)
            return
        # A name is shown as it is: brackets and colons in it are no markup.
        console = Console(markup=False, emoji=False)
        status = FileStatus(told["state"]).label
        console.print(f"{told['orias_number']} {told['name']} — {status} au {told['as_of']}", style="bold")
        verdict = "serait relancé" if told["would_be_reminded"] else f"n’est pas relancé\u00a0: {told['reason_label']}"
        console.print(f"À cette date, cet intermédiaire {verdict}.")
        console.print(_checks(told["checks"]))
        if told["notices"]:
            console.print(_notices(told["notices"]))


def _checks(checks: list[dict[str, Any]]) -> Table:
    table = Table("Contrôle", "Résultat", "Faits")
    for check in checks:
        result = "oui" if check["passed"] else f"non\u00a0: {check['reason_label']}"
        table.add_row(check["check"], result, _facts(check["facts"]))
    return table


def _facts(facts: dict[str, Any]) -> str:
    lines = []
    for name, value in facts.items():
        if isinstance(value, list):
            lines += [_entry(e) for e in value]
        elif value is not None:
            lines.append(f"{name} {value}")
    return "\n".join(lines)


def _entry(entry: Any) -> str:
    return ", ".join(f"{k} {_flat(v)}" for k, v in entry.items() if v) if isinstance(entry, dict) else str(entry)


def _flat(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)


def _notices(notices: list[dict[str, Any]]) -> Table:
    table = Table("Message", "Nature", "Lot", "État", "Le", "À", "Approuvé par")
    for n in notices:
        table.add_row(
            str(n["notice"]),
            _kind(n),
            str(n["batch"]),
            n["state_label"],
            n["settled_at"] or "",
            n["email"],
            n["approved_by"] or "",
        )
    for column in table.columns:
        column.overflow = "fold"
    return table


def _kind(notice: dict[str, Any]) -> str:
    label = BatchKind(notice["kind"]).label
    return f"{label} du message {notice['corrects']}" if notice["corrects"] else label
