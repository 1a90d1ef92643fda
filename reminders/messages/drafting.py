"""From a decision to what its message must say: this file's facts and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from registry.rules.facts import UNDER_REVIEW, CoverFacts, CoverStatus, FileFacts
from reminders.messages.links import why_token
from reminders.messages.message import ItemLine, RecallContent, ReceivedLine, ReminderContent
from reminders.rules.eligibility import Decision, DueItem
from reminders.rules.recalls import Corrected, RecallClass, RecallDecision

_TOLD = {
    CoverStatus.DEPOSITED: "AWAITING_REVIEW",
    CoverStatus.RETURNED: "RETURNED",
    CoverStatus.ACCEPTED: "ACCEPTED",
    CoverStatus.REFUSED: "REFUSED",
}


def content_of(facts: FileFacts, decision: Decision, key: str) -> ReminderContent:
    """The content of the reminder that `decision` allows; the same facts give the same content on any day."""
    return ReminderContent(
        orias_number=facts.orias_number,
        name=facts.name,
        email=facts.email,
        language=facts.language,
        items=tuple(_lines(decision.items, decision.state.as_of)),
        received=tuple(_received(facts, decision.items)),
        why_token=why_token(key),
    )


def recall_content_of(facts: FileFacts, decision: RecallDecision, corrected: Corrected, key: str) -> RecallContent:
    """The content of the notice that corrects `corrected`: to the address that one went to."""
    return RecallContent(
        orias_number=facts.orias_number,
        name=facts.name,
        email=corrected.email,
        language=facts.language,
        recall_class=decision.recall_class,
        corrected_key=corrected.key,
        mailed_on=corrected.mailed_on,
        is_uncertain=corrected.is_uncertain,
        items=tuple(_lines(decision.items, decision.state.as_of)),
        received=tuple(_received_since(facts, decision)),
        why_token=why_token(key),
    )


def _received_since(facts: FileFacts, decision: RecallDecision) -> Iterator[ReceivedLine]:
    """What reached us, where the correction speaks of papers: those for the next term, or those we are to check."""
    if decision.recall_class is RecallClass.DUE:
        yield from _received(facts, decision.items)
    elif decision.recall_class is RecallClass.IN_REVIEW:
        yield from _received(facts, ())


def _lines(items: Iterable[DueItem], day: date) -> Iterator[ItemLine]:
    """One line per (kind, state, dates), with all the categories it is asked for."""
    for item in items:
        groups: dict[tuple[str, date | None], list[str]] = {}
        for finding in item.findings:
            groups.setdefault((finding.state, finding.covered_until), []).append(finding.category)
        overdue = item.due_on < day
        for (state, covered_until), categories in sorted(groups.items(), key=str):
            asked = tuple(c for c in item.categories if c in categories)
            yield ItemLine(item.kind, asked, state, covered_until, item.due_on, overdue)


def _received(facts: FileFacts, items: Sequence[DueItem]) -> Iterator[ReceivedLine]:
    """What reached us for the time after the cover that ends: so that nobody sends it twice, or despairs."""
    for cover in facts.covers:
        if cover.deposited_on is None or cover.status not in _TOLD or not _speaks_of_next(cover, items):
            continue
        categories = tuple(sorted(cover.categories))
        yield ReceivedLine(cover.kind, categories, cover.deposited_on, _TOLD[cover.status], cover.ends_on)


def _speaks_of_next(cover: CoverFacts, items: Sequence[DueItem]) -> bool:
    """Whether a cover is for the time to come: its review is under way, or it goes on after what is asked for now. The
    very cover whose renewal is asked is no news to anybody."""
    asked = [
        item.term for item in items if item.kind is cover.kind and not cover.categories.isdisjoint(item.categories)
    ]
    terms = asked or [item.term for item in items]
    return cover.status in UNDER_REVIEW or bool(terms) and cover.ends_on > max(terms)
