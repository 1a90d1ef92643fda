"""Writers of what was paid for a renewal, and of the letter to who has not paid. The money itself stays outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from registry.actions.letters import write_fee_letter
from registry.actions.recording import RegisterError, recording
from registry.findings import store_findings
from registry.models import Letter, RenewalRequest
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

    `write_fee_letters` writes the letter. Raises RegisterError where nothing is owed, or they were told already.
    """
    with recording(by=by, why=why):
        mine = _locked(request)
        if not _owes(mine):
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


def debtors(*, year: int) -> QuerySet[RenewalRequest]:
    """The requests of a campaign that were filed, whose fee is unpaid and whose debtor was not told yet, but for those
    of registrations that are removed."""
    requests = RenewalRequest.objects.filter(
        campaign__year=year,
        state=RenewalState.FILED.value,
        fee_cents__gt=0,
        paid_on__isnull=True,
        informed_on__isnull=True,
        registration__removed_on__isnull=True,
    )
    return requests.select_related("campaign", "registration__intermediary").order_by("id")


def write_fee_letters(*, by: AbstractBaseUser, why: str, now: datetime, requests: Iterable[int]) -> Iterator[Letter]:
    """Tell the debtors of these requests (keys) by letter that the fee is unpaid; one transaction each.

    May be broken off and repeated: a request has one letter, by a unique row. The thirty days begin when its posting
    is recorded (`record_fee_letters_posted`), not here.
    """
    written = (_write(by, why, now, pk) for pk in requests)
    return (letter for letter in written if letter)


def _write(by: AbstractBaseUser, why: str, now: datetime, pk: int) -> Letter | None:
    """The letter, or None where it was paid, told or written meanwhile."""
    with recording(by=by, why=why):
        rows = RenewalRequest.objects.select_for_update(of=("self",))
        request = rows.select_related("campaign", "registration__intermediary").get(pk=pk)
        if not _owes(request) or request.informed_on or Letter.objects.filter(request=request).exists():
            return None
        return write_fee_letter(by=by, now=now, request=request)


def record_fee_letters_posted(
    *, by: AbstractBaseUser, why: str, day: date, year: int, posted_on: date
) -> list[RenewalRequest]:
    """Record that the letters of a campaign's debtors who were not told yet were posted on that day: their thirty days
    begin. One transaction. Raises RegisterError for a day to come; letters dated after `posted_on` are left out."""
    if posted_on > day:
        raise RegisterError(f"Un dépôt à la poste ne peut pas être daté du {posted_on}, après aujourd’hui ({day}).")
    with recording(by=by, why=why):
        waiting = debtors(year=year).filter(letters__dated_on__lte=posted_on)
        return [
            record_fee_notice(by=by, why=why, day=day, request=request, informed_on=posted_on) for request in waiting
        ]


def _owes(request: RenewalRequest) -> bool:
    return request.state == RenewalState.FILED and bool(request.fee_cents) and request.paid_on is None


def _locked(request: RenewalRequest) -> RenewalRequest:
    return RenewalRequest.objects.select_for_update(of=("self",)).select_related("registration").get(pk=request.pk)
