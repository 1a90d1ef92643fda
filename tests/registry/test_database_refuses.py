"""What the register's tables refuse by themselves, whoever writes: a form, a script or raw SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pghistory
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import JSONField, Value
from pghistory.models import Context

from registry.models import (
    AuthorityOrder,
    Ballot,
    CaseProof,
    CommissionMember,
    CommissionSession,
    Cover,
    Decision,
    Intermediary,
    LegalHold,
    Letter,
    PastRegistration,
    ProcedureTerm,
    PurgeCertificate,
    ReferenceVersion,
    Registration,
    RemovalCase,
    RenewalCampaign,
    Resolution,
)
from tests.factories import (
    NOW,
    AddressCheckFactory,
    AffiliationFactory,
    ContactFactory,
    CorrectionRequestFactory,
    CoverEventFactory,
    CoverFactory,
    CoverPaperFactory,
    CoverReviewFactory,
    DeadlineDecisionFactory,
    DecisionFactory,
    DocumentFactory,
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
    RegisterImportFactory,
    RegistrationFactory,
    RenewalCampaignFactory,
    RenewalRequestFactory,
    RequirementFactory,
    SignalFactory,
    StoredFindingFactory,
    UserFactory,
    shifted,
)
from tests.removing import members, raw_case, raw_letter, raw_proof

pytestmark = pytest.mark.django_db

EARLIER = date(2000, 1, 1)


def a_case(**values: Any) -> RemovalCase:
    return raw_case(RegistrationFactory.create(), **values)


def a_letter(**values: Any) -> Letter:
    return raw_letter(a_case(), **values)


def a_proof(**values: Any) -> CaseProof:
    return raw_proof(a_case(), **values)


def an_order(**values: Any) -> AuthorityOrder:
    mine = RegistrationFactory.create()
    given = {
        "intermediary": mine.intermediary, "registration": mine, "kind": "REMOVAL", "authority": "AMF",
        "act_reference": "A", "dated_on": A_DAY, "effective_on": A_DAY, "reason": "essai",
        "entered_by": UserFactory.create(), "entered_at": NOW,
    }  # fmt: skip
    return AuthorityOrder.objects.create(**(given | values))


def a_session(seats: int = 0, **values: Any) -> CommissionSession:
    if seats:
        members(seats)
    given = {
        "number": "CI", "held_on": date(2027, 4, 16), "seats": seats, "digest": "0", "prepared_at": NOW,
        "prepared_by": UserFactory.create(),
    }  # fmt: skip
    return CommissionSession.objects.create(**(given | values))


def twice_posted(proof: CaseProof) -> None:
    raw_proof(proof.case, letter=proof.letter)


def twice_ordered(order: AuthorityOrder) -> None:
    an_order(intermediary=order.intermediary, registration=order.registration)


def twice_on_the_agenda(session: CommissionSession, case: RemovalCase) -> None:
    for _ in "ab":
        Resolution.objects.create(session=session, case=case)


def twice_voted(resolution: Resolution) -> None:
    for choice in ("FOR", "AGAINST"):
        Ballot.objects.create(resolution=resolution, member=CommissionMember.objects.get(), choice=choice)


def twice_past(registration: Registration) -> None:
    for last in (A_DAY, date(2026, 2, 20)):
        PastRegistration.objects.create(registration=registration, registered_on=EARLIER, removed_on=last)


def a_hold(**values: Any) -> LegalHold:
    given = {
        "intermediary": IntermediaryFactory.create(), "reason": "essai", "placed_by": UserFactory.create(),
        "placed_at": NOW,
    }  # fmt: skip
    return LegalHold.objects.create(**(given | values))


def a_certificate(alone: bool = False, **values: Any) -> PurgeCertificate:
    clerk, other = UserFactory.create(), UserFactory.create()
    given = {
        "number": "CD", "as_of": A_DAY, "list_hash": "0" * 64, "files": 1, "executed_at": NOW, "asked_by": clerk,
        "approved_by": clerk if alone else other,
    }  # fmt: skip
    return PurgeCertificate.objects.create(**(given | values))


A_DAY = date(2026, 2, 19)
"""The one before the days of the factory's freeze."""

