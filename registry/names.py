"""Names found as people write them: without accents, in parts, or misspelt.

At a million names a whole misspelt one is too long to compare with each. The words of all names are few: a slip is
looked for among them, and the intermediaries by the words then found.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q

from registry.models import NameWords
from registry.search import MOST_WORDS, Query, Shape

MOST_PARTS, MOST_SIMILAR, MOST_NAMED = 300, 20, 1000
SHORTEST_PART = 3
"""Shorter ones are looked for as whole words: they are part of too many."""

# What is alike is looked for only where nothing holds the word as it was written.
_HOLDING = """
SELECT w.word, ARRAY(
    SELECT v.word FROM registry_nameword v
    WHERE v.word LIKE CASE WHEN length(w.word) < %s THEN w.word ELSE '%%' || w.word || '%%' END LIMIT %s
)
FROM (SELECT word FROM unnest(registry_words(%s)) AS word LIMIT %s) w
"""
_ALIKE = """
SELECT w.word, ARRAY(
    SELECT v.word FROM registry_nameword v WHERE v.word %% w.word
    ORDER BY similarity(v.word, w.word) DESC, v.word LIMIT %s
)
FROM unnest(%s::text[]) AS w (word)
"""


def matching(query: Query) -> Q:
    """The condition on `Intermediary` that finds what was typed; for a name, forgiving: two to four small queries."""
    if query.shape is not Shape.NAME:
        return query.condition
    words = _parts(query.text)
    if not words:
        return Q(pk__in=[])
    if all(words.values()) and (found := _found(words.values())) is not None:
        return found
    alike = _alike([word for word, found in words.items() if not found] or list(words))
    return _found((words | alike).values()) or Q(pk__in=[])


def _found(alternatives: Iterable[list[str]]) -> Q | None:
    """Those who have one word of each list, named one by one where they are few; None where there is nobody."""
    having = Q()
    for words in alternatives:
        having &= Q(words__overlap=words)
    ids = list(NameWords.objects.filter(having).values_list("pk", flat=True)[: MOST_NAMED + 1])
    if not ids:
        return None
    return Q(pk__in=ids) if len(ids) <= MOST_NAMED else Q(pk__in=NameWords.objects.filter(having).values("pk"))


def _parts(text: str) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, [SHORTEST_PART, MOST_PARTS, text, MOST_WORDS])
        return dict(cursor.fetchall())


def _alike(words: list[str]) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, [MOST_SIMILAR, words])
        return dict(cursor.fetchall())
