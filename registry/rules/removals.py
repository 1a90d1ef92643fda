"""The removal case: its states, what must be proved before each step and for how long, whether its ground stands.

A removal is decided by people, step by step (CA R512-5, CMF R546-3). A date only says from when the next may act.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from registry.rules import english, french
from registry.rules.campaigns import CampaignDates
from registry.rules.categories import Category
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.deadlines import Freeze, after_freezes
from registry.rules.labels import LabelledEnum
from registry.rules.renewals import ItemKind, ItemReason, ItemState, Renewal

NOTIFIED_WITHIN = timedelta(days=15)
"""So long after the decision its letter is to be posted (CA R512-5, CMF R546-3). It binds us, and blocks nothing."""


class CaseState(LabelledEnum):
    """Where a removal case stands."""

    OPEN = "OPEN", "Ouverte", "Open"
    NOTICE = "NOTICE", "Avis adressé", "Notice given"
    FORMAL = "FORMAL", "Mise en demeure adressée", "Formal notice given"
    DECIDED = "DECIDED", "Décidée en séance", "Decided in session"
    LETTER = "LETTER", "Décision notifiée", "Decision letter sent"
    PUBLISHED = "PUBLISHED", "Publiée", "Published"
    HELD = "HELD", "Suspendue", "Held"
    ERROR = "ERROR", "En erreur, étape à refaire", "In error, step to be done again"
    WITHDRAWN = "WITHDRAWN", "Retirée", "Withdrawn"
    DISMISSED = "DISMISSED", "Rejetée par la commission", "Rejected by the commission"


_S = CaseState

CASE_TRANSITIONS: Mapping[CaseState, frozenset[CaseState]] = MappingProxyType(
    {
        _S.OPEN: frozenset({_S.NOTICE, _S.HELD, _S.WITHDRAWN}),
        _S.NOTICE: frozenset({_S.FORMAL, _S.HELD, _S.ERROR, _S.WITHDRAWN}),
        _S.FORMAL: frozenset({_S.DECIDED, _S.HELD, _S.ERROR, _S.WITHDRAWN, _S.DISMISSED}),
        _S.DECIDED: frozenset({_S.LETTER, _S.HELD, _S.WITHDRAWN}),
        _S.LETTER: frozenset({_S.PUBLISHED, _S.HELD, _S.ERROR, _S.WITHDRAWN}),
        _S.PUBLISHED: frozenset(),
        _S.HELD: frozenset({_S.OPEN, _S.NOTICE, _S.FORMAL, _S.DECIDED, _S.LETTER, _S.WITHDRAWN}),
        _S.ERROR: frozenset({_S.OPEN, _S.NOTICE, _S.DECIDED, _S.WITHDRAWN}),
        _S.WITHDRAWN: frozenset(),
        _S.DISMISSED: frozenset(),
    }
)
"""From HELD and ERROR a case goes back to `resumes_as` alone, or is withdrawn."""

PAUSED_CASE_STATES = frozenset({_S.HELD, _S.ERROR})
"""No step is taken from here: a case is resumed first, where it was."""

LIVE_CASE_STATES = frozenset(state for state, after in CASE_TRANSITIONS.items() if after)


class CaseStep(LabelledEnum):
    """What is told to the intermediary, and must be proved before the next act."""

    NOTICE = "NOTICE", "avis", "notice"
    FORMAL = "FORMAL", "mise en demeure", "formal notice"
    LETTER = "LETTER", "notification de la décision", "decision letter"


PROOF_BEFORE: Mapping[CaseState, CaseStep] = MappingProxyType(
    {_S.FORMAL: CaseStep.NOTICE, _S.DECIDED: CaseStep.FORMAL, _S.PUBLISHED: CaseStep.LETTER}
)
"""The step that must be proved, and old enough, before a case moves to a state (I11)."""

REDONE_FROM: Mapping[CaseState, CaseState] = MappingProxyType(
    {_S.NOTICE: _S.OPEN, _S.FORMAL: _S.NOTICE, _S.LETTER: _S.DECIDED}
)
"""Where a case goes on whose letter came back: to the state before, so that the letter is written anew."""


class ProofKind(LabelledEnum):
    """What became of a letter or mail; the first two prove that it was sent."""

    POSTED = "POSTED", "Lettre recommandée déposée", "Registered letter posted"
    MAILED = "MAILED", "Courriel accepté par le serveur du destinataire", "Mail accepted by the addressee's server"
    DELIVERED = "DELIVERED", "Remise au destinataire", "Delivered"
    UNCLAIMED = "UNCLAIMED", "Avisée et non réclamée", "Notified and not claimed"
    RETURNED = "RETURNED", "Retournée, destinataire inconnu", "Returned, addressee unknown"


SENDING_PROOFS = frozenset({ProofKind.POSTED, ProofKind.MAILED})


class Ground(LabelledEnum):
    """Why a removal is sought. The first three are read again from the source rows at each act."""

    COVER = "COVER", "défaut d’assurance ou de garantie", "no insurance or guarantee"
    NOT_FILED = "NOT_FILED", "défaut de demande de renouvellement", "no renewal request"
    FEE = "FEE", "défaut de paiement des frais", "fee unpaid"
    CONDITION = "CONDITION", "autre condition d’accès ou d’exercice", "another condition of the activity"

    @property
    def is_of_a_renewal(self) -> bool:
        """Whether it is about the renewal of one year."""
        return self in (Ground.NOT_FILED, Ground.FEE)


class Standing(LabelledEnum):
    """Whether the ground of a case stands on a day."""

    STANDS = "STANDS", "le motif subsiste", "the ground stands"
    AWAITS_US = "AWAITS_US", "une pièce déposée attend notre contrôle", "a deposited paper waits for our review"
    CURED = "CURED", "le dossier est revenu en règle", "the file is back in good standing"


_LACKING = frozenset({CoverState.MISSING, CoverState.LAPSED, CoverState.BELOW_MINIMUM})


def assess_ground(
    ground: Ground,
    scope: Iterable[Category],
    findings: Iterable[CoverFinding],
    renewals: Iterable[Renewal],
    campaigns: Iterable[CampaignDates],
    day: date,
) -> Standing:
    """Whether the ground stands for every registration in force of the `scope`; where none is left, nothing stands."""
    told, requests, calendar = tuple(findings), tuple(renewals), tuple(campaigns)
    standings = {
        _cover(category, told, calendar, day) if ground is Ground.COVER else _renewal(ground, category, requests)
        for category in scope
    }
    if not standings or Standing.CURED in standings:
        return Standing.CURED
    return Standing.AWAITS_US if Standing.AWAITS_US in standings else Standing.STANDS


def _cover(
    category: Category, findings: tuple[CoverFinding, ...], campaigns: tuple[CampaignDates, ...], day: date
) -> Standing:
    mine = [f for f in findings if f.category is category]
    if any(_lacks(f, campaigns, day) for f in mine):
        return Standing.STANDS
    waits = any(f.state is CoverState.AWAITING_REVIEW for f in mine)
    return Standing.AWAITS_US if waits else Standing.CURED


def _lacks(finding: CoverFinding, campaigns: tuple[CampaignDates, ...], day: date) -> bool:
    """A cover that is not there, asked of this registration, past its day and past that campaign's tolerance.

    One that was never there has no day of its own: its `due_on` is that of the campaign ahead.
    """
    due_on = finding.due_on
    if finding.state not in _LACKING or not finding.is_remindable or due_on is None:
        return False
    if day <= due_on and finding.state is not CoverState.MISSING:
        return False
    return not any(c.opens_on <= min(day, due_on) <= max(day, due_on) <= c.tolerated_until for c in campaigns)


def _renewal(ground: Ground, category: Category, renewals: tuple[Renewal, ...]) -> Standing:
    if ground is Ground.CONDITION:
        return Standing.STANDS
    kind = ItemKind.FEE if ground is Ground.FEE else ItemKind.REQUEST
    wanted = ItemReason.FEE_NOTICE_OVER if ground is Ground.FEE else ItemReason.NEVER_FILED
    items = [item for r in renewals if r.category is category for item in r.items if item.kind is kind]
    if any(wanted in item.reasons for item in items):
        return Standing.STANDS
    return Standing.AWAITS_US if any(i.state is ItemState.BEING_CHECKED for i in items) else Standing.CURED


class Block(LabelledEnum):
    """Why a step may not be taken now."""

    FORBIDDEN = "FORBIDDEN", "cette étape ne suit pas l’état de l’affaire", "the step does not follow the case's state"
    NO_PROOF = "NO_PROOF", "l’étape précédente n’est pas prouvée", "the step before is not proved"
    TOO_EARLY = "TOO_EARLY", "le délai n’est pas écoulé", "the time is not over"
    AWAITS_US = Standing.AWAITS_US.value, Standing.AWAITS_US.label, Standing.AWAITS_US.label_en
    CURED = Standing.CURED.value, Standing.CURED.label, Standing.CURED.label_en


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as its rows stand: `proved_on` tells for each step the day on which it is proved to have been sent."""

    state: CaseState
    proved_on: Mapping[CaseStep, date]
    standing: Standing


