"""Advisory locks of the register: who applies a file says so to every machine."""

from __future__ import annotations

from hashlib import sha256

from django.db import connection

IMPORT_LOCK = 7_014_002
"""Held, exclusively, while a register file is applied."""


def lock_content(digest: str) -> None:
    """Until the transaction ends nobody else keeps or forgets the file of that SHA-256."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(bytes.fromhex(digest[:16]), signed=True)])


def lock_name(name: str) -> None:
    """Until the transaction ends nobody else does what goes by that name."""
    lock_content(sha256(name.encode()).hexdigest())


def lock_import() -> bool:
    """Take the import lock until the transaction ends; False where another import holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [IMPORT_LOCK])
        return bool(cursor.fetchone()[0])


def import_in_progress() -> bool:
    """Whether another transaction is applying a register file."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND pid <> pg_backend_pid())",
            [IMPORT_LOCK],
        )
        return bool(cursor.fetchone()[0])
