"""Writers of who is registered and for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.recording import RegisterError, recording
from registry.findings import store_findings
from registry.models import Intermediary, Registration
from registry.rules.categories import Category, Filer
from registry.rules.identifiers import parse_email
from registry.rules.problems import Problem

CONTACT_FIELDS = frozenset(
    {"email", "phone_e164", "phone_key", "address", "postcode", "town", "language", "trade_name"}
)
"""What an intermediary may change of itself; number, SIREN and name change only by staff or import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationTerms:
    """What decides which papers a registration needs."""

    holds_client_funds: bool = False
    funds_mandate: bool = False
    filer: Filer = Filer.SELF
    principal_bears_liability: bool = False


def record_intermediary(
    *, by: AbstractBaseUser | None, why: str, orias_number: str, name: str, **contact: str
) -> Intermediary:
    """Enter a new intermediary; its number is for life. Constraint errors of the database are passed on.

    Raises RegisterError for an e-mail address that is none.
    """
    checked = _checked(contact)
    with recording(by=by, why=why):
        return Intermediary.objects.create(orias_number=orias_number, name=name, **checked)


def record_registration(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    intermediary: Intermediary,
    category: Category,
    registered_on: date,
    terms: RegistrationTerms | None = None,
) -> Registration:
    """Register for a category from `registered_on` (local date)."""
    terms = terms or RegistrationTerms()
    with recording(by=by, why=why):
        registration = Registration.objects.create(
            intermediary=intermediary,
            category=category.value,
            registered_on=registered_on,
            holds_client_funds=terms.holds_client_funds,
            funds_mandate=terms.funds_mandate,
            filer=terms.filer.value,
            principal_bears_liability=terms.principal_bears_liability,
        )
        store_findings(intermediary.pk, as_of=day)
        return registration


def change_contact(
    *, by: AbstractBaseUser | None, why: str, day: date, intermediary: Intermediary, **changes: str
) -> None:
    """Change contact fields (CONTACT_FIELDS). Raises RegisterError for any other field, or an e-mail address that is
    none."""
    if foreign := set(changes) - CONTACT_FIELDS:
        names = ", ".join(sorted(foreign))
        raise RegisterError(f"Champs non modifiables ici\u00a0: {names}. Passez par le registre.")
    checked = _checked(changes)
    with recording(by=by, why=why):
        Intermediary.objects.filter(pk=intermediary.pk).update(**checked)
        store_findings(intermediary.pk, as_of=day)


def _checked(contact: dict[str, str]) -> dict[str, str]:
    """The contact fields with the e-mail address as the import would keep it."""
    if "email" not in contact:
        return contact
    read = parse_email(contact["email"])
    if isinstance(read, Problem):
        raise RegisterError(read.message)
    return contact | {"email": read.value}
