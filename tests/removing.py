"""Removals for tests, each by a way the database lets through: an order, or a case lived through to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User

from registry.actions import cases, orders, sessions
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
    PurgedFile,
    Registration,
    RemovalCase,
    Resolution,
)
from registry.models.registration import Authority, DecisionKind
from registry.rules.commission import Choice
from registry.rules.removals import CaseState, Ground, ProofKind
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory, UserFactory


def at(day: date) -> datetime:
    """Ten in the morning of a day in Paris, or eleven."""
    return datetime.combine(day, time(9), UTC)


def ordered(registration: Registration, day: date, kind: str = "REMOVAL", **values: Any) -> AuthorityOrder:
    """An order of the ACPR of that day about a registration (or its person), confirmed and carried out."""
    clerk, other = UserFactory.create(), UserFactory.create()
    order = orders.record_order(
        by=clerk,
        now=at(day),
        intermediary=registration.intermediary,
        registration=None if kind == "STRIKING_OFF" else registration,
        kind=DecisionKind(kind),
        authority=Authority.ACPR,
        **{"act_reference": "2026-C-7", "dated_on": day, "effective_on": day, "reason": "essai", **values},
    )
    return orders.confirm_order(by=other, now=at(day), order=order, act_reference=order.act_reference)


def members(count: int = 5, named_on: date = date(2026, 1, 1)) -> list[CommissionMember]:
    """The commission: m1, m2 …, in office for five years."""
    return [
        CommissionMember.objects.create(
            code=f"m{n}", name=f"Membre {n}", named_on=named_on, ends_on=named_on + timedelta(days=5 * 365)
        )
        for n in range(1, count + 1)
    ]


def all_for(*codes: str) -> dict[str, Choice]:
    """Everyone votes for the removal."""
    return dict.fromkeys(codes or ("m1", "m2", "m3"), Choice.FOR)


def lapsed(**registration: Any) -> Registration:
    """A COA whose cover ended on 28 February 2027, with nothing filed since."""
    person = IntermediaryFactory.create(address="1 rue de l’Essai", postcode="27290", town="Montfort")
    made: Registration = RegistrationFactory.create(intermediary=person, **registration)
    CoverFactory.create(intermediary=person, renewed=True, categories=[made.category])
    return made


@dataclass
class Procedure:
    """A case and the people who take it on; each method is a day's work."""

    registration: Registration
    case: RemovalCase = field(init=False)
    clerk: User = field(default_factory=lambda: UserFactory.create(username="pierre"))
    signer: User = field(default_factory=lambda: UserFactory.create(username="jeanne"))

    def open(self, day: date, ground: Ground = Ground.COVER, **values: Any) -> RemovalCase:
        self.case = cases.open_case(
            by=self.clerk,
            now=at(day),
            intermediary=self.registration.intermediary,
            registration=self.registration,
            ground=ground,
            reason="aucune attestation pour la nouvelle période",
            **values,
        )
        return self.case

    def send(self, day: date, target: CaseState) -> RemovalCase:
        self.case = cases.send_step(by=self.clerk, why="étape", now=at(day), case=self.case, target=target)
        return self.case

    def letter(self) -> Letter:
        return Letter.objects.filter(case=self.case).order_by("-id")[0]

    def prove(self, day: date, kind: ProofKind = ProofKind.POSTED) -> None:
        cases.record_letter_proof(
            by=self.clerk,
            why="preuve",
            now=at(day),
            letter=self.letter(),
            kind=kind,
            happened_on=day,
            reference="1A 234 567 8901 2",
        )
        self.case.refresh_from_db()

    def session(self, day: date, choices: dict[str, Choice] | None = None) -> CommissionSession:
        return sessions.record_session(
            by=self.clerk, why="séance", now=at(day), held_on=day, votes={self.case.pk: choices or all_for()}
        )

    def sign(self, day: date, session: CommissionSession) -> RemovalCase:
        sessions.sign_session(by=self.signer, why="signature", now=at(day), session=session, digest=session.digest)
        self.case.refresh_from_db()
        return self.case

    def publish(self, day: date) -> RemovalCase:
        self.case = cases.publish_case(by=self.signer, why="publication", now=at(day), case=self.case)
        return self.case

    def formally(self, day: date) -> None:
        """Up to a formal notice that left on `day`, by an opening forty days before."""
        self.open(day - timedelta(days=25))
        self.send(day - timedelta(days=25), CaseState.NOTICE)
        self.prove(day - timedelta(days=24))
        self.send(day, CaseState.FORMAL)
        self.prove(day)

    def decided(self, day: date) -> None:
        """Up to the session of `day`, signed."""
        self.formally(day - timedelta(days=20))
        self.sign(day, self.session(day))

    def told(self, day: date) -> None:
        """Up to the decision's letter, posted on `day`."""
        self.decided(day)
        self.send(day, CaseState.LETTER)
        self.prove(day)


def a_row_in_every_table(registration: Registration) -> None:
    """Of a removed registration whose file was destroyed: a row in every table of removals, as by raw SQL."""
    person, clerk, day = registration.intermediary, UserFactory.create(), date(2031, 1, 6)
    told = {"intermediary": person}
    certificate = PurgeCertificate.objects.create(
        number="CD", as_of=day, list_hash="0" * 64, files=1, executed_at=at(day), asked_by=clerk,
        approved_by=UserFactory.create(),
    )  # fmt: skip
    PurgedFile.objects.create(certificate=certificate, **told)
    PurgeCertificate.objects.update(pdf=b"%PDF-", sha256="0" * 64)
    LegalHold.objects.create(reason="essai", placed_by=clerk, placed_at=at(day), **told)
    PastRegistration.objects.create(registration=registration, registered_on=date(2008, 1, 4), removed_on=day)
    AuthorityOrder.objects.create(
        registration=registration, kind="REMOVAL", authority="AMF", act_reference="A", dated_on=day, effective_on=day,
        reason="essai", entered_by=clerk, entered_at=at(day), **told,
    )  # fmt: skip
    case = raw_case(registration)
    raw_proof(case)
    session = CommissionSession.objects.create(
        number="CI",
        held_on=day,
        seats=len(members(1, date(2030, 1, 1))),
        digest="0" * 64,
        prepared_by=clerk,
        prepared_at=at(day),
    )
    resolution = Resolution.objects.create(session=session, case=case)
    Ballot.objects.create(resolution=resolution, member=CommissionMember.objects.get(), choice="FOR")


def raw_case(registration: Registration, **values: Any) -> RemovalCase:
    """A case as raw SQL could write it."""
    day, clerk = date(2027, 3, 1), UserFactory.create()
    given = {
        "intermediary": registration.intermediary, "registration": registration, "ground": "COVER", "reason": "essai",
        "since_on": day, "opened_on": day, "opened_by": clerk, "moved_by": clerk,
    }  # fmt: skip
    return RemovalCase.objects.create(**(given | values))


def raw_letter(about: RemovalCase, **values: Any) -> Letter:
    """A letter as raw SQL could write it."""
    pdf = b"%PDF-"
    given = {
        "number": f"L{about.pk}", "kind": "NOTICE", "intermediary": about.intermediary, "case": about,
        "dated_on": about.opened_on, "addressee": "Cabinet", "subject": "Avis", "verify_code": f"{about.pk}",
        "pdf": pdf, "sha256": sha256(pdf).hexdigest(), "issued_by": about.opened_by, "issued_at": at(about.opened_on),
    }  # fmt: skip
    return Letter.objects.create(**(given | values))


def raw_proof(case: RemovalCase, **values: Any) -> CaseProof:
    """The deposit of a letter as raw SQL could write it."""
    given = {
        "case": case, "step": "NOTICE", "kind": "POSTED", "letter": values.pop("letter", None) or raw_letter(case),
        "reference": "1A", "happened_on": case.opened_on, "recorded_on": case.opened_on, "recorded_by": case.opened_by,
    }  # fmt: skip
    return CaseProof.objects.create(**(given | values))
