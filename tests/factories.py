"""Rows for tests of the database. What a test does not name is in order; traits name what is not.

A batch or a notice reaches its state by the transitions the database allows, one after the other (`reach`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from factory.declarations import (
    LazyAttribute,
    LazyFunction,
    RelatedFactory,
    SelfAttribute,
    Sequence,
    SubFactory,
    Trait,
)
from factory.django import DjangoModelFactory

from hotline.models import Call, Complaint, Incident, LookUp
from registry.models import (
    AddressCheck,
    Affiliation,
    Contact,
    CorrectionRequest,
    Cover,
    CoverEvent,
    CoverPaper,
    CoverReview,
    DeadlineDecision,
    Decision,
    Document,
    DuplicateDismissal,
    FeeRate,
    FilingBody,
    Intermediary,
    IntermediaryMerge,
    IssuedCover,
    Issuer,
    IssuerFile,
    IssuerLot,
    IssuerName,
    RegisterImport,
    Registration,
    RenewalCampaign,
    RenewalRequest,
    Requirement,
    Signal,
    StoredFinding,
)
from registry.rules.campaigns import default_campaign
from registry.rules.issuers import issuer_key, policy_key
from reminders.models import (
    Alarm,
    Attempt,
    Batch,
    DomainPace,
    LeftOut,
    Notice,
    NoticeItem,
    Pace,
    StopSwitch,
    Tick,
    Watch,
    Wave,
    WrongReport,
)
from reminders.rules.identity import WaveKey, notice_key
from reminders.rules.states import BatchState, NoticeState

NOW = datetime(2026, 1, 29, 9, 30, tzinfo=UTC)
"""A working day on which the wave D-30 of the campaign of 2026 runs."""
TERM = date(2026, 2, 28)
HASH = "0" * 64


def told_in_time(effective_on: date) -> datetime:
    """When an issuer spoke whose word takes effect on a day, a guarantee's too: ten days before."""
    return datetime(effective_on.year, effective_on.month, effective_on.day, tzinfo=UTC) - timedelta(days=10)


class UserFactory(DjangoModelFactory[Any]):
    """A person of the registry's staff."""

    class Meta:
        model = get_user_model()

    username = Sequence(lambda n: f"agent-{n}")


class IntermediaryFactory(DjangoModelFactory[Intermediary]):
    """Traits: `english`, `unreachable` (no address)."""

    class Meta:
        model = Intermediary

    class Params:
        english = Trait(language="en")
        unreachable = Trait(email="")

    orias_number = Sequence(lambda n: f"07{n:06d}")
    name = Sequence(lambda n: f"Cabinet d’essai {n}")
    email = LazyAttribute(lambda o: f"contact-{o.orias_number}@example.org")


class DecisionFactory(DjangoModelFactory[Decision]):
    """The removal of a registration, unless another `kind` is named: reported by a file that is being applied."""

    class Meta:
        model = Decision

    intermediary = SelfAttribute("registration.intermediary")
    kind = "REMOVAL"
    authority = "COMMISSION"
    decided_on = date(2025, 3, 7)
    act_reference = Sequence(lambda n: f"CI-2025-{n:04d}")
    recorded_at = NOW

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Decision:
        with transaction.atomic():
            ways = {"case", "order", "register_import"} & kwargs.keys()
            if kwargs["kind"] != "REGISTRATION" and not ways:
                kwargs["register_import"] = RegisterImportFactory.create()
            decision: Decision = super()._create(model_class, *args, **kwargs)
            return decision


class RegistrationFactory(DjangoModelFactory[Registration]):
    """A COA without funds. Traits: `iob`, `cif`, `agent`, `with_funds`, `mandated`, `removed`, `suspended`.

    A removed one comes with the decision that the database asks for at the commit.
    """

    class Meta:
        model = Registration
        skip_postgeneration_save = True

    class Params:
        iob = Trait(category="IOB")
        cif = Trait(category="CIF", filer="ASSOCIATION")
        agent = Trait(category="IOB", filer="PRINCIPAL", principal_bears_liability=True)
        with_funds = Trait(holds_client_funds=True)
        mandated = Trait(holds_client_funds=True, funds_mandate=True)
        suspended = Trait(suspended_on=date(2025, 9, 5))
        removed = Trait(
            removed_on=date(2025, 3, 7),
            decision=RelatedFactory(
                DecisionFactory, "registration", decided_on=SelfAttribute("registration.removed_on")
            ),
        )

    intermediary = SubFactory(IntermediaryFactory)
    category = "COA"
    registered_on = date(2015, 6, 5)


