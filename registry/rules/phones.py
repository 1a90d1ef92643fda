"""Telephone numbers, with the overseas trap: the departments share the French ten digits but not the code
+33.

``0690 12 34 56`` is +590 690 12 34 56; dialled as +33 690… it reaches nobody. The territory of a number
follows from its first digits (Arcep, plan national de numérotation, décision 2018-0881 as amended).
"""

import re
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat

from registry.rules.problems import Problem, Reading, problem


class Phone(NamedTuple):
    """A number in E.164 and the nine digits it is looked up by."""

    e164: str
    key: str


_FRANCE = 33
KEY_LENGTH = 9
LONGEST_RAW = 40

_SEPARATORS = re.compile("[\\s().\\-/\u2010-\u2015\u2212\u00b7]+")
_DIALLED = re.compile(r"\+?[0-9]+")
_FRENCH = re.compile(r"(?:0|(?:\+|00)330?)(?P<number>[1-9][0-9]{8})")

_OVERSEAS = re.compile(
    r"(?P<c590>(?:590|5987|690|691|7090)[0-9]+)"
    r"|(?P<c594>(?:594|5988|694|7093[0-4])[0-9]+)"
    r"|(?P<c596>(?:596|5989|696|697|7091)[0-9]+)"
    r"|(?P<c262>(?:262|263|268|269|692|693|639(?!98)|7092|7093[5-9])[0-9]+)"
    r"|508(?P<c508>[0-9]{6})"
    r"|(?P<m508>708[45][0-9]+)"
)
"""First digits of each territory. Left out is 0639 98: it lies in Mayotte's block, but is reserved for works
of fiction and belongs to no territory."""

_FICTION = re.compile(r"63998[0-9]{4}")

_KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
_REGIONS = {
    "33": ("FR",),
    "262": ("RE", "YT"),
    "508": ("PM",),
    "590": ("GP", "BL", "MF"),
    "594": ("GF",),
    "596": ("MQ",),
}


def _assigned(regions: tuple[str, ...]) -> re.Pattern[str]:
    """Compile the library's own metadata: parsing each number with it would take sixty times as long."""
    records = [PhoneMetadata.metadata_for_region(region, None) for region in regions]
    kinds = [getattr(record, kind) for record in records for kind in _KINDS]
    return re.compile("|".join(kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern))


_ASSIGNED = {code: _assigned(regions) for code, regions in _REGIONS.items()}


def nine_digit_key(e164: str) -> str:
    """Return the last nine digits, by which a caller is looked up.

    They are the same for ``0690 12 34 56``, ``+590 690 12 34 56`` and the invalid ``+33 690 12 34 56``.
    """
    return e164.lstrip("+")[-KEY_LENGTH:]


def parse_phone(text: str, field: str = "telephone") -> Reading[Phone | None] | Problem:
    """Read a telephone number written the French way, or internationally; an empty cell gives ``None``.

    Any number of the right length is kept: numbering plans grow faster than the library's tables. One that
    the tables do not know gets the warning ``phone_unassigned``.
    """
    compact = text if text.isdecimal() else _SEPARATORS.sub("", text)
    if not compact:
        return Reading(None)
    french = _FRENCH.fullmatch(compact)
    if french:
        return _in_france(french["number"], text, field)
    if len(text) > LONGEST_RAW or not _DIALLED.fullmatch(compact):
        template = "« {value} » n’est pas un numéro de téléphone. Écrire un seul numéro, en chiffres."
        return problem(field, "phone_format", text, template)
    return _anywhere(compact, text, field)


def _in_france(number: str, text: str, field: str) -> Reading[Phone | None]:
    overseas = _OVERSEAS.fullmatch(number)
    code, national = (str(overseas.lastgroup)[1:], overseas[str(overseas.lastgroup)]) if overseas else ("33", number)
    known = _ASSIGNED[code].fullmatch(national) or _FICTION.fullmatch(national)
    return _reading(f"+{code}{national}", bool(known), text, field)


def _anywhere(compact: str, text: str, field: str) -> Reading[Phone | None] | Problem:
    found = _possible(compact)
    if found is None:
        template = "« {value} » est trop court, trop long ou incomplet. Écrire les 10 chiffres, ou + et l’indicatif."
        return problem(field, "phone_length", text, template)
    e164 = phonenumbers.format_number(found, PhoneNumberFormat.E164)
    if french := _FRENCH.fullmatch(e164):
        return _in_france(french["number"], text, field)
    return _reading(e164, phonenumbers.is_valid_number(found), text, field)


def _possible(compact: str) -> PhoneNumber | None:
    try:
        found = phonenumbers.parse(compact, "FR")
    except NumberParseException:
        return None
    # The library takes 00 00 00 00 00 for possible: a zero may lead numbers elsewhere, in France never.
    french_zero = found.country_code == _FRANCE and found.italian_leading_zero
    return None if french_zero or not phonenumbers.is_possible_number(found) else found


def _reading(e164: str, known: bool, text: str, field: str) -> Reading[Phone | None]:
    phone = Phone(e164, nine_digit_key(e164))
    if known:
        return Reading(phone)
    template = "« {value} » n’est attribué à aucun opérateur connu ; gardé. À vérifier."
    return Reading(phone, problem(field, "phone_unassigned", text, template))
