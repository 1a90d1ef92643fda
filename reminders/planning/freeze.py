"""The frozen list: decided a second time, rendered once, hashed, and written as the ledger's rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.backends.utils import CursorWrapper

from reminders.models import Batch, Notice
from reminders.planning.assess import Circumstances
from reminders.planning.second_look import Looked, SecondLook, recipients_in_order
from reminders.rules.eligibility import SkipReason

CHUNK = 1000
_NOTICES = """
COPY reminders_notice (batch_id, intermediary_id, rank, state, key, email, items, body_digest, facts_version, not_after,
                       fence, worker, attempts, reason) FROM STDIN
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
    digest = hashlib.sha256(list_header(circumstances.day, circumstances.policy.only_wave, planned))
    second = SecondLook(circumstances)
    with connection.cursor() as cursor:
        for chunk in recipients_in_order(circumstances):
            looked = _write(batch_id, second.look(chunk), cursor)
            digest.update(b"".join(map(_line, looked)))
            _judge(looked, frozen)
        for statement in (_ITEMS, _LEFT_OUT):
            cursor.execute(statement, {"batch": batch_id})
        # Delivery's statements are planned once: they must know that these tables have grown.
        cursor.execute("ANALYZE reminders_notice, reminders_noticeitem")
    frozen.hash = digest.hexdigest()
    return frozen


def _write(batch_id: int, chunk: Iterator[Looked], cursor: CursorWrapper) -> list[Looked]:
    """Write the notices of a chunk as they are looked at: PostgreSQL inserts the first while we render the next."""
    looked = []
    with cursor.copy(_NOTICES) as copy:
        for one in chunk:
            copy.write_row(_notice(batch_id, one))
            looked.append(one)
    return looked


def _line(one: Looked) -> bytes:
    to = one.recipient
    return list_line(to.rank, to.orias_number, to.listed_email, one.key, one.digest)


def _notice(batch_id: int, one: Looked) -> tuple[object, ...]:
    """The row of a notice, in the order of _NOTICES."""
    to, items = one.recipient, one.verdict.items
    place = batch_id, to.intermediary_id, to.rank
    return *place, "PLANNED", one.key, to.listed_email, items, one.digest, to.listed_version, to.not_after, 0, "", 0, ""


def _judge(looked: list[Looked], frozen: Frozen) -> None:
    """Count a chunk, and name those of whom the two evaluators do not say the same."""
    frozen.planned += len(looked)
    for one in looked:
        to, verdict = one.recipient, one.verdict
        if verdict.decision.reason is SkipReason.COMPLETE:
            frozen.complete.append(to.orias_number)
        if verdict.discharged != to.listed_keys or to.email != to.listed_email:
            frozen.disagreements.append(to.orias_number)
    for keys in {one.recipient.listed_keys for one in looked}:
        frozen.waves.update(key.rsplit("/", 1)[1] for key in keys.split("\n"))
    for (categories, kinds), n in Counter((o.verdict.categories, o.verdict.kinds) for o in looked).items():
        frozen.by_category.update(dict.fromkeys(categories, n))
        frozen.by_item.update(dict.fromkeys(kinds, n))
