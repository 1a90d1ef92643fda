"""The renewal of one registration in one campaign: request, papers and fee, each with its state and reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from registry.rules.campaigns import CampaignDates
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.covers import CoverFinding, CoverReason, CoverState
from registry.rules.deadlines import Freeze, after_freezes
from registry.rules.facts import CoverFacts, CoverStatus, RegistrationFacts
from registry.rules.labels import LabelledEnum

PAYMENT_NOTICE = timedelta(days=30)
"""After being told that the fee is unpaid, so long until the registration may be struck off (CA L512-1, CMF L546-1)."""


class RenewalState(LabelledEnum):
    """Where a request (demande de renouvellement) stands."""

    OPEN = "OPEN", "Ouverte, à déposer", "Open, to be filed"
    ENTERED = "ENTERED", "Papier saisi, à confirmer", "Paper entered, to be confirmed"
    FILED = "FILED", "Déposée", "Filed"


_S = RenewalState

RENEWAL_TRANSITIONS: Mapping[RenewalState, frozenset[RenewalState]] = MappingProxyType(
    {
        _S.OPEN: frozenset({_S.ENTERED, _S.FILED}),
        _S.ENTERED: frozenset({_S.FILED, _S.OPEN}),
        _S.FILED: frozenset(),
    }
)
"""A paper that was entered wrongly goes back to OPEN; a deposit that counts stays (I12)."""


class FilingChannel(LabelledEnum):
    """By which way a request was filed."""

    ONLINE = "ONLINE", "En ligne", "Online"
    API = "API", "API", "API"
    PRINCIPAL = "PRINCIPAL", "Par le mandant", "By the principal"
    ASSOCIATION = "ASSOCIATION", "Par l’association", "By the association"
    PAPER = "PAPER", "Papier", "Paper"

    def is_open_to(self, registration: RegistrationFacts) -> bool:
        """Whether a registration may be filed that way: by another only where that other files for it."""
        if self is FilingChannel.PRINCIPAL:
            return registration.filer is Filer.PRINCIPAL
        if self is FilingChannel.ASSOCIATION:
            return registration.filer is Filer.ASSOCIATION or registration.category is Category.CIF
        return True


def is_concerned(registration: RegistrationFacts, campaign: CampaignDates, day: date) -> bool:
    """Whether a request is opened on `day` for a registration: it is in force or suspended, and not too new.

    Who registers from 1 January on is renewed the year after (first validity of 2 to 14 months).
    """
    return (
        campaign.concerns(registration.registered_on)
        and registration.registered_on <= day
        and not registration.is_removed(day)
    )


@dataclass(frozen=True, slots=True)
class FeeRate:
    """What a category costs, in euro cents, from when until when (both days included), by which text."""

    category: Category
    valid_from: date
    valid_until: date | None
    amount_cents: int

    def binds(self, day: date) -> bool:
        """Whether the row is in force on `day`."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def fee_on(category: Category, day: date, rates: Iterable[FeeRate]) -> int | None:
    """The fee of a request filed on `day`, in euro cents; None where no rate is on record: then nothing is asked."""
    rows = (r for r in rates if r.category is category and r.binds(day))
    latest = max(rows, key=lambda r: r.valid_from, default=None)
    return latest.amount_cents if latest else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """One request as its row stands. Days are local, sums in euro cents.

    `filed_on` is the day of the deposit, however late it was entered; `informed_on` the day on which the debtor was
    told that the fee is unpaid.
    """

    category: Category
    year: int
    state: RenewalState = RenewalState.OPEN
    channel: FilingChannel | None = None
    filed_on: date | None = None
    entered_on: date | None = None
    fee_cents: int | None = None
    paid_cents: int | None = None
    paid_on: date | None = None
    informed_on: date | None = None

    @property
    def counts_from(self) -> date | None:
        """The deposit day that counts: that of a paper only once a second person has confirmed it (I12)."""
        return self.filed_on if self.state is RenewalState.FILED else None


class ItemKind(LabelledEnum):
    """What a renewal is made of."""

    REQUEST = "REQUEST", "demande de renouvellement", "renewal request"
    RC_PRO = "RC_PRO", CoverKind.RC_PRO.label, CoverKind.RC_PRO.label_en
    FINANCIAL_GUARANTEE = (
        "FINANCIAL_GUARANTEE",
        CoverKind.FINANCIAL_GUARANTEE.label,
        CoverKind.FINANCIAL_GUARANTEE.label_en,
    )
    FEE = "FEE", "frais d’inscription", "registration fee"


