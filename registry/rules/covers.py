"""Does a registration have the cover it needs, until when, and when must the next one be filed?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from registry.rules.campaigns import CampaignDates, campaign_ahead, campaign_ending, campaign_to_come
from registry.rules.categories import Category, CoverKind
from registry.rules.deadlines import after_freezes
from registry.rules.facts import CoverFacts, CoverStatus, Reference, RegistrationFacts, Requirement
from registry.rules.labels import LabelledEnum
from registry.rules.periods import ONE_DAY, Period, merge

RENEWAL_NOTICE = timedelta(days=60)
"""How long before its last day a cover that does not end with a campaign counts as due (own choice: the first
reminder goes 45 days before)."""


class CoverState(LabelledEnum):
    """Where one kind of cover stands for one registration."""

    IN_FORCE = "IN_FORCE", "En vigueur", "In force"
    DUE = "DUE", "À renouveler", "To be renewed"
    AWAITING_REVIEW = "AWAITING_REVIEW", "Reçue, en contrôle", "Received, being checked"
    MISSING = "MISSING", "Manquante", "Missing"
    LAPSED = "LAPSED", "Expirée", "Lapsed"
    NOT_REQUIRED = "NOT_REQUIRED", "Non requise", "Not required"
    BELOW_MINIMUM = "BELOW_MINIMUM", "Montants insuffisants", "Below the minimum amounts"


OPEN_STATES = frozenset({CoverState.DUE, CoverState.MISSING, CoverState.LAPSED, CoverState.BELOW_MINIMUM})
"""States in which the intermediary must act."""


class CoverReason(LabelledEnum):
    """Why a cover stands where it stands."""

    NO_RULE_BINDS = "NO_RULE_BINDS", "aucun texte ne l’exige à cette date", "no rule requires it on that day"
    NO_FUNDS_HELD = "NO_FUNDS_HELD", "aucun encaissement de fonds", "no client funds are held"
    FUNDS_MANDATE = (
        "FUNDS_MANDATE",
        "mandat écrit d’encaissement de l’assureur",
        "the insurer's written mandate to collect",
    )
    PRINCIPAL_BEARS_LIABILITY = (
        "PRINCIPAL_BEARS_LIABILITY",
        "le mandant répond de l’activité",
        "the principal bears the liability",
    )
    COVERED = "COVERED", "période couverte sans interruption", "covered without a gap"
    RENEWED = (
        "RENEWED",
        "la période suivante est déjà déposée et acceptée",
        "the next period is filed and accepted already",
    )
    FIRST_VALIDITY = (
        "FIRST_VALIDITY",
        "première inscription, renouvelée à la campagne suivante",
        "first registration, renewed in the next campaign",
    )
    ENDS_WITH_CAMPAIGN = (
        "ENDS_WITH_CAMPAIGN",
        "fin de période avec la campagne",
        "ends with the campaign",
    )
    ENDS_ALONE = "ENDS_ALONE", "fin de période en cours d’année", "ends in the course of the year"
    PAPER_AWAITS_US = (
        "PAPER_AWAITS_US",
        "une attestation déposée attend notre contrôle",
        "a deposited certificate waits for our review",
    )
    AMOUNT_TOO_LOW = (
        "AMOUNT_TOO_LOW",
        "garantie inférieure au minimum réglementaire",
        "amounts below the legal minimum",
    )
    COVER_ENDED = "COVER_ENDED", "la dernière période couverte est terminée", "the last covered period is over"
    NEVER_COVERED = "NEVER_COVERED", "aucune attestation au registre", "no certificate on record"


@dataclass(frozen=True, slots=True)
class CoverFinding:
    """The state of one (registration, kind of cover) on a day, with its reasons and dates (local, inclusive).

    `term` is the last day of the cover to be renewed: it stays the same when a deadline is moved, so it is
    part of a reminder's identity. `first_validity` tells that the campaign with which the cover ends does not
    concern this registration.
    """

    category: Category
    kind: CoverKind
    state: CoverState
    covered_until: date | None = None
    term: date | None = None
    due_on: date | None = None
    first_validity: bool = False
    reasons: tuple[CoverReason, ...] = ()
    legal_text: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the intermediary must act."""
        return self.state in OPEN_STATES

    @property
    def is_remindable(self) -> bool:
        """Whether a reminder may speak of it: it is open and its campaign concerns the registration."""
        return self.is_open and not self.first_validity


