"""Dates, amounts of money and yes/no as people and spreadsheets write them in France.

The parsers take a trimmed cell and the name of its column, and never raise. An empty cell gives ``None``.
"""

import re
from datetime import date
from functools import lru_cache

from registry.rules.problems import Problem, problem

FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST_EUROS = 10**12
"""A larger amount is a slip of the keyboard; in cents it still fits a signed 64-bit integer a thousand
times."""

_ISO_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_FRENCH_DATE = re.compile(r"(?P<day>[0-9]{1,2})(?P<mark>[/.-])(?P<month>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})")

_SPACE = "[ \u00a0\u202f\u2009]"
_AMOUNT = re.compile(
    rf"(?P<euros>[0-9]+|[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}})+)(?:[.,](?P<cents>[0-9]{{1,2}}))?{_SPACE}*(?:€|EUR|euros?)?",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(rf"[-−–]{_SPACE}*[0-9].*", re.DOTALL)

_YES = frozenset({"OUI", "O", "1", "TRUE", "VRAI", "YES", "Y"})
_NO = frozenset({"NON", "N", "0", "FALSE", "FAUX", "NO"})


@lru_cache(maxsize=16384)
def parse_date(text: str, field: str) -> date | Problem | None:
    """Read ``aaaa-mm-jj``, ``jj/mm/aaaa``, ``jj-mm-aaaa`` or ``jj.mm.aaaa``.

    A year needs four digits: ``01/03/25`` could be meant for 1925. Years outside 1900-2100 are refused as
    slips.
    """
    if not text:
        return None
    found = _ISO_DATE.fullmatch(text) or _FRENCH_DATE.fullmatch(text)
    if found is None:
        return problem(
            field,
            "date_format",
            text,
            "« {value} » n’est pas une date. Écrire jj/mm/aaaa, par exemple 28/02/2027.",
        )
    year = int(found["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return problem(field, "date_year", text, "l’année de « {value} » est improbable. Vérifier la date.")
    try:
        return date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        return problem(
            field, "date_no_such_day", text, "le jour « {value} » n’existe pas. Corriger le jour ou le mois."
        )


@lru_cache(maxsize=4096)
def parse_amount(text: str, field: str) -> int | Problem | None:
    """Read an amount in euros into **cents**: ``1564610``, ``1 564 610,00 €``, ``115 000 €``, ``1564610.5``.

    Groups of three are set apart by a space of any width, never by a point or a comma, which mark the
    decimals.
    """
    if not text:
        return None
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return _refused_amount(text, field)
    digits = re.sub(_SPACE, "", found["euros"])
    if len(digits) > len(str(MOST_EUROS)) or int(digits) > MOST_EUROS:
        return problem(field, "amount_too_large", text, "le montant « {value} » est trop grand. Vérifier le nombre.")
    return int(digits) * 100 + int((found["cents"] or "").ljust(2, "0"))


def _refused_amount(text: str, field: str) -> Problem:
    if _NEGATIVE.fullmatch(text):
        return problem(field, "amount_negative", text, "le montant « {value} » est négatif. Écrire un montant positif.")
    return problem(
        field,
        "amount_format",
        text,
        "« {value} » n’est pas un montant. Écrire un nombre d’euros, par exemple 1564610 ou 1 564 610,00 €.",
    )


@lru_cache(maxsize=256)
def parse_boolean(text: str, field: str) -> bool | Problem | None:
    """Read OUI/NON, O/N, 1/0, VRAI/FAUX, TRUE/FALSE, YES/NO, whatever the case."""
    if not text:
        return None
    folded = text.upper()
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    return problem(field, "boolean_format", text, "« {value} » n’est ni oui ni non. Écrire OUI ou NON.")
