"""What an intermediary changes of its own contact: the same rules as for a register file."""

from __future__ import annotations

from collections.abc import Mapping

from registry.rules.identifiers import parse_email
from registry.rules.phones import parse_phone
from registry.rules.problems import Problem, problem
from registry.rules.text import clean_cell

LIMITS = {"email": 300, "phone": 60, "trade_name": 250, "address": 250, "postcode": 10, "town": 120, "language": 2}
"""The fields, each with its greatest length in characters."""
LANGUAGES = ("fr", "en")


def read_contact(changes: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """The columns to write for these changes, and what is wrong with them. `phone` becomes its two columns.

    An e-mail address may be changed, not taken away: statutory reminders go there.
    """
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for field, text in changes.items():
        outcome = _read(field, text)
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            values |= outcome
    return values, problems


def _read(field: str, text: str) -> dict[str, str] | Problem:
    if field not in LIMITS:
        return problem(field, "not_changeable", text, "ne se change pas ici. Demandez-le au registre.")
    cleaned = clean_cell(text, field)
    if isinstance(cleaned, Problem):
        return cleaned
    if len(cleaned) > LIMITS[field]:
        return problem(field, "too_long", text, "plus de {limit} caractères. Abréger.", limit=LIMITS[field])
    return _parsed(field, cleaned)


def _parsed(field: str, text: str) -> dict[str, str] | Problem:
    if field == "email":
        return _email(text)
    if field == "phone":
        return _phone(text)
    if field == "language" and text not in LANGUAGES:
        return problem(field, "unknown_language", text, "« {value} » n’est ni fr ni en.")
    return {field: text}


def _email(text: str) -> dict[str, str] | Problem:
    outcome = parse_email(text)
    if isinstance(outcome, Problem):
        return outcome
    if not outcome.value:
        return problem("email", "required", text, "une adresse est nécessaire. Écrire nom@cabinet.fr.")
    return {"email": outcome.value}


def _phone(text: str) -> dict[str, str] | Problem:
    outcome = parse_phone(text, "phone")
    if isinstance(outcome, Problem):
        return outcome
    phone = outcome.value
    return {"phone_e164": phone.e164 if phone else "", "phone_key": phone.key if phone else ""}