REFUSED: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "intermediary_number_is_eight_digits": (IntermediaryFactory, {"orias_number": "7000001"}),
    "intermediary_email_is_one_address": (IntermediaryFactory, {"email": "a@b.fr, c@d.fr"}),
    "intermediary_has_a_name": (IntermediaryFactory, {"name": ""}),
    "registration_category_is_known": (RegistrationFactory, {"category": "AGA"}),
    "registration_filer_is_known": (RegistrationFactory, {"filer": "NOBODY"}),
    "registration_cif_holds_no_funds": (RegistrationFactory, {"cif": True, "with_funds": True}),
    "registration_suspension_has_a_start": (
        RegistrationFactory,
        {"suspended_on": date(2026, 1, 2), "suspended_until": date(2026, 1, 1)},
    ),
    "decision_names_its_act": (
        DecisionFactory,
        {"registration": RegistrationFactory, "act_reference": ""},
    ),
    "decision_removal_names_a_registration": (
        DecisionFactory,
        {"registration": None, "intermediary": IntermediaryFactory},
    ),
    "cover_ends_after_it_starts": (CoverFactory, {"ends_on": date(2025, 2, 28)}),
    "cover_names_categories": (CoverFactory, {"categories": []}),
    "cover_days_are_dates": (CoverFactory, {"starts_on": date(1899, 12, 31)}),
    "cover_kind_is_known": (CoverFactory, {"kind": "CAUTION"}),
    "cover_status_is_known": (CoverFactory, {"status": "LOST"}),
    "cover_amounts_are_not_negative": (CoverFactory, {"amount_cents": -1}),
    "coverevent_kind_is_known": (CoverEventFactory, {"kind": "SILENCE"}),
    "issuer_code_is_plain": (IssuerFactory, {"code": "mutuelle"}),
    "issuer_has_a_name": (IssuerFactory, {"name": "", "names": None}),
    "issuername_is_not_empty": (IssuerNameFactory, {"name": "–"}),
    "issuerfile_ends_after_it_began": (IssuerFileFactory, {"finished_at": datetime(2020, 1, 1, tzinfo=UTC)}),
    "filingbody_code_is_plain": (FilingBodyFactory, {"code": "asso"}),
    "filingbody_kind_is_known": (FilingBodyFactory, {"kind": "CLUB"}),
    "affiliation_end_is_told": (AffiliationFactory, {"ended": True, "end_told_on": None}),
    "signal_names_its_cause": (SignalFactory, {"kind": "POLICY_UNKNOWN"}),
    "signal_settlement_is_whole": (SignalFactory, {"settled": True, "outcome": ""}),
    "requirement_ends_after_it_starts": (RequirementFactory, {"valid_until": EARLIER}),
    "requirement_never_a_guarantee_of_a_cif": (
        RequirementFactory,
        {"category": "CIF", "kind": "FINANCIAL_GUARANTEE"},
    ),
    "campaign_dates_are_in_order": (RenewalCampaignFactory, {"opens_on": date(2099, 1, 1)}),
    "deadline_act_is_known": (DeadlineDecisionFactory, {"kind": "DELAY", "campaign": None}),
    "deadline_shift_moves_a_date_of_a_campaign": (DeadlineDecisionFactory, {}),
    "deadline_freeze_has_its_days": (DeadlineDecisionFactory, {"freeze": True, "days_lost": 4}),
    "deadline_reversal_names_a_decision": (DeadlineDecisionFactory, {"reversal": True}),
    "deadline_decision_has_a_reason": (DeadlineDecisionFactory, {"freeze": True, "reason": ""}),
    "deadline_shift_names_its_act": (DeadlineDecisionFactory, {"due_on": date(2026, 2, 20), "act_reference": ""}),
    "feerate_ends_after_it_starts": (FeeRateFactory, {"valid_until": EARLIER}),
    "feerate_is_within_the_law": (FeeRateFactory, {"amount_cents": 25_001}),
    "renewal_state_is_known": (RenewalRequestFactory, {"filed": True, "state": "LOST"}),
    "renewal_channel_is_known": (RenewalRequestFactory, {"filed": True, "channel": "FAX"}),
    "renewal_deposit_is_whole": (RenewalRequestFactory, {"filed": True, "filed_on": None}),
    "renewal_is_not_filed_in_the_future": (RenewalRequestFactory, {"filed": True, "filed_on": date(2026, 1, 21)}),
    "renewal_only_paper_awaits_confirmation": (RenewalRequestFactory, {"entered": True, "channel": "ONLINE"}),
    "renewal_paper_has_two_people": (RenewalRequestFactory, {"confirmed": True, "confirmed_by": None}),
    "renewal_payment_is_whole": (RenewalRequestFactory, {"filed": True, "paid": True, "payment_reference": ""}),
    "renewal_notice_follows_the_deposit": (RenewalRequestFactory, {"filed": True, "informed_on": date(2026, 1, 19)}),
    "document_state_is_known": (DocumentFactory, {"state": "LOST"}),
    "document_has_a_plain_name": (DocumentFactory, {"name": "a\nb"}),
    "document_size_is_allowed": (DocumentFactory, {"size": 10 * 1024 * 1024 + 1}),
    "document_has_its_digest": (DocumentFactory, {"received_sha256": "x"}),
    "document_is_kept_unless_broken": (DocumentFactory, {"kept_sha256": ""}),
    "document_broken_says_why": (DocumentFactory, {"broken": True, "fault": ""}),
    "document_checked_has_its_facts": (DocumentFactory, {"kind": ""}),
    "document_infected_names_what": (DocumentFactory, {"infected": True, "signature": ""}),
    "document_verdict_has_its_scan": (DocumentFactory, {"clean": True, "scanned_at": None}),
    "correction_reason_is_known": (CorrectionRequestFactory, {"reason": "UGLY"}),
    "correction_other_says_what": (CorrectionRequestFactory, {"reason": "OTHER"}),
    "correction_ends_after_it_began": (CorrectionRequestFactory, {"ended_on": EARLIER}),
    "review_assignment_is_whole": (CoverReviewFactory, {"assigned_on": None}),
    "review_refusal_is_whole": (CoverReviewFactory, {"refused": True, "refused_on": None}),
    "review_other_says_what": (CoverReviewFactory, {"refused": True, "reason": "OTHER"}),
    "decision_adverse_names_its_way": (
        Decision.objects.create,
        {"kind": "STRIKING_OFF", "intermediary": IntermediaryFactory, "decided_on": EARLIER, "act_reference": "A"},
    ),
    "decision_does_not_act_backwards": (
        DecisionFactory,
        {"registration": RegistrationFactory, "effective_on": date(2025, 3, 6)},
    ),
    "removalcase_state_is_known": (a_case, {"state": "LOST"}),
    "removalcase_names_what_it_removes": (a_case, {"kind": "STRIKING_OFF"}),
    "removalcase_of_a_renewal_names_its_year": (a_case, {"ground": "FEE"}),
    "removalcase_paused_knows_where_it_was": (a_case, {"resumes_as": "OPEN"}),
    "removalcase_says_why": (a_case, {"reason": ""}),
    "removalcase_is_moved_after_it_opens": (a_case, {"since_on": EARLIER}),
    "caseproof_rests_on_something": (a_proof, {"mail_key": "0"}),
    "caseproof_posted_names_its_registered_number": (a_proof, {"reference": ""}),
    "caseproof_is_not_of_the_future": (a_proof, {"happened_on": date(2099, 1, 1)}),
    "letter_is_the_bytes_it_says": (a_letter, {"sha256": "0" * 64}),
    "letter_belongs_to_an_act": (a_letter, {"kind": "ORDER"}),
    "authorityorder_is_of_one": (an_order, {"authority": "COMMISSION"}),
    "authorityorder_names_what_it_is_about": (an_order, {"kind": "STRIKING_OFF"}),
    "authorityorder_names_its_act": (an_order, {"act_reference": ""}),
    "authorityorder_days_are_in_order": (an_order, {"effective_on": EARLIER}),
    "authorityorder_has_two_people": (
        lambda: AuthorityOrder.objects.filter(pk=(o := an_order()).pk).update(
            confirmed_by=o.entered_by, confirmed_at=NOW
        ),
        {},
    ),
    "commissionmember_ends_after_it_starts": (
        CommissionMember.objects.create,
        {"code": "m", "name": "M", "named_on": A_DAY, "ends_on": EARLIER},
    ),
    "commissionsession_has_two_people": (
        lambda: CommissionSession.objects.filter(pk=(s := a_session()).pk).update(
            signed_by=s.prepared_by, signed_at=NOW, minutes_sha256="0"
        ),
        {},
    ),
    "ballot_choice_is_known": (
        lambda: Ballot.objects.create(
            resolution=Resolution.objects.create(session=a_session(1), case=a_case()),
            member=CommissionMember.objects.get(),
            choice="PERHAPS",
        ),
        {},
    ),
    "import_is_counted": (RegisterImportFactory, {"counts": {}}),
    "legalhold_says_why": (a_hold, {"reason": ""}),
    "legalhold_lifting_is_paired": (a_hold, {"lifted_at": NOW}),
    "purgecertificate_has_two_people": (a_certificate, {"alone": True}),
    "purgecertificate_has_its_list": (a_certificate, {"list_hash": "0"}),
    "referenceversion_is_one_row": (ReferenceVersion.objects.create, {"id": 2}),
}
COUNTED: dict[str, Any] = {"new": 1, "changed": 1, "removed": 1, "error": 1}
UNCOUNTED: list[Any] = [
    Value(None, JSONField()),
    [],
    4,
    "new",
    COUNTED | {"new": None},
    COUNTED | {"error": "4"},
    COUNTED | {"removed": -1},
    COUNTED | {"changed": 1.5},
    {"new": 1, "changed": 1, "removed": 1},
]
OTHER_WAYS: list[tuple[str, Callable[..., Any], dict[str, Any]]] = [
    ("document_is_kept_unless_broken", DocumentFactory, {"broken": True, "kept_sha256": "0" * 64}),
    ("document_broken_says_why", DocumentFactory, {"fault": "DAMAGED"}),
    ("document_checked_has_its_facts", DocumentFactory, {"received": True, "kind": "PDF"}),
    ("document_checked_has_its_facts", DocumentFactory, {"broken": True, "checked_at": None}),
    ("document_infected_names_what", DocumentFactory, {"signature": "Eicar"}),
    ("review_assignment_is_whole", CoverReviewFactory, {"assigned_to": None}),
    ("review_refusal_is_whole", CoverReviewFactory, {"refused_on": EARLIER}),
    ("intermediary_number_is_eight_digits", IntermediaryFactory, {"orias_number": "0700000A"}),
    ("cover_names_categories", CoverFactory, {"categories": ["COA", "AGA"]}),
    ("cover_names_categories", CoverFactory, {"categories": [None]}),
    ("cover_amounts_are_not_negative", CoverFactory, {"annual_cents": -1}),
    ("campaign_dates_are_in_order", RenewalCampaignFactory, {"principals_due_on": date(2099, 1, 1)}),
    ("campaign_dates_are_in_order", RenewalCampaignFactory, {"tolerated_until": EARLIER}),
    ("deadline_shift_moves_a_date_of_a_campaign", DeadlineDecisionFactory, {"campaign": None, "due_on": EARLIER}),
    ("deadline_shift_moves_a_date_of_a_campaign", DeadlineDecisionFactory, {"freeze": True, "due_on": EARLIER}),
    ("deadline_freeze_has_its_days", DeadlineDecisionFactory, {"freeze": True, "until_on": None}),
    (
        "deadline_freeze_has_its_days",
        DeadlineDecisionFactory,
        {"freeze": True, "days_lost": 0, "until_on": date(2026, 2, 19)},
    ),
    ("deadline_freeze_has_its_days", DeadlineDecisionFactory, {"due_on": date(2026, 2, 20), "days_lost": 1}),
    ("renewal_deposit_is_whole", RenewalRequestFactory, {"filed": True, "state": "OPEN"}),
    ("renewal_deposit_is_whole", RenewalRequestFactory, {"filed": True, "channel": ""}),
    ("renewal_is_not_filed_in_the_future", RenewalRequestFactory, {"filed": True, "filed_on": EARLIER}),
    ("renewal_paper_has_two_people", RenewalRequestFactory, {"entered": True, "entered_by": None}),
    ("renewal_paper_has_two_people", RenewalRequestFactory, {"confirmed": True, "confirmed_on": None}),
    ("renewal_paper_has_two_people", RenewalRequestFactory, {"confirmed": True, "confirmed_on": date(2026, 1, 25)}),
    ("renewal_paper_has_two_people", RenewalRequestFactory, {"filed": True, "confirmed_on": date(2026, 1, 25)}),
    ("renewal_payment_is_whole", RenewalRequestFactory, {"filed": True, "paid": True, "paid_on": None}),
    ("renewal_payment_is_whole", RenewalRequestFactory, {"filed": True, "paid": True, "paid_cents": 0}),
    ("renewal_notice_follows_the_deposit", RenewalRequestFactory, {"entered": True, "informed_on": date(2026, 2, 1)}),
    ("registration_suspension_has_a_start", RegistrationFactory, {"suspended_until": date(2026, 1, 1)}),
    ("issuer_code_is_plain", IssuerFactory, {"code": "-MUTUELLE"}),
    ("filingbody_kind_is_known", FilingBodyFactory, {"name": ""}),
    ("affiliation_end_is_told", AffiliationFactory, {"end_told_on": date(2026, 1, 1)}),
    ("affiliation_end_is_told", AffiliationFactory, {"ended": True, "starts_on": date(2026, 2, 1)}),
    ("signal_names_its_cause", SignalFactory, {"unknown_policy": True, "kind": "MANDATE_ENDED"}),
    ("signal_settlement_is_whole", SignalFactory, {"outcome": "réglé"}),
    *(("import_is_counted", RegisterImportFactory, {"counts": counts}) for counts in UNCOUNTED),
    ("signal_settlement_is_whole", SignalFactory, {"settled": True, "settled_by": None}),
]