def assess_cover(
    registration: RegistrationFacts,
    kind: CoverKind,
    covers: Iterable[CoverFacts],
    reference: Reference,
    day: date,
) -> CoverFinding:
    """The finding for one kind of cover of one registration, as of `day`.

    Sources: CA L512-6 and R512-14 (RC Pro), L512-7 and R512-15 (guarantee), A512-4 and A512-5 (amounts);
    CMF L519-3-4, R519-16, D541-9 (RC Pro), L519-4, R519-17 (guarantee), L541-6 (a CIF holds no funds).
    """
    requirement = reference.requirement(registration.category, kind, day)
    exempt = _exemption(registration, kind, requirement)
    if exempt or requirement is None:
        reason = exempt or CoverReason.NO_RULE_BINDS
        return CoverFinding(registration.category, kind, CoverState.NOT_REQUIRED, reasons=(reason,))
    papers = _Papers.sort(covers, registration.category, kind, requirement)
    return _Assessment(registration, kind, papers, requirement, reference, day).finding()


def _exemption(registration: RegistrationFacts, kind: CoverKind, requirement: Requirement | None) -> CoverReason | None:
    """Why nothing is asked: no text, no funds (CA L512-7), a CIF (CMF L541-6), a principal who answers (CA L512-6)."""
    if requirement is None:
        return CoverReason.NO_RULE_BINDS
    if kind is CoverKind.RC_PRO:
        return CoverReason.PRINCIPAL_BEARS_LIABILITY if registration.principal_bears_liability else None
    if registration.category is Category.CIF or not registration.holds_client_funds:
        return CoverReason.NO_FUNDS_HELD
    # Only the insurance side knows the mandate: CA L512-7; CMF L519-4 has no such exemption.
    if registration.category is Category.COA and registration.funds_mandate:
        return CoverReason.FUNDS_MANDATE
    return None


@dataclass(frozen=True, slots=True)
class _Papers:
    """The certificates that speak of one requirement, sorted by what they are worth."""

    sufficient: tuple[Period, ...]
    insufficient: tuple[Period, ...]
    awaiting_us: bool

    @classmethod
    def sort(
        cls, covers: Iterable[CoverFacts], category: Category, kind: CoverKind, requirement: Requirement
    ) -> _Papers:
        mine = [c for c in covers if c.kind is kind and category in c.categories]
        accepted = [c for c in mine if c.status is CoverStatus.ACCEPTED]
        return cls(
            sufficient=merge(p for c in accepted if requirement.is_met_by(c) for p in c.periods),
            insufficient=tuple(p for c in accepted if not requirement.is_met_by(c) for p in c.periods),
            awaiting_us=any(c.status is CoverStatus.DEPOSITED for c in mine),
        )


