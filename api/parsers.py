"""Bodies: JSON, as strict as RFC 8259, that no nesting can break, whose text is Unicode throughout, and in which no
name stands twice: which of both values counts, nobody could know (I-JSON, RFC 7493)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from api.problems import ProblemCode, Refused, pointer, said

_SURROGATE = re.compile(r"[\ud800-\udfff]")
MOST_TOLD = 20
"""Names told of one body."""


class JsonBody(JSONParser):
    """Where a body nested too deep, or with half a character in it, is unreadable and no bug."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The document. Raises ParseError, Refused for a name that stands twice."""
        try:
            # UTF-8 (RFC 8259), whatever charset was announced: Python knows some that inflate what they read.
            document = json.loads(stream.read().decode(), object_pairs_hook=_object, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise ParseError from None
        if not _is_unicode(document):
            raise ParseError
        if again := list(islice(_again(document), MOST_TOLD)):
            words = said("Ce nom est donné plusieurs fois.", "This name is given more than once.")
            told = [{"pointer": pointer(path), "code": "repeated", "detail": words} for path in again]
            raise Refused(ProblemCode.DUPLICATE_MEMBER, errors=told)
        return document


class _Repeating(dict[str, Any]):
    """An object with names that stand in it more than once; the last value of each is kept."""

    names: list[str]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    repeating = _Repeating(made)
    repeating.names = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    return repeating


def _no_number(text: str) -> NoReturn:
    """NaN and the infinities are no JSON."""
    raise ValueError(text)


def _again(document: Any) -> Iterator[tuple[str, ...]]:
    """Where names stand that stood there already. What lies under a value that was written over is not looked at."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while waiting:
        path, found = waiting.pop()
        if isinstance(found, _Repeating):
            yield from ((*path, name) for name in found.names)
        if isinstance(found, dict):
            waiting += (((*path, name), inner) for name, inner in found.items() if _may_hold(inner))
        elif isinstance(found, list):
            waiting += (((*path, str(place)), inner) for place, inner in enumerate(found) if _may_hold(inner))


def _may_hold(found: Any) -> bool:
    return isinstance(found, dict | list)


def _is_unicode(document: Any) -> bool:
    """Whether no key and no value holds a lone surrogate, which neither the database nor an answer can take."""
    waiting = [document]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            if _SURROGATE.search(found):
                return False
        elif isinstance(found, dict):
            waiting += found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    return True
