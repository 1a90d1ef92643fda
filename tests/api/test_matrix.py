"""Every operation of the schema × every role × own, other's and absent file: what each is answered.

The operations are read from the OpenAPI description: a new one without a row here fails.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from api.open_data import create_signing_key, publish_register
from api.webhooks import subscribe
from hotline.models import Complaint, Incident
from registry import clock
from registry.actions import cases
from registry.models import CommissionSession, Contact, Intermediary, Letter
from registry.rules.removals import CaseState, Ground
from reminders.models import Batch
from tests.api.callers import Keyed, holder_of, issuer_account, staff_in
from tests.api.test_idempotency import DEPOSIT
from tests.api.test_issuer import COVER as ISSUER_COVER
from tests.api.test_issuer import EVENT as ISSUER_EVENT
from tests.factories import (
    NOW,
    BatchFactory,
    ComplaintFactory,
    ContactFactory,
    CoverFactory,
    DocumentFactory,
    IncidentFactory,
    IntermediaryFactory,
    RegistrationFactory,
    RenewalRequestFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ROLES = ("hotline_agent", "hotline_lead", "auditor", "registry_officer", "approver", "administrator")
CALLERS = ("anonymous", "intermediary", "insurer", *ROLES)
KEEPERS = {"registry_officer", "administrator"}
RUNNERS = {"registry_officer", "approver", "administrator"}
TAKERS = {"hotline_agent", "hotline_lead", "registry_officer", "administrator"}
LEADS = {"hotline_lead", "registry_officer", "approver", "administrator"}
APPROVERS = {"approver", "administrator"}
OWN, OTHER, ABSENT = "own", "other", "absent"

Expect = Callable[[str, str], int]


@dataclass(frozen=True)
class Row:
    """One operation: what it is answered where the caller may (`done`), who else may what, and what is sent."""

    expect: Expect
    body: dict[str, Any] | None = None
    query: str = ""
    done: int = 200
    is_upload: bool = False


def public(caller: str, whose: str) -> int:
    return 404 if whose == ABSENT else 200


def signed_in(caller: str, whose: str) -> int:
    return 401 if caller == "anonymous" else 200


def own_only(caller: str, whose: str) -> int:
    return 401 if caller == "anonymous" else 200 if whose == OWN else 404


def file_read(caller: str, whose: str) -> int:
    if caller == "anonymous":
        return 401
    if caller == "insurer":
        return 403
    return 404 if whose == ABSENT or (caller == "intermediary" and whose == OTHER) else 200


def file_write(caller: str, whose: str) -> int:
    """What is refused for lack of a role or a scope is so whatever file is named: it tells nothing of it."""
    if caller in ROLES and caller not in KEEPERS:
        return 403
    return file_read(caller, whose)


def review(caller: str, whose: str) -> int:
    """Whoever may see a file is told that reviewing is not for it; others, that there is nothing."""
    if caller in ("intermediary", "insurer"):
        return 403 if caller == "intermediary" else 404
    return file_write(caller, whose)


def nobody_of_staff(caller: str) -> int:
    return 401 if caller == "anonymous" else 404


def staff(allowed: set[str]) -> Expect:
    def expected(caller: str, whose: str) -> int:
        if caller not in ROLES:
            return nobody_of_staff(caller)
        if caller not in allowed:
            return 403
        return 404 if whose == ABSENT else 200

    return expected


def issuers_only(caller: str, whose: str) -> int:
    """Whose policies they are is told row by row: tests/api/test_issuer.py."""
    return 200 if caller == "insurer" else nobody_of_staff(caller)


EVERYONE = set(ROLES)
IF_DONE = {200}
REFUSED = 409
"""The scene's batch is an empty draft, its certificate accepted, its document infected, its case withdrawn, its session
unsigned: the domain refuses, which comes after the rights."""

FILING = {"category": "COA", "still_true": True, "facts_version": 999_999}

MATRIX: dict[str, Row] = {
    "status": Row(public),
    "problems": Row(public),
    "problem": Row(public),
    "register_search": Row(public),
    "register_entry": Row(public),
    "register_check": Row(public, {"numbers": ["08000091"]}),
    "register_exports": Row(public),
    "register_export": Row(public),
    "register_export_checksum": Row(public),
    "register_export_signature": Row(public),
    "register_export_key": Row(public),
    "me": Row(signed_in),
    "events": Row(signed_in),
    "webhooks": Row(signed_in),
    "webhook_subscribe": Row(signed_in, {"url": "https://hook.example/"}, done=201),
    "webhook": Row(own_only),
    "webhook_secret": Row(own_only),
    "webhook_rotate": Row(own_only, {}),
    "webhook_test": Row(own_only, {}),
    "webhook_enable": Row(own_only, {}),
    "webhook_replay": Row(own_only, {"since": "2026-01-29T00:00:00Z"}),
    "webhook_delete": Row(own_only, {}),
    "intermediary": Row(file_read),
    "intermediary_state": Row(file_read),
    "intermediary_notices": Row(file_read),
    "intermediary_contact": Row(file_write, {"town": "Brest"}),
    "contacts": Row(file_read),
    "contact": Row(file_read),
    "contact_add": Row(file_write, {"role": "COMPLIANCE", "email": "conformite@example.org"}, done=201),
    "contact_change": Row(file_write, {"name": "Marie Durand"}),
    "contact_remove": Row(file_write, {}),
    "covers": Row(file_read),
    "cover": Row(file_read),
    "cover_deposit": Row(file_write, DEPOSIT, done=201),
    "cover_withdraw": Row(file_write, {}, done=REFUSED),
    "cover_accept": Row(review, {}, done=REFUSED),
    "cover_refuse": Row(review, {"reason": "illisible"}, done=REFUSED),
    "cover_ask": Row(review, {"code": "UNREADABLE"}, done=REFUSED),
    "cover_correct": Row(file_write, {"policy": "X"}, done=REFUSED),
    "cover_assign": Row(review, {"to": None}, done=REFUSED),
    "reviews": Row(staff(EVERYONE)),
    "documents": Row(file_read),
    "document": Row(file_read),
    "document_content": Row(file_read, done=REFUSED),
    "document_upload": Row(file_write, {"file": "attestation.pdf"}, done=201, is_upload=True),
    "renewals": Row(file_read),
    "renewal": Row(file_read),
    "renewal_file": Row(file_write, FILING, done=412),
    "renewal_confirm": Row(review, {"filed_on": "2026-01-20"}, done=REFUSED),
    "renewal_send_back": Row(review, {"reason": "autre cabinet"}, done=REFUSED),
    "renewal_fee": Row(review, {"amount_cents": 2500, "paid_on": "2026-01-20", "reference": "CB"}, done=REFUSED),
    "renewal_fee_notice": Row(review, {"informed_on": "2026-01-20"}, done=REFUSED),
    "batches": Row(staff(EVERYONE)),
    "batch": Row(staff(EVERYONE)),
    "batch_notices": Row(staff(EVERYONE)),
    "batch_plan": Row(staff(RUNNERS), {"as_of": "2026-01-29"}, done=201),
    "batch_approve": Row(staff(APPROVERS), {"hash": "0" * 64, "count": 1}, done=REFUSED),
    "batch_release": Row(staff(RUNNERS), {}, done=REFUSED),
    "batch_pause": Row(staff(RUNNERS), {}, done=REFUSED),
    "batch_resume": Row(staff(RUNNERS), {}, done=REFUSED),
    "batch_cancel": Row(staff(RUNNERS), {}),
    "batch_recall": Row(staff(RUNNERS), {}, done=REFUSED),
    "reviews_accept": Row(staff(KEEPERS), {"covers": [999_999]}),
    "removals": Row(staff(EVERYONE)),
    "removal": Row(staff(EVERYONE)),
    "removal_open": Row(
        staff(KEEPERS),
        {"orias_number": "08000091", "category": "COA", "ground": "CONDITION", "reason": "essai"},
        done=201,
    ),
    "removal_advance": Row(staff(KEEPERS), {"to": "NOTICE"}, done=REFUSED),
    "removal_mailed": Row(staff(KEEPERS), {}, done=REFUSED),
    "removal_publish": Row(staff(APPROVERS), {}, done=REFUSED),
    "removal_hold": Row(staff(KEEPERS), {"reason": "essai"}, done=REFUSED),
    "removal_resume": Row(staff(KEEPERS), {"reason": "essai"}, done=REFUSED),
    "removal_withdraw": Row(staff(KEEPERS), {"reason": "essai"}, done=REFUSED),
    "removal_letter": Row(staff(EVERYONE)),
    "removal_letter_pdf": Row(staff(EVERYONE)),
    "removal_letter_proof": Row(staff(KEEPERS), {"kind": "DELIVERED", "happened_on": "2026-01-29"}, done=REFUSED),
    "sessions": Row(staff(EVERYONE)),
    "session": Row(staff(EVERYONE)),
    "session_record": Row(
        staff(KEEPERS), {"held_on": "2026-01-29", "cases": [{"case": 999_999, "for": ["m1"]}]}, done=REFUSED
    ),
    "session_sign": Row(staff(APPROVERS), {"digest": "0" * 64}, done=REFUSED),
    "session_minutes": Row(staff(EVERYONE), done=REFUSED),
    "sending": Row(staff(EVERYONE)),
    "sending_turn": Row(staff(RUNNERS), {"stopped": True, "reason": "essai"}),
    "issuer_covers": Row(issuers_only, {"rows": [ISSUER_COVER]}),
    "issuer_events": Row(issuers_only, {"rows": [ISSUER_EVENT]}),
    "hotline_complaints": Row(staff(EVERYONE)),
    "hotline_complaint_record": Row(
        staff(TAKERS),
        {"channel": "LETTER", "matter": "DELAY", "text": "rien reçu", "complainant": "un courtier"},
        done=201,
    ),
    "hotline_complaint_acknowledge": Row(staff(LEADS), {}),
    "hotline_complaint_answer": Row(staff(LEADS), {"outcome": "REFUSED", "text": "le délai est légal"}),
    "hotline_calls": Row(staff(EVERYONE)),
    "hotline_call_record": Row(staff(TAKERS), {"reason": "DEADLINE", "outcome": "ANSWERED"}, done=201),
    "hotline_event": Row(staff(TAKERS), {"event": "RING", "line_id": "a1"}),
    "hotline_incidents": Row(staff(EVERYONE)),
    "hotline_incident_declare": Row(
        staff(LEADS), {"message": "essai", "next_update_at": "2026-01-29T18:00:00+01:00"}, done=201
    ),
    "hotline_incident_update": Row(staff(LEADS), {"state": "RESOLVED", "message": "fini", "cause": "essai"}, done=201),
    "hotline_lookup": Row(staff(EVERYONE), query="?q=08000091"),
}


@dataclass(frozen=True)
class Scene:
    own: Intermediary
    other: Intermediary
    batch: Batch
    complaint: Complaint
    incident: Incident
    covers: dict[int, int]
    renewals: dict[int, int]
    contacts: dict[int, int]
    documents: dict[int, int]
    letter: Letter
    session: CommissionSession
    hooks: dict[str, int] = field(default_factory=dict)

    def subscribe(self, client: Client) -> None:
        """A webhook of the caller's own, and one of another."""
        holders = {OWN: client.key.holder} if isinstance(client, Keyed) else {}
        for whose, holder in (holders | {OTHER: UserFactory()}).items():
            hook = subscribe(holder=holder, url="https://own.example/", types=[], now=NOW)
            self.hooks[whose] = hook.pk

    def address(self, path: str, whose: str) -> str:
        file = self.other if whose == OTHER else self.own
        named = {
            "{orias_number}": file.orias_number,
            "{batch_id}": self.batch.pk,
            "{cover_id}": self.covers[file.pk],
            "{contact_id}": self.contacts[file.pk],
            "{document_id}": self.documents[file.pk],
            "{renewal_id}": self.renewals[file.pk],
            "{webhook_id}": self.hooks.get(whose, 999_999),
            "{case_id}": self.letter.case_id,
        }
        if whose == ABSENT:
            named = dict.fromkeys(named, 999_999) | {"{orias_number}": "99999999"}
        named["{incident_id}"] = 999_999 if whose == ABSENT else self.incident.pk
        named["{letter_number}"] = "2026-999999" if whose == ABSENT else self.letter.number
        named["{session_number}"] = "CI-2026-999999" if whose == ABSENT else self.session.number
        named["{complaint_number}"] = "R-2026-99999" if whose == ABSENT else self.complaint.number
        named["{day}"] = "2020-01-01" if whose == ABSENT else NOW.date().isoformat()
        named["{code}"] = "unheard-of" if whose == ABSENT else "not_found"
        for name, value in named.items():
            path = path.replace(name, str(value))
        return path


