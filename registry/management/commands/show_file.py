"""Show a file: as it stands, as it stood at a past instant, as it would stand on another day."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.clock import PARIS
from registry.files import FileTold, tell_file
from registry.management.arguments import iso_day, orias_number
from registry.management.console import Failed, RegisterCommand, add_json
from registry.models.registration import Authority, DecisionKind
from registry.past import PastError, known_at, parse_moment
from registry.rules.covers import CoverFinding


class Command(RegisterCommand):
    """Show it."""

    help = (
        "Show a file: facts, findings with their reasons, decisions. --as-of asks what the register knew then (an "
        "instant, or the end of a day), --on for which day it is judged: without --as-of, what it would say on that "
        "day if nothing changed. Without either: now, for today."
    )
    examples = """
  manage.py show_file 07001003
  manage.py show_file 07001003 --as-of 2026-02-24T23:00
  manage.py show_file 07001003 --as-of 2026-02-24T23:00 --on 2026-03-01 --json
  manage.py show_file 07001003 --on 2027-03-01
"""
    wrong_uses = (PastError,)

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, what was known, for which day."""
        parser.add_argument("orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="eight digits")
        parser.add_argument(
            "--as-of", type=moment, metavar="INSTANT|DAY", help="what the register knew then (Paris time; default: now)"
        )
        parser.add_argument(
            "--on", type=iso_day, metavar="DAY", help="the day to judge for (default: that of --as-of, or today)"
        )
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, look, tell."""
        at = known_at(options["as_of"]) if options["as_of"] else None
        day = options["on"] or clock.local_day(at or clock.now())
        told = tell_file(options["orias_number"], at=at, day=day)
        if told is None:
            then = " alors" if at else ""
            raise Failed(
                f"Le registre ne tenait pas{then} le numéro ORIAS {options['orias_number']}\u00a0: vérifiez ses huit "
                "chiffres, zéros compris, et l’instant demandé."
            )
        if options["json"]:
            self.print_json(told.plain())
            return
        self.stdout.write("\n".join(_in_words(told)))


def moment(text: str) -> date | datetime:
    """A day or an instant for argparse; without an offset, Paris time."""
    try:
        return parse_moment(text, zone=PARIS)
    except PastError as error:
        raise ArgumentTypeError(str(error)) from None


def _in_words(told: FileTold) -> Iterator[str]:
    known = f", tel que connu le {told.at.astimezone(PARIS):%Y-%m-%d à %H:%M:%S}" if told.at else ""
    state = told.state.status.label
    yield f"{told.facts.orias_number} {told.facts.name} — {state} au {told.state.as_of}{known}"
    if told.facts.merged_into:
        yield f"Fusionné avec le numéro {told.facts.merged_into}."
    yield f"Courriel\u00a0: {told.facts.email or 'aucun'}"
    for r in told.facts.registrations:
        until = f", supprimé le {r.removed_on}" if r.removed_on else ""
        yield f"{r.category} inscrit le {r.registered_on}{until}"
    for c in told.facts.covers:
        ended = f", sans effet à partir du {c.ended_on}" if c.ended_on else ""
        yield f"  {c.kind.label} du {c.starts_on} au {c.ends_on} — {c.status.label}{ended}"
    yield from (_finding(f) for f in told.state.findings)
    for d in told.decisions:
        kind, authority = DecisionKind(d.kind).label, Authority(d.authority).label
        yield f"Décision\u00a0: {kind}, {authority}, {d.decided_on}, {d.act_reference}"


def _finding(finding: CoverFinding) -> str:
    due = f", à déposer au plus tard le {finding.due_on}" if finding.is_open and finding.due_on else ""
    reasons = ", ".join(reason.label for reason in finding.reasons)
    return f"{finding.category}, {finding.kind.label} — {finding.state.label}{due} ({reasons})"
