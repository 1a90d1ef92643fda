"""Addresses that no longer work: whom to call for another one, and how a person says that one works after all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import OuterRef, Q, QuerySet, Subquery

from registry.contacts import phones_of
from registry.models import Intermediary
from reminders.errors import ReminderError
from reminders.models import AddressConfirmation, AddressTroubleRow, Attempt, Bounce
from reminders.rules.bounces import BounceKind
from reminders.rules.smtp_replies import Verdict

_COUNTED = (BounceKind.HARD_ADDRESS.value, BounceKind.SOFT.value)


def dead_addresses() -> QuerySet[AddressTroubleRow]:
    """The present addresses that are not written to any more, by ORIAS number."""
    dead = Q(hard__gt=0) | Q(soft_days__gte=settings.SOFT_DAYS_MAKE_DEAD)
    return AddressTroubleRow.objects.filter(dead).select_related("intermediary").order_by("intermediary__orias_number")


def dead_address_rows(*, after: str = "", limit: int | None = None) -> Iterator[dict[str, Any]]:
    """One row for each, as plain data: whom to call, and the last that was said; two queries, however many they are.

    At most `limit` of them, behind the ORIAS number `after`.
    """
    rows = dead_addresses().filter(intermediary__orias_number__gt=after)
    dead = list(rows.annotate(bounced=_LAST_BOUNCE, refused=_LAST_REFUSAL)[:limit])
    others = phones_of([row.intermediary_id for row in dead])
    for row in dead:
        person = row.intermediary
        yield {
            "orias_number": person.orias_number,
            "name": person.name,
            "email": row.email,
            "phone": person.phone_e164,
            "contact_phones": others.get(row.intermediary_id, []),
            "hard": row.hard,
            "soft_days": row.soft_days,
            "since": row.first_at.isoformat(),
            "last": row.last_at.isoformat(),
            "said": row.refused or "" if row.bounced is None else row.bounced,
        }


_LAST_BOUNCE = Subquery(
    Bounce.objects.filter(
        notice__intermediary=OuterRef("intermediary"), kind__in=_COUNTED, reported_at=OuterRef("last_at")
    )
    .order_by("id")
    .values("diagnostic")[:1]
)
"""The words of the latest report; where there is none, those of the server that refused."""
_LAST_REFUSAL = Subquery(
    Attempt.objects.filter(notice__intermediary=OuterRef("intermediary"), verdict=Verdict.REFUSED_ADDRESS.value)
    .order_by("-finished_at")
    .values("reply")[:1]
)


def confirm_address(
    *, orias_number: str, reason: str, by: AbstractBaseUser, now: datetime, email: str | None = None
) -> AddressConfirmation:
    """Say that the present address of someone works: what came back until now no longer counts.

    `email`: the address that is meant. Raises ReminderError where it is not that one any more, the register does not
    hold the number, it has no address in trouble, or no reason is given.
    """
    if not reason.strip():
        raise ReminderError("Dites comment vous le savez\u00a0: le motif est obligatoire.")
    person = Intermediary.objects.filter(orias_number=orias_number).first()
    if person is None:
        raise ReminderError(
            f"Le numéro ORIAS {orias_number} n’est pas au registre\u00a0: vérifiez ses huit chiffres, zéros compris."
        )
    if email is not None and email != person.email:
        raise ReminderError(
            f"L’adresse de {orias_number} a changé entre-temps\u00a0: la nouvelle n’est pas à confirmer."
        )
    if not AddressTroubleRow.objects.filter(intermediary=person).exists():
        raise ReminderError(
            f"L’adresse actuelle de {orias_number} n’est pas en défaut\u00a0: il n’y a rien à confirmer."
        )
    return AddressConfirmation.objects.create(
        intermediary=person, email=person.email, reason=reason.strip()[:500], by_id=by.pk, at=now
    )
