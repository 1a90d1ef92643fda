"""The state of a whole file: its findings combined, with what is missing and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.rules.categories import CoverKind
from registry.rules.covers import CoverFinding, CoverState, assess_cover
from registry.rules.facts import FileFacts, Reference, RegistrationFacts
from registry.rules.labels import LabelledEnum


class FileStatus(LabelledEnum):
    """What a person is told of a file, in one tag."""

    IN_ORDER = "IN_ORDER", "En règle", "In order"
    TO_COMPLETE = "TO_COMPLETE", "À compléter", "To be completed"
    UNDER_REVIEW = "UNDER_REVIEW", "En contrôle", "Being checked"
    OVERDUE = "OVERDUE", "En retard", "Overdue"
    SUSPENDED = "SUSPENDED", "Suspendu", "Suspended"
    NOT_YET_REGISTERED = "NOT_YET_REGISTERED", "Pas encore inscrit", "Not yet registered"
    REMOVED = "REMOVED", "Supprimé", "Removed"
    MERGED = "MERGED", "Fusionné avec un autre numéro", "Merged into another number"


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing the intermediary must still do, and by when (local date)."""

    finding: CoverFinding

    @property
    def due_on(self) -> date | None:
        """The last day to file it."""
        return self.finding.due_on


@dataclass(frozen=True, slots=True)
class FileState:
    """Status, findings of the registrations in force, and what is still to be done, as of a day."""

    status: FileStatus
    as_of: date
    findings: tuple[CoverFinding, ...] = ()

    @property
    def missing(self) -> tuple[MissingItem, ...]:
        """Open findings: what the intermediary must act on."""
        return tuple(MissingItem(f) for f in self.findings if f.is_open)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is asked of the intermediary and nothing waits for our review."""
        return self.status is FileStatus.IN_ORDER


def assess_file(facts: FileFacts, reference: Reference, day: date) -> FileState:
    """The state of a file as of `day`: registrations in force, each with its findings.

    Removal is a decision on record (CA R512-5, CMF R546-3), never a consequence of a date.
    """
    active, status = registrations_in_force(facts, day)
    if status is not None:
        return FileState(status, day)
    findings = tuple(
        assess_cover(registration, kind, facts.covers, reference, day) for registration in active for kind in CoverKind
    )
    return FileState(_combine(findings, day), day, findings)


def registrations_in_force(facts: FileFacts, day: date) -> tuple[tuple[RegistrationFacts, ...], FileStatus | None]:
    """The registrations in force on `day`, or the status that says why there is none."""
    if facts.merged_into:
        return (), FileStatus.MERGED
    present = [r for r in facts.registrations if not r.is_removed(day)]
    if not present:
        return (), FileStatus.REMOVED
    begun = [r for r in present if r.registered_on <= day]
    if not begun:
        return (), FileStatus.NOT_YET_REGISTERED
    active = tuple(r for r in begun if not r.is_suspended(day))
    return (active, None) if active else ((), FileStatus.SUSPENDED)


def _combine(findings: tuple[CoverFinding, ...], day: date) -> FileStatus:
    open_items = [f for f in findings if f.is_open]
    if any(f.due_on is None or f.due_on < day for f in open_items):
        return FileStatus.OVERDUE
    if open_items:
        return FileStatus.TO_COMPLETE
    if any(f.state is CoverState.AWAITING_REVIEW for f in findings):
        return FileStatus.UNDER_REVIEW
    return FileStatus.IN_ORDER
