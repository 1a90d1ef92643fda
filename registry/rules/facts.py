"""The facts a rule is given: what the source rows say, nothing derived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.rules.campaigns import CampaignDates
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.deadlines import Freeze
from registry.rules.labels import LabelledEnum
from registry.rules.periods import Period, without


class CoverStatus(LabelledEnum):
    """What has become of a certificate (attestation) since it was deposited."""

    DEPOSITED = "DEPOSITED", "Déposée, en contrôle", "Deposited, being checked"
    RETURNED = "RETURNED", "Renvoyée, à corriger", "Sent back, to be corrected"
    ACCEPTED = "ACCEPTED", "Acceptée", "Accepted"
    REFUSED = "REFUSED", "Refusée", "Refused"
    WITHDRAWN = "WITHDRAWN", "Retirée", "Withdrawn"


UNDER_REVIEW = frozenset({CoverStatus.DEPOSITED, CoverStatus.RETURNED})
"""Not decided yet: it waits for us, or for a correction of theirs."""


class CoverEventKind(LabelledEnum):
    """The insurer's or guarantor's word on a cover (CA R512-14, R512-17; CMF R546-3 VII)."""

    SUSPENDED = "SUSPENDED", "Suspension", "Suspended"
    NOT_RENEWED = "NOT_RENEWED", "Dénonciation au terme", "Not renewed"
    TERMINATED = "TERMINATED", "Résiliation", "Terminated"
    REINSTATED = "REINSTATED", "Remise en vigueur", "Reinstated"


ENDING_EVENTS = frozenset(CoverEventKind) - {CoverEventKind.REINSTATED}
"""After which the certificate covers no more; of these only a suspension can be lifted."""


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """One inscription: a category, since when, and what decides which papers it needs."""

    category: Category
    registered_on: date
    removed_on: date | None = None
    suspended_on: date | None = None
    suspended_until: date | None = None
    holds_client_funds: bool = False
    funds_mandate: bool = False
    filer: Filer = Filer.SELF
    principal_bears_liability: bool = False

    def is_removed(self, day: date) -> bool:
        """Whether a removal decided for `removed_on` is in effect."""
        return self.removed_on is not None and self.removed_on <= day

    def is_suspended(self, day: date) -> bool:
        """Whether `day` falls in the suspension, both its days included."""
        if self.suspended_on is None or day < self.suspended_on:
            return False
        return self.suspended_until is None or day <= self.suspended_until


@dataclass(frozen=True, slots=True)
class CoverFacts:
    """One certificate: period (inclusive legal days), amounts in euro cents, for which categories.

    `amount_cents` is the sum per claim of an RC Pro and the sum of a guarantee; `annual_cents` the RC Pro's per year.
    None means that the register does not hold the amount: who accepted the paper has judged it.
    `ended_on` is the first day without cover by the issuer's word, `gaps` are the suspensions that were lifted.
    """

    kind: CoverKind
    categories: frozenset[Category]
    starts_on: date
    ends_on: date
    status: CoverStatus = CoverStatus.ACCEPTED
    amount_cents: int | None = None
    annual_cents: int | None = None
    ended_on: date | None = None
    deposited_on: date | None = None
    gaps: tuple[Period, ...] = ()

    @property
    def periods(self) -> tuple[Period, ...]:
        """The days really covered: none where the issuer ended it before its start, several around lifted gaps."""
        whole = Period.of_days(self.starts_on, self.ends_on)
        if self.ended_on is not None and self.ended_on < whole.end:
            whole = Period(whole.start, max(whole.start, self.ended_on))
        return without(whole, self.gaps) if self.gaps else (whole,)


@dataclass(frozen=True, slots=True)
class Requirement:
    """From when until when a category needs a kind of cover, at which minimum amounts (euro cents), by which text."""

    category: Category
    kind: CoverKind
    valid_from: date
    valid_until: date | None
    amount_cents: int
    annual_cents: int | None
    legal_text: str

    def binds(self, day: date) -> bool:
        """Whether the row is in force on `day` (both days included)."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def is_met_by(self, cover: CoverFacts) -> bool:
        """Whether the amounts reach the minimum; an amount that is not on record is not held against the cover."""
        return _reaches(cover.amount_cents, self.amount_cents) and _reaches(cover.annual_cents, self.annual_cents)


def _reaches(amount: int | None, minimum: int | None) -> bool:
    return amount is None or minimum is None or amount >= minimum


@dataclass(frozen=True, slots=True)
class Reference:
    """The register's common facts: requirement rows, campaigns as signed decisions have left them, and the freezes in
    force, in the order of signing; `version` counts their changes."""

    requirements: tuple[Requirement, ...]
    campaigns: tuple[CampaignDates, ...]
    version: int = 0
    freezes: tuple[Freeze, ...] = ()

    def requirement(self, category: Category, kind: CoverKind, day: date) -> Requirement | None:
        """The row that binds on `day`; the latest where two would."""
        found = None
        for row in self.requirements:
            if row.category is category and row.kind is kind and row.binds(day):
                found = row if found is None or row.valid_from > found.valid_from else found
        return found


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Everything the rules need of one intermediary's file, as its source rows stand. `merged_into` is the number that
    this one leads to (empty: it stands by itself)."""

    orias_number: str
    name: str
    email: str
    language: str
    registrations: tuple[RegistrationFacts, ...]
    covers: tuple[CoverFacts, ...]
    facts_version: int = 0
    merged_into: str = ""
