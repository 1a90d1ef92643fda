"""The register's common facts (requirements, campaigns), kept in this process between two of their changes."""

from __future__ import annotations

import time
from typing import NamedTuple

from django.db import connection

from registry.facts import load_reference
from registry.rules.facts import Reference

KEPT_SECONDS = 60.0


class _Kept(NamedTuple):
    reference: Reference
    until: float


_last: list[_Kept] = []


def reference_of(version: int) -> Reference:
    """The common facts of this version, just read from the database; loaded where another one is kept.

    For what is shown only: nothing is mailed by it. Inside a transaction nothing is kept or taken, since a version that
    is not committed may yet come again with other facts; and never for longer than a minute, for a restored database.
    """
    if connection.in_atomic_block:
        return load_reference()
    for kept in _last:
        if kept.reference.version == version and time.monotonic() < kept.until:
            return kept.reference
    fresh = load_reference()
    _last[:] = [_Kept(fresh, time.monotonic() + KEPT_SECONDS)]
    return fresh


def forget() -> None:
    """Keep nothing any more."""
    _last.clear()
