"""The rows that a lot of an issuer reads and writes: each statement once a lot, with arrays for its values.

A list of a thousand placeholders costs more to read than its rows do to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from registry.models import Issuer
from registry.models.cover import Channel
from registry.rules.affiliations import SignalKind
from registry.rules.facts import CoverStatus
from registry.rules.pushes import PushedCover

# A number that was merged into another stands for that one.
_LOCK = """
SELECT asked.orias_number, i.orias_number, i.id
FROM registry_intermediary asked
JOIN registry_intermediary i ON i.id = coalesce(asked.merged_into_id, asked.id)
WHERE asked.orias_number = ANY (%(numbers)s)
ORDER BY i.id FOR NO KEY UPDATE OF i
"""
_INSCRIBED = """
SELECT intermediary_id, category FROM registry_registration
WHERE intermediary_id = ANY (%(ids)s) AND (removed_on IS NULL OR removed_on > %(day)s)
"""
_COVERS = """
SELECT c.id, c.intermediary_id, c.kind, c.categories, c.starts_on, c.ends_on, c.amount_cents, c.annual_cents, c.status,
       c.policy, c.issuer, s.issuer_id
FROM registry_cover c LEFT JOIN registry_issuedcover s ON s.cover_id = c.id
WHERE c.intermediary_id = ANY (%(ids)s)
ORDER BY c.id
"""
_SAID = "SELECT cover_id, kind, effective_on FROM registry_coverevent WHERE cover_id = ANY (%(ids)s) ORDER BY id"
_DOUBTED = f"""
SELECT cover_id FROM registry_signal
WHERE cover_id = ANY (%(ids)s) AND kind = '{SignalKind.POLICY_UNKNOWN.value}' AND settled_on IS NULL
"""
_NUMBERS = "SELECT nextval(pg_get_serial_sequence('registry_cover', 'id')) FROM generate_series(1, %(count)s)"
_ROWS = """
unnest(%(ids)s::bigint[], %(whose)s::bigint[], %(kinds)s::text[], %(categories)s::text[], %(policies)s::text[],
       %(keys)s::text[], %(starts)s::date[], %(ends)s::date[], %(amounts)s::bigint[], %(annuals)s::bigint[])
    row (id, whose, kind, categories, policy, key, starts_on, ends_on, amount, annual)
"""
_INSERT = f"""
INSERT INTO registry_cover (id, intermediary_id, kind, categories, issuer, policy, starts_on, ends_on, amount_cents,
                            annual_cents, status, channel, deposited_on)
SELECT id, whose, kind, string_to_array(categories, ' '), %(name)s, policy, starts_on, ends_on, amount, annual,
       '{CoverStatus.ACCEPTED.value}', '{Channel.ISSUER.value}', %(day)s
FROM {_ROWS}
"""
_ISSUE = f"""
INSERT INTO registry_issuedcover (cover_id, issuer_id, intermediary_id, kind, policy_key, starts_on)
SELECT id, %(issuer)s, whose, kind, key, starts_on FROM {_ROWS}
"""
_CHANGE = f"""
UPDATE registry_cover c
SET categories = string_to_array(row.categories, ' '), issuer = %(name)s, ends_on = row.ends_on,
    amount_cents = row.amount, annual_cents = row.annual
FROM {_ROWS}
WHERE c.id = row.id
"""


def lock_files(numbers: Iterable[str]) -> tuple[dict[str, str], dict[str, int]]:
    """The files of these numbers, locked in the order of their keys: lots that meet wait, and never for each other.

    For each number the one that it stands for now, and for each of these its key.
    """
    rows = _rows(_LOCK, {"numbers": list(numbers)})
    return {asked: number for asked, number, _ in rows}, {number: pk for _, number, pk in rows}


def inscribed(ids: list[int], day: date) -> list[tuple[Any, ...]]:
    """(intermediary, category) of the registrations that are not removed on `day`."""
    return _rows(_INSCRIBED, {"ids": ids, "day": day})


def covers_of(ids: list[int]) -> list[tuple[Any, ...]]:
    """Every certificate of these intermediaries, with the text of its issuer and who pushed it (None: nobody)."""
    return _rows(_COVERS, {"ids": ids})


def said_of(covers: list[int]) -> list[tuple[Any, ...]]:
    """(certificate, event, day) in the order in which they were told."""
    return _rows(_SAID, {"ids": covers})


def doubted(covers: list[int]) -> set[int]:
    """Those of which the issuer said that it knows no such policy, not settled yet."""
    return {cover for (cover,) in _rows(_DOUBTED, {"ids": covers})}


@dataclass(frozen=True, slots=True)
class Written:
    """A certificate to write: whose, what was pushed, and which one it changes (None: it is new)."""

    whose: int
    row: PushedCover
    cover_id: int | None = None


def insert_covers(new: Sequence[Written], issuer: Issuer, day: date) -> None:
    """Write new certificates, and that this issuer pushed them."""
    if not new:
        return
    ids = [number for (number,) in _rows(_NUMBERS, {"count": len(new)})]
    values = _arrays(new) | {"ids": ids, "name": issuer.name, "issuer": issuer.pk, "day": day}
    _rows(_INSERT, values)
    _rows(_ISSUE, values)


def change_covers(changed: Sequence[Written], issuer: Issuer) -> None:
    """Write what an issuer now says of certificates that it pushed before."""
    if changed:
        _rows(_CHANGE, _arrays(changed) | {"ids": [one.cover_id for one in changed], "name": issuer.name})


def _arrays(written: Sequence[Written]) -> dict[str, Any]:
    rows = [one.row for one in written]
    return {
        "whose": [one.whose for one in written],
        "kinds": [row.kind.value for row in rows],
        "categories": [" ".join(sorted(row.categories)) for row in rows],
        "policies": [row.policy for row in rows],
        "keys": [row.policy_key for row in rows],
        "starts": [row.starts_on for row in rows],
        "ends": [row.ends_on for row in rows],
        "amounts": [row.amount_cents for row in rows],
        "annuals": [row.annual_cents for row in rows],
    }


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []
