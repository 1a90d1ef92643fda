"""How an explanation is put before a person at a terminal of 80 columns or more: labels for codes, short lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from rich.table import Column, Table

from registry.clock import PARIS
from registry.rules.categories import CoverKind
from registry.rules.covers import OPEN_STATES, CoverReason, CoverState
from registry.rules.file_state import FileStatus
from registry.rules.french import counted
from reminders.models import BatchKind

CHECKS = {
    "REGISTERED": "est inscrit",
    "SOMETHING_IS_MISSING": "une pièce manque",
    "A_WAVE_RUNS_TODAY": "une vague court ce jour",
    "NOT_IN_A_LIVE_BATCH": "n’est dans aucun lot en cours",
    "NOT_YET_REMINDED": "pas encore relancé",
    "NOT_TOO_SOON": "pas relancé ces derniers jours",
    "IN_THE_WAVE_ASKED": "dans la vague demandée",
    "HAS_AN_ADDRESS": "a une adresse électronique",
    "ADDRESS_WORKS": "l’adresse fonctionne",
}
NARROW = 24
_KINDS = {CoverKind.RC_PRO: "RC Pro", CoverKind.FINANCIAL_GUARANTEE: "garantie financière"}

Facts = dict[str, Any]


def checks_table(checks: list[Facts]) -> Table:
    """Each check in order with its outcome, and the facts it was given: these need most of the width."""
    table = Table(Column("Contrôle", max_width=NARROW), "Faits", show_lines=True)
    for check in checks:
        result = "oui" if check["passed"] else f"non — {check['reason_label']}"
        table.add_row(f"{CHECKS[check['check']]}\n{result}", "\n".join(_told(check["facts"])))
    return table


def notices_table(notices: list[Facts]) -> Table:
    """Each notice with what became of it; addresses are broken rather than cut."""
    table = Table("Message", "Lot", "État", "Le", "À", "Approuvé par")
    for n in notices:
        settled = datetime.fromisoformat(n["settled_at"]).astimezone(PARIS) if n["settled_at"] else None
        at = f"{settled:%Y-%m-%d %H:%M}" if settled else ""
        message = f"{n['notice']}\n{BatchKind(n['kind']).label}"
        message += f" du message {n['corrects']}" if n["corrects"] else ""
        table.add_row(message, str(n["batch"]), "\n".join(_became(n)), at, n["email"], n["approved_by"] or "")
    for column in table.columns:
        column.overflow = "fold"
    return table


def _became(n: Facts) -> Iterator[str]:
    """The state of a notice, and why it was withdrawn or given up."""
    yield n["state_label"]
    if n["reason"]:
        yield n["reason_label"]
    if late := n["expired"]:
        yield f"utile jusqu’au {datetime.fromisoformat(late['not_after']):%Y-%m-%d %H:%M}"
        yield late["last_reply"] or "sans tentative"


def _told(facts: Facts) -> Iterator[str]:
    for name, value in facts.items():
        if value is not None:
            yield from _FACTS[name](value)


def _findings(findings: list[Facts]) -> Iterator[str]:
    for f in findings:
        state = CoverState(f["state"])
        until = f", couvert jusqu’au {f['covered_until']}" if f["covered_until"] else ""
        due = f", à déposer au plus tard le {f['due_on']}" if state in OPEN_STATES and f["due_on"] else ""
        yield f"{f['category']}, {_KINDS[CoverKind(f['kind'])]} — {state.label.lower()}{until}{due}"
        if state is not CoverState.IN_FORCE:
            yield from (f"  {CoverReason(reason).label}" for reason in f["reasons"])
        if state in OPEN_STATES and f["legal_text"]:
            yield f"  {f['legal_text']}"


def _items(items: list[Facts]) -> Iterator[str]:
    for item in items:
        wave = f"vague {item['wave']}" if item["wave"] else "aucune vague ce jour"
        yield f"{_KINDS[CoverKind(item['kind'])]}, à déposer au plus tard le {item['due_on']} — {wave}"


def _held(keys: list[str]) -> Iterator[str]:
    for key in keys:
        kind, term, wave = key.split("/")
        yield f"{_KINDS[CoverKind(kind)]} jusqu’au {term}, vague {wave} — relance déjà prévue ou partie"


_FACTS: dict[str, Callable[[Any], Iterator[str]]] = {
    "status": lambda status: iter([FileStatus(status).label]),
    "findings": _findings,
    "items": _items,
    "notice": lambda notice: iter([f"relance {notice}"]),
    "held": _held,
    "last_mailed_on": lambda day: iter([f"dernière relance le {day}"]),
    "gap_days": lambda days: iter([f"{days} jours d’écart au moins"]),
    "only_wave": lambda wave: iter([f"vague {wave}"]),
    "email": lambda email: iter([email or "aucune adresse"]),
    "hard": lambda hard: iter([counted(hard, "retour définitif", "retours définitifs")]),
    "soft_days": lambda days: iter([f"retours passagers sur {counted(days, 'jour')}"]),
}
