"""« Mon dossier est complet » : a report that a reminder was wrong, checked against the file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding
from registry.rules.facts import FileFacts, Reference
from registry.rules.file_state import assess_file
from registry.rules.labels import LabelledEnum


class ReportSource(LabelledEnum):
    """How a report reached us."""

    LINK = "LINK", "lien du courriel", "link in the mail"
    HOTLINE = "HOTLINE", "assistance", "hotline"


class ReportVerdict(LabelledEnum):
    """What the file says of a report."""

    WRONG = "WRONG", "relance à tort", "the reminder was wrong"
    COMPLETED_SINCE = "COMPLETED_SINCE", "dossier complété depuis la relance", "completed since the reminder"
    STILL_DUE = "STILL_DUE", "une pièce est encore attendue", "a paper is still due"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one line of the mail asked for."""

    kind: CoverKind
    categories: frozenset[Category]


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """The verdict, and the findings that were open on the day of the mail and are open today."""

    verdict: ReportVerdict
    open_then: tuple[CoverFinding, ...]
    open_now: tuple[CoverFinding, ...]


def judge_report(
    facts: FileFacts, reference: Reference, asked: Collection[Asked], *, mailed_on: date, day: date, untouched: bool
) -> ReportFinding:
    """Whether nothing that a mail asked for was due when it left, by all that is known today.

    The day of deposit counts, however late a paper was keyed or reviewed (I12): what was filed before the day of the
    mail was there. What bears that very day, or a later one, is taken for an answer to the mail, unless the file has
    not been touched since the list was frozen (`untouched`).
    """
    then = facts if untouched else _as_filed_before(facts, mailed_on)
    open_then = _open(then, reference, asked, mailed_on)
    open_now = _open(facts, reference, asked, day)
    if not open_then:
        return ReportFinding(ReportVerdict.WRONG, open_then, open_now)
    verdict = ReportVerdict.STILL_DUE if open_now else ReportVerdict.COMPLETED_SINCE
    return ReportFinding(verdict, open_then, open_now)


def _as_filed_before(facts: FileFacts, day: date) -> FileFacts:
    covers = tuple(c for c in facts.covers if c.deposited_on is not None and c.deposited_on < day)
    return replace(facts, covers=covers)


def _open(facts: FileFacts, reference: Reference, asked: Collection[Asked], day: date) -> tuple[CoverFinding, ...]:
    findings = assess_file(facts, reference, day).findings
    return tuple(
        f for f in findings if f.is_remindable and any(f.kind is a.kind and f.category in a.categories for a in asked)
    )