def merged_by_one(**values: Any) -> Any:
    one = UserFactory.create()
    return IntermediaryMergeFactory.create(signed_by=one, approved_by=one)


def imported_by_one(**values: Any) -> Any:
    one = UserFactory.create()
    return RegisterImportFactory.create(prepared_by=one, applied_by=one)


def merged_with_itself(**values: Any) -> Any:
    one = IntermediaryFactory.create()
    return IntermediaryMergeFactory.create(keep=one, drop=one)


def dismissed_backwards(**values: Any) -> Any:
    first, second = IntermediaryFactory.create(), IntermediaryFactory.create()
    return DuplicateDismissalFactory.create(first=second, second=first)


REFUSED |= {
    "contact_role_is_known": (ContactFactory, {"role": "CHIEF"}),
    "contact_can_be_reached": (ContactFactory, {"email": "", "phone_e164": "", "phone_key": ""}),
    "contact_email_is_one_address": (ContactFactory, {"email": "a@b.fr, c@d.fr"}),
    "contact_phone_has_its_key": (ContactFactory, {"phone_key": ""}),
    "addresscheck_source_is_known": (AddressCheckFactory, {"source": "OTHER"}),
    "addresscheck_has_an_address": (AddressCheckFactory, {"email": ""}),
    "addresscheck_says_how": (AddressCheckFactory, {"reason": ""}),
    "merge_is_of_two": (merged_with_itself, {}),
    "import_has_two_people": (imported_by_one, {}),
    "merge_has_two_people": (merged_by_one, {}),
    "merge_has_a_reason": (IntermediaryMergeFactory, {"reason": ""}),
    "merge_undoing_is_whole": (IntermediaryMergeFactory, {"undone": True, "undo_reason": ""}),
    "merge_is_undone_in_time": (
        IntermediaryMergeFactory,
        {"undone": True, "undone_at": datetime(2026, 3, 1, 9, 30, tzinfo=UTC)},
    ),
    "dismissal_is_in_order": (dismissed_backwards, {}),
    "dismissal_has_a_reason": (DuplicateDismissalFactory, {"reason": ""}),
}


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


