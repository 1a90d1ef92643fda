"""The worklist of signals: what issuers, associations and principals told that a person must look at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import RegisterCommand, add_json
from registry.models import Signal
from registry.rules.affiliations import SignalKind
from registry.rules.french import counted


class Command(RegisterCommand):
    """`list_signals`."""

    help = "List the open signals, the earliest day first; --all lists the settled ones too."
    examples = "  manage.py list_signals --kind MANDATE_ENDED --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        parser.add_argument("--kind", choices=[k.value for k in SignalKind], help="only these")
        parser.add_argument("--all", action="store_true", help="the settled ones too")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock and the list."""
        day = clock.local_day(clock.now())
        found = Signal.objects.select_related("intermediary", "settled_by").order_by("due_on", "id")
        found = found if options["all"] else found.filter(settled_on=None)
        found = found.filter(kind=options["kind"]) if options["kind"] else found
        if options["json"]:
            self.print_json([_as_json(signal) for signal in found.iterator(chunk_size=1000)])
            return
        for signal in found.iterator(chunk_size=1000):
            self.stdout.write(_line(signal, late=signal.settled_on is None and signal.due_on < day))
        self.stdout.write(f"{counted(found.count(), 'signalement')}.")


def _line(signal: Signal, *, late: bool) -> str:
    label, who = SignalKind(signal.kind).label, signal.intermediary
    settled = f" Réglé le {signal.settled_on:%d/%m/%Y}\u00a0: {signal.outcome}" if signal.settled_on else ""
    due = f"avant le {signal.due_on:%d/%m/%Y}{' (en retard)' if late else ''}"
    return f"{signal.pk}  {due}  {who}  {label}, annoncé par {signal.told_by}.{settled}"


def _as_json(signal: Signal) -> dict[str, object]:
    return {
        "id": signal.pk,
        "orias_number": signal.intermediary.orias_number,
        "kind": signal.kind,
        "told_by": signal.told_by,
        "opened_on": signal.opened_on,
        "due_on": signal.due_on,
        "settled_on": signal.settled_on,
        "settled_by": signal.settled_by.get_username() if signal.settled_by else None,
        "outcome": signal.outcome,
    }