class ItemState(LabelledEnum):
    """What is said of one item, in one word; the gravest of a file is said of it as a whole."""

    COMPLETE = "COMPLETE", "Complet", "Complete"
    BEING_CHECKED = "BEING_CHECKED", "En contrôle", "Being checked"
    TO_DO = "TO_DO", "À faire", "To do"
    PROBLEM = "PROBLEM", "Problème", "Problem"


GRAVITY = {state: rank for rank, state in enumerate(ItemState)}


class ItemReason(LabelledEnum):
    """Why an item of a renewal stands where it stands; a cover's own reasons (CoverReason) come beside these."""

    NOT_FILED = "NOT_FILED", "pas encore déposée", "not filed yet"
    NEVER_FILED = "NEVER_FILED", "non déposée dans les délais", "not filed in time"
    AWAITS_CONFIRMATION = (
        "AWAITS_CONFIRMATION",
        "dépôt papier saisi, à confirmer par une seconde personne",
        "paper entered, to be confirmed by a second person",
    )
    FILED_IN_TIME = "FILED_IN_TIME", "déposée dans les délais", "filed in time"
    FILED_IN_TOLERANCE = "FILED_IN_TOLERANCE", "déposée pendant la tolérance", "filed within the tolerance"
    FILED_LATE = "FILED_LATE", "déposée après la tolérance", "filed after the tolerance"
    NO_FEE = "NO_FEE", "aucuns frais demandés", "no fee is asked"
    FEE_WITH_REQUEST = "FEE_WITH_REQUEST", "à régler avec la demande", "to be paid with the request"
    FEE_UNPAID = "FEE_UNPAID", "frais non réglés", "the fee is unpaid"
    FEE_NOTICE_RUNS = (
        "FEE_NOTICE_RUNS",
        "frais non réglés, délai de trente jours en cours",
        "the fee is unpaid, the thirty days are running",
    )
    FEE_NOTICE_OVER = (
        "FEE_NOTICE_OVER",
        "frais non réglés, délai de trente jours écoulé",
        "the fee is unpaid, the thirty days are over",
    )
    FEE_PAID = "FEE_PAID", "frais réglés", "the fee is paid"
    OVERDUE = "OVERDUE", "échéance dépassée", "overdue"
    PAPER_RETURNED = "PAPER_RETURNED", "attestation renvoyée, à corriger", "certificate sent back, to be corrected"
    PAPER_REFUSED = "PAPER_REFUSED", "dernière attestation refusée", "the last certificate was refused"


@dataclass(frozen=True, slots=True)
class RenewalItem:
    """One item of a renewal: its state, the last day to act (None: nothing to do), and why."""

    kind: ItemKind
    state: ItemState
    due_on: date | None
    reasons: tuple[ItemReason | CoverReason, ...]


@dataclass(frozen=True, slots=True)
class Renewal:
    """The renewal of one registration, item by item."""

    category: Category
    year: int
    items: tuple[RenewalItem, ...]

    @property
    def state(self) -> ItemState:
        """That of its gravest item."""
        return max((item.state for item in self.items), key=GRAVITY.__getitem__)


def assess_renewal(
    request: RequestFacts,
    registration: RegistrationFacts,
    campaign: CampaignDates,
    findings: Iterable[CoverFinding],
    covers: Iterable[CoverFacts],
    freezes: Iterable[Freeze],
    day: date,
) -> Renewal:
    """The renewal of `registration` in `campaign` as of `day`; `findings` and `covers` are those of its file.

    Sources: CA A512-2 (request and papers), L512-1 and CMF L546-1 (fee).
    """
    mine = [f for f in findings if f.category is request.category]
    papers = tuple(covers)
    due_on = campaign.filing_day(registration.category, registration.filer)
    return Renewal(
        request.category,
        request.year,
        (
            _request(request, due_on, campaign, day),
            *(assess_cover_item(finding, papers, day) for finding in mine),
            _fee(request, due_on, tuple(freezes), day),
        ),
    )


