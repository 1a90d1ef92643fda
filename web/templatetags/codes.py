"""Codes as a row holds them: a text, which says nothing until its closed list is named."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from django import template

from registry.rules.labels import LabelledEnum

register = template.Library()


@register.filter
def code(value: str, kind: str) -> LabelledEnum:
    """The member of the closed list of that name: `{{ one.matter|code:"Matter"|said }}`.

    Raises LookupError where there is no such list or more than one, and ValueError where it has no such code: an error
    of the template, or of a row that the database should not have kept.
    """
    return _kind(kind)(value)


@cache
def _kind(name: str) -> type[LabelledEnum]:
    found = [one for one in _kinds(LabelledEnum) if one.__name__ == name]
    if len(found) != 1:
        raise LookupError(f"{len(found)} closed lists are called {name}")
    return found[0]


def _kinds(of: type[LabelledEnum]) -> Iterator[type[LabelledEnum]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)