@dataclass(frozen=True, slots=True)
class StepDecision:
    """Whether a step may be taken; `not_before` is the first day on which its time is over."""

    block: Block | None
    not_before: date | None = None


def refusal_in_words(decision: StepDecision) -> str:
    """Why a step is refused, and from which day it may be taken; nothing where it may be."""
    if decision.block is None:
        return ""
    until = f", à partir du {decision.not_before}" if decision.block is Block.TOO_EARLY else ""
    return f"{decision.block.label}{until}."


def block_in_words(decision: StepDecision) -> tuple[str, str] | None:
    """The same for people, its day in words, in French and in English; None where nothing is in the way.

    A refusal keeps its days in ISO: its English is found by its template (api.english).
    """
    block = decision.block
    if block is None:
        return None
    if block is not Block.TOO_EARLY or decision.not_before is None:
        return f"{block.label}.", f"{block.label_en}."
    first = decision.not_before
    return (
        f"{block.label}, à partir du {french.day_in_words(first)}.",
        f"{block.label_en}; from {english.day_in_words(first)} on it may be taken.",
    )


def decide_step(
    case: CaseFacts, target: CaseState, days: Mapping[CaseStep, int], freezes: Iterable[Freeze], day: date
) -> StepDecision:
    """Whether a case may move to `target` on `day`; `days` says how old each step's proof must be.

    A freeze of deadlines gives the intermediary the days lost, as on any other clock.
    """
    if case.state in PAUSED_CASE_STATES or target not in CASE_TRANSITIONS[case.state]:
        return StepDecision(Block.FORBIDDEN)
    if case.standing is not Standing.STANDS:
        return StepDecision(Block(case.standing.value))
    step = PROOF_BEFORE.get(target)
    if step is None:
        return StepDecision(None)
    proved_on = case.proved_on.get(step)
    if proved_on is None:
        return StepDecision(Block.NO_PROOF)
    first = first_day_after(proved_on, days[step], freezes)
    return StepDecision(Block.TOO_EARLY if day < first else None, first)


def first_day_after(proved_on: date, days: int, freezes: Iterable[Freeze]) -> date:
    """The first day on which what was sent on `proved_on` is `days` days old, freezes counted."""
    return after_freezes(proved_on + timedelta(days=days), proved_on, freezes)
