"""What the register's tables refuse by themselves, whoever writes: a form, a script or raw SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError

from registry.models import (
    ProcedureTerm,
    Resolution,
)
from tests.factories import (
    AffiliationFactory,
    CorrectionRequestFactory,
    CoverEventFactory,
    CoverFactory,
    CoverPaperFactory,
    CoverReviewFactory,
    DeadlineDecisionFactory,
    DecisionFactory,
    DuplicateDismissalFactory,
    FeeRateFactory,
    FilingBodyFactory,
    IntermediaryFactory,
    IntermediaryMergeFactory,
    IssuedCoverFactory,
    IssuerFactory,
    IssuerFileFactory,
    IssuerLotFactory,
    IssuerNameFactory,
    RegistrationFactory,
    RenewalCampaignFactory,
    RenewalRequestFactory,
    RequirementFactory,
    SignalFactory,
    StoredFindingFactory,
    shifted,
)
from tests.registry.refused_rows import OTHER_WAYS, REFUSED
from tests.registry.rows_of_cases import (
    a_case,
    a_hold,
    a_proof,
    a_session,
    an_order,
    twice_on_the_agenda,
    twice_ordered,
    twice_past,
    twice_posted,
    twice_voted,
)
from tests.removing import raw_case, raw_letter

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "write", "values"),
    [(name, *case) for name, case in REFUSED.items()] + OTHER_WAYS,
)
def test_each_constraint_refuses_what_it_is_there_for(
    constraint: str, write: Callable[..., Any], values: dict[str, Any]
) -> None:
    made = {k: v() if isinstance(v, type) else v for k, v in values.items()}
    with pytest.raises(IntegrityError, match=constraint):
        write(**made)


TWICE: dict[str, Callable[[], Any]] = {
    "registry_intermediary_orias_number": lambda: [IntermediaryFactory.create(orias_number="07999999") for _ in "ab"],
    "intermediary_siren_is_unique": lambda: [IntermediaryFactory.create(siren="732829320") for _ in "ab"],
    "registration_once_per_category": lambda: RegistrationFactory.create(
        intermediary=RegistrationFactory.create().intermediary
    ),
    "cover_is_imported_once": lambda: CoverFactory.create(
        imported=True, intermediary=CoverFactory.create(imported=True).intermediary
    ),
    "coverevent_once": lambda: CoverEventFactory.create(cover=CoverEventFactory.create().cover),
    "registry_issuer_code": lambda: [IssuerFactory.create(code="MUTUELLE") for _ in "ab"],
    "registry_issuername_key": lambda: [IssuerNameFactory.create(name=name) for name in ("Société", "SOCIETE")],
    "issuedcover_once": lambda: [
        IssuedCoverFactory.create(
            issuer=one.issuer, cover__intermediary=one.intermediary, cover__policy=one.cover.policy
        )
        for one in [IssuedCoverFactory.create()]
    ],
    "issuerfile_runs_once": lambda: IssuerFileFactory.create(issuer=IssuerFileFactory.create().issuer),
    "issuerlot_once": lambda: IssuerLotFactory.create(file=IssuerLotFactory.create().file),
    "registry_filingbody_code": lambda: [FilingBodyFactory.create(code="ASSO") for _ in "ab"],
    "affiliation_open_once": lambda: [
        AffiliationFactory.create(registration=one.registration, body=one.body) for one in [AffiliationFactory.create()]
    ],
    "letter_of_a_fee_once": lambda: [
        raw_letter(case, kind="FEE", case=None, request=owed)
        for owed in [RenewalRequestFactory.create(filed=True)]
        for case in (a_case(), a_case())
    ],
    "signal_open_once": lambda: SignalFactory.create(affiliation=SignalFactory.create().affiliation),
    "decision_is_recorded_once": lambda: DecisionFactory.create(
        registration=RegistrationFactory.create(removed=True), decided_on=date(2025, 3, 7)
    ),
    "requirement_starts_once": lambda: [RequirementFactory.create(valid_from=date(2060, 1, 1)) for _ in "ab"],
    "registry_renewalcampaign_year": lambda: RenewalCampaignFactory.create(year=2026),
    "registry_deadlinedecision_reverts": lambda: [
        DeadlineDecisionFactory.create(reversal=True, reverts=shift)
        for shift in [shifted(2026, due_on=date(2026, 2, 20))] * 2
    ],
    "feerate_starts_once": lambda: [FeeRateFactory.create(valid_from=date(2060, 1, 1)) for _ in "ab"],
    "renewal_once_per_campaign": lambda: RenewalRequestFactory.create(
        registration=RenewalRequestFactory.create().registration
    ),
    "merge_once_until_undone": lambda: IntermediaryMergeFactory.create(drop=IntermediaryMergeFactory.create().drop),
    "dismissal_once_per_pair": lambda: [
        DuplicateDismissalFactory.create(first=one.first, second=one.second)
        for one in [DuplicateDismissalFactory.create()]
    ],
    "paper_once_per_cover": lambda: [
        CoverPaperFactory.create(cover=paper.cover, document=paper.document) for paper in [CoverPaperFactory.create()]
    ],
    "correction_one_at_a_time": lambda: CorrectionRequestFactory.create(cover=CorrectionRequestFactory.create().cover),
    "registry_coverreview_cover": lambda: CoverReviewFactory.create(cover=CoverReviewFactory.create().cover),
    "removalcase_one_live": lambda: raw_case(a_case().registration),  # type: ignore[arg-type]
    "caseproof_posted_once": lambda: twice_posted(a_proof()),
    "authorityorder_once": lambda: twice_ordered(an_order()),
    "resolution_once": lambda: twice_on_the_agenda(a_session(), a_case()),
    "ballot_once": lambda: twice_voted(Resolution.objects.create(session=a_session(1), case=a_case())),
    "legalhold_one_at_a_time": lambda: a_hold(intermediary=a_hold().intermediary),
    "procedureterm_starts_once": lambda: ProcedureTerm.objects.create(
        step="NOTICE", valid_from=date(2007, 1, 1), days=1, source="essai"
    ),
    "pastregistration_once": lambda: twice_past(RegistrationFactory.create()),
    "finding_once_per_kind": lambda: StoredFindingFactory.create(
        registration=StoredFindingFactory.create().registration
    ),
}


@pytest.mark.parametrize("constraint", TWICE)
def test_what_is_there_once_is_not_written_twice(constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        TWICE[constraint]()


def test_what_may_be_there_twice_is_let_through() -> None:
    for _ in range(2):
        IntermediaryFactory.create(siren="")
    mine = CoverFactory.create()
    CoverFactory.create(intermediary=mine.intermediary)
    CoverFactory.create(intermediary=mine.intermediary, imported=True)
    RegistrationFactory.create(intermediary=mine.intermediary)
    RegistrationFactory.create(intermediary=mine.intermediary, iob=True)


def test_every_constraint_of_the_register_has_its_test() -> None:
    models = [m for m in _models("registry") if not m.__name__.endswith("History")]
    named = {c.name for model in models for c in model._meta.constraints}
    assert named <= set(REFUSED) | set(TWICE)


def _models(label: str) -> list[Any]:
    from django.apps import apps  # noqa: PLC0415

    return list(apps.get_app_config(label).get_models())
