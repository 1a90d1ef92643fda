"""Writers of decisions: a removal is decided, never computed (I11)."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.recording import RegisterError, recording
from registry.findings import store_findings
from registry.models import Decision, Registration
from registry.models.registration import Authority, DecisionKind


def record_removal(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    registration: Registration,
    decided_on: date,
    act_reference: str,
    authority: Authority = Authority.COMMISSION,
) -> Decision:
    """Remove a registration by a decision (suppression; CA R512-5, CMF R546-3).

    Raises RegisterError where it is removed already.
    """
    with recording(by=by, why=why):
        in_force = Registration.objects.filter(pk=registration.pk, removed_on__isnull=True)
        if not in_force.update(removed_on=decided_on):
            raise RegisterError(f"L’inscription {registration} est déjà supprimée.")
        return _decide(by, why, day, registration, DecisionKind.REMOVAL, decided_on, act_reference, authority)


def record_suspension(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    registration: Registration,
    decided_on: date,
    until: date | None,
    act_reference: str,
    authority: Authority = Authority.COMMISSION,
) -> Decision:
    """Suspend a registration from `decided_on` until `until` (both included; None: until further notice)."""
    with recording(by=by, why=why):
        Registration.objects.filter(pk=registration.pk).update(suspended_on=decided_on, suspended_until=until)
        return _decide(by, why, day, registration, DecisionKind.SUSPENSION, decided_on, act_reference, authority)


def _decide(
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    registration: Registration,
    kind: DecisionKind,
    decided_on: date,
    act_reference: str,
    authority: Authority,
) -> Decision:
    decision = Decision.objects.create(
        intermediary_id=registration.intermediary_id,
        registration=registration,
        kind=kind.value,
        authority=authority.value,
        decided_on=decided_on,
        act_reference=act_reference,
        reason=why,
        recorded_by_id=by.pk if by else None,
    )
    store_findings(registration.intermediary_id, as_of=day)
    return decision