@dataclass(frozen=True, slots=True)
class _Assessment:
    """One requirement weighed against the papers, in the order in which a reviewer would look."""

    registration: RegistrationFacts
    kind: CoverKind
    papers: _Papers
    requirement: Requirement
    reference: Reference
    day: date

    def finding(self) -> CoverFinding:
        current = next((p for p in self.papers.sufficient if self.day in p), None)
        if renewal := self._renewal(current):
            campaign = campaign_ending(renewal.last_day, self.reference.campaigns)
            return self._dated(CoverState.IN_FORCE, renewal.last_day, campaign, CoverReason.RENEWED)
        if current is not None:
            return self._covered_until(current.last_day)
        past = [p for p in self.papers.sufficient if p.end <= self.day]
        return self._uncovered(past[-1].last_day if past else None)

    def _renewal(self, current: Period | None) -> Period | None:
        """The period of the next campaign, where it is filed already though it does not touch today's.

        Such a file is complete (I3): the register may hold the new certificate alone, the old one may end a few
        days before, or be below sums that have been raised since. One that had lapsed before the campaign
        opened stays lapsed until the new period begins.
        """
        campaign = campaign_to_come(self.day, self.reference.campaigns)
        if campaign is None or (current and current.last_day > campaign.term):
            return None
        over = [p.last_day for p in self.papers.sufficient if p.end <= self.day]
        has_lapsed = bool(over) and over[-1] < campaign.opens_on
        too_low_today = any(self.day in p for p in self.papers.insufficient)
        if current is None and has_lapsed and not too_low_today:
            return None
        return next((p for p in self.papers.sufficient if campaign.term + ONE_DAY in p), None)

    def _covered_until(self, term: date) -> CoverFinding:
        campaign = campaign_ending(term, self.reference.campaigns)
        first_validity = self._first_validity(campaign)
        opens_on = campaign.opens_on if campaign else term - RENEWAL_NOTICE
        why_date = CoverReason.ENDS_WITH_CAMPAIGN if campaign else CoverReason.ENDS_ALONE
        if first_validity:
            return self._dated(CoverState.IN_FORCE, term, campaign, CoverReason.FIRST_VALIDITY)
        if self.day < opens_on:
            return self._dated(CoverState.IN_FORCE, term, campaign, CoverReason.COVERED, why_date)
        if self.papers.awaiting_us:
            return self._dated(CoverState.AWAITING_REVIEW, term, campaign, CoverReason.PAPER_AWAITS_US)
        if any(p and p.last_day > term for p in self.papers.insufficient):
            return self._dated(CoverState.BELOW_MINIMUM, term, campaign, CoverReason.AMOUNT_TOO_LOW)
        return self._dated(CoverState.DUE, term, campaign, why_date)

    def _uncovered(self, covered_until: date | None) -> CoverFinding:
        if self.papers.awaiting_us:
            return self._ahead(CoverState.AWAITING_REVIEW, covered_until, CoverReason.PAPER_AWAITS_US)
        if any(self.day in p for p in self.papers.insufficient):
            return self._ahead(CoverState.BELOW_MINIMUM, covered_until, CoverReason.AMOUNT_TOO_LOW)
        if covered_until is None:
            return self._ahead(CoverState.MISSING, None, CoverReason.NEVER_COVERED)
        campaign = campaign_ending(covered_until, self.reference.campaigns)
        if self._is_new_to(campaign) and not self._first_validity(campaign):
            # Never asked in the campaign with which the cover ended: the first that concerns it asks.
            return self._ahead(CoverState.LAPSED, covered_until, CoverReason.COVER_ENDED)
        return self._dated(CoverState.LAPSED, covered_until, campaign, CoverReason.COVER_ENDED)

    def _is_new_to(self, campaign: CampaignDates | None) -> bool:
        return campaign is not None and not campaign.concerns(self.registration.registered_on)

    def _first_validity(self, campaign: CampaignDates | None) -> bool:
        if campaign is None or not self._is_new_to(campaign):
            return False
        following = next((c for c in self.reference.campaigns if c.year == campaign.year + 1), None)
        return following is None or self.day < following.opens_on

    def _dated(
        self, state: CoverState, term: date, campaign: CampaignDates | None, *reasons: CoverReason
    ) -> CoverFinding:
        """A finding about the cover that ends on `term`: due with the campaign it ends with, else on its last day,
        which a freeze puts off while the clock of RENEWAL_NOTICE runs."""
        if campaign:
            due_on = self._filing_day(campaign)
        else:
            due_on = after_freezes(term, term - RENEWAL_NOTICE, self.reference.freezes)
        first = self._first_validity(campaign)
        return self._finding(state, term, term, due_on, first, reasons)

    def _ahead(self, state: CoverState, covered_until: date | None, reason: CoverReason) -> CoverFinding:
        """A finding without a cover to renew: the campaign ahead says by when and which term."""
        campaign = campaign_ahead(self.day, self.registration.registered_on, self.reference.campaigns)
        if campaign is None:
            return self._finding(state, covered_until, None, None, False, (reason,))
        due_on = self._filing_day(campaign)
        return self._finding(state, covered_until, campaign.term, due_on, False, (reason,))

    def _filing_day(self, campaign: CampaignDates) -> date:
        return campaign.filing_day(self.registration.category, self.registration.filer)

    def _finding(
        self,
        state: CoverState,
        covered_until: date | None,
        term: date | None,
        due_on: date | None,
        first_validity: bool,
        reasons: tuple[CoverReason, ...],
    ) -> CoverFinding:
        return CoverFinding(
            category=self.registration.category,
            kind=self.kind,
            state=state,
            covered_until=covered_until,
            term=term,
            due_on=due_on,
            first_validity=first_validity,
            reasons=reasons,
            legal_text=self.requirement.legal_text,
        )
