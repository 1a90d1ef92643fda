"""The second look at each recipient of a list: the pure rules on its source rows, and its message in words.

Most files differ by little more than the person. So what the rules say is kept under everything they read: the source
rows of registrations and covers as the database writes them, whether the address can be written to, and what the ledger
holds. A file with other rows, be it by one day, is read and decided anew. Number, name, language and the facts' version
are not read by the rules, and a test holds them to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from registry.facts import SOURCE_CTES, load_files
from registry.findings import joined_by_sets
from registry.rules.categories import CoverKind
from registry.rules.facts import FileFacts
from reminders.errors import ReminderError
from reminders.ledger import load_ledger
from reminders.messages.drafting import content_of
from reminders.messages.links import why_token
from reminders.messages.message import ReminderContent
from reminders.messages.pattern import Pattern, is_plain, pattern_of
from reminders.planning.assess import Circumstances, decide, digest_of, frozen_items, words
from reminders.rules.addresses import is_writable
from reminders.rules.eligibility import Decision, LedgerFacts
from reminders.rules.identity import notice_key

CHUNK = 2000
KEPT = 4096
"""How many verdicts are kept, and how many patterns; then both begin anew, so that memory stays flat."""

_NOTHING = LedgerFacts()
_FAULTS_OF_A_TEXT = (ValueError, TypeError, LookupError, AttributeError)
"""What wording raises for facts that it has no sentence for."""

# The source rows, read once and in the frozen order; last, whether the ledger holds anything of this one that counts on
# the day, and whether its number was merged into another.
_READ = f"""
DECLARE second_look NO SCROLL CURSOR FOR
WITH {SOURCE_CTES}
SELECT a.rank, a.id, a.email, a.facts_version, coalesce(array_to_string(a.keys, E'\\n'), ''),
       ((a.last_useful_on + 1)::timestamp AT TIME ZONE 'Europe/Paris' - interval '1 microsecond')::text,
       i.orias_number, i.name, i.email, i.language, i.facts_version, r.source_rows, c.source_rows,
       t.intermediary_id IS NOT NULL
       OR EXISTS (SELECT FROM reminders_noticeitem h
                  WHERE h.intermediary_id = a.id AND h.held AND h.term >= %(since)s)
       OR EXISTS (SELECT FROM reminders_notice n WHERE n.intermediary_id = a.id AND n.live)
       OR EXISTS (SELECT FROM reminders_notice n
                  WHERE n.intermediary_id = a.id
                    AND n.settled_at >= (%(day)s::date - %(gap_days)s) AT TIME ZONE 'Europe/Paris')
       OR EXISTS (SELECT FROM registry_intermediary m WHERE m.merged_into_id = a.id),
       i.merged_into_id IS NOT NULL
FROM audience a
JOIN registry_intermediary i ON i.id = a.id
LEFT JOIN registrations r ON r.intermediary_id = a.id
LEFT JOIN covers c ON c.intermediary_id = a.id
LEFT JOIN trouble t ON t.intermediary_id = a.id
WHERE a.rank IS NOT NULL
ORDER BY a.rank
"""  # noqa: S608


class Recipient(NamedTuple):
    """One recipient as the set-based pass has drawn it, and the source rows of its file.

    `listed_version` is that of the facts it was drawn from, `version` that of the source rows.
    """

    rank: int
    intermediary_id: int
    listed_email: str
    listed_version: int
    listed_keys: str
    not_after: str
    orias_number: str
    name: str
    email: str
    language: str
    version: int
    registrations: str | None
    covers: str | None
    is_in_ledger: bool
    is_merged: bool


class Shape(NamedTuple):
    """Everything the rules read of one file, besides what is the same for all.

    `address`: whether it can be written to; itself, where mail to it came back, since the rules then compare it.
    """

    registrations: str | None
    covers: str | None
    address: bool | str
    ledger: LedgerFacts
    is_merged: bool


@dataclass(slots=True)
class Verdict:
    """What the rules say of all files of one shape, and the patterns of its message by language.

    `facts` are those of the first of them; `discharged` and `items` as they are written down.
    """

    facts: FileFacts
    decision: Decision
    discharged: str
    items: str
    categories: tuple[str, ...]
    kinds: tuple[str, ...]
    patterns: dict[str, Pattern | None] = field(default_factory=dict)


class Looked(NamedTuple):
    """One recipient seen twice: its notice's identity, what the rules say of it, the digest of its message."""

    recipient: Recipient
    key: str
    verdict: Verdict
    digest: str


def recipients_in_order(circumstances: Circumstances, size: int = CHUNK) -> Iterator[list[Recipient]]:
    """The audience drawn for that day with its source rows in the frozen order, `size` at a time: memory stays flat."""
    gap_days = circumstances.policy.gap_days
    asked: dict[str, Any] = {"day": circumstances.day, "since": circumstances.since, "gap_days": gap_days}
    with connection.cursor() as cursor:
        with joined_by_sets():
            # All rows are wanted: not the plan that has the first ones soonest.
            cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
            cursor.execute(_READ, asked)
        while rows := _fetched(cursor, size):
            yield rows
        cursor.execute("CLOSE second_look")


def _fetched(cursor: CursorWrapper, size: int) -> list[Recipient]:
    cursor.execute(f"FETCH FORWARD {size:d} FROM second_look")
    return [Recipient._make(row) for row in cursor.fetchall()]