# --- removals ---------------------------------------------------------------------------------------------


def run(sql: str, *values: Any) -> None:
    """One statement of raw SQL."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def commit() -> None:
    """Run what the commit would run: the deferred checks."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")


REMOVAL = "registration_removal_needs_a_decision|is removed on .* without a decision"


def remove() -> None:
    Registration.objects.filter(pk=RegistrationFactory.create().pk).update(removed_on=date(2026, 3, 6))


@pytest.mark.parametrize("write", [remove, lambda: RegistrationFactory.create(removed_on=date(2026, 3, 6))])
def test_i11_a_registration_is_not_removed_without_a_decision(write: Callable[[], Any]) -> None:
    """Fails without the trigger `removal_needs_a_decision`, or one of its two operations."""

    @transaction.atomic
    def in_one_transaction() -> None:
        write()
        commit()

    with pytest.raises(IntegrityError, match=REMOVAL):
        in_one_transaction()


@pytest.mark.parametrize(
    "otherwise",
    [
        {"decided_on": date(2026, 3, 5)},
        {"kind": "SUSPENSION"},
        {"kind": "REGISTRATION"},
        {"registration": "another", "intermediary": "the same"},
        {"registration": "another"},
        {"kind": "STRIKING_OFF", "registration": "another"},
    ],
    ids=str,
)
def test_i11_a_decision_about_something_else_removes_nothing(otherwise: dict[str, Any]) -> None:
    """Fails without the day, the kind, the registration or the person in the trigger's WHERE."""
    registration = RegistrationFactory.create(iob=True)
    values = {"registration": registration, "decided_on": date(2026, 3, 6)} | otherwise
    if otherwise.get("registration"):
        same = "intermediary" in otherwise
        values["registration"] = RegistrationFactory.create(
            **({"intermediary": registration.intermediary} if same else {})
        )
        values.pop("intermediary", None)
    DecisionFactory.create(**values)
    Registration.objects.filter(pk=registration.pk).update(removed_on=date(2026, 3, 6))
    with pytest.raises(IntegrityError, match=REMOVAL), transaction.atomic():
        commit()
    DecisionFactory.create(registration=registration, decided_on=date(2026, 3, 6))


