"""Writers of letters: composed by the rules, printed once, kept as printed, numbered in one row."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection

from registry.actions.recording import RegisterError
from registry.clock import local_day
from registry.models import AuthorityOrder, CommissionSession, Intermediary, Letter, RemovalCase, RenewalRequest
from registry.models.registration import DecisionKind
from registry.paper import Sheet, print_sheet
from registry.removals import GroundFacts, days_after
from registry.rules.categories import Category
from registry.rules.covers import CoverFinding
from registry.rules.french import day_in_words
from registry.rules.letters import (
    LetterFacts,
    LetterKind,
    address_lines,
    compose_letter,
    number_in_words,
)
from registry.rules.removals import CaseState, CaseStep, Ground
from registry.rules.renewals import PAYMENT_NOTICE

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that is read as another."""


def paper_number(day: date, prefix: str = "") -> str:
    """The next number of our papers: each once, for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('registry_paper_number')")
        return f"{prefix}{day.year}-{cursor.fetchone()[0]:06d}"


def write_case_letter(
    *, by: AbstractBaseUser, now: datetime, case: RemovalCase, step: CaseStep, ground: GroundFacts
) -> Letter:
    """Print and keep the letter of a step, in the caller's transaction."""
    day = local_day(now)
    session = _session_of(case) if step is CaseStep.LETTER else None
    facts = LetterFacts(
        kind=LetterKind(step.value),
        orias_number=case.intermediary.orias_number,
        name=case.intermediary.name,
        categories=tuple(r.category for r in ground.scope),
        strikes_off=case.kind == DecisionKind.STRIKING_OFF,
        ground=Ground(case.ground),
        facts=(case.reason, *map(_told, _lacking(ground.findings))),
        days=days_after(step, day),
        act=session.number if session else "",
        decided_on=session.held_on if session else None,
    )
    return _keep(by, now, case.intermediary, facts, case=case)


def write_order_letter(*, by: AbstractBaseUser, now: datetime, order: AuthorityOrder) -> Letter:
    """Print and keep the letter that tells of an order, in the caller's transaction."""
    person = order.intermediary
    registrations = person.registrations.order_by("category")
    mine = [order.registration] if order.registration else list(registrations)
    facts = LetterFacts(
        kind=LetterKind.ORDER,
        orias_number=person.orias_number,
        name=person.name,
        categories=tuple(Category(r.category) for r in mine),
        strikes_off=order.kind == DecisionKind.STRIKING_OFF,
        ground=None,
        facts=tuple(_of_an_order(order)),
        days=0,
        act=f"{order.authority} {order.act_reference} du {day_in_words(order.dated_on)}",
        effective_on=order.effective_on,
        is_suspension=order.kind == DecisionKind.SUSPENSION,
    )
    return _keep(by, now, person, facts, order=order)


def write_fee_letter(*, by: AbstractBaseUser, now: datetime, request: RenewalRequest) -> Letter:
    """Print and keep the letter that tells a debtor that the fee is unpaid, in the caller's transaction."""
    registration = request.registration
    filed = f"demande déposée le {day_in_words(request.filed_on)}" if request.filed_on else ""
    facts = LetterFacts(
        kind=LetterKind.FEE,
        orias_number=registration.intermediary.orias_number,
        name=registration.intermediary.name,
        categories=(Category(registration.category),),
        strikes_off=False,
        ground=None,
        facts=(filed,),
        days=PAYMENT_NOTICE.days,
        fee_cents=request.fee_cents or 0,
        year=request.campaign.year,
    )
    return _keep(by, now, registration.intermediary, facts, request=request)


def find_letter(number: str) -> Letter:
    """The letter of that number, or of that verify code. Raises RegisterError where there is none."""
    wanted = number.strip().upper()
    found = Letter.objects.filter(number=wanted).first() or Letter.objects.filter(verify_code=wanted).first()
    if found is None:
        raise RegisterError(f"Aucune lettre «\u00a0{number}\u00a0»\u00a0: vérifiez le numéro ou le code imprimé.")
    return found


def _session_of(case: RemovalCase) -> CommissionSession:
    sessions = CommissionSession.objects.filter(resolutions__case=case, signed_by__isnull=False)
    return sessions.order_by("-held_on", "-id")[0]


def _lacking(findings: Iterable[CoverFinding]) -> Iterable[CoverFinding]:
    return (f for f in findings if f.is_open)


def _told(finding: CoverFinding) -> str:
    until = f", couverture jusqu’au {day_in_words(finding.covered_until)}" if finding.covered_until else ""
    return (
        f"{finding.category}, {finding.kind.label}\u00a0: {finding.state.label.lower()}{until} ({finding.legal_text})"
    )


def _of_an_order(order: AuthorityOrder) -> Iterable[str]:
    yield order.reason
    if order.ends_on:
        yield f"Suspension jusqu’au {day_in_words(order.ends_on)} inclus."
    if order.barred_until:
        yield f"Aucune inscription n’est possible jusqu’au {day_in_words(order.barred_until)} inclus."


def _keep(
    by: AbstractBaseUser,
    now: datetime,
    person: Intermediary,
    facts: LetterFacts,
    *,
    case: RemovalCase | None = None,
    order: AuthorityOrder | None = None,
    request: RenewalRequest | None = None,
) -> Letter:
    day = local_day(now)
    number, code = paper_number(day), _verify_code()
    addressee = address_lines(person.name, person.address, person.postcode, person.town)
    text = compose_letter(facts)
    pdf = print_sheet(
        Sheet(
            heading=settings.SITE_NAME,
            dated_on=day,
            title=f"Objet\u00a0: {text.subject}",
            paragraphs=(*text.paragraphs, settings.RECOURSE_TEXT),
            addressee=(*addressee, "Lettre recommandée avec avis de réception"),
            references=(number_in_words(facts.kind, number), f"Le {day_in_words(day)}"),
            closing=(f"Code de vérification\u00a0: {code}", settings.SITE_URL),
        )
    )
    return Letter.objects.create(
        number=number,
        kind=facts.kind.value,
        intermediary=person,
        case=case,
        order=order,
        request=request,
        dated_on=day,
        addressee=", ".join(addressee)[:300],
        subject=text.subject[:300],
        verify_code=code,
        pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
        issued_by_id=by.pk,
        issued_at=now,
    )


def _verify_code() -> str:
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(signs[n : n + 4] for n in range(0, 16, 4))


STEP_OF: dict[CaseState, CaseStep] = {
    CaseState.NOTICE: CaseStep.NOTICE,
    CaseState.FORMAL: CaseStep.FORMAL,
    CaseState.LETTER: CaseStep.LETTER,
}
"""The states into which a case goes by a letter."""
