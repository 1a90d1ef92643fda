"""Pace by mail domain: what a "slow down" teaches, kept in one row for all machines and read by every claim."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from reminders.models.controls import domain_sql
from reminders.rules.domain_pace import HOLDS, SPREAD, slows_domain
from reminders.rules.smtp_replies import SmtpReply
from reminders.sending.claim import Claimed

# One longer hold for each hold that is over: what was in flight when it began adds nothing. A message accepted since
# the last one clears the account.
_LEARN = f"""
INSERT INTO reminders_domainpace AS d (domain, not_before, failures, updated_at)
VALUES ({domain_sql("%(email)s")}, %(now)s + (%(holds)s::interval[])[1] * %(stretch)s, 1, %(now)s)
ON CONFLICT (domain) DO UPDATE
SET (failures, not_before, updated_at) = (
    SELECT f.n, %(now)s + (%(holds)s::interval[])[least(f.n, cardinality(%(holds)s::interval[]))] * %(stretch)s, %(now)s
    FROM (
        SELECT CASE WHEN EXISTS (
            SELECT FROM reminders_notice n
            WHERE n.batch_id = %(batch)s AND n.state = 'ACCEPTED' AND n.settled_at > d.updated_at
              AND {domain_sql("n.email")} = d.domain
        ) THEN 1 ELSE least(d.failures + 1, 1000) END AS n
    ) f
)
WHERE d.not_before <= %(now)s
"""


def learn_pace(claimed: Claimed, reply: SmtpReply, *, now: datetime, jitter: float) -> None:
    """Where a domain says "slow down", claim nothing of it for a while, longer each time; `jitter` in [0, 1)."""
    if not slows_domain(reply):
        return
    parameters: dict[str, Any] = {
        "email": claimed.email,
        "batch": claimed.batch_id,
        "now": now,
        "holds": list(HOLDS),
        "stretch": 1 + SPREAD * jitter,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEARN, parameters)
