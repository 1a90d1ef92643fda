"""Writers of contacts, and of who has confirmed the principal address when."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.recording import RegisterError, recording
from registry.findings import store_findings
from registry.models import AddressCheck, Contact, Intermediary
from registry.rules.contacts import CheckSource


def record_contact(
    *, by: AbstractBaseUser | None, why: str, day: date, intermediary: Intermediary, **columns: str
) -> Contact:
    """Enter a contact (columns as `read_contact_card` gives them). Raises RegisterError where it cannot be reached."""
    _require_a_way(columns.get("email", ""), columns.get("phone_e164", ""))
    with recording(by=by, why=why):
        contact = Contact.objects.create(intermediary=intermediary, **columns)
        store_findings(intermediary.pk, as_of=day)
        return contact


def revise_contact(*, by: AbstractBaseUser | None, why: str, day: date, contact: Contact, **columns: str) -> Contact:
    """Change columns of a contact. Raises RegisterError where it could not be reached any more."""
    for name, value in columns.items():
        setattr(contact, name, value)
    _require_a_way(contact.email, contact.phone_e164)
    with recording(by=by, why=why):
        contact.save(update_fields=list(columns) or None)
        store_findings(contact.intermediary_id, as_of=day)
        return contact


def remove_contact(*, by: AbstractBaseUser | None, why: str, day: date, contact: Contact) -> None:
    """Take a contact away; the history keeps it."""
    with recording(by=by, why=why):
        Contact.objects.filter(pk=contact.pk).delete()
        store_findings(contact.intermediary_id, as_of=day)


def confirm_address(
    *, by: AbstractBaseUser | None, why: str, day: date, intermediary: Intermediary, source: CheckSource
) -> AddressCheck:
    """Record that the principal address, as it is, was confirmed on `day`: it is asked about again in a year.

    Raises RegisterError where there is no address, or it is not said how one knows.
    """
    if not why.strip():
        raise RegisterError("Dites comment vous le savez\u00a0: le motif est obligatoire.")
    with recording(by=by, why=why):
        email = Intermediary.objects.values_list("email", flat=True).get(pk=intermediary.pk)
        if not email:
            raise RegisterError(
                f"{intermediary.orias_number} n’a pas d’adresse électronique\u00a0: enregistrez-en une d’abord."
            )
        return AddressCheck.objects.create(
            intermediary=intermediary,
            email=email,
            checked_on=day,
            source=source.value,
            checked_by_id=by.pk if by else None,
            reason=why.strip()[:500],
        )


def _require_a_way(email: str, phone: str) -> None:
    if not (email or phone):
        raise RegisterError("Un contact a une adresse électronique ou un téléphone\u00a0: donnez l’un des deux.")
