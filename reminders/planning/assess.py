"""One recipient decided and rendered from source rows: shared by plan, preview and the moment of sending (I5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.facts import load_files
from registry.rules.covers import CoverState
from registry.rules.facts import FileFacts, Reference
from reminders.ledger import load_ledger
from reminders.messages.drafting import content_of
from reminders.messages.message import Content, Letterhead, Rendered, body_digest, render
from reminders.rules.eligibility import Decision, LedgerFacts, Policy, decide_reminder
from reminders.rules.identity import notice_key
from reminders.rules.recalls import RecallClass
from reminders.rules.waves import earliest_term


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is the same for every recipient of a run: the day, the common facts, the policy, the letterhead."""

    day: date
    reference: Reference
    policy: Policy
    letterhead: Letterhead

    @property
    def since(self) -> date:
        """The first term of which the ledger is asked."""
        return earliest_term(self.day, self.reference, self.policy.waves)


@dataclass(frozen=True, slots=True)
class Assessed:
    """What the rules say of one recipient now, and the message as it would leave now (None: nothing would)."""

    facts: FileFacts
    decision: Decision
    key: str = ""
    content: Content | None = None
    rendered: Rendered | None = None
    digest: str = ""
    recall_class: RecallClass | None = None


def assess(ids: Sequence[int], circumstances: Circumstances, *, without: Iterable[int] = ()) -> dict[int, Assessed]:
    """Decide and render these intermediaries in bulk, the notices `without` left aside."""
    return assess_files(load_files(ids), circumstances, without=without)


def assess_files(
    files: Mapping[int, FileFacts], circumstances: Circumstances, *, without: Iterable[int] = ()
) -> dict[int, Assessed]:
    """Likewise these files, just read."""
    ledger = load_ledger(files, since=circumstances.since, without=without)
    return {pk: _assess_one(facts, ledger.get(pk, LedgerFacts()), circumstances) for pk, facts in files.items()}


def _assess_one(facts: FileFacts, ledger: LedgerFacts, circumstances: Circumstances) -> Assessed:
    decision = decide(facts, ledger, circumstances)
    if not decision.is_due:
        return Assessed(facts, decision)
    key = notice_key(facts.orias_number, decision.discharged)
    content = content_of(facts, decision, key)
    rendered = words(content, circumstances.letterhead)
    return Assessed(facts, decision, key, content, rendered, body_digest(rendered))


def decide(facts: FileFacts, ledger: LedgerFacts, circumstances: Circumstances) -> Decision:
    """What the rules say of one file in these circumstances."""
    return decide_reminder(facts, ledger, circumstances.reference, circumstances.policy, circumstances.day)


def words(content: Content, letterhead: Letterhead) -> Rendered:
    """The message of one file."""
    return render(content, letterhead)


def digest_of(content: Content, letterhead: Letterhead) -> str:
    """The digest of the message of one file."""
    return body_digest(words(content, letterhead))


def frozen_items(decision: Decision) -> list[dict[str, Any]]:
    """The open items of a file as the ledger keeps them: one entry per cover kind, term and state."""
    return [
        {
            "kind": item.kind,
            "categories": sorted(f.category for f in item.findings if f.state is state),
            "state": state,
            "term": item.term.isoformat(),
            "due_on": item.due_on.isoformat(),
            "wave": item.wave.code if item.wave else None,
            "discharged": item.key in decision.discharged,
        }
        for item in decision.items
        for state in sorted({f.state for f in item.findings}, key=list(CoverState).index)
    ]
