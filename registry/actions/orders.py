"""Writers of what authorities order, and of registrations decided anew. No document bears on an order."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q

from registry.actions.cases import withdraw_case
from registry.actions.letters import write_order_letter
from registry.actions.recording import RegisterError, recording
from registry.clock import local_day
from registry.findings import store_findings
from registry.models import AuthorityOrder, Decision, Intermediary, Registration, RemovalCase
from registry.models.registration import ADVERSE, Authority, DecisionKind
from registry.rules.removals import LIVE_CASE_STATES


def record_order(
    *,
    by: AbstractBaseUser,
    now: datetime,
    intermediary: Intermediary,
    registration: Registration | None,
    kind: DecisionKind,
    authority: Authority,
    act_reference: str,
    dated_on: date,
    effective_on: date,
    reason: str,
    ends_on: date | None = None,
    barred_until: date | None = None,
) -> AuthorityOrder:
    """Enter an order of the ACPR or the AMF from its act: a removal, a suspension, or (no registration) a striking off.

    It takes effect once another person has confirmed it. Raises RegisterError where it cannot be one.
    """
    if kind not in ADVERSE or authority is Authority.COMMISSION:
        raise RegisterError("Un ordre vient de l’ACPR ou de l’AMF, et supprime, suspend ou radie.")
    if (registration is None) is not (kind is DecisionKind.STRIKING_OFF):
        raise RegisterError("Une radiation porte sur la personne, le reste sur une inscription.")
    if not dated_on <= effective_on <= local_day(now):
        raise RegisterError(f"L’acte du {dated_on} prend effet le {effective_on}\u00a0: entre son jour et aujourd’hui.")
    with recording(by=by, why=reason):
        return AuthorityOrder.objects.create(
            intermediary=intermediary,
            registration=registration,
            kind=kind.value,
            authority=authority.value,
            act_reference=act_reference,
            dated_on=dated_on,
            effective_on=effective_on,
            ends_on=ends_on,
            barred_until=barred_until,
            reason=reason,
            entered_by_id=by.pk,
            entered_at=now,
        )


def confirm_order(*, by: AbstractBaseUser, now: datetime, order: AuthorityOrder, act_reference: str) -> AuthorityOrder:
    """Confirm an order as a second person who has read `act_reference` on the act: it is carried out at once.

    Its letter is written, and cases about what it removes are withdrawn. Raises RegisterError where it is the same
    person, another act, confirmed already, or nothing is left to remove.
    """
    why = f"ordre {order.authority} {order.act_reference}"
    with recording(by=by, why=why):
        locked = _lock_entered(by, order, act_reference)
        locked.confirmed_by_id, locked.confirmed_at = by.pk, now
        locked.save(update_fields=["confirmed_by", "confirmed_at"])
        _carry_out(locked, local_day(now), by)
        write_order_letter(by=by, now=now, order=locked)
        if locked.kind != DecisionKind.SUSPENSION:
            _end_cases(by, now, locked)
        return locked


def _lock_entered(by: AbstractBaseUser, order: AuthorityOrder, act_reference: str) -> AuthorityOrder:
    orders = AuthorityOrder.objects.select_for_update(of=("self",)).select_related("intermediary", "registration")
    locked = orders.get(pk=order.pk)
    if locked.confirmed_by_id:
        raise RegisterError(f"L’ordre {locked.pk} est déjà confirmé.")
    if locked.entered_by_id == by.pk:
        raise RegisterError("Un ordre est confirmé par une autre personne que celle qui l’a saisi.")
    if locked.act_reference != act_reference:
        raise RegisterError(
            f"L’ordre a été saisi sous la référence «\u00a0{locked.act_reference}\u00a0», et vous lisez "
            f"«\u00a0{act_reference}\u00a0»\u00a0: comparez avec l’acte."
        )
    return locked


def _carry_out(order: AuthorityOrder, day: date, by: AbstractBaseUser) -> None:
    mine = Registration.objects.filter(intermediary=order.intermediary_id, removed_on__isnull=True)
    if order.registration_id:
        mine = mine.filter(pk=order.registration_id)
    if order.kind == DecisionKind.SUSPENSION:
        found = mine.update(suspended_on=order.effective_on, suspended_until=order.ends_on)
    else:
        found = mine.update(removed_on=order.effective_on)
    if not found and order.kind != DecisionKind.STRIKING_OFF:
        raise RegisterError("Cette inscription est déjà supprimée\u00a0: l’ordre n’a rien à exécuter.")
    Decision.objects.create(
        intermediary_id=order.intermediary_id,
        registration_id=order.registration_id,
        kind=order.kind,
        authority=order.authority,
        decided_on=order.dated_on,
        effective_on=order.effective_on,
        order=order,
        act_reference=order.act_reference,
        reason=order.reason,
        recorded_by_id=by.pk,
    )
    store_findings(order.intermediary_id, as_of=day)


def _end_cases(by: AbstractBaseUser, now: datetime, order: AuthorityOrder) -> None:
    live = [state.value for state in LIVE_CASE_STATES]
    cases = RemovalCase.objects.filter(intermediary=order.intermediary_id, state__in=live)
    if order.registration_id:
        cases = cases.filter(registration=order.registration_id)
    for case in cases:
        withdraw_case(by=by, why=f"ordre {order.authority} {order.act_reference}", now=now, case=case)


def record_reentry(
    *, by: AbstractBaseUser, why: str, day: date, registration: Registration, registered_on: date, act_reference: str
) -> Registration:
    """Register anew someone who was removed: the same number, the same row, a new first day; the past period stays.

    Raises RegisterError where nothing is removed, the day is not after the removal, or an order bars it until later.
    """
    with recording(by=by, why=why):
        locked = Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
        if locked.removed_on is None or registered_on <= locked.removed_on or registered_on > day:
            raise RegisterError(
                "Une nouvelle inscription suit la suppression de l’ancienne, et n’est pas datée d’après aujourd’hui."
            )
        bar = _bar(locked, registered_on)
        if bar:
            raise RegisterError(f"L’ordre {bar} interdit toute inscription jusqu’au {bar.barred_until}.")
        Decision.objects.create(
            intermediary_id=locked.intermediary_id,
            registration=locked,
            kind=DecisionKind.REGISTRATION.value,
            authority=Authority.COMMISSION.value,
            decided_on=registered_on,
            act_reference=act_reference,
            reason=why,
            recorded_by_id=by.pk,
        )
        locked.registered_on, locked.removed_on = registered_on, None
        locked.suspended_on = locked.suspended_until = None
        locked.save()
        store_findings(locked.intermediary_id, as_of=day)
        return locked


def _bar(registration: Registration, day: date) -> AuthorityOrder | None:
    mine = Q(registration=registration) | Q(registration__isnull=True)
    orders = AuthorityOrder.objects.filter(
        mine, intermediary=registration.intermediary_id, confirmed_by__isnull=False, barred_until__gte=day
    )
    return orders.order_by("-barred_until").first()