def test_the_decision_may_be_written_after_the_removal_in_the_same_transaction() -> None:
    registration = RegistrationFactory.create(removed_on=date(2026, 3, 6))
    DecisionFactory.create(registration=registration, decided_on=date(2026, 3, 6))
    commit()


def test_a_striking_off_removes_every_registration_of_the_person() -> None:
    registration = RegistrationFactory.create()
    other = RegistrationFactory.create(intermediary=registration.intermediary, iob=True)
    DecisionFactory.create(
        kind="STRIKING_OFF", registration=None, intermediary=other.intermediary, decided_on=date(2026, 3, 6)
    )
    Registration.objects.filter(intermediary=other.intermediary).update(removed_on=date(2026, 3, 6))
    commit()


def striking_off() -> Decision:
    """A decision about the person, without a registration."""
    return DecisionFactory.create(kind="STRIKING_OFF", registration=None, intermediary=IntermediaryFactory.create())


@pytest.mark.parametrize("make", [lambda: RegistrationFactory.create(removed=True), striking_off])
@pytest.mark.parametrize("act", ["DELETE FROM registry_decision", "UPDATE registry_decision SET kind = 'SUSPENSION'"])
def test_i11_a_decision_is_kept_as_it_was_taken(make: Callable[[], Any], act: str) -> None:
    """Fails without the trigger `decision_is_kept`, or without one of its two operations."""
    make()
    with pytest.raises(DatabaseError, match="rows from registry_decision"), transaction.atomic():
        run(act)
    assert Decision.objects.count() == 1


