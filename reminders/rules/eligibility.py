"""Whom to remind, of what, today — and why not the others. One pure decision for plan, sending and explanation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.facts import FileFacts, Reference
from registry.rules.file_state import FileState, FileStatus, assess_file
from registry.rules.labels import LabelledEnum
from reminders.rules.addresses import is_writable
from reminders.rules.bounces import AddressTrouble, is_dead
from reminders.rules.identity import WaveKey
from reminders.rules.waves import WaveRule, is_before_all, wave_on


class SkipReason(LabelledEnum):
    """Motif d'écart: the first check that failed, at the plan or at the moment of sending."""

    REMOVED = "REMOVED", "inscription supprimée ou radiée", "registration removed"
    NOT_YET_REGISTERED = "NOT_YET_REGISTERED", "inscription pas encore effective", "not yet registered"
    SUSPENDED = "SUSPENDED", "inscription suspendue", "registration suspended"
    COMPLETE = "COMPLETE", "dossier complet", "file complete"
    AWAITING_REVIEW = "AWAITING_REVIEW", "pièce reçue, en attente de notre contrôle", "paper awaits our review"
    REGISTERED_TOO_LATE = (
        "REGISTERED_TOO_LATE",
        "inscrit trop tard pour cette campagne",
        "registered too late for this campaign",
    )
    NOT_DUE = "NOT_DUE", "aucune relance prévue à cette date", "no wave has come yet"
    NO_WAVE_LEFT = "NO_WAVE_LEFT", "toutes les relances sont passées", "all waves are over"
    IN_LIVE_BATCH = "IN_LIVE_BATCH", "déjà prévu dans un lot en cours", "already in a live batch"
    ALREADY_REMINDED = "ALREADY_REMINDED", "déjà relancé pour cette échéance", "already reminded"
    TOO_SOON = "TOO_SOON", "relancé il y a trop peu de jours", "reminded too few days ago"
    NO_EMAIL = "NO_EMAIL", "aucune adresse électronique", "no e-mail address"
    ADDRESS_DEAD = "ADDRESS_DEAD", "adresse électronique hors d’usage", "the e-mail address does not work"
    FACTS_CHANGED = "FACTS_CHANGED", "dossier modifié depuis la préparation du lot", "file changed since the plan"
    MERGED = "MERGED", "dossier fusionné avec un autre numéro", "file merged into another number"
    OTHER_WAVE = "OTHER_WAVE", "relevant d’une autre vague que celle demandée", "in another wave than the one asked"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the decision may be tuned by: the waves (rows), the smallest gap between two mails, in days, and on how many
    days mail must have come back for now before an address is taken to be dead."""

    waves: tuple[WaveRule, ...]
    gap_days: int = 5
    only_wave: str | None = None
    soft_days_make_dead: int = 3


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What the ledger holds of one intermediary: waves discharged or reserved, a live notice, the last mail's day, and
    what came back from the address."""

    held: frozenset[WaveKey] = frozenset()
    live_notice: int | None = None
    last_mailed_on: date | None = None
    trouble: AddressTrouble | None = None


@dataclass(frozen=True, slots=True, order=True)
class DueItem:
    """All findings about one cover kind, term and filing day: what a wave is counted for.

    `wave` is the one useful on the day of the decision.
    """

    kind: CoverKind
    term: date
    due_on: date
    categories: tuple[Category, ...] = field(compare=False)
    findings: tuple[CoverFinding, ...] = field(compare=False)
    wave: WaveRule | None = field(compare=False)

    @property
    def key(self) -> WaveKey | None:
        """The identity under which today's wave is sent once, if there is one today."""
        return WaveKey(self.kind, self.term, self.wave.code) if self.wave else None

    @property
    def last_useful_day(self) -> date | None:
        """The last day on which today's wave may leave."""
        return self.wave.last_day(self.due_on) if self.wave else None


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked, whether it was passed, the reason if not, and the facts it was answered with."""

    name: str
    passed: bool
    reason: SkipReason | None
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome: remind (`reason` is None) or not, with each check in order.

    `items` are all open items of the file; `discharged` the keys of those whose wave a mail sent now would settle.
    """

    reason: SkipReason | None
    checks: tuple[Check, ...]
    state: FileState
    items: tuple[DueItem, ...] = ()
    discharged: tuple[WaveKey, ...] = ()

    @property
    def is_due(self) -> bool:
        """Whether a reminder may leave."""
        return self.reason is None

    @property
    def last_useful_day(self) -> date | None:
        """The last day on which every discharged wave is still useful."""
        settled = set(self.discharged)
        days = [i.last_useful_day for i in self.items if i.key in settled and i.last_useful_day]
        return min(days, default=None)


def decide_reminder(facts: FileFacts, ledger: LedgerFacts, reference: Reference, policy: Policy, day: date) -> Decision:
    """Whether to remind one intermediary on `day`, from the source facts and the ledger alone (I1, I2, I3)."""
    state = assess_file(facts, reference, day)
    items = tuple(due_items(state, policy.waves, day))
    todays = tuple(i for i in items if i.wave)
    fresh = tuple(i for i in todays if i.key not in ledger.held)
    asked = tuple(i for i in fresh if policy.only_wave in (None, i.wave.code if i.wave else None))
    case = _Case(facts, ledger, policy, day, state, items, todays, fresh, asked)
    checks: list[Check] = []
    for check in case.checks():
        checks.append(check)
        if not check.passed:
            return Decision(check.reason, tuple(checks), state, items)
    discharged = tuple(sorted({key for i in fresh if (key := i.key)}))
    return Decision(None, tuple(checks), state, items, discharged)


