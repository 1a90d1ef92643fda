"""Numbers of the register as callers write them: what is said of one that is none."""

from __future__ import annotations

import re

from django.urls import Resolver404, resolve

from api.problems import said
from registry.rules.identifiers import ORIAS_NUMBER_LENGTH as _LENGTH
from registry.rules.problems import shown

_PLACE = re.compile(r"/(?:register|intermediaries)/([^/]+)/")
_ANY = "0" * _LENGTH


def what_is_no_number(text: str) -> str:
    """What is wrong with a text that stands where a number should, and what to write, in the caller's language."""
    return said(*no_number_in_words(text))


def no_number_in_words(text: str) -> tuple[str, str]:
    """The same in French and in English."""
    digits = "".join(text.split())
    whole, short = (digits.isascii() and digits.isdigit() and len(digits) == n for n in (_LENGTH, _LENGTH - 1))
    french = f"« {shown(text)} » n’est pas un numéro du registre : il a 8 chiffres, sans espace ni autre signe"
    english = f"“{shown(text)}” is no number of the register: it has 8 digits, no space and no other sign"
    if whole:
        return f"{french}. Écrivez {digits}.", f"{english}. Write {digits}."
    if short:
        mended = digits.zfill(_LENGTH)
        return (
            f"{french}, et celui-ci a sans doute perdu son zéro de tête : {mended} ?",
            f"{english}, and this one has probably lost its leading zero: {mended}?",
        )
    return (
        f"{french}. Un tableur lui ôte parfois son zéro de tête.",
        f"{english}. Spreadsheets sometimes take its leading zero away.",
    )


def number_meant(path: str) -> str:
    """What stands in an address that would be one of ours if a number stood there; "": it would be none."""
    found = _PLACE.search(path)
    if found is None:
        return ""
    try:
        place = resolve(path[: found.start(1)] + _ANY + path[found.end(1) :])
    except Resolver404:
        return ""
    # What nothing else answers has no name.
    return found[1] if place.url_name else ""
