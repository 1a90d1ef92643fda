"""Whom a person means by what was typed: number, SIREN, telephone, address or name, known by its shape."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Q
from django.db.models.expressions import RawSQL

from registry.rules.identifiers import ORIAS_NUMBER_LENGTH, SIREN_LENGTH, SIRET_LENGTH
from registry.rules.phones import parse_phone
from registry.rules.problems import Problem

SHORTEST_NAME = 3
"""A shorter part of a name finds too many to be of use."""
LONGEST_QUERY = 250
MOST_WORDS = 8

_SEPARATORS = re.compile(r"[\s.\-\u00b7]+")
_LABEL = re.compile(r"^(?:orias|siren|siret|n[°o]|num[ée]ro)[\s.:°]*(?=[0-9])", re.IGNORECASE)
_PSEUDO_SIREN = re.compile(r"A[0-9]{8}")
_DIGITS = re.compile(r"[0-9]+")


class Shape(StrEnum):
    """What a query was recognised as."""

    NOTHING = "NOTHING"
    TOO_SHORT = "TOO_SHORT"
    NUMBER = "NUMBER"
    SIREN = "SIREN"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    NAME = "NAME"


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, read: its shape, and the condition on `Intermediary` that finds it.

    `text`: what is looked for, in its plain form. Of a name the condition finds the parts as they are written;
    `registry.names.matching` is quicker and forgives.
    """

    shape: Shape
    condition: Q = field(default_factory=Q)
    text: str = ""

    @property
    def finds(self) -> bool:
        """Whether it says enough to look for."""
        return self.shape not in (Shape.NOTHING, Shape.TOO_SHORT)


def read_public_query(text: str) -> Query:
    """Read a query of the public: a number, a SIREN or a name.

    A telephone number or an address finds nobody here, or the public search would tell whose it is.
    """
    typed = _clean(text)
    return _number(typed) or _name(typed)


def read_staff_query(text: str) -> Query:
    """Read a query of staff: as the public's, and by telephone (in any French form) or e-mail address."""
    typed = _clean(text)
    if "@" in typed:
        return _email(typed)
    number, phone = _number(typed), _phone(typed)
    if number and phone and number.shape is Shape.SIREN:
        # Nine digits are a SIREN, or a telephone number without its zero.
        return Query(Shape.SIREN, _among(f"{_BY_SIREN} UNION ALL {_BY_PHONE}", number.text, phone.text, phone.text))
    return number or phone or _name(typed)


def _clean(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:LONGEST_QUERY]


def _number(typed: str) -> Query | None:
    compact = _SEPARATORS.sub("", _LABEL.sub("", typed)).upper()
    if _PSEUDO_SIREN.fullmatch(compact):
        return _siren(compact)
    if not _DIGITS.fullmatch(compact):
        return None
    if len(compact) in (ORIAS_NUMBER_LENGTH - 1, ORIAS_NUMBER_LENGTH):
        # Seven digits: a spreadsheet took the leading zero away.
        return Query(Shape.NUMBER, Q(orias_number=compact.zfill(ORIAS_NUMBER_LENGTH)))
    if len(compact) in (SIREN_LENGTH, SIRET_LENGTH):
        return _siren(compact[:SIREN_LENGTH])
    return None


def _siren(siren: str) -> Query:
    return Query(Shape.SIREN, _among(_BY_SIREN, siren), siren)


def _phone(typed: str) -> Query | None:
    outcome = parse_phone(typed)
    if isinstance(outcome, Problem) or outcome.value is None:
        return None
    key = outcome.value.key
    return Query(Shape.PHONE, _among(_BY_PHONE, key, key), key)


def _email(typed: str) -> Query:
    address = typed.strip("<> ").lower()
    return Query(Shape.EMAIL, _among(_BY_EMAIL, address, address), address)


# In SQL: each look-up asks one, and the ORM puts them together in ten times what the database needs for the answer.
# The indexes are partial: without the second condition a plan that is kept may not use them.
_BY_SIREN = "SELECT id FROM registry_intermediary WHERE siren = %s AND siren <> ''"
_BY_PHONE = """
SELECT id FROM registry_intermediary WHERE phone_key = %s AND phone_key <> ''
UNION ALL SELECT intermediary_id FROM registry_contact WHERE phone_key = %s AND phone_key <> ''
"""
_BY_EMAIL = """
SELECT id FROM registry_intermediary WHERE lower(email) = %s AND email <> ''
UNION ALL SELECT intermediary_id FROM registry_contact WHERE lower(email) = %s AND email <> ''
"""


def _among(keys: str, *given: str) -> Q:
    """Those reached so themselves, or through a contact: by key, so that each part goes by its index."""
    return Q(pk__in=RawSQL(keys, given))  # noqa: S611


def _name(typed: str) -> Query:
    if not typed:
        return Query(Shape.NOTHING)
    words = typed.split()[:MOST_WORDS]
    if max(map(len, words)) < SHORTEST_NAME:
        return Query(Shape.TOO_SHORT)
    condition = Q()
    for word in words:
        condition &= Q(name__icontains=word) | Q(trade_name__icontains=word)
    return Query(Shape.NAME, condition, typed)
