"""Rows of the register that the database refuses, by the constraint that is there for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import JSONField, Value

from registry.models import (
    AuthorityOrder,
    Ballot,
    CommissionMember,
    CommissionSession,
    Decision,
    ReferenceVersion,
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
    CoverReviewFactory,
    DeadlineDecisionFactory,
    DecisionFactory,
    DocumentFactory,
    DuplicateDismissalFactory,
    FeeRateFactory,
    FilingBodyFactory,
    IntermediaryFactory,
    IntermediaryMergeFactory,
    IssuerFactory,
    IssuerFileFactory,
    IssuerNameFactory,
    RegisterImportFactory,
    RegistrationFactory,
    RenewalCampaignFactory,
    RenewalRequestFactory,
    RequirementFactory,
    SignalFactory,
    UserFactory,
)
from tests.registry.rows_of_cases import (
    A_DAY,
    EARLIER,
    a_case,
    a_certificate,
    a_hold,
    a_letter,
    a_proof,
    a_session,
    an_order,
)

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
