"""Insurers and guarantors: by which spellings they are known, and when a policy is one and the same."""

from __future__ import annotations

import re
import unicodedata

CODE_PATTERN = r"^[A-Z0-9][A-Z0-9-]{1,29}$"
_APART = re.compile(r"[^a-z0-9]+")


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def issuer_key(name: str) -> str:
    """A name as it is compared: case, accents, punctuation and spacing do not count. "" for one without a letter."""
    return _APART.sub(" ", _folded(name)).strip()


def policy_key(number: str) -> str:
    """A policy's number as it is compared: « RC-2026/17 » and « rc 2026 17 » are one."""
    return _APART.sub("", _folded(number))
