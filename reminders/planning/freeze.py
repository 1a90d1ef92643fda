"""The frozen list: decided a second time, rendered once, hashed, and written as the ledger's rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from registry.rules.categories import CoverKind
from registry.rules.covers import CoverState
from reminders.errors import ReminderError
from reminders.models import Batch, Notice
from reminders.planning.assess import Assessed, Circumstances, assess
from reminders.planning.audience import Planned, planned_in_order
from reminders.rules.eligibility import Decision, SkipReason
from reminders.rules.identity import notice_key

CHUNK = 1000
_FAULTS_OF_A_TEXT = (ValueError, TypeError, LookupError, AttributeError)
"""What wording raises for facts that it has no sentence for."""

_NOTICES = """
INSERT INTO reminders_notice (batch_id, intermediary_id, rank, state, key, email, items, body_digest, facts_version,
                              not_after, fence, worker, attempts, reason)
SELECT %(batch)s, a.id, a.rank, 'PLANNED', r.key, a.email, r.items, r.body_digest, a.facts_version,
       (a.last_useful_on + 1)::timestamp AT TIME ZONE 'Europe/Paris' - interval '1 microsecond', 0, '', 0, ''
FROM audience a JOIN rendered r ON r.rank = a.rank
ORDER BY a.rank
"""
_ITEMS = """
INSERT INTO reminders_noticeitem (notice_id, intermediary_id, kind, term, wave, held)
SELECT n.id, a.id, split_part(wave, '/', 1), split_part(wave, '/', 2)::date, split_part(wave, '/', 3), true
FROM reminders_notice n JOIN audience a ON a.rank = n.rank CROSS JOIN unnest(a.keys) wave
WHERE n.batch_id = %(batch)s
"""
_LEFT_OUT = """
INSERT INTO reminders_leftout (batch_id, intermediary_id, reason, evidence)
SELECT %(batch)s, id, reason, evidence FROM audience WHERE reason IS NOT NULL
"""


@dataclass(slots=True)
class Frozen:
    """The outcome of freezing: the list's SHA-256, its counts, and what must never be (each an ORIAS number)."""

    hash: str = ""
    planned: int = 0
    waves: set[str] = field(default_factory=set)
    by_category: Counter[str] = field(default_factory=Counter)
    by_item: Counter[str] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)


def list_header(as_of: date, scope: str | None, planned: int) -> bytes:
    """What the hash covers besides the recipients; `scope` is the one wave asked for, or the batch corrected."""
    return f"{as_of.isoformat()};{scope or ''};{planned}\n".encode()


def recall_scope(corrects: int) -> str:
    """What the hash of a recall covers in place of a wave."""
    return f"RECALL {corrects}"


def list_line(rank: int, orias_number: str, email: str, key: str, digest: str) -> bytes:
    """One recipient as the hash sees it: place, person, address, identity, and the very text."""
    return f"{rank};{orias_number};{email};{key};{digest}\n".encode()


def hash_of_list(batch: Batch) -> str:
    """The hash of a batch's list as its rows stand now: what was approved, or not."""
    scope = recall_scope(batch.corrects_id) if batch.corrects_id else batch.only_wave
    digest = hashlib.sha256(list_header(batch.as_of, scope, batch.planned))
    rows = Notice.objects.filter(batch=batch.pk).order_by("rank")
    columns = ("rank", "intermediary__orias_number", "email", "key", "body_digest")
    for row in rows.values_list(*columns).iterator(chunk_size=CHUNK):
        digest.update(list_line(*row))
    return digest.hexdigest()


def freeze(batch_id: int, circumstances: Circumstances, planned: int) -> Frozen:
    """Write the drawn audience as the list of a batch: notices, what they discharge, and everyone left out."""
    frozen = Frozen()
    header = list_header(circumstances.day, circumstances.policy.only_wave, planned)
    digest = hashlib.sha256(header)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE rendered (rank bigint PRIMARY KEY, key text, items jsonb, body_digest text)"
            " ON COMMIT DROP"
        )
        for chunk in planned_in_order(CHUNK):
            # All of a chunk first: while a COPY is open, the connection answers no query.
            rows = list(_second_look(chunk, circumstances, frozen, digest))
            with cursor.copy("COPY rendered (rank, key, items, body_digest) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        cursor.execute("ANALYZE rendered")
        for statement in (_NOTICES, _ITEMS, _LEFT_OUT):
            cursor.execute(statement, {"batch": batch_id})
        cursor.execute("DROP TABLE rendered")
        # Delivery's statements are planned once: they must know that these tables have grown.
        cursor.execute("ANALYZE reminders_notice, reminders_noticeitem")
    frozen.hash = digest.hexdigest()
    return frozen


def _second_look(
    chunk: list[Planned], circumstances: Circumstances, frozen: Frozen, digest: hashlib._Hash
) -> Iterator[tuple[int, str, Jsonb, str]]:
    """Each recipient decided again by the pure rules on the source rows, rendered, and added to the hash."""
    assessed = _assessed(chunk, circumstances)
    for planned in chunk:
        one = assessed[planned.intermediary_id]
        key = notice_key(planned.orias_number, planned.keys)
        digest.update(list_line(planned.rank, planned.orias_number, planned.email, key, one.digest))
        _judge(planned, one, frozen)
        yield planned.rank, key, Jsonb(frozen_items(one.decision)), one.digest


def _assessed(chunk: list[Planned], circumstances: Circumstances) -> dict[int, Assessed]:
    """Raises ReminderError where a message cannot be written: whose, and about what."""
    try:
        return assess([p.intermediary_id for p in chunk], circumstances)
    except _FAULTS_OF_A_TEXT as error:
        if len(chunk) == 1:
            raise _unwritable(chunk[0], error) from error
        for planned in chunk:
            _assessed([planned], circumstances)
        raise


def _unwritable(planned: Planned, error: Exception) -> ReminderError:
    items = ", ".join(_in_words(key) for key in planned.keys)
    return ReminderError(
        f"Le message destiné au numéro ORIAS {planned.orias_number} ({items}) ne peut pas être rédigé\u00a0: {error}. "
        "Aucun lot n’est créé\u00a0: corrigez le modèle ou le dossier, puis replanifiez."
    )


def _in_words(key: str) -> str:
    kind, term, wave = key.split("/")
    return f"{CoverKind(kind).label}, échéance du {term}, vague {wave}"


def _judge(planned: Planned, one: Assessed, frozen: Frozen) -> None:
    frozen.planned += 1
    if one.decision.reason is SkipReason.COMPLETE:
        frozen.complete.append(planned.orias_number)
    if tuple(map(str, one.decision.discharged)) != planned.keys or one.facts.email != planned.email:
        frozen.disagreements.append(planned.orias_number)
    frozen.waves.update(key.rsplit("/", 1)[1] for key in planned.keys)
    frozen.by_category.update({c for item in one.decision.items for c in item.categories})
    frozen.by_item.update({item.kind for item in one.decision.items})


def frozen_items(decision: Decision) -> list[dict[str, Any]]:
    """The open items of a file as the ledger keeps them: one entry per cover kind, term and state."""
    entries: list[dict[str, Any]] = []
    for item in decision.items:
        for state in sorted({f.state for f in item.findings}, key=list(CoverState).index):
            entries.append(
                {
                    "kind": item.kind,
                    "categories": sorted(f.category for f in item.findings if f.state is state),
                    "state": state,
                    "term": item.term.isoformat(),
                    "due_on": item.due_on.isoformat(),
                    "wave": item.wave.code if item.wave else None,
                    "discharged": item.key in decision.discharged,
                }
            )
    return entries
