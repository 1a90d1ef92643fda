"""Names found as people write them: without accents, in parts, or misspelt.

At a million names a whole misspelt one is too long to compare with each. The words of all names are few: a slip is
looked for among them, and the intermediaries by the words then found.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from registry.models import NameWords
from registry.search import MOST_WORDS, Query, Shape

MOST_PARTS, MOST_SIMILAR, MOST_NAMED = 300, 20, 1000
SHORTEST_PART = 3
"""Shorter ones are looked for as whole words: they are part of too many."""

_NEAREST = """
SELECT v.word FROM registry_nameword v WHERE v.word %% w.word ORDER BY similarity(v.word, w.word) DESC, v.word LIMIT %s
"""
# What is alike is looked for only where nothing holds the word as it was written.
_HOLDING = f"""
SELECT w.word, h.found, CASE WHEN h.found = '{{}}' THEN ARRAY({_NEAREST}) END
FROM (SELECT word FROM unnest(registry_words(%s)) AS word LIMIT %s) w
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT v.word FROM registry_nameword v
        WHERE v.word LIKE CASE WHEN length(w.word) < %s THEN w.word ELSE '%%' || w.word || '%%' END LIMIT %s
    ) AS found
) h
"""  # noqa: S608
_ALIKE = f"SELECT w.word, ARRAY({_NEAREST}) FROM unnest(%s::text[]) AS w (word)"  # noqa: S608


class Matched(NamedTuple):
    """The condition on `Intermediary` that finds what was typed; `is_close`: nobody's name is written so, and these
    are alike."""

    condition: Q
    is_close: bool = False


NOBODY = Matched(Q(pk__in=[]))


def matching(query: Query) -> Q:
    """The condition on `Intermediary` that finds what was typed; for a name, forgiving: two or three small queries."""
    return matched(query).condition


def matched(query: Query) -> Matched:
    """The same, and whether it had to forgive."""
    if query.shape is not Shape.NAME:
        return Matched(query.condition)
    parts = _parts(query.text)
    words = {word: found for word, found, _ in parts}
    alike = {word: nearest for word, found, nearest in parts if not found}
    if not words:
        return NOBODY
    if not alike:
        if (found := _found(words.values())) is not None:
            return Matched(found)
        alike = _alike(list(words))
    near = _found((words | alike).values())
    return NOBODY if near is None else Matched(near, is_close=True)


def _found(alternatives: Iterable[list[str]]) -> Q | None:
    """Those who have one word of each list, named one by one where they are few; None where there is nobody."""
    having = Q()
    for words in alternatives:
        having &= Q(words__overlap=words)
    ids = list(NameWords.objects.filter(having).values_list("pk", flat=True)[: MOST_NAMED + 1])
    if not ids:
        return None
    if len(ids) > MOST_NAMED:
        return Q(pk__in=NameWords.objects.filter(having).values("pk"))
    # One parameter, however many: the statement's text is always the same.
    return Q(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [ids]))  # noqa: S611


def _parts(text: str) -> list[tuple[str, list[str], list[str]]]:
    """Each word of a text with the words that hold it or, where none does, those that are alike."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, [MOST_SIMILAR, text, MOST_WORDS, SHORTEST_PART, MOST_PARTS])
        return list(cursor.fetchall())


def _alike(words: list[str]) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, [MOST_SIMILAR, words])
        return dict(cursor.fetchall())
