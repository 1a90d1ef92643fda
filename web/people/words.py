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
ENGLISH: Mapping[str, str] = {
    "email_missing": "Give an e-mail address: reminders go there.",
    "email_no_at": "This is not an e-mail address: there is no @.",
    "email_format": "This is not one e-mail address.",
    "email_too_long": "This e-mail address is too long.",
    "phone_format": "This is not a telephone number.",
    "phone_length": "This telephone number is too short or too long.",
    "phone_unassigned": "No operator is known to have this number: check it.",
    "too_long": "Too long: shorten it.",
    "required": "This is needed.",
    "date_format": "This is not a date. Write dd/mm/yyyy, for example 28/02/2027.",
    "date_no_such_day": "There is no such day: correct the day or the month.",
    "date_year": "This year is unlikely: check the date.",
    "amount_format": "This is not a sum. Write a number of euros, for example 1564610.",
    "amount_negative": "This sum is negative.",
    "amount_too_large": "This sum is too large: check the number.",
    "nul_character": "This holds a sign that nobody types: type it anew.",
    "control_character": "This holds a sign that nobody types: type it anew.",
    "bidi_character": "This holds a sign that turns the direction of reading: type it anew.",
    "invalid_character": "This holds a sign that is none: type it anew.",
    "not_changeable": "We change this: write to us.",
    "unknown_language": "This is neither fr nor en.",
    "ends_before_it_starts": "The last day is before the first.",
}


def shown_problem(problem: Problem) -> str:
    """What is wrong with a field: the register's own words, without the column's name; in English its own too (a test
    finds every code that a form can come to)."""
    french = problem.sentence
    return said(french[:1].upper() + french[1:], ENGLISH[problem.code])
