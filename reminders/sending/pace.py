"""Pace: one bucket row for all machines, leased in small blocks of departures."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

HOUR = timedelta(hours=1)
MOST_IN_A_BLOCK = 10

_LEASE = """
UPDATE reminders_pace SET next_at = greatest(next_at, %(now)s) + %(block)s
WHERE id = 1 RETURNING next_at - %(block)s
"""
_PUT_BACK = "UPDATE reminders_pace SET next_at = %(departure)s WHERE id = 1 AND next_at = %(end)s"


class Pacer:
    """Hands out departures, so many an hour over all workers (0: no limit)."""

    def __init__(self, per_hour: int) -> None:
        self.per_hour = per_hour
        self._departures: deque[datetime] = deque()

    def next_departure(self, now: datetime) -> datetime | None:
        """When the next message may leave, at the earliest `now`; None where the row is missing, which means stop."""
        if not self.per_hour:
            return now
        if not self._departures:
            self._lease_block(now)
        return max(self._departures.popleft(), now) if self._departures else None

    def put_back(self, departure: datetime) -> None:
        """Give up a departure that will not be used, and what is left of its block, unless others have leased since."""
        if not self.per_hour:
            return
        end = departure + HOUR / self.per_hour * (1 + len(self._departures))
        self._departures.clear()
        with connection.cursor() as cursor:
            cursor.execute(_PUT_BACK, {"departure": departure, "end": end})

    def _lease_block(self, now: datetime) -> None:
        gap = HOUR / self.per_hour
        # A block lasts a second at most, so that what a killed worker had leased is no loss.
        size = max(1, min(MOST_IN_A_BLOCK, self.per_hour // 3600))
        with connection.cursor() as cursor:
            parameters: dict[str, Any] = {"now": now, "block": gap * size}
            cursor.execute(_LEASE, parameters)
            row = cursor.fetchone()
        if row is not None:
            self._departures.extend(row[0] + gap * i for i in range(size))