def due_items(state: FileState, waves: Iterable[WaveRule], day: date) -> Iterator[DueItem]:
    """The remindable findings, grouped by what a wave is counted for, in a stable order."""
    groups: dict[tuple[CoverKind, date, date], list[CoverFinding]] = {}
    for finding in state.findings:
        if finding.is_remindable and finding.term and finding.due_on:
            groups.setdefault((finding.kind, finding.term, finding.due_on), []).append(finding)
    for (kind, term, due_on), findings in sorted(groups.items()):
        categories = tuple(sorted(f.category for f in findings))
        yield DueItem(kind, term, due_on, categories, tuple(findings), wave_on(day, due_on, waves))


_NO_REGISTRATION = {
    FileStatus.REMOVED: SkipReason.REMOVED,
    FileStatus.NOT_YET_REGISTERED: SkipReason.NOT_YET_REGISTERED,
    FileStatus.SUSPENDED: SkipReason.SUSPENDED,
    FileStatus.MERGED: SkipReason.MERGED,
}


@dataclass(frozen=True, slots=True)
class _Case:
    """One decision in the making: each method is a check."""

    facts: FileFacts
    ledger: LedgerFacts
    policy: Policy
    day: date
    state: FileState
    items: tuple[DueItem, ...]
    todays: tuple[DueItem, ...]
    fresh: tuple[DueItem, ...]
    asked: tuple[DueItem, ...]

    def checks(self) -> Iterator[Check]:
        """The checks in order, asked lazily: the first that fails ends the decision."""
        yield self._registered()
        yield self._something_is_missing()
        yield self._a_wave_runs_today()
        yield self._not_in_a_live_batch()
        yield self._not_yet_reminded()
        yield self._not_too_soon()
        yield self._in_the_wave_asked()
        yield self._has_an_address()
        yield self._address_works()

    def _registered(self) -> Check:
        reason = _NO_REGISTRATION.get(self.state.status)
        return _check("REGISTERED", reason, status=self.state.status)

    def _something_is_missing(self) -> Check:
        reason = None if self.items else self._why_nothing_is_missing()
        return _check("SOMETHING_IS_MISSING", reason, findings=[_told(f) for f in self.state.findings])

    def _why_nothing_is_missing(self) -> SkipReason:
        findings = self.state.findings
        if any(f.state is CoverState.AWAITING_REVIEW for f in findings):
            return SkipReason.AWAITING_REVIEW
        if any(f.first_validity for f in findings):
            return SkipReason.REGISTERED_TOO_LATE
        # An open finding without a date: no campaign is on record, so nothing can be said to be due.
        return SkipReason.NOT_DUE if any(f.is_open for f in findings) else SkipReason.COMPLETE

    def _a_wave_runs_today(self) -> Check:
        reason = None
        if not self.todays:
            ahead = any(is_before_all(self.day, i.due_on, self.policy.waves) for i in self.items)
            reason = SkipReason.NOT_DUE if ahead else SkipReason.NO_WAVE_LEFT
        told = [{"kind": i.kind, "due_on": i.due_on, "wave": i.wave and i.wave.code} for i in self.items]
        return _check("A_WAVE_RUNS_TODAY", reason, items=told)

    def _not_in_a_live_batch(self) -> Check:
        reason = SkipReason.IN_LIVE_BATCH if self.ledger.live_notice else None
        return _check("NOT_IN_A_LIVE_BATCH", reason, notice=self.ledger.live_notice)

    def _not_yet_reminded(self) -> Check:
        held = sorted(str(i.key) for i in self.todays if i.key in self.ledger.held)
        return _check("NOT_YET_REMINDED", None if self.fresh else SkipReason.ALREADY_REMINDED, held=held)

    def _not_too_soon(self) -> Check:
        last = self.ledger.last_mailed_on
        too_soon = last is not None and (self.day - last).days < self.policy.gap_days
        reason = SkipReason.TOO_SOON if too_soon else None
        return _check("NOT_TOO_SOON", reason, last_mailed_on=last, gap_days=self.policy.gap_days)

    def _in_the_wave_asked(self) -> Check:
        reason = None if self.asked else SkipReason.OTHER_WAVE
        return _check("IN_THE_WAVE_ASKED", reason, only_wave=self.policy.only_wave)

    def _has_an_address(self) -> Check:
        reason = None if is_writable(self.facts.email) else SkipReason.NO_EMAIL
        return _check("HAS_AN_ADDRESS", reason, email=self.facts.email)

    def _address_works(self) -> Check:
        trouble, limit = self.ledger.trouble, self.policy.soft_days_make_dead
        reason = SkipReason.ADDRESS_DEAD if is_dead(trouble, self.facts.email, limit) else None
        returned = trouble or AddressTrouble(self.facts.email)
        return _check("ADDRESS_WORKS", reason, hard=returned.hard, soft_days=returned.soft_days)


def _check(name: str, reason: SkipReason | None, **facts: object) -> Check:
    return Check(name, reason is None, reason, facts)


def _told(finding: CoverFinding) -> dict[str, object]:
    """A finding as facts for the explanation."""
    return {
        "category": finding.category,
        "kind": finding.kind,
        "state": finding.state,
        "covered_until": finding.covered_until,
        "term": finding.term,
        "due_on": finding.due_on,
        "reasons": list(finding.reasons),
        "legal_text": finding.legal_text,
    }