class CoverFactory(DjangoModelFactory[Cover]):
    """An accepted RC Pro for all categories, to the end of February 2026.

    Traits: `guarantee`, `renewed`, `deposited`, `refused`, `withdrawn`, `too_low`, `imported`.
    """

    class Meta:
        model = Cover

    class Params:
        guarantee = Trait(kind="FINANCIAL_GUARANTEE", amount_cents=11_500_000, annual_cents=None)
        renewed = Trait(starts_on=date(2026, 3, 1), ends_on=date(2027, 2, 28))
        deposited = Trait(status="DEPOSITED")
        refused = Trait(status="REFUSED")
        withdrawn = Trait(status="WITHDRAWN")
        too_low = Trait(amount_cents=100)
        imported = Trait(channel="IMPORT")

    intermediary = SubFactory(IntermediaryFactory)
    kind = "RC_PRO"
    categories = LazyFunction(lambda: ["COA", "IOB", "CIF"])
    issuer = "Mutuelle d’essai"
    policy = Sequence(lambda n: f"RC{n:06d}")
    starts_on = date(2025, 3, 1)
    ends_on = TERM
    amount_cents = 156_461_000
    annual_cents = 231_561_000
    status = "ACCEPTED"
    channel = "PORTAL"
    deposited_on = date(2025, 1, 15)


class ContactFactory(DjangoModelFactory[Contact]):
    """Somebody at an intermediary, with an address and a telephone."""

    class Meta:
        model = Contact

    intermediary = SubFactory(IntermediaryFactory)
    role = "ACCOUNTING"
    name = "Camille Martin"
    email = Sequence(lambda n: f"compta-{n}@example.org")
    phone_e164 = "+33612345678"
    phone_key = "612345678"


class AddressCheckFactory(DjangoModelFactory[AddressCheck]):
    """An address confirmed by staff."""

    class Meta:
        model = AddressCheck

    intermediary = SubFactory(IntermediaryFactory)
    email = SelfAttribute("intermediary.email")
    checked_on = date(2026, 1, 29)
    source = "STAFF"
    reason = "essai"


class IntermediaryMergeFactory(DjangoModelFactory[IntermediaryMerge]):
    """The act of a merge, by a row alone: nothing moves. Trait: `undone`."""

    class Meta:
        model = IntermediaryMerge

    class Params:
        undone = Trait(undone_at=NOW, undone_by=SubFactory(UserFactory), undo_reason="essai")

    keep = SubFactory(IntermediaryFactory)
    drop = SubFactory(IntermediaryFactory)
    preview_hash = HASH
    moved = LazyFunction(dict)
    reason = "essai"
    signed_by = SubFactory(UserFactory)
    approved_by = SubFactory(UserFactory)
    merged_at = NOW


class DuplicateDismissalFactory(DjangoModelFactory[DuplicateDismissal]):
    """Two that are two persons."""

    class Meta:
        model = DuplicateDismissal

    first = SubFactory(IntermediaryFactory)
    second = SubFactory(IntermediaryFactory)
    reason = "essai"
    dismissed_by = SubFactory(UserFactory)
    dismissed_at = NOW


