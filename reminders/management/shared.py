"""What the commands on batches share: their arguments, their errors, and how a batch is shown at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from registry.clock import PARIS
from registry.management.console import RegisterCommand, whole_number
from registry.rules.categories import Category, CoverKind
from registry.rules.french import counted, grouped
from reminders.errors import ReminderError, WrongRequest
from reminders.models import BatchKind
from reminders.models.batch import PauseReason
from reminders.planning.preview import Sample
from reminders.rules.brakes import BrakeLevel
from reminders.rules.eligibility import SkipReason
from reminders.rules.recalls import RecallClass
from reminders.rules.states import BatchState, NoticeState

batch_number = whole_number(1, 2**31 - 1)


class BatchCommand(RegisterCommand):
    """A command of the reminder engine: what the engine refuses ends it with exit code 1."""

    expected_errors: ClassVar[tuple[type[Exception], ...]] = (ReminderError,)
    wrong_uses: ClassVar[tuple[type[Exception], ...]] = (WrongRequest,)


def add_batch(parser: CommandParser) -> None:
    """The number of a batch."""
    parser.add_argument("batch", type=batch_number, metavar="ID", help="number of the batch")


def show_report(report: Mapping[str, Any], console: Console) -> None:
    """A batch for people: who, how many, who not and why, the brakes, the hash."""
    if report["batch"] is None:
        console.print(f"Personne à relancer au {report['as_of']}\u00a0: aucun lot n’est créé.", style="bold")
    else:
        state = BatchState(report["state"]).label
        number = report.get("batch_told", report["batch"])
        console.print(
            f"Lot {number} au {report['as_of']} — {state} — {counted(report['planned'], 'destinataire')}",
            style="bold",
        )
        _kind(report, console)
        _who(report, console)
        _brakes(report["brakes"], console)
    _left_out(report["skipped"], console)
    if report["batch"] is not None:
        _changes(report, console)
        console.print(f"Empreinte\u00a0: {report['hash']}", soft_wrap=True)


def _kind(report: Mapping[str, Any], console: Console) -> None:
    """What it corrects, why, and what each is told — or what corrects it."""
    for recall in report["recalls"]:
        console.print(f"Ce lot a un rectificatif\u00a0: le lot {recall}.", style="yellow")
    if report["kind"] != BatchKind.RECALL:
        return
    why = f" — {report['reason']}" if report["reason"] else ""
    # A reason is shown as it was typed: brackets in it are no markup.
    told = f"Rectificatif du lot {report['corrects']}{why}"
    console.print(told, style="bold yellow", markup=False, highlight=False, soft_wrap=True)
    table = Table("Destinataires", "Ce qui leur est dit", title_justify="left")
    for code, n in report["by_class"].items():
        table.add_row(grouped(n), f"{RecallClass(code).label} ({code})")
    console.print(table)
    console.print(recalled_in_words(report), soft_wrap=True)


def recalled_in_words(report: Mapping[str, Any]) -> str:
    """Everybody reached, in parts that add up to them: by this list, by others, and by none."""
    parts = [
        counted(report["corrected_before"], "rectifié auparavant", "rectifiés auparavant"),
        f"{grouped(report['planned'])} dans ce lot",
        *(f"{counted(n, 'écarté')} ({SkipReason(code).label})" for code, n in report["skipped"].items()),
    ]
    told = f"Touchés\u00a0: {grouped(report['reached'])} = {' + '.join(parts)}."
    if left := report["left_to_correct"]:
        told += f" À ce jour, {counted(left, 'reste', 'restent')} sans rectificatif parti ni prévu."
    return told


def show_watch(report: Mapping[str, Any], console: Console) -> None:
    """Why a batch stands still, until when it is watched, and every alarm with what to do."""
    if report["state"] == BatchState.PAUSED:
        console.print(f"En pause\u00a0: {pause_in_words(report)}", style="bold", markup=False)
    for alarm in report["alarms"]:
        style = "dim" if alarm["closed_at"] else "bold red"
        closed = f" Close par {alarm['closed_by']}. {alarm['close_reason']}" if alarm["closed_at"] else ""
        console.print(
            f"Alarme {alarm['code']}\u00a0: {alarm['message']}. À faire\u00a0: {alarm['remedy']}.{closed}".rstrip(),
            style=style,
            markup=False,
        )


def pause_in_words(report: Mapping[str, Any]) -> str:
    """« palier terminé, sous surveillance avant le suivant, jusqu’à 10:42 »."""
    label = PauseReason(report["pause_reason"]).label
    if until := report["watch"]["until"]:
        return f"{label}, jusqu’à {datetime.fromisoformat(until).astimezone(PARIS):%H:%M}"
    return f"{label} ({report['pause_detail']})" if report["pause_detail"] else label


def _who(report: Mapping[str, Any], console: Console) -> None:
    categories = ", ".join(f"{grouped(n)} {Category(c).value}" for c, n in report["by_category"].items())
    items = ", ".join(f"{grouped(n)} {CoverKind(k).label}" for k, n in report["by_item"].items())
    several = " (une personne peut avoir plusieurs catégories)"
    categories += several if sum(report["by_category"].values()) > report["planned"] else ""
    if report["waves"]:
        console.print(f"Vagues\u00a0: {', '.join(report['waves'])}")
    console.print(f"Par catégorie\u00a0: {categories}")
    if items:
        console.print(f"Par pièce\u00a0: {items}")
    counts = ", ".join(told_of(NoticeState(s), n) for s, n in report["counts"].items() if n)
    console.print(f"Relances\u00a0: {counts}")


def told_of(state: NoticeState, number: int) -> str:
    """So many reminders in a state; relance is feminine: "1 prévue", "25 acceptées par le serveur", "3 trop tard"."""
    first, _, rest = state.label.lower().partition(" ")
    ending = f" {rest}" if rest else ""
    if state in (NoticeState.EXPIRED, NoticeState.SENDING):
        words = "en cours d’envoi" if state is NoticeState.SENDING else first + ending
        return counted(number, words, words)
    return counted(number, f"{first}e{ending}", f"{first}es{ending}")


def _left_out(skipped: Mapping[str, int], console: Console) -> None:
    if not skipped:
        return
    table = Table("Écartés", "Motif", title_justify="left")
    for reason, n in sorted(skipped.items(), key=lambda pair: -pair[1]):
        table.add_row(grouped(n), f"{SkipReason(reason).label} ({reason})")
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
            f"Depuis le lot {changes['previous']}\u00a0: {counted(changes['new'], 'nouveau', 'nouveaux')}, "
            f"{counted(changes['same'], 'commun')}, {counted(changes['gone'], 'sorti')}."
        )
    console.print(calls_told(report))


def calls_told(report: Mapping[str, Any]) -> str:
    """What `calls_report` says, for people."""
    most = report["pace_per_hour"]
    pace = f"au rythme de {grouped(most)} par heure" if most else "sans limite de rythme"
    share = f"{report['answered_share']:.0%}".replace("%", "\u00a0%")
    return (
        f"Appels à prévoir dans l’heure la plus chargée, {pace}\u00a0: {grouped(report['expected_calls_per_hour'])}. "
        f"Agents nécessaires pour en décrocher 80\u00a0% en 20\u00a0s\u00a0: {grouped(report['agents_needed'])}\u00a0; "
        f"avec {report['agents']}, {share} le seraient."
    )


def show_samples(shown: Iterable[Sample], console: Console) -> None:
    """Messages as they would leave now."""
    for sample in shown:
        console.rule(f"Exemple {sample.rank} — {sample.orias_number} — {sample.email}")
        console.print(sample.subject, style="bold", markup=False, highlight=False)
        console.print(sample.text, markup=False, highlight=False)
