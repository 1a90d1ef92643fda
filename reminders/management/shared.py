"""What the commands on batches share: their arguments, their errors, and how a batch is shown at a terminal."""

from __future__ import annotations

import csv
from argparse import ArgumentTypeError
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from registry.management.console import RegisterCommand
from registry.rules.categories import Category, CoverKind
from reminders.errors import ReminderError
from reminders.rules.brakes import BrakeLevel
from reminders.rules.eligibility import SkipReason
from reminders.rules.states import BatchState, NoticeState


class BatchCommand(RegisterCommand):
    """A command of the reminder engine: what the engine refuses ends it with exit code 1."""

    expected_errors: ClassVar[tuple[type[Exception], ...]] = (ReminderError,)


def add_batch(parser: CommandParser) -> None:
    """The number of a batch."""
    parser.add_argument("batch", type=int, metavar="ID", help="number of the batch")


def iso_day(text: str) -> date:
    """A day for argparse: 2026-02-24."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"«\u00a0{text}\u00a0» n’est pas un jour\u00a0: écrivez-le comme 2026-02-24") from None


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]], columns: list[str]) -> None:
    """A spreadsheet for staff: semicolons, a byte order mark, and no cell that a spreadsheet would run."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=";")
        writer.writeheader()
        writer.writerows({k: _harmless(v) for k, v in row.items()} for row in rows)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def show_report(report: Mapping[str, Any], console: Console) -> None:
    """A batch for people: who, how many, who not and why, the brakes, the hash."""
    if report["batch"] is None:
        console.print(f"Personne à relancer au {report['as_of']}\u00a0: aucun lot n’est créé.", style="bold")
    else:
        state = BatchState(report["state"]).label
        console.print(
            f"Lot {report['batch']} au {report['as_of']} — {state} — {report['planned']} destinataires", style="bold"
        )
        _who(report, console)
        _brakes(report["brakes"], console)
    _left_out(report["skipped"], console)
    if report["batch"] is not None:
        _changes(report, console)
        console.print(f"Empreinte\u00a0: {report['hash']}", soft_wrap=True)


def _who(report: Mapping[str, Any], console: Console) -> None:
    categories = ", ".join(f"{n} {Category(c).value}" for c, n in report["by_category"].items())
    items = ", ".join(f"{n} {CoverKind(k).label}" for k, n in report["by_item"].items())
    console.print(f"Vagues\u00a0: {', '.join(report['waves'])}")
    console.print(f"Par catégorie\u00a0: {categories}")
    console.print(f"Par pièce\u00a0: {items}")
    counts = {s: n for s, n in report["counts"].items() if n}
    console.print("Relances\u00a0: " + ", ".join(f"{n} {NoticeState(s).label.lower()}" for s, n in counts.items()))


def _left_out(skipped: Mapping[str, int], console: Console) -> None:
    table = Table("Écartés", "Motif", title_justify="left")
    for reason, n in sorted(skipped.items(), key=lambda pair: -pair[1]):
        table.add_row(str(n), f"{SkipReason(reason).label} ({reason})")
    console.print(table)


_STYLES = {BrakeLevel.GREEN: "green", BrakeLevel.AMBER: "yellow", BrakeLevel.RED: "bold red"}


def _brakes(brakes: Iterable[Mapping[str, str]], console: Console) -> None:
    table = Table("Frein", "Niveau", "Constat")
    for brake in brakes:
        level = BrakeLevel(brake["level"])
        table.add_row(brake["code"], level.label, brake["message"], style=_STYLES[level])
    console.print(table)


def _changes(report: Mapping[str, Any], console: Console) -> None:
    changes = report["changes"]
    if changes["previous"]:
        console.print(
            f"Depuis le lot {changes['previous']}\u00a0: {changes['new']} nouveaux, {changes['same']} communs, "
            f"{changes['gone']} sortis."
        )
    console.print(calls_told(report))


def calls_told(report: Mapping[str, Any]) -> str:
    """What `calls_report` says, for people."""
    pace = f"au rythme de {report['pace_per_hour']} par heure" if report["pace_per_hour"] else "sans limite de rythme"
    share = f"{report['answered_share']:.0%}".replace("%", "\u00a0%")
    return (
        f"Appels à prévoir dans l’heure la plus chargée, {pace}\u00a0: {report['expected_calls_per_hour']}. "
        f"Agents nécessaires pour en décrocher 80\u00a0% en 20\u00a0s\u00a0: {report['agents_needed']}\u00a0; "
        f"avec {report['agents']}, {share} le seraient."
    )