class DocumentFactory(DjangoModelFactory[Document]):
    """A PDF, not scanned; nothing of it is on a disk. Traits: `received`, `scanning`, `clean`, `infected`, `broken`."""

    class Meta:
        model = Document

    class Params:
        received = Trait(state="RECEIVED", kind="", pages=None, checked_at=None)
        scanning = Trait(state="SCANNING")
        clean = Trait(state="CLEAN", scanned_at=NOW)
        infected = Trait(state="INFECTED", scanned_at=NOW, signature="Eicar-Signature")
        broken = Trait(state="BROKEN", kind="", pages=None, kept_sha256="", fault="DAMAGED")

    intermediary = SubFactory(IntermediaryFactory)
    name = "attestation.pdf"
    size = 1000
    received_sha256 = HASH
    kept_sha256 = HASH
    kind = "PDF"
    pages = 1
    state = "NOT_SCANNED"
    channel = "API"
    received_at = NOW
    checked_at = NOW


class CoverPaperFactory(DjangoModelFactory[CoverPaper]):
    """The evidence of a deposited certificate."""

    class Meta:
        model = CoverPaper

    cover = SubFactory(CoverFactory, renewed=True, deposited=True)
    document = SubFactory(DocumentFactory, intermediary=SelfAttribute("..cover.intermediary"))
    attached_on = date(2026, 1, 29)


class CorrectionRequestFactory(DjangoModelFactory[CorrectionRequest]):
    """Asked, and not answered. Trait: `ended`."""

    class Meta:
        model = CorrectionRequest

    class Params:
        ended = Trait(ended_on=date(2026, 1, 29))

    cover = SubFactory(CoverFactory, renewed=True, deposited=True)
    reason = "UNREADABLE"
    asked_on = date(2026, 1, 22)


class CoverReviewFactory(DjangoModelFactory[CoverReview]):
    """Somebody's. Trait: `refused`."""

    class Meta:
        model = CoverReview

    class Params:
        refused = Trait(reason="OLD_PERIOD", refused_on=date(2026, 1, 29))

    cover = SubFactory(CoverFactory, renewed=True, deposited=True)
    assigned_to = SubFactory(UserFactory)
    assigned_on = date(2026, 1, 28)


class CoverEventFactory(DjangoModelFactory[CoverEvent]):
    """A termination. Traits: `suspension`, `not_renewed`."""

    class Meta:
        model = CoverEvent

    class Params:
        suspension = Trait(kind="SUSPENDED")
        not_renewed = Trait(kind="NOT_RENEWED", effective_on=date(2026, 3, 1))

    cover = SubFactory(CoverFactory)
    kind = "TERMINATED"
    effective_on = date(2025, 11, 1)
    received_at = NOW


class IssuerFactory(DjangoModelFactory[Issuer]):
    """An insurer, known by its name."""

    class Meta:
        model = Issuer
        skip_postgeneration_save = True

    code = Sequence(lambda n: f"ASSUREUR-{n}")
    name = Sequence(lambda n: f"Mutuelle {n}")
    names = RelatedFactory("tests.factories.IssuerNameFactory", "issuer", name=SelfAttribute("issuer.name"))


class IssuerNameFactory(DjangoModelFactory[IssuerName]):
    """One more spelling."""

    class Meta:
        model = IssuerName

    issuer = SubFactory(IssuerFactory)
    name = Sequence(lambda n: f"Autre nom {n}")
    key = LazyAttribute(lambda o: issuer_key(o.name))


class IssuedCoverFactory(DjangoModelFactory[IssuedCover]):
    """A certificate pushed by an insurer."""

    class Meta:
        model = IssuedCover

    issuer = SubFactory(IssuerFactory)
    cover = SubFactory(CoverFactory, channel="ISSUER", issuer=SelfAttribute("..issuer.name"))
    intermediary = SelfAttribute("cover.intermediary")
    kind = SelfAttribute("cover.kind")
    policy_key = LazyAttribute(lambda o: policy_key(o.cover.policy))
    starts_on = SelfAttribute("cover.starts_on")


class IssuerFileFactory(DjangoModelFactory[IssuerFile]):
    """A file that is being applied."""

    class Meta:
        model = IssuerFile

    issuer = SubFactory(IssuerFactory)
    content = "COVERS"
    file_name = "attestations.csv"
    sha256 = HASH
    rows_per_lot = 1000
    begun_at = NOW
    begun_by = SubFactory(UserFactory)


