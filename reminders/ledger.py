"""What the ledger holds of intermediaries, read in bulk and handed to the rules as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from registry.clock import local_day
from registry.rules.categories import CoverKind
from reminders.models import Wave
from reminders.rules.bounces import AddressTrouble
from reminders.rules.eligibility import LedgerFacts, Policy
from reminders.rules.identity import WaveKey
from reminders.rules.states import MAILED_STATES
from reminders.rules.waves import WaveRule

_KINDS = {k.value: k for k in CoverKind}
_MAILED = ", ".join(sorted(f"'{s.value}'" for s in MAILED_STATES))

_OF_PEOPLE = f"""
SELECT intermediary_id, kind, term, wave,
       NULL::bigint AS notice, NULL::boolean AS live, NULL::timestamptz AS settled_at,
       NULL::text AS email, NULL::integer AS hard, NULL::integer AS soft_days
FROM reminders_noticeitem
WHERE intermediary_id = ANY (%(ids)s) AND held AND term >= %(since)s AND notice_id <> ALL (%(aside)s)
UNION ALL
-- What was said under a number that has been merged was said to the person it leads to; what still waits there never
-- leaves.
SELECT m.merged_into_id, h.kind, h.term, h.wave, NULL, NULL, NULL, NULL, NULL, NULL
FROM registry_intermediary m
JOIN reminders_noticeitem h ON h.intermediary_id = m.id AND h.held AND h.term >= %(since)s
JOIN reminders_notice n ON n.id = h.notice_id AND n.state NOT IN ('PLANNED', 'CLAIMED', 'DEFERRED')
WHERE m.merged_into_id = ANY (%(ids)s)
UNION ALL
SELECT intermediary_id, NULL, NULL, NULL, id, live, NULL, NULL, NULL, NULL
FROM reminders_notice
WHERE intermediary_id = ANY (%(ids)s) AND live AND id <> ALL (%(aside)s)
UNION ALL
-- The last mail of each: in a register of many years all of them would be read for it.
SELECT p.id, NULL, NULL, NULL, latest.id, false, latest.settled_at, NULL, NULL, NULL
FROM unnest(%(ids)s::bigint[]) AS p (id)
CROSS JOIN LATERAL (
    SELECT n.id, n.settled_at
    FROM reminders_notice n
    WHERE n.intermediary_id = p.id AND n.settled_at IS NOT NULL AND n.state IN ({_MAILED}) AND NOT n.unsent
      AND n.id <> ALL (%(aside)s)
    ORDER BY n.settled_at DESC
    LIMIT 1
) latest
UNION ALL
SELECT m.merged_into_id, NULL, NULL, NULL, n.id, false, n.settled_at, NULL, NULL, NULL
FROM registry_intermediary m
JOIN reminders_notice n ON n.intermediary_id = m.id AND n.state IN ({_MAILED}) AND NOT n.unsent
WHERE m.merged_into_id = ANY (%(ids)s)
UNION ALL
SELECT intermediary_id, NULL, NULL, NULL, NULL, NULL, NULL, email, hard, soft_days
FROM reminders_addresstrouble WHERE intermediary_id = ANY (%(ids)s)
"""
"""Three kinds of rows, each with the columns of its own: what was said, the notices, what came back from an address."""


def load_policy(*, gap_days: int, only_wave: str | None = None) -> Policy:
    """The active waves, the smallest gap between two mails (days), the one wave asked for, if any, and the number of
    days after which an address is dead (`SOFT_DAYS_MAKE_DEAD`, the same for every reader)."""
    rows = Wave.objects.filter(active=True).order_by("first_offset", "code")
    waves = tuple(WaveRule(*row) for row in rows.values_list("code", "first_offset", "last_offset"))
    return Policy(waves, gap_days, only_wave, settings.SOFT_DAYS_MAKE_DEAD)


class _Row(NamedTuple):
    """One row of the statement: by its kind, what is not of that kind is NULL."""

    intermediary: int
    kind: str | None
    term: date
    wave: str
    notice: int | None
    live: bool
    settled_at: datetime | None
    email: str
    hard: int
    soft_days: int


@dataclass(slots=True)
class _Held:
    keys: set[WaveKey] = field(default_factory=set)
    live: int | None = None
    last_mailed_on: date | None = None
    trouble: AddressTrouble | None = None

    def take(self, row: _Row) -> None:
        """Take one row in, by what it tells of."""
        if row.kind is not None:
            self.keys.add(WaveKey(_KINDS[row.kind], row.term, row.wave))
        elif row.notice is None:
            self.trouble = AddressTrouble(row.email, row.hard, row.soft_days)
        elif row.live:
            self.live = row.notice
        elif row.settled_at is not None:
            self.last_mailed_on = max(self.last_mailed_on or date.min, local_day(row.settled_at))

    def facts(self) -> LedgerFacts:
        return LedgerFacts(frozenset(self.keys), self.live, self.last_mailed_on, self.trouble)


def load_ledger(
    ids: Iterable[int], *, since: date = date.min, without: Iterable[int] = ()
) -> Mapping[int, LedgerFacts]:
    """What the ledger holds of these intermediaries, the notices `without` left aside: one query. Of waves those of
    the terms `since` (`rules.waves.earliest_term`), since nothing hangs of those before.

    A mail that a person declared not to have left does not count as one; what came back from an address does, whichever
    notice it was about.
    """
    held: dict[int, _Held] = defaultdict(_Held)
    with connection.cursor() as cursor:
        cursor.execute(_OF_PEOPLE, {"ids": list(ids), "aside": list(without), "since": since})
        for row in map(_Row._make, cursor.fetchall()):
            held[row.intermediary].take(row)
    return {pk: one.facts() for pk, one in held.items()}