def test_a_removal_older_than_the_registration_is_taken_as_the_register_has_it() -> None:
    """Real registers hold such rows; a constraint here would refuse their whole file."""
    again = RegistrationFactory.create(registered_on=date(2026, 1, 5), removed=True, removed_on=date(2025, 3, 7))
    commit()
    assert again.removed_on < again.registered_on


@pytest.mark.parametrize(
    "values",
    [
        {"suspended_on": date(2026, 1, 2)},
        {"suspended_on": date(2026, 1, 2), "suspended_until": date(2026, 1, 2)},
        {"suspended_on": date(2026, 1, 2), "suspended_until": date(2026, 6, 30)},
    ],
)
def test_a_suspension_with_a_start_is_let_through_with_an_end_or_without(values: dict[str, Any]) -> None:
    Registration.objects.filter(pk=RegistrationFactory.create().pk).update(**values)


def test_a_suspension_cannot_lose_its_start() -> None:
    """Fails without `suspended_on__isnull=False`: SQL lets through what it cannot compare."""
    one = RegistrationFactory.create(suspended_on=date(2026, 1, 2), suspended_until=date(2026, 6, 30))
    with pytest.raises(IntegrityError, match="registration_suspension_has_a_start"), transaction.atomic():
        Registration.objects.filter(pk=one.pk).update(suspended_on=None)


