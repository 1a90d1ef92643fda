"""A refusal, or a "not now", seen beside those before it: is it said to this message, or to everybody?"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from reminders.rules.smtp_replies import (
    Company,
    Said,
    SmtpReply,
    Stage,
    Verdict,
    classify,
    company_of,
    is_servers_trouble,
    judge_in_company,
    parse_enhanced,
)
from reminders.sending.claim import Claimed
from reminders.sending.outcome import Outcome, outcome_of
from reminders.sending.prepared import DATABASE_ERRORS

LOOKED_BACK = 100
"""So many answers of a batch are enough to know what its server says now; a list of any length costs no more."""

_OTHERS = """
SELECT a.verdict, a.stage, a.code, a.reply, n.email
FROM reminders_attempt a JOIN reminders_notice n ON n.id = a.notice_id
WHERE n.batch_id = %(batch)s AND n.id <> %(notice)s AND a.verdict <> ''
  -- A person who lets the batch go on has put things right: what was before does not count.
  AND a.id > coalesce((SELECT going_after FROM reminders_watch WHERE batch_id = %(batch)s), 0)
ORDER BY a.id DESC
LIMIT %(most)s
"""


def judged_outcome(claimed: Claimed, attempt: int, reply: SmtpReply, *, now: datetime, jitter: float) -> Outcome:
    """The outcome of a reply, seen beside those before it."""
    return outcome_of(claimed, attempt, reply, now=now, jitter=jitter, verdict=verdict_of(claimed, reply))


def verdict_of(claimed: Claimed, reply: SmtpReply) -> Verdict:
    """What a reply means, the ledger asked only where that hangs on what the server said to others.

    A database that does not answer now costs nobody anything: refused is not delivered, so the message is put off.
    """
    said = Said(classify(reply), reply, _domain(claimed.email))
    if said.verdict is not Verdict.REFUSED_OURS and not is_servers_trouble(said):
        return said.verdict
    try:
        return judge_in_company(said, _company(claimed))
    except DATABASE_ERRORS:
        return Verdict.DEFERRED


def _company(claimed: Claimed) -> Company:
    asked = {"batch": claimed.batch_id, "notice": claimed.id, "most": LOOKED_BACK}
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, asked)
        return company_of([_said(*row) for row in cursor.fetchall()])


def _said(verdict: str, stage: str, code: int | None, text: str, email: str) -> Said:
    return Said(Verdict(verdict), SmtpReply(Stage(stage), code, parse_enhanced(code, text), text), _domain(email))


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()