@pytest.fixture
def scene() -> Scene:
    own = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000091")).intermediary
    other = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000092")).intermediary
    covers = {one.pk: CoverFactory(intermediary=one).pk for one in (own, other)}
    create_signing_key()
    publish_register(NOW)
    renewals = {one.pk: RenewalRequestFactory(registration=one.registrations.get()).pk for one in (own, other)}
    contacts = {one.pk: ContactFactory(intermediary=one).pk for one in (own, other)}
    documents = {one.pk: DocumentFactory(intermediary=one, infected=True).pk for one in (own, other)}
    made = (BatchFactory(), ComplaintFactory(), IncidentFactory())
    return Scene(own, other, *made, covers, renewals, contacts, documents, withdrawn_case(own), unsigned_session())


def withdrawn_case(about: Intermediary) -> Letter:
    """The letter of a case that is over."""
    by, mine = UserFactory(), about.registrations.get()
    case = cases.open_case(
        by=by, now=NOW, intermediary=about, registration=mine, ground=Ground.CONDITION, reason="essai"
    )
    cases.send_step(by=by, why="essai", now=NOW, case=case, target=CaseState.NOTICE)
    cases.withdraw_case(by=by, why="essai", now=NOW, case=case)
    return Letter.objects.get()


def unsigned_session() -> CommissionSession:
    """Of a commission without members, and without a case, as no writer makes one."""
    by, day = UserFactory(), NOW.date()
    return CommissionSession.objects.create(
        number="CI-2026-000001", held_on=day, seats=0, digest="0" * 64, prepared_by=by, prepared_at=NOW
    )