# --- foreign keys and versions ----------------------------------------------------------------------------


def test_i9_the_version_of_the_facts_never_goes_back() -> None:
    """Fails without the trigger `facts_version_never_goes_back`."""
    person = IntermediaryFactory.create()
    CoverFactory.create(intermediary=person)
    with pytest.raises(DatabaseError, match="facts_version never goes back"):
        Intermediary.objects.filter(pk=person.pk).update(facts_version=1)


def test_i9_a_version_set_back_together_with_a_fact_goes_on_instead() -> None:
    """Fails without the trigger `facts_version`."""
    person = IntermediaryFactory.create()
    CoverFactory.create(intermediary=person)
    Intermediary.objects.filter(pk=person.pk).update(name="Autre", facts_version=1)
    person.refresh_from_db()
    assert person.facts_version == 3


@pytest.mark.parametrize("make", [RegistrationFactory, CoverFactory, striking_off])
def test_a_fact_cannot_outlive_its_intermediary(make: Callable[[], Any]) -> None:
    fact = make()
    run("DELETE FROM registry_intermediary WHERE id = %s", fact.intermediary_id)
    with pytest.raises(IntegrityError, match=fact._meta.db_table), transaction.atomic():
        commit()
    Intermediary.objects.bulk_create([fact.intermediary])


def test_the_factories_make_rows_in_order() -> None:
    RegistrationFactory.create(removed=True)
    RegistrationFactory.create(cif=True, suspended=True)
    RegistrationFactory.create(agent=True, mandated=True)
    CoverEventFactory.create(suspension=True)
    assert RenewalCampaign.objects.filter(pk=RenewalCampaignFactory.create().pk).exists()
    assert Cover.objects.get().status == "ACCEPTED"
    commit()


