"""Rows that the register is kept by: issuers, bodies, signals, requirements, campaigns, renewals, imports."""

from __future__ import annotations

from datetime import date, timedelta

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
    Affiliation,
    DeadlineDecision,
    FeeRate,
    FilingBody,
    IssuedCover,
    Issuer,
    IssuerFile,
    IssuerLot,
    IssuerName,
    RenewalCampaign,
    RenewalRequest,
    Requirement,
    Signal,
    StoredFinding,
)
from registry.rules.campaigns import default_campaign
from registry.rules.issuers import issuer_key, policy_key
from tests.factories.common import HASH, NOW, TERM, UserFactory, facts_version_of
from tests.factories.register import CoverFactory, RegistrationFactory


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
    facts_version = LazyAttribute(lambda o: facts_version_of(o.registration.intermediary_id))
    reference_version = 1
