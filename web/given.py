"""What people type into forms of the staff, read once for every page: a day, a number, one of a list, a reason.

Each raises RegisterError with what to type instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from registry.actions import RegisterError
from registry.models import Intermediary, Registration, RenewalCampaign
from registry.rules.labels import LabelledEnum

LONGEST_REASON = 500
LONGEST_ACT = 120
BIGGEST = 2**31 - 1

Given = Mapping[str, str]
Code = TypeVar("Code", bound=LabelledEnum)


def given(form: Mapping[str, str], *names: str) -> dict[str, str]:
    """These fields of a form, without the spaces around them and never longer than what is kept."""
    return {name: form.get(name, "").strip()[:LONGEST_REASON] for name in names}


def said(text: str, what: str) -> str:
    """What must be said."""
    if not text:
        raise RegisterError(f"{what}\u00a0: à remplir.")
    return text


def reason_of(form: Given) -> str:
    """Why, for the history."""
    if not form["reason"]:
        raise RegisterError("Dites pourquoi\u00a0: le motif est obligatoire.")
    return form["reason"]


def day_of(text: str, what: str) -> date:
    """A day that must be given."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RegisterError(f"{what}\u00a0: donnez le jour, par exemple 2027-03-15.") from None


def day_or_none(text: str, what: str) -> date | None:
    """A day that may be left out."""
    return day_of(text, what) if text else None


def campaign_of(text: str, year: int) -> int | None:
    """The campaign that is asked for; without one the last that has begun by that year. None: there is none at all."""
    try:
        return number_of(text.strip(), "Campagne")
    except RegisterError:
        begun = RenewalCampaign.objects.filter(year__lte=year).order_by("-year")
        return begun.values_list("year", flat=True).first()


def whole_number(text: str) -> int | None:
    """A whole number as it was sent; None for none, for what is none, and for one that no key of ours can be."""
    return int(text) if text.isdecimal() and len(text) < len(str(BIGGEST)) else None


def number_of(text: str, what: str) -> int:
    """A whole number that must be given, and fits its column."""
    number = whole_number(text) if text.isascii() else None
    if number is None:
        raise RegisterError(f"{what}\u00a0: donnez-le en chiffres.")
    return number


def one_of(kind: type[Code], text: str, what: str) -> Code:
    """A member of a closed list."""
    if text not in kind.__members__:
        raise RegisterError(f"{what}\u00a0: choisissez dans la liste.")
    return kind(text)


def person_of(number: str) -> Intermediary:
    """The intermediary of that number."""
    found = Intermediary.objects.filter(orias_number=number).first()
    if found is None:
        raise RegisterError("Ce numéro ORIAS n’est pas au registre\u00a0: vérifiez ses huit chiffres.")
    return found


def registration_of(person: Intermediary, category: str) -> Registration:
    """Its registration in that category, of today or of the past."""
    found = Registration.objects.filter(intermediary=person, category=category).first()
    if found is None:
        raise RegisterError(f"{person.orias_number} n’a jamais été inscrit dans cette catégorie.")
    return found
