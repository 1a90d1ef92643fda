"""What became of a batch, line by line, in the reader's language: the report itself is French where it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.english import english_of
from api.problems import label_of, said
from reminders.models.batch import PauseReason
from reminders.models.settlement import Decision, Evidence
from reminders.planning.incident import CORRECTIONS, EVENTS
from reminders.rules.bounces import BounceKind

EVENTS_IN_ENGLISH: Mapping[str, str] = {
    "PLANNED": "prepared",
    "APPROVED": "approved",
    "RELEASED": "released",
    "STEP": "step opened",
    "PAUSED": "paused",
    "RESUMED": "resumed",
    "STOPPED": "sending stopped",
    "OPENED": "sending reopened",
    "FIRST_MAIL": "first message",
    "LAST_MAIL": "last message",
    "NOTE": "noted",
    "COMPLETED": "completed",
    "CANCELLED": "cancelled",
    "STALE": "stale",
    "RECALL_PLANNED": "correction prepared",
    "RECALL_APPROVED": "correction approved",
    "RECALL_RELEASED": "correction released",
    "RECALL_COMPLETED": "correction completed",
    "RECALL_CANCELLED": "correction cancelled",
    "RECALL_STALE": "correction stale",
}
CORRECTIONS_IN_ENGLISH: Mapping[str, str] = {decision.value: decision.label_en for decision in Decision} | {
    "ADDRESS_CHANGED": "address changed since",
    "RECALLED": "correction sent",
    "RECALL_UNCERTAIN": "correction may have been sent",
}
_RECALL = re.compile(r"lot (\d+)(?:, (.+?) destinataires?)?(?:\u00a0: (.*))?", re.DOTALL)


def event_of(one: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the timeline; in English `said` is ours and `typed` is what somebody wrote, in French as a rule."""
    ours, typed = _why(one["what"], one["why"])
    told = said(EVENTS[one["what"]], EVENTS_IN_ENGLISH[one["what"]])
    return {**one, "at": datetime.fromisoformat(one["at"]), "told": told, "said": ours, "typed": typed}


def correction_of(one: Mapping[str, Any]) -> dict[str, Any]:
    """What was put right of one message, likewise."""
    proofs = {proof.label: proof.label_en for proof in Evidence}
    ours = proofs.get(one["why"], "")
    told = said(CORRECTIONS[one["what"]], CORRECTIONS_IN_ENGLISH[one["what"]])
    return {**one, "told": told, "said": ours, "typed": "" if ours else one["why"]}


def returned_of(one: Mapping[str, Any]) -> dict[str, Any]:
    """A message that came back."""
    return {**one, "told": label_of(BounceKind(one["kind"]))}


def _why(what: str, why: str) -> tuple[str, str]:
    """The English of what we say of an event, and what somebody typed."""
    match what:
        case "STEP":
            return why, ""
        case "PAUSED":
            return _pause(why)
        case _ if found := _RECALL.fullmatch(why) if what.startswith("RECALL_") else None:
            number, people, typed = found.groups()
            many = "" if people is None else f", {people} recipient{'' if people == '1' else 's'}"
            return f"batch {number}{many}", typed or ""
    return "", why


def _pause(why: str) -> tuple[str, str]:
    reason = next((one for one in PauseReason if why.startswith(one.label)), None)
    if reason is None:
        return "", why
    rest = why.removeprefix(reason.label).removeprefix("\u00a0: ")
    if reason is PauseReason.PERSON or not rest:
        return reason.label_en, rest
    return f"{reason.label_en}: {english_of(rest) or rest}", ""
