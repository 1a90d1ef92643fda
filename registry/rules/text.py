"""Hygiene of free text: what may enter the register, and in which single spelling."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from registry.rules.problems import Problem, problem

_FORBIDDEN = re.compile(
    "(?P<nul>\x00)"
    "|(?P<control>[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f])"
    "|(?P<bidi>[\u202a-\u202e\u2066-\u2069])"
    "|(?P<surrogate>[\ud800-\udfff])"
)
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u2060\ufeff]")

_REASONS = {
    "nul": ("nul_character", "contient un caractère NUL (octet nul). Ressaisir la valeur."),
    "control": ("control_character", "contient un caractère de commande ({name}). Ressaisir la valeur."),
    "bidi": (
        "bidi_character",
        "contient un caractère qui inverse le sens de lecture ({name}). Ressaisir la valeur au clavier.",
    ),
    "surrogate": ("invalid_character", "contient un caractère invalide ({name}). Ressaisir la valeur."),
}


def clean_cell(text: str, field: str) -> str | Problem:
    """Return the one spelling kept: NFC, no zero-width character, each run of white space one space, trimmed.

    NUL, control characters, changes of reading direction and lone surrogates are problems; tab and line ends
    are white space. A line end must not survive: a name goes into mail headers.
    """
    found = _FORBIDDEN.search(text)
    if found is None:
        return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())
    code, template = _REASONS[str(found.lastgroup)]
    return problem(field, code, text, "« {value} » " + template, name=f"U+{ord(found[0]):04X}")


_UNSEEN = frozenset({"Cf", "Mn", "Zl", "Zp", "Zs"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by Unicode that are drawn as nothing."""


def is_unseen(text: str) -> bool:
    """Whether a text has signs, more than white space, and none that anybody can see: it would be kept as if empty."""
    if not text.strip():
        return False
    return all(sign in _FILLERS or sign.isspace() or unicodedata.category(sign) in _UNSEEN for sign in text)


@dataclass(frozen=True, slots=True)
class CellRules:
    """Columns of a record, each with its greatest length in characters after cleaning.

    ``plain`` matches a record joined with ``|`` of which nothing is to be cleaned but single spaces at the
    ends: no cell too long, no character but those of ordinary French text, none of which is invisible,
    decomposed or forbidden.
    """

    limits: dict[str, int]
    plain: re.Pattern[str]

    @classmethod
    def of(cls, limits: dict[str, int]) -> "CellRules":
        """Compile the rules for these columns."""
        letters = "[ -{}~À-ÖØ-öø-ÿŒœ’€]"
        return cls(limits, re.compile(r"\|".join(f"{letters}{{0,{limit}}}" for limit in limits.values())))


def clean_cells(cells: Sequence[str], rules: CellRules) -> tuple[list[str], list[Problem]]:
    """Clean a record; a refused cell becomes "" and its problem is listed, in column order."""
    joined = "|".join(cells)
    if rules.plain.fullmatch(joined) and "  " not in joined:
        return list(map(str.strip, cells)), []
    outcomes = list(map(_clean_within, cells, rules.limits, rules.limits.values()))
    texts = ["" if isinstance(outcome, Problem) else outcome for outcome in outcomes]
    return texts, [outcome for outcome in outcomes if isinstance(outcome, Problem)]


def _clean_within(cell: str, field: str, limit: int) -> str | Problem:
    outcome = clean_cell(cell, field)
    if isinstance(outcome, Problem) or len(outcome) <= limit:
        return outcome
    return problem(
        field,
        "too_long",
        outcome,
        "« {value} » compte {length} caractères, le maximum est {limit}. Abréger.",
        length=len(outcome),
        limit=limit,
    )
