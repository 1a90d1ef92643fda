"""Numbers and addresses that name an intermediary: ORIAS number, SIREN, e-mail address."""

import re

from registry.rules.problems import Problem, Reading, problem

ORIAS_NUMBER_LENGTH, SIREN_LENGTH, SIRET_LENGTH = 8, 9, 14
EMAIL_LENGTH, LOCAL_PART_LENGTH = 254, 64
"""RFC 5321, 4.5.3.1: 64 octets before the @, 254 in all (a path of 256 less its angle brackets)."""

_DIGITS = re.compile(r"[0-9]+")
_DOUBLED = str.maketrans("0123456789", "0246813579")
_NINE_ZEROS = sum(b"000000000") % 10
"""What the sum of nine digits ends in where it is taken of their bytes, which are at hand, and should end in 0."""

_ORIAS_NUMBER = re.compile(r"(?!0{8})[0-9]{8}")
_SIREN = re.compile(r"(?!0{9})[0-9]{9}")
_PSEUDO_SIREN = re.compile(r"A[0-9]{8}")
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9](?:[a-z0-9-]{0,57}[a-z0-9])?)"
_LOCAL_PART, _DOMAIN = re.compile(_LOCAL), re.compile(_HOST)
_PLAIN_EMAIL = re.compile(f"{_LOCAL}@{_HOST}")


def _squeezed(text: str) -> str:
    return "".join(text.split())


def parse_orias_number(text: str, field: str = "numero_orias") -> str | Problem:
    """Read an ORIAS number: 8 digits kept as text, for life; the first two are a year, so 07… keeps its
    zero."""
    if _ORIAS_NUMBER.fullmatch(text):
        return text
    number = _squeezed(text)
    return number if _ORIAS_NUMBER.fullmatch(number) else _refused_orias_number(number, text, field)


def _refused_orias_number(number: str, text: str, field: str) -> Problem:
    if not number:
        return problem(field, "required", text, "le numéro ORIAS manque. Le reprendre du registre (8 chiffres).")
    if not _DIGITS.fullmatch(number) or not number.strip("0"):
        template = "« {value} » n’est pas un numéro ORIAS. Écrire ses 8 chiffres."
        return problem(field, "orias_number_format", text, template)
    if len(number) == ORIAS_NUMBER_LENGTH - 1:
        return problem(
            field,
            "orias_number_leading_zero",
            text,
            "« {value} » n’a que 7 chiffres ; un tableur a sans doute effacé le zéro de tête."
            " Écrire « {padded} » et mettre la colonne au format texte.",
            padded=number.zfill(ORIAS_NUMBER_LENGTH),
        )
    return problem(
        field,
        "orias_number_length",
        text,
        "« {value} » compte {length} chiffres ; un numéro ORIAS en compte 8.",
        length=len(number),
    )


def parse_siren(text: str, orias_number: str, field: str = "siren") -> Reading[str] | Problem:
    """Read a SIREN of 9 digits, spaces allowed; the value is "" where there is none.

    Kept with a warning, because the public register shows such entries: a failed check digit (Luhn), no
    SIREN, and the pseudo-SIREN of a natural person, "A" and the intermediary's own ORIAS number.
    """
    if _SIREN.fullmatch(text) and _luhn_holds(text):
        return Reading(text)
    siren = _squeezed(text).upper()
    if not siren:
        template = "pas de SIREN. À compléter s’il en existe un."
        return Reading("", problem(field, "siren_missing", text, template))
    if not _SIREN.fullmatch(siren):
        return _no_plain_siren(siren, orias_number, text, field)
    if _luhn_holds(siren):
        return Reading(siren)
    template = "la clé de contrôle de « {value} » est fausse ; numéro gardé tel quel. À vérifier sur l’extrait Kbis."
    return Reading(siren, problem(field, "siren_checksum", text, template))


def _luhn_holds(siren: str) -> bool:
    """Whether the Luhn check digit of nine digits fits: each second one doubled, cast to one digit, the sum
    ends in 0."""
    return sum((siren[::2] + siren[1::2].translate(_DOUBLED)).encode()) % 10 == _NINE_ZEROS


def _no_plain_siren(siren: str, orias_number: str, text: str, field: str) -> Reading[str] | Problem:
    if not _PSEUDO_SIREN.fullmatch(siren):
        return _refused_siren(siren, text, field)
    # An empty number has been refused already: that one fault is enough to report.
    if orias_number and siren[1:] != orias_number:
        template = (
            "« {value} » ne reprend pas le numéro ORIAS de la ligne. Écrire « A » suivi de ce numéro, ou le SIREN."
        )
        return problem(field, "siren_pseudo_mismatch", text, template)
    template = "« {value} » remplace le SIREN d’une personne physique ; gardé tel quel."
    return Reading(siren, problem(field, "siren_pseudo", text, template))


def _refused_siren(siren: str, text: str, field: str) -> Problem:
    if _DIGITS.fullmatch(siren) and len(siren) == SIRET_LENGTH:
        template = "« {value} » est un SIRET. N’en garder que les 9 premiers chiffres."
        return problem(field, "siren_is_siret", text, template)
    if _DIGITS.fullmatch(siren) and len(siren) != SIREN_LENGTH:
        template = "« {value} » compte {length} chiffres ; un SIREN en compte 9. À vérifier sur l’extrait Kbis."
        return problem(field, "siren_length", text, template, length=len(siren))
    template = "« {value} » n’est pas un SIREN. Écrire ses 9 chiffres, ou laisser vide."
    return problem(field, "siren_format", text, template)


def parse_email(text: str, field: str = "email") -> Reading[str] | Problem:
    """Read an e-mail address: trimmed, the domain in lower case, an accented domain in its ASCII form (IDNA).

    The part before the @ keeps its case and must be ASCII: few servers take others. An empty cell is kept
    with the warning ``email_missing``: importable, not remindable.
    """
    if _PLAIN_EMAIL.fullmatch(text) and len(text) <= LOCAL_PART_LENGTH:
        return Reading(text)
    address = text.strip()
    if not address:
        template = "pas d’adresse électronique ; aucune relance ne pourra partir. À compléter."
        return Reading("", problem(field, "email_missing", text, template))
    local, at, domain = address.partition("@")
    if not at:
        template = "« {value} » n’a pas d’@. Écrire une adresse comme nom@cabinet.fr."
        return problem(field, "email_no_at", text, template)
    domain = _ascii_domain(domain)
    if len(local) + 1 + len(domain) > EMAIL_LENGTH or len(local) > LOCAL_PART_LENGTH:
        template = "« {value} » est trop longue (64 caractères avant l’@, 254 en tout). Vérifier l’adresse."
        return problem(field, "email_too_long", text, template)
    if _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain):
        return Reading(f"{local}@{domain}")
    template = "« {value} » n’est pas une adresse valable. Écrire une seule adresse, comme nom@cabinet.fr."
    return problem(field, "email_format", text, template)


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain
