"""Contacts of an intermediary: their roles, how one is read, and when the principal address is to be confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from registry.rules.identifiers import parse_email
from registry.rules.labels import LabelledEnum
from registry.rules.phones import parse_phone
from registry.rules.problems import Problem, problem
from registry.rules.text import clean_cell

CHECKED_EVERY = timedelta(days=365)
"""An address that was not confirmed for so long is to be asked about again."""
LIMITS = {"name": 250, "email": 254, "phone": 60}


class ContactRole(LabelledEnum):
    """What a contact answers for."""

    LEGAL_REPRESENTATIVE = "LEGAL_REPRESENTATIVE", "Représentant légal", "Legal representative"
    COMPLIANCE = "COMPLIANCE", "Conformité", "Compliance"
    ACCOUNTING = "ACCOUNTING", "Comptabilité", "Accounting"
    CORRESPONDENT = "CORRESPONDENT", "Correspondant", "Correspondent"
    OTHER = "OTHER", "Autre", "Other"


class CheckSource(LabelledEnum):
    """Who said that an address is right."""

    SELF = "SELF", "l’intermédiaire", "the intermediary"
    STAFF = "STAFF", "le registre", "the register"


_ROLES = frozenset(role.value for role in ContactRole)


def is_to_check(checked_on: date | None, registered_on: date, day: date) -> bool:
    """Whether the principal address is to be confirmed on `day`: neither confirmed nor first registered for a year."""
    return max(checked_on or date.min, registered_on) <= day - CHECKED_EVERY


def read_contact_card(values: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """The columns to write for these values of a contact, and what is wrong with them.

    `phone` becomes its two columns; a contact needs an address or a telephone, which the database asks for too.
    """
    columns: dict[str, str] = {}
    problems: list[Problem] = []
    for field, text in values.items():
        outcome = _read(field, text)
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            columns |= outcome
    return columns, problems


def _read(field: str, text: str) -> dict[str, str] | Problem:
    if field == "role":
        return {"role": text} if text in _ROLES else problem(field, "unknown_role", text, "rôle inconnu.")
    cleaned = clean_cell(text, field)
    if isinstance(cleaned, Problem):
        return cleaned
    if len(cleaned) > LIMITS[field]:
        return problem(field, "too_long", text, "plus de {limit} caractères. Abréger.", limit=LIMITS[field])
    return _parsed(field, cleaned)


def _parsed(field: str, text: str) -> dict[str, str] | Problem:
    if field == "email":
        address = parse_email(text)
        return address if isinstance(address, Problem) else {"email": address.value}
    if field == "phone":
        number = parse_phone(text, "phone")
        if isinstance(number, Problem):
            return number
        phone = number.value
        return {"phone_e164": phone.e164 if phone else "", "phone_key": phone.key if phone else ""}
    return {field: text}
