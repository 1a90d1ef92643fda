"""How often the public register is asked: counted in the process, written now and then, never in a request's way."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import date
from threading import Lock
from typing import NamedTuple

from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from api.service_models import Consultation, ConsultationKind

logger = logging.getLogger(__name__)

WRITTEN_EVERY = 60.0
"""Seconds; so much is lost where a process is killed. A figure for the year needs no more."""
_UPSERT = """
INSERT INTO api_consultation AS c (day, kind, requests, shown) VALUES (%s, %s, %s, %s)
ON CONFLICT (day, kind) DO UPDATE SET requests = c.requests + excluded.requests, shown = c.shown + excluded.shown
"""


class _Way(NamedTuple):
    day: date
    kind: ConsultationKind


class Counts:
    """What was asked of this process and is not written yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._requests: Counter[_Way] = Counter()
        self._shown: Counter[_Way] = Counter()
        self._written = time.monotonic()

    def note(self, kind: ConsultationKind, day: date, shown: int) -> None:
        """One request, and how many entries it was shown; from time to time all are written."""
        with self._lock:
            self._requests[_Way(day, kind)] += 1
            self._shown[_Way(day, kind)] += shown
            due = time.monotonic() - self._written >= WRITTEN_EVERY
        if due:
            self.write()

    def write(self) -> None:
        """Put them to what is written. Where the database refuses, they wait: a reader is answered all the same."""
        with self._lock:
            requests, shown = self._requests, self._shown
            self.forget()
        rows = [(way.day, way.kind.value, n, shown[way]) for way, n in sorted(requests.items())]
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(_UPSERT, rows)
        except DatabaseError:
            logger.warning("consultations are not written, and will be", exc_info=True)
            with self._lock:
                self._requests.update(requests)
                self._shown.update(shown)


COUNTS = Counts()


def statistics(year: int) -> dict[date, dict[str, tuple[int, int]]]:
    """Of each month of a year (its first day), by way: requests, entries shown."""
    rows = Consultation.objects.filter(day__year=year).values_list("day__month", "kind")
    found: dict[date, dict[str, tuple[int, int]]] = {}
    for month, kind, requests, shown in rows.annotate(Sum("requests"), Sum("shown")).order_by("day__month", "kind"):
        found.setdefault(date(year, month, 1), {})[kind] = (requests, shown)
    return found
