"""Reading the text of a document: numbers, days and sums, however they are written. Nothing is understood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from registry.rules.french import MONTHS

MOST_CHARACTERS = 40_000
"""Of a document's text that are kept and read."""
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?[/.\-]\s?(\d{1,2})\s?[/.\-]\s?(\d{4})(?!\d)")
_SUM = re.compile(r"(?<![\d.,])\d{1,3}(?:[\s.,]\d{3})+(?!\d)|(?<!\d)\d{4,12}(?!\d)")
_WORD = re.compile(r"[a-z0-9]{3,}")
_NOT_CODE = re.compile(r"[^a-z0-9]")
FEWEST_WORDS = 5
"""With fewer, a document counts as a picture."""


def plain(text: str) -> str:
    """Lower case without accents, each run of white space one space: what is compared."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


_MONTHS = [plain(month) for month in MONTHS]
_WORDED = re.compile(rf"(?<!\d)(\d{{1,2}})(?:er)?\s({'|'.join(_MONTHS)})\s(\d{{4}})(?!\d)")


@dataclass(frozen=True)
class PaperText:
    """The text of a document, as it was extracted."""

    text: str

    @cached_property
    def plain(self) -> str:
        """As it is compared."""
        return plain(self.text[:MOST_CHARACTERS])

    @cached_property
    def words(self) -> frozenset[str]:
        """Of three letters or more."""
        return frozenset(_WORD.findall(self.plain))

    @property
    def has_words(self) -> bool:
        """Whether there is a text at all."""
        return len(self.words) >= FEWEST_WORDS

    @cached_property
    def days(self) -> frozenset[date]:
        """Every day written out, in figures or with the month in words."""
        return frozenset(_days(self.plain))

    @cached_property
    def sums(self) -> frozenset[int]:
        """Every number of four figures or more, whatever stands between its thousands."""
        return frozenset(int(re.sub(r"\D", "", found)) for found in _SUM.findall(self.plain))

    def has_number(self, number: str) -> bool:
        """Whether these figures stand there in a row, spaces and dots forgiven."""
        return re.search(rf"(?<!\d){'[ .]?'.join(number)}(?!\d)", self.plain) is not None

    def has_code(self, code: str) -> bool:
        """Whether a policy's number stands there, its separators forgiven."""
        wanted = _NOT_CODE.sub("", plain(code))
        return bool(wanted) and wanted in _NOT_CODE.sub("", self.plain)

    def has_words_of(self, name: str) -> bool:
        """Whether every word of a name stands there."""
        wanted = frozenset(_WORD.findall(plain(name)))
        return bool(wanted) and wanted <= self.words


def _days(text: str) -> Iterator[date]:
    figures = [(int(d), int(m), int(y)) for d, m, y in _NUMERIC.findall(text)]
    worded = [(int(d), _MONTHS.index(m) + 1, int(y)) for d, m, y in _WORDED.findall(text)]
    for day, month, year in figures + worded:
        try:
            yield date(year, month, day)
        except ValueError:
            continue