def caller(name: str, scene: Scene) -> Client:
    if name == "anonymous":
        return Client()
    if name == "intermediary":
        return Keyed(holder_of(scene.own), "file:read", "file:write")
    if name == "insurer":
        return Keyed(issuer_account(), "issuer:write")
    return Keyed(staff_in(name), "staff:*")


@functools.cache
def operations() -> dict[str, tuple[str, str]]:
    paths = Client().get("/api/v1/schema/", headers={"accept": "application/vnd.oai.openapi+json"}).json()["paths"]
    return {
        operation["operationId"]: (method, path) for path, item in paths.items() for method, operation in item.items()
    }


def test_every_operation_has_its_row() -> None:
    """Fails for a new operation."""
    assert set(operations()) == set(MATRIX)


@pytest.mark.parametrize("name", CALLERS)
def test_i14_every_operation_answers_this_caller_as_it_must(
    name: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A plan for a day that is over is refused.
    monkeypatch.setattr(clock, "now", lambda: NOW)
    described, client = operations(), caller(name, scene)
    scene.subscribe(client)
    wrong = []
    for operation, row in MATRIX.items():
        method, path = described[operation]
        cache.clear()
        for whose in (OWN, OTHER, ABSENT) if "{" in path else (OWN,):
            expected = row.expect(name, whose)
            expected = row.done if expected in IF_DONE else expected
            found = ask(client, method, scene.address(path, whose) + row.query, row)
            if found != expected:
                wrong.append((operation, whose, found, expected))
        scene = renewed(scene)
    assert wrong == []


def test_without_a_key_whatever_is_not_public_asks_for_one_whether_it_is_there_or_not(scene: Scene) -> None:
    """Fails without the first question of `AsNeeded`, `IsIssuer` or `IsSomebody`: a 404 hid that a key was missing."""
    headers, wrong = {"Idempotency-Key": "k", "If-Match": "*"}, []
    for operation, (method, path) in operations().items():
        for whose in (OWN, ABSENT) if MATRIX[operation].expect is not public else ():
            address = scene.address(path, whose)
            answer = Client().generic(method.upper(), address, "{}", content_type="application/json", headers=headers)
            told = answer.status_code, answer.json()["code"], answer.headers.get("WWW-Authenticate")
            if told != (401, "not_authenticated", "Bearer"):
                wrong.append((operation, whose, told))
    assert wrong == []


def ask(client: Client, method: str, address: str, row: Row) -> int:
    headers = {"Idempotency-Key": address, "If-Match": "*"}
    if row.body is None:
        answer: Any = client.get(address)
        # A file is closed at its end.
        list(answer)
        return int(answer.status_code)
    call = getattr(client, method)
    if row.is_upload:
        file = SimpleUploadedFile("attestation.pdf", b"")
        return int(call(address, data={"file": file}, headers=headers).status_code)
    return int(call(address, data=row.body, content_type="application/json", headers=headers).status_code)


def renewed(scene: Scene) -> Scene:
    """Where the batch has been cancelled, a contact taken away or a complaint moved on, another."""
    scene.batch.refresh_from_db()
    scene.complaint.refresh_from_db()
    if scene.complaint.state != "RECEIVED":
        scene = replace(scene, complaint=ComplaintFactory())
    for pk in scene.contacts.keys() - set(
        Contact.objects.filter(pk__in=scene.contacts.values()).values_list("intermediary", flat=True)
    ):
        scene.contacts[pk] = ContactFactory(intermediary_id=pk).pk
    return scene if scene.batch.state == "DRAFT" else replace(scene, batch=BatchFactory())
