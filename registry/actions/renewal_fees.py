"""Writers of what was paid for a renewal, and of the notice to who has not paid. The money itself stays outside."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.recording import RegisterError, recording
from registry.findings import store_findings
from registry.models import RenewalRequest
from registry.rules.renewals import RenewalState


def record_fee(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    request: RenewalRequest,
    amount_cents: int,
    paid_on: date,
    reference: str,
) -> RenewalRequest:
    """Record that the fee was paid (euro cents, local day); the money itself stays outside.

    Raises RegisterError where it was recorded already, before a deposit, after today, or without its reference.
    """
    with recording(by=by, why=why):
        mine = _locked(request)
        refusal = _payment_refusal(mine, amount_cents, paid_on, reference, day)
        if refusal:
            raise RegisterError(refusal)
        mine.paid_cents, mine.paid_on, mine.payment_reference = amount_cents, paid_on, reference
        mine.save()
        store_findings(mine.registration.intermediary_id, as_of=day)
        return mine


def _payment_refusal(request: RenewalRequest, amount_cents: int, paid_on: date, reference: str, day: date) -> str:
    if request.paid_on is not None:
        return f"Un règlement est déjà enregistré, du {request.paid_on}\u00a0: rien n’est remplacé."
    if request.state == RenewalState.OPEN:
        return "Aucun dépôt pour cette demande\u00a0: déposez-la d’abord."
    if paid_on > day:
        return f"Un règlement ne peut pas être daté du {paid_on}, après aujourd’hui ({day})."
    if amount_cents < (request.fee_cents or 1):
        owed = f"{(request.fee_cents or 0) / 100:.2f}".replace(".", ",")
        return f"Les frais sont de {owed}\u00a0€\u00a0: un règlement partiel ne les solde pas."
    return "" if reference.strip() else "Un règlement a une référence\u00a0: indiquez-la."


def record_fee_notice(
    *, by: AbstractBaseUser, why: str, day: date, request: RenewalRequest, informed_on: date
) -> RenewalRequest:
    """Record that the debtor was told on `informed_on` that the fee is unpaid: the thirty days begin (CA L512-1).

    Telling them is not done here. Raises RegisterError where nothing is owed, or they were told already.
    """
    with recording(by=by, why=why):
        mine = _locked(request)
        if mine.state != RenewalState.FILED or mine.fee_cents is None or mine.paid_on is not None:
            raise RegisterError("Aucuns frais ne sont dus pour cette demande\u00a0: il n’y a rien à réclamer.")
        if mine.informed_on is not None:
            raise RegisterError(f"Le débiteur est informé depuis le {mine.informed_on}\u00a0: le délai court déjà.")
        if not (mine.filed_on or day) <= informed_on <= day:
            raise RegisterError(
                f"L’information est datée du {informed_on}\u00a0: entre le dépôt et aujourd’hui ({day})."
            )
        mine.informed_on = informed_on
        mine.save()
        store_findings(mine.registration.intermediary_id, as_of=day)
        return mine


def _locked(request: RenewalRequest) -> RenewalRequest:
    return RenewalRequest.objects.select_for_update(of=("self",)).select_related("registration").get(pk=request.pk)
