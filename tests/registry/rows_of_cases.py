"""Rows of removal cases, orders, sessions and purges, for what the database refuses of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from registry.models import (
    AuthorityOrder,
    Ballot,
    CaseProof,
    CommissionMember,
    CommissionSession,
    LegalHold,
    Letter,
    PastRegistration,
    PurgeCertificate,
    Registration,
    RemovalCase,
    Resolution,
)
from tests.factories import (
    NOW,
    IntermediaryFactory,
    RegistrationFactory,
    UserFactory,
)
from tests.removing import members, raw_case, raw_letter, raw_proof

EARLIER = date(2000, 1, 1)
A_DAY = date(2026, 2, 19)


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
