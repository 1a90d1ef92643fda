"""One file told whole: facts, findings, decisions; of now or of a past instant, for any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registry.facts import load_files, load_reference
from registry.models import Decision, Intermediary
from registry.past import decisions_at, load_files_at, load_reference_at
from registry.rules.covers import CoverFinding
from registry.rules.facts import CoverFacts, FileFacts, RegistrationFacts
from registry.rules.file_state import FileState, assess_file


@dataclass(frozen=True, slots=True)
class FileTold:
    """What the register knew at `at` (None: knows now), judged by the rules for the day of `state`; `whose`: the row
    of now."""

    at: datetime | None
    facts: FileFacts
    state: FileState
    decisions: tuple[Any, ...]
    whose: Intermediary

    def plain(self) -> dict[str, Any]:
        """For scripts: codes, days and instants in ISO 8601."""
        return {
            "orias_number": self.facts.orias_number,
            "name": self.facts.name,
            "email": self.facts.email,
            "merged_into": self.facts.merged_into or None,
            "known_at": self.at.isoformat() if self.at else None,
            "on": self.state.as_of,
            "state": self.state.status,
            "state_label": self.state.status.label,
            "complete": self.state.is_complete,
            "registrations": [_registration(r) for r in self.facts.registrations],
            "covers": [_cover(c) for c in self.facts.covers],
            "findings": [plain_finding(f) for f in self.state.findings],
            "decisions": [_decision(d) for d in self.decisions],
        }


def tell_file(orias_number: str, *, at: datetime | None, day: date) -> FileTold | None:
    """The file of a number as known at `at` (None: now), judged for `day`; None where the register did not hold it."""
    whose = Intermediary.objects.filter(orias_number=orias_number).first()
    if whose is None:
        return None
    pk = whose.pk
    facts = (load_files([pk]) if at is None else load_files_at([pk], at)).get(pk)
    if facts is None:
        return None
    reference = load_reference() if at is None else load_reference_at(at)
    now = Decision.objects.filter(intermediary=pk).order_by("-decided_on", "-id")
    decisions = tuple(now if at is None else decisions_at(pk, at))
    return FileTold(at, facts, assess_file(facts, reference, day), decisions, whose)


def _registration(r: RegistrationFacts) -> dict[str, Any]:
    return {
        "category": r.category,
        "registered_on": r.registered_on,
        "removed_on": r.removed_on,
        "suspended_on": r.suspended_on,
        "suspended_until": r.suspended_until,
        "holds_client_funds": r.holds_client_funds,
        "filer": r.filer,
    }


def _cover(c: CoverFacts) -> dict[str, Any]:
    return {
        "kind": c.kind,
        "categories": sorted(c.categories),
        "starts_on": c.starts_on,
        "ends_on": c.ends_on,
        "status": c.status,
        "ended_on": c.ended_on,
        "deposited_on": c.deposited_on,
    }


def plain_finding(f: CoverFinding) -> dict[str, Any]:
    """A finding for scripts, with its reasons in words."""
    return {
        "category": f.category,
        "kind": f.kind,
        "state": f.state,
        "state_label": f.state.label,
        "covered_until": f.covered_until,
        "term": f.term,
        "due_on": f.due_on,
        "reasons": [{"code": reason, "label": reason.label} for reason in f.reasons],
        "legal_text": f.legal_text,
    }


def _decision(d: Any) -> dict[str, Any]:
    return {
        "kind": d.kind,
        "authority": d.authority,
        "decided_on": d.decided_on,
        "act_reference": d.act_reference,
        "reason": d.reason,
    }
