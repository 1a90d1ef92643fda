"""The parameters of an address: one that its operation does not declare is refused, since a filter that is misspelt
would else look as if it had been heard, and answer everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from api import english
from api.problems import ProblemCode, Refused, said
from registry.rules.problems import Problem, shown
from registry.rules.text import clean_cell


def require_known_parameters(request: Request, view: Any) -> None:
    """Let a request pass whose parameters its operation declares in the description, each once and with a value.
    Raises Refused."""
    asked = request.query_params
    if not asked or request.method == "OPTIONS":
        return
    declared = _declared(view, str(request.method))
    known = declared.keys() | view.parameters_beside
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise Refused(ProblemCode.UNKNOWN_PARAMETER, errors=[_told(name, sorted(known)) for name in unknown])
    if wrong := [*_misleading(asked)] or [*_repeated(asked)] or [*_empty(asked, declared)]:
        raise Refused(ProblemCode.INVALID_PARAMETER, errors=wrong)


LONGEST_NAME = 60
"""Of a name that is compared with those that there are: more is no slip of the keys."""
_KEPT: dict[tuple[type[Any], str], dict[str, bool]] = {}
"""Read once for each operation and process."""


def _declared(view: Any, method: str) -> dict[str, bool]:
    """The names that the description of this operation gives to its parameters in the address, and whether each may be
    empty."""
    place = (type(view), method)
    if place not in _KEPT:
        handler = getattr(view, method.lower(), None)
        described = getattr(handler, "kwargs", {}).get("schema")
        _KEPT[place] = dict(_read(described(), view, method)) if described else {}
    return _KEPT[place]


def _read(schema: Any, view: Any, method: str) -> Iterator[tuple[str, bool]]:
    schema.view, schema.method = view, method
    for one in schema.get_override_parameters():
        yield from _names(one)


def _names(parameter: Any) -> Iterator[tuple[str, bool]]:
    """Of one parameter, or of a serializer whose fields are parameters."""
    if not isinstance(parameter, OpenApiParameter):
        yield from ((name, getattr(field, "allow_blank", False)) for name, field in parameter().fields.items())
    elif parameter.location == OpenApiParameter.QUERY:
        yield parameter.name, False


def _misleading(asked: QueryDict) -> Iterator[dict[str, str]]:
    """What is refused in bodies too: characters that command or mislead, or are none. NUL is each field's to refuse."""
    for name, values in asked.lists():
        for value in values:
            if "\ufffd" in value:
                words = said("Écrivez l’adresse en UTF-8.", "Write the address in UTF-8.")
                yield {"parameter": name, "code": "invalid_character", "detail": words}
            if "\0" not in value and isinstance(found := clean_cell(value, name), Problem):
                yield {"parameter": name, "code": found.code, "detail": english.told_of(found)}


def _repeated(asked: QueryDict) -> Iterator[dict[str, str]]:
    for name, values in asked.lists():
        if len(values) > 1:
            words = said("Ce paramètre est donné plusieurs fois.", "This parameter is given more than once.")
            yield {"parameter": name, "code": "repeated", "detail": words}


def _empty(asked: QueryDict, may_be: Mapping[str, bool]) -> Iterator[dict[str, str]]:
    """A filter without a value, as from a script whose variable is not set: passed over, it would answer everything."""
    for name, text in asked.items():
        if not str(text).strip() and not may_be.get(name, True):
            words = said(
                "Donnez-lui une valeur, ou retirez ce paramètre.", "Give it a value, or remove this parameter."
            )
            yield {"parameter": name, "code": "blank", "detail": words}


def _told(name: str, known: list[str]) -> dict[str, str]:
    if known:
        words = unknown_name(name, known, ("Paramètre inconnu", "Unknown"))
    else:
        words = said("Cette opération n’a aucun paramètre.", "This operation takes no parameters.")
    return {"parameter": shown(name), "code": "unknown_parameter", "detail": words}


def unknown_name(name: str, known: list[str], what: tuple[str, str]) -> str:
    """What is said of a name that is none of the known ones: the nearest, or all; `what` it is, in both languages."""
    french, inner = what
    if close := get_close_matches(name[:LONGEST_NAME].lower(), known, n=1):
        return said(f"{french}. Vouliez-vous dire « {close[0]} » ?", f"{inner}. Did you mean “{close[0]}”?")
    if not known:
        return said(f"{french} : rien n’est attendu ici.", f"{inner}: nothing is expected here.")
    told = ", ".join(known)
    return said(f"{french}. Ceux d’ici : {told}.", f"{inner}. Those known here: {told}.")


class FormatToo(DefaultContentNegotiation):
    """The format by `?format=` too, for the description alone; elsewhere it is a parameter like others, unknown."""

    class settings:  # noqa: N801 - the name by which DRF reads it
        """What is read of them here."""

        URL_FORMAT_OVERRIDE = "format"
