"""The register's and the engine's own sentences in English, for callers of the API and readers of pages who ask for it.

They are written in French where they arise, for staff first; here each has its English, found by its template. Tests
(tests/api/test_english.py, tests/web/test_people_in_english.py) fail for a sentence that a call or a page of
intermediaries may come to and that has none here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import NamedTuple

from api.english import (
    of_api,
    of_brakes,
    of_desk,
    of_files,
    of_forms,
    of_hotline,
    of_pages,
    of_register,
    of_reminders,
    of_rows,
    of_worklists,
)
from api.problems import in_english
from registry.rules.labels import LabelledEnum
from registry.rules.problems import Problem

PARTS = (
    *(of_register, of_rows, of_reminders, of_hotline, of_api, of_pages),
    *(of_brakes, of_files, of_forms, of_worklists, of_desk),
)
TEXTS: Mapping[str, str] = {french: english for part in PARTS for french, english in part.TEXTS.items()}
"""French template to English; `{}` stands for what is put in, in the same order."""
LITERAL = 11
"""A template with fewer letters than this says something only with a part that has its English too."""
LONGEST = 1000
"""Signs. What is longer quotes a caller at length, and would be searched for long."""
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})
_COLUMN = re.compile(r"(?:[a-z_]+|[A-Z_]{9,}) : (.+)", re.DOTALL)
"""Before a sentence: the column of a file, or the code of a brake."""


def told(text: str) -> str:
    """A sentence of the register in the language of this request: as it is, or in English where that is known."""
    return english_of(text) or text if in_english() else text


def told_of(problem: Problem) -> str:
    """What a rule finds wrong with a value, as a sentence in the language of this request; where the value stands is
    told beside it."""
    sentence = told(problem.sentence)
    return sentence[:1].upper() + sentence[1:]


def english_of(text: str) -> str:
    """The English of a French sentence; "" where it has none."""
    if len(text) > LONGEST:
        return ""
    plain = text.translate(_SPACES)
    if label := _labels().get(plain) or _labels().get(plain.removesuffix(".")):
        return f"{label}." if plain.endswith(".") else label
    # A rule names the column of the file first, which the pointer of the answer does better.
    if (column := _COLUMN.fullmatch(plain)) and (english := english_of(column[1])):
        return english
    if english := _listed(plain):
        return english
    for template in _templates():
        if (match := template.pattern.fullmatch(plain)) and (english := _filled(template, match)):
            return english
    return ""


def _listed(plain: str) -> str:
    """Of several sentences or labels in a row, where each has its English."""
    for mark, english_mark in ((" ; ", "; "), (", ", ", ")):
        french = plain.split(mark)
        english = list(takewhile(bool, map(english_of, french))) if len(french) > 1 else []
        if len(english) == len(french):
            return english_mark.join(english)
    return ""


class _Template(NamedTuple):
    pattern: re.Pattern[str]
    english: str
    own_letters: int


@functools.cache
def _templates() -> list[_Template]:
    """Those that say most by themselves first."""
    made = [
        _Template(re.compile("(.+?)".join(map(re.escape, french.split("{}"))), re.DOTALL), english, len(french))
        for french, english in TEXTS.items()
    ]
    return sorted(made, key=lambda one: -one.own_letters)


def _filled(template: _Template, match: re.Match[str]) -> str:
    parts = [english_of(part) for part in match.groups()]
    if parts and template.own_letters < LITERAL and not any(parts):
        return ""
    return template.english.format(*(new or old for new, old in zip(parts, match.groups(), strict=True)))


@functools.cache
def _labels() -> dict[str, str]:
    """The labels of all codes, as they stand inside sentences."""
    found: dict[str, str] = {}
    for member in _members(LabelledEnum):
        for french, english in ((member.label, member.label_en), (member.label.lower(), member.label_en.lower())):
            found.setdefault(french.translate(_SPACES), english)
    return {french: english for french, english in found.items() if french and english}


def _members(kind: type[LabelledEnum]) -> Iterator[LabelledEnum]:
    yield from kind
    for inner in kind.__subclasses__():
        yield from _members(inner)