def _request(request: RequestFacts, due_on: date, campaign: CampaignDates, day: date) -> RenewalItem:
    last = max(due_on, campaign.tolerated_until)
    if request.state is RenewalState.ENTERED:
        return RenewalItem(ItemKind.REQUEST, ItemState.BEING_CHECKED, None, (ItemReason.AWAITS_CONFIRMATION,))
    filed_on = request.counts_from
    if filed_on is None:
        if day > last:
            return RenewalItem(ItemKind.REQUEST, ItemState.PROBLEM, due_on, (ItemReason.NEVER_FILED,))
        late = (ItemReason.OVERDUE,) if day > due_on else ()
        return RenewalItem(ItemKind.REQUEST, ItemState.TO_DO, due_on, (ItemReason.NOT_FILED, *late))
    if filed_on > last:
        return RenewalItem(ItemKind.REQUEST, ItemState.PROBLEM, None, (ItemReason.FILED_LATE,))
    reason = ItemReason.FILED_IN_TIME if filed_on <= due_on else ItemReason.FILED_IN_TOLERANCE
    return RenewalItem(ItemKind.REQUEST, ItemState.COMPLETE, None, (reason,))


def assess_cover_item(finding: CoverFinding, covers: tuple[CoverFacts, ...], day: date) -> RenewalItem:
    """A cover as an item to be done: what is asked of its intermediary on `day`, by when, and why."""
    kind = ItemKind(finding.kind.value)
    if finding.state is CoverState.AWAITING_REVIEW:
        return RenewalItem(kind, ItemState.BEING_CHECKED, None, finding.reasons)
    if not finding.is_open:
        return RenewalItem(kind, ItemState.COMPLETE, None, finding.reasons)
    troubles = [
        reason
        for reason, there in (
            (ItemReason.OVERDUE, finding.due_on is None or finding.due_on < day),
            (ItemReason.PAPER_RETURNED, _last_is(CoverStatus.RETURNED, finding, covers)),
            (ItemReason.PAPER_REFUSED, _last_is(CoverStatus.REFUSED, finding, covers)),
        )
        if there
    ]
    wrong = troubles or finding.state in (CoverState.BELOW_MINIMUM, CoverState.LAPSED)
    state = ItemState.PROBLEM if wrong else ItemState.TO_DO
    return RenewalItem(kind, state, finding.due_on, (*finding.reasons, *troubles))


def _last_is(status: CoverStatus, finding: CoverFinding, covers: tuple[CoverFacts, ...]) -> bool:
    """Whether the certificate deposited last stands so (refused, sent back), and none has come since."""
    mine = [c for c in covers if c.kind is finding.kind and finding.category in c.categories and c.deposited_on]
    latest = max(mine, key=lambda c: c.deposited_on or date.min, default=None)
    return latest is not None and latest.status is status


def _fee(request: RequestFacts, due_on: date, freezes: tuple[Freeze, ...], day: date) -> RenewalItem:
    if request.counts_from is None:
        return RenewalItem(ItemKind.FEE, ItemState.TO_DO, due_on, (ItemReason.FEE_WITH_REQUEST,))
    if request.fee_cents is None:
        return RenewalItem(ItemKind.FEE, ItemState.COMPLETE, None, (ItemReason.NO_FEE,))
    if request.paid_cents is not None and request.paid_cents >= request.fee_cents:
        return RenewalItem(ItemKind.FEE, ItemState.COMPLETE, None, (ItemReason.FEE_PAID,))
    last = payment_due_on(request, freezes)
    if last is None:
        return RenewalItem(ItemKind.FEE, ItemState.TO_DO, None, (ItemReason.FEE_UNPAID,))
    if day > last:
        return RenewalItem(ItemKind.FEE, ItemState.PROBLEM, last, (ItemReason.FEE_NOTICE_OVER,))
    return RenewalItem(ItemKind.FEE, ItemState.TO_DO, last, (ItemReason.FEE_NOTICE_RUNS,))


def payment_due_on(request: RequestFacts, freezes: Iterable[Freeze]) -> date | None:
    """The last day to pay once the debtor was told, freezes counted; None while nobody was told.

    The day of the notice is not counted (CPC 641); the last one is not put off to a working day.
    """
    if request.informed_on is None:
        return None
    return after_freezes(request.informed_on + PAYMENT_NOTICE, request.informed_on, freezes)
