"""Codes that carry their own wording, for people, in French and in English."""

from enum import StrEnum
from typing import Self


class LabelledEnum(StrEnum):
    """A stored upper-case code with its French ``label`` and its English ``label_en``.

    Members are declared ``CODE = "CODE", "libellé", "label"``; they compare, hash and print as the plain
    code.
    """

    label: str
    label_en: str
    # An enumeration's own hash is that of the member's name and a call of Python; a file hashes millions of them.
    __hash__ = str.__hash__

    def __new__(cls, code: str, label: str = "", label_en: str = "") -> Self:
        """Make the member a plain ``str`` equal to its code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        member.label_en = label_en
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (code, French label) pairs of plain strings, in order of declaration."""
        return [(member.value, member.label) for member in cls]
