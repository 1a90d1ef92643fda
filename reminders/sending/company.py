"""A refusal seen beside those before it: is it this message that the server refuses, or everybody's?"""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from django.db import connection

from reminders.rules.smtp_replies import REFUSES_ALL, Company, SmtpReply, Verdict, classify, judge_in_company
from reminders.sending.claim import Claimed
from reminders.sending.outcome import Outcome, outcome_of
from reminders.sending.prepared import DATABASE_ERRORS

_OTHERS = """
SELECT a.verdict = 'ACCEPTED'
FROM reminders_attempt a JOIN reminders_notice n ON n.id = a.notice_id
WHERE n.batch_id = %(batch)s AND n.id <> %(notice)s
  -- Put off with a 5yz: a refusal that nobody was sure of. One for its recipient says nothing of the others.
  AND (a.verdict = 'ACCEPTED' OR (a.code BETWEEN 500 AND 599 AND a.verdict IN ('REFUSED_OURS', 'DEFERRED', 'SYSTEMIC')))
  -- A person who lets the batch go on has put things right: what was before does not count.
  AND a.id > coalesce((SELECT going_after FROM reminders_watch WHERE batch_id = %(batch)s), 0)
ORDER BY a.id DESC
LIMIT %(most)s
"""


def judged_outcome(claimed: Claimed, attempt: int, reply: SmtpReply, *, now: datetime, jitter: float) -> Outcome:
    """The outcome of a reply, a refusal seen beside those before it."""
    return outcome_of(claimed, attempt, reply, now=now, jitter=jitter, verdict=verdict_of(claimed, reply))


def verdict_of(claimed: Claimed, reply: SmtpReply) -> Verdict:
    """What a reply means, the ledger asked only where that hangs on what the server said to others.

    A database that does not answer now costs nobody anything: refused is not delivered, so the message is put off.
    """
    verdict = classify(reply)
    if verdict is not Verdict.REFUSED_OURS:
        return verdict
    try:
        return judge_in_company(verdict, _company(claimed))
    except DATABASE_ERRORS:
        return Verdict.DEFERRED


def _company(claimed: Claimed) -> Company:
    asked = {"batch": claimed.batch_id, "notice": claimed.id, "most": REFUSES_ALL}
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, asked)
        took = [accepted for (accepted,) in cursor.fetchall()]
    return Company(any(took), len(list(takewhile(lambda accepted: not accepted, took))))