@pytest.mark.parametrize(
    "email",
    [
        "a",
        "@",
        "a@",
        "@b.fr",
        "a@b@c.fr",
        "a@b.fr\n",
        "a@b.fr\r\nBcc: x",
        "a\t@b.fr",
        "a@b\x7f.fr",
        "x" * 250 + "@b.fr",
    ],
)
def test_what_is_no_single_address_is_refused_from_whoever_writes_it(email: str) -> None:
    """Fails without the constraint, whatever the import and the actions check."""
    someone = IntermediaryFactory.create()
    with pytest.raises(DatabaseError), transaction.atomic():
        Intermediary.objects.filter(pk=someone.pk).update(email=email)


@pytest.mark.parametrize("email", ["", "a@b.fr", "O'Neil+x@cabinet.example", "é@b.fr"])
def test_an_address_or_none_is_kept(email: str) -> None:
    someone = IntermediaryFactory.create()
    assert Intermediary.objects.filter(pk=someone.pk).update(email=email) == 1


DERIVED = {"registry_storedfinding", "reminders_tick", "reminders_domainpace"}
"""What may be emptied: it is made again from the facts, or is a mere trace of the clock."""


def kept_tables() -> list[str]:
    tables = [m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.managed]
    ours = ("registry_", "reminders_", "hotline_", "continuity_", "pghistory_context")
    return sorted({table for table in tables if table.startswith(ours)} - DERIVED)


@pytest.mark.parametrize("table", kept_tables())
def test_i9_no_table_of_facts_ledger_or_history_is_emptied_at_one_go(table: str) -> None:
    """Fails where a migration that makes tables does not end with `SELECT register_keep_tables()`: TRUNCATE asks no
    trigger of a row, neither those that refuse a deletion nor those that write history."""
    with pytest.raises(DatabaseError, match="never emptied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


def test_i9_nor_by_way_of_a_table_that_refers_to_it() -> None:
    """A cascade asks each table it reaches."""
    with pytest.raises(DatabaseError, match="never emptied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE auth_user CASCADE")


def history_tables() -> list[str]:
    """Those of pghistory: every table whose rows name the context of their change, and the contexts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND column_name = 'pgh_context_id' ORDER BY 1"
        )
        return [*(name for (name,) in cursor.fetchall()), "pghistory_context"]


def test_i9_history_only_grows_in_every_table_of_it() -> None:
    """Fails, naming the tables, where a migration that makes a history does not end with
    `SELECT register_keep_tables()`."""
    tables = history_tables()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'only_grows' AND tgenabled = 'O'")
        kept = {name for (name,) in cursor.fetchall()}
    models = {m._meta.db_table for m in apps.get_models() if m._meta.db_table.endswith("history")}
    assert models <= set(tables)
    assert sorted(set(tables) - kept) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM registry_intermediaryhistory",
        "UPDATE registry_intermediaryhistory SET pgh_label = 'x'",
        "UPDATE registry_intermediaryhistory SET pgh_context_id = NULL",
        "DELETE FROM pghistory_context",
    ],
)
def test_i9_a_row_of_history_is_neither_changed_nor_deleted(statement: str) -> None:
    """Fails without the trigger, or where it lets one of the two pass."""
    with pghistory.context(user=None, why="essai"):
        IntermediaryFactory.create()
    with pytest.raises(DatabaseError, match="history only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_i9_who_and_why_stay_once_their_transaction_has_ended() -> None:
    """Fails where the trigger does not ask for the transaction: pghistory itself writes a context anew within it."""
    with transaction.atomic(), pghistory.context(user=None, why="essai"):
        IntermediaryFactory.create()
        with pghistory.context(what="adresse"):
            Intermediary.objects.update(name="Autre")
    with pytest.raises(DatabaseError, match="history only grows"), connection.cursor() as cursor:
        cursor.execute("UPDATE pghistory_context SET metadata = '{}'")
    assert Context.objects.get().metadata == {"user": None, "why": "essai", "what": "adresse"}