class SecondLook:
    """Decides and renders the recipients of one list; one instance a list."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._verdicts: dict[Shape, Verdict] = {}
        self._patterns: dict[object, Pattern | None] = {}

    def look(self, chunk: list[Recipient]) -> Iterator[Looked]:
        """Each of a chunk, in its order. The database is asked before this returns; going through the answer asks it
        nothing, and raises ReminderError where a message cannot be written: whose, about what."""
        shapes = _shapes(chunk, self._circumstances.since)
        if len(self._verdicts) > KEPT:
            self._verdicts.clear()
        fresh = self._decided(chunk, shapes)
        verdicts = [self._verdicts.get(s) or fresh[r.intermediary_id] for r, s in zip(chunk, shapes, strict=True)]
        return self._looked(chunk, verdicts)

    def _looked(self, chunk: list[Recipient], verdicts: list[Verdict]) -> Iterator[Looked]:
        for recipient, verdict in zip(chunk, verdicts, strict=True):
            key = notice_key(recipient.orias_number, recipient.listed_keys.split("\n"))
            digest = self._digest(recipient, verdict, key) if verdict.decision.is_due else ""
            yield Looked(recipient, key, verdict, digest)

    def _decided(self, chunk: list[Recipient], shapes: list[Shape]) -> dict[int, Verdict]:
        """Decide one file of each shape not seen before; by id those of which that one has changed meanwhile."""
        new = {shape: one for one, shape in zip(chunk, shapes, strict=True) if shape not in self._verdicts}
        if not new:
            return {}
        files = load_files([one.intermediary_id for one in new.values()])
        now = _versions(files)
        for shape, one in new.items():
            if now.get(one.intermediary_id) == one.version:
                self._verdicts[shape] = self._verdict(one, files[one.intermediary_id], shape)
        moved = {r.intermediary_id: (r, s) for r, s in zip(chunk, shapes, strict=True) if s not in self._verdicts}
        files = load_files(moved) if moved else {}
        return {pk: self._verdict(one, files[pk], shape) for pk, (one, shape) in moved.items()}

    def _verdict(self, one: Recipient, facts: FileFacts, shape: Shape) -> Verdict:
        with _naming(one):
            decision = decide(facts, shape.ledger, self._circumstances)
        return Verdict(
            facts=facts,
            decision=replace(decision, checks=()),
            discharged="\n".join(map(str, decision.discharged)),
            items=json.dumps(frozen_items(decision)),
            categories=tuple(sorted({c for item in decision.items for c in item.categories})),
            kinds=tuple(sorted({item.kind for item in decision.items})),
        )

    def _digest(self, one: Recipient, verdict: Verdict, key: str) -> str:
        """The digest of the message that would leave now: by the pattern of its like, or by the renderer."""
        if one.listed_keys != verdict.discharged:
            key = notice_key(one.orias_number, verdict.discharged.split("\n"))
        if one.language not in verdict.patterns:
            with _naming(one):
                verdict.patterns[one.language] = self._pattern(one, verdict, key)
        pattern = verdict.patterns[one.language]
        if pattern and is_plain(one.orias_number, one.email):
            return pattern.digest(one.orias_number, one.name, one.email, why_token(key))
        with _naming(one):
            return digest_of(_content(one, verdict, key), self._circumstances.letterhead)

    def _pattern(self, one: Recipient, verdict: Verdict, key: str) -> Pattern | None:
        """Files of many shapes are written to in the same words: those patterns are shared."""
        content = _content(one, verdict, key)
        alike = content.language, content.items, content.received
        if alike not in self._patterns:
            if len(self._patterns) > KEPT:
                self._patterns.clear()
            self._patterns[alike] = pattern_of(content, self._circumstances.letterhead, words)
        return self._patterns[alike]


def _shapes(chunk: list[Recipient], since: date) -> list[Shape]:
    in_ledger = [r.intermediary_id for r in chunk if r.is_in_ledger]
    ledger = load_ledger(in_ledger, since=since) if in_ledger else {}
    return [shape_of(r, ledger.get(r.intermediary_id, _NOTHING)) for r in chunk]


def shape_of(one: Recipient, ledger: LedgerFacts) -> Shape:
    """Under what the verdict on this file is kept."""
    address = one.email if ledger.trouble else is_writable(one.email)
    return Shape(one.registrations, one.covers, address, ledger, one.is_merged)


def _versions(files: Iterable[int]) -> dict[int, int]:
    """The versions of these files' facts after they were read: where one is as before, so are the facts (I9)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, facts_version FROM registry_intermediary WHERE id = ANY (%s)", [list(files)])
        return dict(cursor.fetchall())


def _content(one: Recipient, verdict: Verdict, key: str) -> ReminderContent:
    facts = replace(verdict.facts, orias_number=one.orias_number, name=one.name, email=one.email, language=one.language)
    return content_of(facts, verdict.decision, key)


@contextmanager
def _naming(one: Recipient) -> Iterator[None]:
    """Say whose message cannot be written, and about what."""
    try:
        yield
    except _FAULTS_OF_A_TEXT as error:
        items = ", ".join(_in_words(key) for key in one.listed_keys.split("\n"))
        raise ReminderError(
            f"Le message destiné au numéro ORIAS {one.orias_number} ({items}) ne peut pas être rédigé\u00a0: {error}. "
            "Aucun lot n’est créé\u00a0: corrigez le modèle ou le dossier, puis replanifiez."
        ) from error


def _in_words(key: str) -> str:
    kind, term, wave = key.split("/")
    return f"{CoverKind(kind).label}, échéance du {term}, vague {wave}"