class IssuerLotFactory(DjangoModelFactory[IssuerLot]):
    """Its first lot."""

    class Meta:
        model = IssuerLot

    file = SubFactory(IssuerFileFactory)
    number = 0
    fates = LazyFunction(list)


class FilingBodyFactory(DjangoModelFactory[FilingBody]):
    """An association. Trait: `principal`."""

    class Meta:
        model = FilingBody

    class Params:
        principal = Trait(kind="PRINCIPAL")

    code = Sequence(lambda n: f"ORGANISME-{n}")
    kind = "ASSOCIATION"
    name = Sequence(lambda n: f"Organisme {n}")


class AffiliationFactory(DjangoModelFactory[Affiliation]):
    """The membership of a CIF. Trait: `ended`."""

    class Meta:
        model = Affiliation

    class Params:
        ended = Trait(ends_on=date(2026, 1, 15), end_told_on=date(2026, 1, 20))

    registration = SubFactory(RegistrationFactory, cif=True)
    body = SubFactory(FilingBodyFactory)
    starts_on = date(2020, 1, 1)


class SignalFactory(DjangoModelFactory[Signal]):
    """The end of a membership, open. Traits: `settled`, `unknown_policy`."""

    class Meta:
        model = Signal

    class Params:
        settled = Trait(settled_on=date(2026, 2, 2), settled_by=SubFactory(UserFactory), outcome="régularisé")
        unknown_policy = Trait(
            kind="POLICY_UNKNOWN",
            affiliation=None,
            cover=SubFactory(CoverFactory),
            intermediary=SelfAttribute("cover.intermediary"),
        )

    affiliation = SubFactory(AffiliationFactory, ended=True)
    intermediary = SelfAttribute("affiliation.registration.intermediary")
    kind = "MEMBERSHIP_ENDED"
    told_by = "Organisme"
    opened_on = date(2026, 1, 20)
    due_on = date(2026, 2, 20)


class RequirementFactory(DjangoModelFactory[Requirement]):
    """One more row for the IOB's RC Pro, in force in times that are not tested otherwise."""

    class Meta:
        model = Requirement

    category = "IOB"
    kind = "RC_PRO"
    valid_from = Sequence(lambda n: date(2050, 1, 1) + timedelta(days=n))
    amount_cents = 50_000_000
    annual_cents = 80_000_000
    legal_text = "CMF R519-16"


class RenewalCampaignFactory(DjangoModelFactory[RenewalCampaign]):
    """A campaign after those the register starts with, with its default dates."""

    class Meta:
        model = RenewalCampaign

    class Params:
        dates = LazyAttribute(lambda o: default_campaign(o.year))

    year = Sequence(lambda n: 2041 + n)
    opens_on = SelfAttribute("dates.opens_on")
    principals_due_on = SelfAttribute("dates.principals_due_on")
    due_on = SelfAttribute("dates.due_on")
    tolerated_until = SelfAttribute("dates.tolerated_until")
    expires_on = SelfAttribute("dates.expires_on")


class DeadlineDecisionFactory(DjangoModelFactory[DeadlineDecision]):
    """A shift of the campaign of 2026; name the dates. Traits: `freeze` (20 to 22 February 2026), `reversal` (name
    what it `reverts`)."""

    class Meta:
        model = DeadlineDecision

    class Params:
        year = 2026
        freeze = Trait(kind="FREEZE", campaign=None, from_on=date(2026, 2, 20), until_on=date(2026, 2, 22), days_lost=3)
        reversal = Trait(kind="REVERSAL", campaign=None)

    kind = "SHIFT"
    campaign = LazyAttribute(lambda o: RenewalCampaign.objects.get(year=o.year))
    reason = "essai"
    act_reference = "CI-2026-D1"
    signed_by = SubFactory(UserFactory)
    signed_at = NOW


def shifted(year: int, **dates: date) -> DeadlineDecision:
    """Dates of a year's campaign moved, by a row alone: no finding follows."""
    decision: DeadlineDecision = DeadlineDecisionFactory.create(year=year, **dates)
    return decision


class FeeRateFactory(DjangoModelFactory[FeeRate]):
    """One more rate, in times that are not tested otherwise."""

    class Meta:
        model = FeeRate

    category = "COA"
    valid_from = Sequence(lambda n: date(2050, 1, 1) + timedelta(days=n))
    amount_cents = 2_500
    source = "essai"


class RenewalRequestFactory(DjangoModelFactory[RenewalRequest]):
    """The open request of a COA in the campaign of 2026. Traits: `filed`, `entered` (on paper), `confirmed` (a paper),
    `paid` (with `filed`)."""

    class Meta:
        model = RenewalRequest

    class Params:
        year = 2026
        filed = Trait(state="FILED", channel="ONLINE", filed_on=date(2026, 1, 20), entered_on=date(2026, 1, 20))
        entered = Trait(
            state="ENTERED",
            channel="PAPER",
            filed_on=date(2026, 1, 20),
            entered_on=date(2026, 1, 26),
            entered_by=SubFactory(UserFactory),
        )
        confirmed = Trait(
            state="FILED",
            channel="PAPER",
            filed_on=date(2026, 1, 20),
            entered_on=date(2026, 1, 26),
            entered_by=SubFactory(UserFactory),
            confirmed_on=date(2026, 1, 27),
            confirmed_by=SubFactory(UserFactory),
        )
        paid = Trait(paid_cents=2_500, paid_on=date(2026, 1, 20), payment_reference="CB-1")

    registration = SubFactory(RegistrationFactory)
    campaign = LazyAttribute(lambda o: RenewalCampaign.objects.get(year=o.year))
    opened_on = date(2026, 1, 2)
    fee_cents = LazyAttribute(lambda o: None if o.state == "OPEN" else 2_500)
    state = "OPEN"


class StoredFindingFactory(DjangoModelFactory[StoredFinding]):
    """A finding computed from the registration's facts as they are. Trait: `stale`."""

    class Meta:
        model = StoredFinding

    class Params:
        stale = Trait(facts_version=0)

    registration = SubFactory(RegistrationFactory)
    kind = "RC_PRO"
    state = "IN_FORCE"
    covered_until = TERM
    term = TERM
    due_on = TERM
    reasons = LazyFunction(lambda: ["COVERED"])
    as_of = date(2026, 1, 29)
    facts_version = LazyAttribute(lambda o: _facts_version(o.registration.intermediary_id))
    reference_version = 1


class RegisterImportFactory(DjangoModelFactory[RegisterImport]):
    """A file applied in the morning."""

    class Meta:
        model = RegisterImport

    file_name = "register.csv"
    sha256 = HASH
    applied_at = NOW
    counts = LazyFunction(lambda: dict.fromkeys(("new", "changed", "removed", "error"), 0))


class WaveFactory(DjangoModelFactory[Wave]):
    """A wave beside the default ones."""

    class Meta:
        model = Wave

    code = Sequence(lambda n: f"W{n}")
    first_offset = -60
    last_offset = -46


class BatchFactory(DjangoModelFactory[Batch]):
    """A draft without a hash, so that notices may still be added; `reach` takes it further."""

    class Meta:
        model = Batch

    class Params:
        sealed = Trait(hash=HASH)

    as_of = Sequence(lambda n: date(2026, 1, 30) + timedelta(days=n))
    author = SubFactory(UserFactory)
    created_at = NOW
    planned = 10
    steps = LazyAttribute(lambda o: [o.planned])


class NoticeFactory(DjangoModelFactory[Notice]):
    """A planned notice with the wave it discharges; `reach` takes it further."""

    class Meta:
        model = Notice
        skip_postgeneration_save = True

    batch = SubFactory(BatchFactory)
    intermediary = SubFactory(IntermediaryFactory)
    rank = Sequence(lambda n: n + 1)
    state = "PLANNED"
    key = LazyAttribute(
        lambda o: notice_key(o.intermediary.orias_number, [WaveKey("RC_PRO", TERM, "D-30")])  # type: ignore[arg-type]
    )
    email = SelfAttribute("intermediary.email")
    items = LazyFunction(list)
    facts_version = 1
    not_after = datetime(2026, 2, 12, 16, tzinfo=UTC)
    discharges = RelatedFactory("tests.factories.NoticeItemFactory", "notice")


