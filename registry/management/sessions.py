"""What the commands on sessions of the commission share: reading the votes, telling a session."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from registry.actions.sessions import Votes
from registry.management.arguments import iso_day
from registry.management.console import Failed, WrongUse, require_readable
from registry.models import CommissionSession
from registry.rules.commission import choices_named
from registry.rules.removals import CaseState

_SHAPE = (
    'écrivez {"held_on": "2027-04-16", "cases": {"12": {"for": ["m1", "m2"], "against": [], "abstained": [], '
    '"conflict": []}}}'
)


def read_session(path: Path) -> tuple[Any, Votes]:
    """The day and the votes of a session's file. Raises WrongUse with the shape it should have."""
    require_readable(path)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return iso_day(told["held_on"]), {int(pk): choices_named(voices) for pk, voices in told["cases"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, ArgumentTypeError) as error:
        raise WrongUse(f"«\u00a0{path}\u00a0» n’est pas une séance ({error})\u00a0: {_SHAPE}.") from error


def find_session(number: str) -> CommissionSession:
    """The session of that number. Raises Failed where there is none."""
    found = CommissionSession.objects.filter(number=number.strip().upper()).first()
    if found is None:
        raise Failed(f"Aucune séance «\u00a0{number}\u00a0»\u00a0: vérifiez son numéro.")
    return found


def session_in_lines(told: dict[str, Any]) -> list[str]:
    """A session for people."""
    signed = "signée" if told["signed"] else "à signer par une seconde personne"
    lines = [f"Séance {told['session']} du {told['held_on']}, {told['seats']} membres en fonction, {signed}."]
    lines += [
        f"  Affaire {case['case']}\u00a0: {case['outcome_label']} ({case['for']} pour, {case['against']} contre, "
        f"{case['abstained']} abstention, {case['conflict']} intérêt déclaré\u202f; {case['sitting']} siégeant). "
        f"État\u00a0: {CaseState(case['state']).label}."
        for case in told["cases"]
    ]
    return [*lines, f"  Empreinte des votes\u00a0: {told['digest']}"]
