"""Advisory locks: one planner at a time; no plan while a register file is being applied."""

from __future__ import annotations

from django.db import connection

PLAN_LOCK = 7_014_001
"""Held by a planner until its transaction ends."""


def lock_planning() -> None:
    """Wait for other planners; released with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PLAN_LOCK])