class NoticeItemFactory(DjangoModelFactory[NoticeItem]):
    """The wave D-30 of an RC Pro that ends with the campaign of 2026."""

    class Meta:
        model = NoticeItem

    notice = SubFactory(NoticeFactory, discharges=None)
    intermediary = SelfAttribute("notice.intermediary")
    kind = "RC_PRO"
    term = TERM
    wave = "D-30"


class AttemptFactory(DjangoModelFactory[Attempt]):
    """A try that is under way. Trait: `done`."""

    class Meta:
        model = Attempt

    class Params:
        done = Trait(finished_at=NOW, verdict="ACCEPTED", stage="REPLY", code=250)

    notice = SubFactory(NoticeFactory)
    number = Sequence(lambda n: n + 1)
    fence = 1
    worker = "essai-1"
    started_at = NOW


class LeftOutFactory(DjangoModelFactory[LeftOut]):
    """Somebody whose file is complete."""

    class Meta:
        model = LeftOut

    batch = SubFactory(BatchFactory)
    intermediary = SubFactory(IntermediaryFactory)
    reason = "COMPLETE"
    evidence = LazyFunction(dict)


class TickFactory(DjangoModelFactory[Tick]):
    """A minute that was acted on."""

    class Meta:
        model = Tick

    name = "deliver"
    intended_at = Sequence(lambda n: NOW + timedelta(minutes=n))


class WatchFactory(DjangoModelFactory[Watch]):
    """Of a batch that goes."""

    class Meta:
        model = Watch

    batch = SubFactory(BatchFactory)
    going_since = NOW


class AlarmFactory(DjangoModelFactory[Alarm]):
    """Open. Trait: `closed`."""

    class Meta:
        model = Alarm

    class Params:
        closed = Trait(closed_at=NOW, closed_by=SubFactory(UserFactory))

    batch = SubFactory(BatchFactory)
    code = "BOUNCED_TOO_MANY"
    level = "RED"
    message = "3 adresses hors d’usage dans le palier, sur 25 envois"
    facts = LazyFunction(dict)
    step = 25
    raised_at = NOW


class WrongReportFactory(DjangoModelFactory[WrongReport]):
    """By the link, and true. Trait: `by_phone`."""

    class Meta:
        model = WrongReport

    class Params:
        by_phone = Trait(source="HOTLINE", reported_by=SubFactory(UserFactory))

    notice = SubFactory(NoticeFactory)
    source = "LINK"
    verdict = "WRONG"
    facts = LazyFunction(dict)
    reported_at = NOW


class DomainPaceFactory(DjangoModelFactory[DomainPace]):
    """A domain that is left alone for a minute."""

    class Meta:
        model = DomainPace

    domain = Sequence(lambda n: f"domaine-{n}.example")
    not_before = NOW + timedelta(minutes=1)
    updated_at = NOW


def the_switch() -> StopSwitch:
    """The one row; a new register has it, and sends."""
    return StopSwitch.objects.get()


def the_pace() -> Pace:
    """The one row."""
    return Pace.objects.get()


# --- states ------------------------------------------------------------------------------------------------

BATCH_PATHS: dict[str, tuple[str, ...]] = {
    "DRAFT": (),
    "APPROVED": ("APPROVED",),
    "RELEASING": ("APPROVED", "RELEASING"),
    "PAUSED": ("APPROVED", "RELEASING", "PAUSED"),
    "COMPLETED": ("APPROVED", "RELEASING", "COMPLETED"),
    "CANCELLED": ("CANCELLED",),
    "STALE": ("STALE",),
}
NOTICE_PATHS: dict[str, tuple[str, ...]] = {
    "PLANNED": (),
    "CLAIMED": ("CLAIMED",),
    "SENDING": ("CLAIMED", "SENDING"),
    "DEFERRED": ("CLAIMED", "SENDING", "DEFERRED"),
    "ACCEPTED": ("CLAIMED", "SENDING", "ACCEPTED"),
    "UNCERTAIN": ("CLAIMED", "SENDING", "UNCERTAIN"),
    "REFUSED": ("CLAIMED", "SENDING", "REFUSED"),
    "SKIPPED": ("CLAIMED", "SKIPPED"),
    "EXPIRED": ("EXPIRED",),
    "CANCELLED": ("CANCELLED",),
}


