"""Settle what is uncertain: by evidence that it left, or by a person, who alone may let it be planned again.

An uncertain notice keeps its waves, so nothing is lost by waiting. Its row never leaves again: "send again" frees the
waves, and the next plan makes a new notice of them, decided and approved as any other. What a correction corrects may
be corrected once more, by asking for the recall of its batch again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from reminders.errors import ReminderError
from reminders.messages.tokens import mail_token
from reminders.models import Notice, Settlement
from reminders.models.settlement import Decision, Evidence
from reminders.rules.relay_log import RelayWord, read_relay_log
from reminders.rules.states import MAILED_STATES, NoticeState

_BY_REPORTS = """
INSERT INTO reminders_settlement (notice_id, decision, evidence, bounce_id, reason, by_id, at)
SELECT DISTINCT ON (n.id) n.id, %(decision)s, %(evidence)s, b.id, '', NULL::integer, %(now)s
FROM reminders_bounce b
JOIN reminders_notice n ON n.id = b.notice_id
WHERE n.state = 'UNCERTAIN' AND NOT EXISTS (SELECT FROM reminders_settlement s WHERE s.notice_id = n.id)
ORDER BY n.id, b.id
ON CONFLICT (notice_id) DO NOTHING
"""


def uncertain() -> QuerySet[Notice]:
    """The worklist: uncertain notices that nobody and nothing has settled, the oldest first."""
    waiting = Notice.objects.filter(troubled=True, state=NoticeState.UNCERTAIN.value, settlement__isnull=True)
    return (
        waiting.select_related("intermediary", "batch", "corrects")
        .prefetch_related("tries")
        .order_by("settled_at", "id")
    )


def describe(notice: Notice) -> dict[str, Any]:
    """One line of the worklist as plain data. `message_id` is what to look for in a log (its left part), `corrects`
    the batch gone wrong where this is a correction."""
    last = max(notice.tries.all(), key=lambda attempt: attempt.number, default=None)
    return {
        "notice": notice.pk,
        "batch": notice.batch_id,
        "corrects": notice.corrects.batch_id if notice.corrects else None,
        "orias_number": notice.intermediary.orias_number,
        "name": notice.intermediary.name,
        "email": notice.email,
        "since": notice.settled_at.isoformat() if notice.settled_at else None,
        "attempted_at": last.started_at.isoformat() if last else None,
        "stage": last.stage if last else "",
        "reply": last.reply if last else "",
        "message_id": mail_token(notice.key),
    }


def settle_by_reports(*, now: datetime) -> int:
    """Treat as sent every uncertain notice that a report names: only a mail that left can be reported on.

    Also those whose report came before they were known to be uncertain. Returns how many.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_REPORTS, {"decision": Decision.AS_SENT.value, "evidence": Evidence.REPORT.value, "now": now})
        return int(cursor.rowcount)


def settle_by_relay_log(lines: Iterable[str], *, by: AbstractBaseUser, now: datetime) -> dict[int, RelayWord]:
    """Treat as sent every uncertain notice that the relay's log shows it took; return what it says of those.

    One that the log does not name stays: a log that was cut, or of another day, proves nothing.
    """
    waiting = {mail_token(key): pk for pk, key in uncertain().values_list("id", "key")}
    settled = {}
    for token, word in read_relay_log(lines, waiting).items():
        try:
            _settle(waiting[token], Decision.AS_SENT, Evidence.RELAY_LOG, word.line, by, now)
        except ReminderError:
            # A report or a person was quicker, while the log was being read.
            continue
        settled[waiting[token]] = word
    return settled


def settle(*, notice_id: int, decision: Decision, reason: str, by: AbstractBaseUser, now: datetime) -> Settlement:
    """A person's decision on one uncertain notice.

    Raises ReminderError where it does not exist, is not uncertain, is settled already, or no reason is given.
    """
    if not reason.strip():
        raise ReminderError("Dites sur quoi se fonde cette décision\u00a0: le motif est obligatoire.")
    return _settle(notice_id, decision, Evidence.PERSON, reason.strip(), by, now)


def _settle(
    notice_id: int, decision: Decision, evidence: Evidence, reason: str, by: AbstractBaseUser, now: datetime
) -> Settlement:
    _require_uncertain(notice_id)
    if decision is Decision.SEND_AGAIN:
        _require_no_later_mail(notice_id)
    try:
        with transaction.atomic():
            return Settlement.objects.create(
                notice_id=notice_id,
                decision=decision.value,
                evidence=evidence.value,
                reason=reason,
                by_id=by.pk,
                at=now,
            )
    except IntegrityError:
        raise ReminderError(_settled_already(notice_id)) from None


def _require_uncertain(notice_id: int) -> None:
    state = Notice.objects.filter(pk=notice_id).values_list("state", flat=True).first()
    if state is None:
        raise ReminderError(
            f"La relance {notice_id} n’existe pas. Les relances incertaines\u00a0: manage.py settle_uncertain --list"
        )
    if state != NoticeState.UNCERTAIN:
        raise ReminderError(
            f"La relance {notice_id} n’est pas incertaine, mais «\u00a0{NoticeState(state).label}\u00a0»\u00a0: "
            "il n’y a rien à régler."
        )


def _require_no_later_mail(notice_id: int) -> None:
    """After a restoration a mail may be uncertain again that was sent again, and whose second copy is known."""
    key = Notice.objects.filter(pk=notice_id).values("key")
    later = Notice.objects.filter(key__in=key, id__gt=notice_id, state__in=MAILED_STATES, unsent=False).first()
    if later is not None:
        raise ReminderError(
            f"La relance {notice_id} est déjà repartie (relance {later.pk}, {NoticeState(later.state).label})\u00a0: "
            "tenez-la pour envoyée."
        )


def _settled_already(notice_id: int) -> str:
    settlement = Settlement.objects.filter(notice=notice_id).first()
    if settlement is None:
        return f"La relance {notice_id} n’a pas pu être réglée\u00a0: réessayez."
    return (
        f"La relance {notice_id} est déjà réglée depuis le {settlement.at:%d/%m/%Y}\u00a0: "
        f"{Decision(settlement.decision).label} ({Evidence(settlement.evidence).label})."
    )
