"""Pace: one bucket row for all machines, leased in small blocks of departures."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

HOUR = timedelta(hours=1)
LONG = timedelta(seconds=1)
"""While the pace holds a message back for longer, the outcome of the one before is not kept from the ledger, and what
was decided of it is decided once more (I1)."""

MOST_IN_A_BLOCK = 10
MOST_AHEAD = 64
"""No more blocks than this are leased at once, for each worker waits for its own. What is further ahead was leased by a
clock that has been set back since, and is not waited for."""

_LEASE = """
UPDATE reminders_pace
SET next_at = CASE WHEN next_at > %(now)s + %(ahead)s THEN %(now)s ELSE greatest(next_at, %(now)s) END + %(block)s
WHERE id = 1 RETURNING next_at - %(block)s
"""
_PUT_BACK = "UPDATE reminders_pace SET next_at = %(departure)s WHERE id = 1 AND next_at = %(end)s"


class Pacer:
    """Hands out departures, so many an hour over all workers (0: no limit)."""

    def __init__(self, per_hour: int) -> None:
        self.per_hour = per_hour
        self._gap = HOUR / per_hour if per_hour else timedelta()
        # A block lasts a second at most, so that what a killed worker had leased is no loss.
        self._size = max(1, min(MOST_IN_A_BLOCK, per_hour // 3600))
        self._departures: deque[datetime] = deque()
        self._unused: datetime | None = None
        self._was_long = False

    def next_departure(self, now: datetime) -> datetime | None:
        """When the next message may leave, at the earliest `now`; None where the row is missing, which means stop.

        One that was reached and not used is the next.
        """
        if not self.per_hour or (self._unused and self._unused <= now):
            return now
        if self._departures and self._departures[0] > now + self._ahead:
            self._departures.clear()
        if not self._departures:
            self._lease_block(now)
        return max(self._departures.popleft(), now) if self._departures else None

    def reach(self, departure: datetime, now: datetime, clock: Callable[[], datetime]) -> datetime:
        """Wait for a departure: the instant at which it is reached."""
        if departure > now:
            time.sleep((departure - now).total_seconds())
            self._was_long = departure - now > LONG
            now = clock()
        self._unused = now
        return now

    def was_long_in_coming(self) -> bool:
        """Whether the departure that was reached last kept its message waiting; said once."""
        was_long, self._was_long = self._was_long, False
        return was_long

    def use(self) -> None:
        """A message leaves at the departure that was reached last."""
        self._unused = None

    @property
    def _ahead(self) -> timedelta:
        return self._gap * self._size * MOST_AHEAD

    def put_back(self, departure: datetime) -> None:
        """Give up a departure that will not be used, and what is left of its block, unless others have leased since."""
        if not self.per_hour:
            return
        end = departure + self._gap * (1 + len(self._departures))
        self._departures.clear()
        with connection.cursor() as cursor:
            cursor.execute(_PUT_BACK, {"departure": departure, "end": end})

    def _lease_block(self, now: datetime) -> None:
        with connection.cursor() as cursor:
            parameters: dict[str, Any] = {"now": now, "block": self._gap * self._size, "ahead": self._ahead}
            cursor.execute(_LEASE, parameters)
            row = cursor.fetchone()
        if row is not None:
            self._departures.extend(row[0] + self._gap * i for i in range(self._size))