def batch_in(state: BatchState, **values: Any) -> Batch:
    """A batch that has come to `state` by allowed steps, approved by a second person on the way."""
    batch = BatchFactory.create(sealed=bool(BATCH_PATHS[state]), **values)
    for step in BATCH_PATHS[state]:
        Batch.objects.filter(pk=batch.pk).update(state=step, **_batch_columns(step))
    batch.refresh_from_db()
    return batch


def reach(notice: Notice, state: NoticeState) -> Notice:
    """Take a planned notice to `state` by allowed steps."""
    for step in NOTICE_PATHS[state]:
        Notice.objects.filter(pk=notice.pk).update(state=step, **notice_columns(step))
    notice.refresh_from_db()
    return notice


def _batch_columns(state: str) -> dict[str, Any]:
    if state == "APPROVED":
        return {"approved_by": UserFactory.create(), "approved_at": NOW}
    if state == "RELEASING":
        return {"released_by": UserFactory.create(), "released_at": NOW, "ceiling": 10}
    return {"pause_reason": "PERSON"} if state == "PAUSED" else {}


def notice_columns(state: str) -> dict[str, Any]:
    """What the database asks for beside the state."""
    if state in ("CLAIMED", "SENDING"):
        return {"lease_until": NOW + timedelta(minutes=5), "worker": "essai-1"}
    return {"reason": "COMPLETE"} if state == "SKIPPED" else {}


def _facts_version(intermediary: int) -> int:
    return Intermediary.objects.values_list("facts_version", flat=True).get(pk=intermediary)


class ComplaintFactory(DjangoModelFactory[Complaint]):
    """A letter of NOW's day. Trait: `spoken` (the person was invited to write)."""

    class Meta:
        model = Complaint

    class Params:
        spoken = Trait(channel="PHONE", state="SPOKEN", sent_on=None, spoken_on=NOW.date(), invited_on=NOW.date())

    number = Sequence(lambda n: f"R-2025-{n + 1:05d}")
    state = "RECEIVED"
    channel = "LETTER"
    matter = "UNWANTED_MAIL"
    text = "une relance alors que tout est déposé"
    complainant = "Cabinet Durand"
    sent_on = NOW.date()
    entered_on = NOW.date()
    entered_at = NOW
    entered_by = SubFactory(UserFactory)


class CallFactory(DjangoModelFactory[Call]):
    """A question answered at NOW. Trait: `promised` (to be called back within the hour)."""

    class Meta:
        model = Call

    class Params:
        promised = Trait(outcome="CALL_BACK", call_back_by=NOW + timedelta(hours=1), caller_key="199001234")

    started_at = NOW
    reason = "FILE_STATE"
    outcome = "ANSWERED"
    agent = SubFactory(UserFactory)
    entered_at = NOW


class LookUpFactory(DjangoModelFactory[LookUp]):
    """A file opened at NOW for a caller who said its number."""

    class Meta:
        model = LookUp

    at = NOW
    agent = SubFactory(UserFactory)
    intermediary = SubFactory(IntermediaryFactory)
    purpose = "CALLER"
    way = "NUMBER"


class IncidentFactory(DjangoModelFactory[Incident]):
    """Declared at NOW; the next word is due in an hour. Trait: `over`."""

    class Meta:
        model = Incident

    class Params:
        over = Trait(state="RESOLVED", cause="règle fautive", next_update_at=None, resolved_at=NOW)

    state = "INVESTIGATING"
    message = "Des relances sont parties à tort."
    next_update_at = NOW + timedelta(hours=1)
    declared_at = NOW
    declared_by = SubFactory(UserFactory)
    updated_at = NOW
