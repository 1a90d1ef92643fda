"""Rows of the register: intermediaries, registrations, covers and their papers."""

from __future__ import annotations

from datetime import date
from typing import Any

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

from registry.models import (
    AddressCheck,
    Contact,
    CorrectionRequest,
    Cover,
    CoverEvent,
    CoverPaper,
    CoverReview,
    Decision,
    Document,
    DuplicateDismissal,
    Intermediary,
    IntermediaryMerge,
    Registration,
)
from tests.factories.common import HASH, NOW, TERM, RegisterImportFactory, UserFactory


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
