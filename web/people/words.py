"""Names of fields and of what is wrong with them, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from api.problems import said
from registry.rules.problems import Problem

FIELD_NAMES: Mapping[str, tuple[str, str]] = {
    "name": ("Dénomination", "Name"),
    "trade_name": ("Nom commercial", "Trade name"),
    "legal_form": ("Forme juridique", "Legal form"),
    "email": ("Adresse électronique", "E-mail address"),
    "phone": ("Téléphone", "Telephone"),
    "phone_e164": ("Téléphone", "Telephone"),
    "address": ("Adresse postale", "Postal address"),
    "postcode": ("Code postal", "Postcode"),
    "town": ("Ville", "Town"),
}
"""What is of the person and not of one registration."""
REGISTRATION_NAMES: Mapping[str, tuple[str, str]] = {
    "filer": ("Qui dépose", "Who files"),
    "holds_client_funds": ("Encaisse des fonds", "Holds clients’ funds"),
    "funds_mandate": ("Mandat écrit d’encaissement", "Written mandate to collect"),
    "principal_bears_liability": ("Le mandant répond de l’activité", "The principal is liable"),
}
FIELD_TYPES: Mapping[str, str] = {"email": "email", "phone": "tel"}
_ENGLISH = {
    "email_missing": "Give an e-mail address: reminders go there.",
    "email_no_at": "This is not an e-mail address: there is no @.",
    "email_format": "This is not one e-mail address.",
    "email_too_long": "This e-mail address is too long.",
    "phone_format": "This is not a telephone number.",
    "phone_length": "This telephone number is too short or too long.",
    "too_long": "Too long: shorten it.",
    "required": "This is needed.",
    "date_format": "This is not a date. Write dd/mm/yyyy, for example 28/02/2027.",
    "amount_format": "This is not a sum. Write a number of euros, for example 1564610.",
    "ends_before_it_starts": "The last day is before the first.",
}


def shown_problem(problem: Problem) -> str:
    """What is wrong with a field: the register's own words, without the column's name; in English in general."""
    french = problem.message.removeprefix(f"{problem.field}\u00a0: ")
    return said(french[:1].upper() + french[1:], _ENGLISH.get(problem.code, "This cannot be taken as it is."))
