"""What happened to a batch, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console

from registry import clock
from registry.management.console import WrongUse, acting_user, add_by, add_json, require
from registry.rules.french import counted, grouped
from reminders.management.shared import BatchCommand, add_batch, told_of
from reminders.models.settlement import Decision
from reminders.planning.incident import CORRECTIONS, EVENTS, add_note, incident_report
from reminders.planning.preview import find_batch
from reminders.rules.bounces import BounceKind
from reminders.rules.eligibility import SkipReason
from reminders.rules.smtp_replies import Verdict
from reminders.rules.states import BatchState, NoticeState

SHOWN = 20
"""Lists are shown up to here; JSON has all."""


class Command(BatchCommand):
    """The incident report on any batch."""

    help = (
        "Report on a batch: counts by state and category, what happened when and by whom, what was refused, uncertain "
        "or came back, what was corrected, and the notes of people. --note adds one first."
    )
    examples = """
  manage.py incident_report 12
  manage.py incident_report 12 --json
  manage.py incident_report 12 --note 'cause\u00a0: import du 23 incomplet' --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The batch, a note, the form."""
        add_batch(parser)
        parser.add_argument("--note", metavar="TEXT", help="add a note for good: the cause, or what was done")
        add_by(parser, required=False)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Add the note, tell everything."""
        batch, now = find_batch(options["batch"]), clock.now()
        if options["note"] is not None:
            if not options["by"]:
                raise WrongUse("Dites qui écrit la note\u00a0: --by NOM.")
            by = acting_user(options["by"])
            require(by, "reminders.add_incidentnote")
            add_note(batch=batch, text=options["note"], by=by, now=now)
        report = incident_report(batch, now=now)
        if options["json"]:
            self.print_json(report)
            return
        _show(report, Console(markup=False, emoji=False, highlight=False, soft_wrap=True))


def _show(report: Mapping[str, Any], console: Console) -> None:
    state = BatchState(report["state"]).label
    console.print(f"Rapport d’incident — lot {report['batch']} au {report['as_of']} — {state}", style="bold")
    planned = grouped(report["planned"])
    console.print(f"Établi le {_instant(report['written_at'])}. Destinataires prévus\u00a0: {planned}.")
    console.print(
        f"Préparé par {report['author'] or 'le système'}, approuvé par {report['approved_by'] or 'personne'}."
    )
    _counts(report, console)
    _section("Notes", (f"{_instant(n['at'])} {n['by']}\u00a0: {n['text']}" for n in report["notes"]), console)
    _section("Chronologie", map(_event, report["timeline"]), console, shown=None)
    _section("Refusés", map(_refused, report["refused"]), console)
    _section("Trop tard", _expired(report), console)
    _section("Incertains", map(_uncertain, report["uncertain"]), console)
    _section("Retournés", map(_bounced, report["bounced"]), console)
    _section("Signalés comme indésirables", map(_whom, report["complaints"]), console)
    _section("Corrections", map(_corrected, report["corrected"]), console)


def _counts(report: Mapping[str, Any], console: Console) -> None:
    console.print(f"Relances\u00a0: {_states(report['counts']) or 'aucune'}")
    for category, counts in report["by_category"].items():
        console.print(f"  {category}\u00a0: {_states(counts)}")
    if report["skipped"]:
        reasons = ", ".join(f"{SkipReason(reason).label} ({grouped(n)})" for reason, n in report["skipped"].items())
        console.print(f"Écartés au moment de l’envoi\u00a0: {reasons}")
    kinds = ", ".join(f"{BounceKind(kind).label} ({grouped(n)})" for kind, n in report["bounces_by_kind"].items())
    console.print(f"Rapports reçus\u00a0: {kinds or 'aucun'}")
    if report["readers"] is not None:
        read, spared = grouped(report["readers"]), grouped(report["spared"])
        console.print(f"Page «\u00a0pourquoi ce message\u00a0» lue\u00a0: {read}, dont {spared} sans appel depuis")


def _states(counts: Mapping[str, int]) -> str:
    return ", ".join(told_of(NoticeState(state), n) for state, n in counts.items() if n)


def _section(title: str, lines: Iterable[str], console: Console, shown: int | None = SHOWN) -> None:
    listed = list(lines)
    console.print(f"\n{title} ({len(listed)})", style="bold")
    for line in listed[:shown]:
        console.print(f"  {line}")
    if shown is not None and len(listed) > shown:
        console.print(f"  … et {len(listed) - shown} de plus\u00a0: voyez --json.")


def _instant(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(clock.PARIS).strftime("%d/%m/%Y %H:%M:%S")


def _event(event: Mapping[str, Any]) -> str:
    who = f" par {event['who']}" if event["who"] else ""
    why = f"\u00a0: {event['why']}" if event["why"] else ""
    return f"{_instant(event['at'])} {EVENTS[event['what']]}{who}{why}"


def _whom(row: Mapping[str, Any]) -> str:
    return f"{row['orias_number']} {row['email']}"


def _refused(row: Mapping[str, Any]) -> str:
    verdict = Verdict(row["verdict"]).label if row["verdict"] else "sans réponse connue"
    return f"{_whom(row)} — {verdict} — {row['code'] or ''} {row['reply']}".rstrip()


def _expired(report: Mapping[str, Any]) -> Iterator[str]:
    for row in report["expired"]:
        yield f"{_refused(row)} — utile jusqu’au {_instant(row['not_after'])}"
    if untried := report["expired_untried"]:
        yield f"{counted(untried, 'relance')} sans tentative avant le dernier instant utile"


def _uncertain(row: Mapping[str, Any]) -> str:
    settled = Decision(row["settlement"]).label if row["settlement"] else "à régler"
    return f"{_whom(row)} — relance {row['notice']}, {settled}"


def _bounced(row: Mapping[str, Any]) -> str:
    return f"{_whom(row)} — {BounceKind(row['kind']).label} — {row['status']} {row['diagnostic']}".rstrip()


def _corrected(row: Mapping[str, Any]) -> str:
    who = f" par {row['by']}" if row["by"] else ""
    why = f"\u00a0: {row['why']}" if row["why"] else ""
    return f"{_whom(row)} — {CORRECTIONS[row['what']]}{who}{why}"
