"""Agents for a few days: how long a grant may last."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST_GRANT = timedelta(days=31)
"""Whoever is needed longer has a role."""


def is_live(ends_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a grant still gives anything: it ends by itself, or earlier by a person."""
    return ended_at is None and now < ends_at
