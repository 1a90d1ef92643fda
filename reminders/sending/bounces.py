"""Read the bounce mailbox: each report stored once, tied to its notice by what only that notice's mail carried.

A report changes nothing but what is known of what came back: a notice stays as the ledger says. That an uncertain one
has left is a conclusion drawn from it (`planning.settling`), and only its signed Message-ID allows that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from reminders.messages.tokens import read_mail_token
from reminders.models import Bounce, Notice
from reminders.planning.settling import settle_by_reports
from reminders.rules.bounces import BounceKind, DeliveryReport, RecipientFields, classify_bounce, decisive
from reminders.sending.mailboxes import Letter, MailboxLike, letters
from reminders.sending.reports import read_report


@dataclass(slots=True)
class Reading:
    """What one reading found: mails read, reports stored (by kind, of which tied to a notice), known before, left alone
    since they are no report; and the uncertain notices that were settled by what is known now."""

    read: int = 0
    stored: int = 0
    matched: int = 0
    known: int = 0
    left_alone: int = 0
    settled: int = 0
    by_kind: Counter[BounceKind] = field(default_factory=Counter)


def read_bounces(
    mailbox: MailboxLike,
    *,
    now: datetime,
    again: bool = False,
    is_over: Callable[[], bool] = lambda: False,
    on_progress: Callable[[Reading], None] = lambda _: None,
) -> Reading:
    """Read what is unread (`again`: everything) until `is_over`, and settle what that proves.

    Reading the same mailbox twice, or by two workers at once, stores each report once. Raises MailboxError.
    """
    reading = Reading()
    with letters(mailbox, again=again) as found:
        for letter in found:
            if is_over():
                break
            _one_letter(letter, reading, now)
            on_progress(reading)
    reading.settled = settle_by_reports(now=now)
    return reading


def _one_letter(letter: Letter, reading: Reading, now: datetime) -> None:
    reading.read += 1
    report = read_report(letter.raw)
    if classify_bounce(report) is BounceKind.NOT_A_REPORT:
        reading.left_alone += 1
        return
    bounce = record_bounce(report, now=now)
    # Only now: a crash before this reads the mail again, and finds it known.
    letter.mark()
    if bounce is None:
        reading.known += 1
        return
    reading.stored += 1
    reading.matched += bounce.notice_id is not None
    reading.by_kind[BounceKind(bounce.kind)] += 1


def record_bounce(report: DeliveryReport, *, now: datetime) -> Bounce | None:
    """Store a report in a transaction of its own; None where it is known already."""
    notice = find_notice(report.references)
    written_to = notice.email if notice else None
    one = decisive(report.recipients, written_to) or RecipientFields()
    bounce = Bounce(
        notice=notice,
        kind=classify_bounce(report, written_to).value,
        recipient=one.final or one.original,
        status=one.status,
        diagnostic=one.diagnostic or report.feedback,
        reporter=report.reporter,
        reported_at=_reported_at(report, notice, now),
        stored_at=now,
        message_id=report.message_id,
        digest=report.digest,
    )
    try:
        with transaction.atomic():
            bounce.save(force_insert=True)
    except IntegrityError:
        if not _is_known(bounce):
            raise
        return None
    return bounce


def find_notice(references: Iterable[str]) -> Notice | None:
    """The notice that one of these names: the latest of that identity that began to leave.

    A reference counts only if it is signed by us; an address, a name or a subject never does.
    """
    for reference in references:
        if key := read_mail_token(reference):
            began = Notice.objects.filter(key=key, attempts__gt=0)
            return began.select_related("batch").order_by("-id").first()
    return None


def _reported_at(report: DeliveryReport, notice: Notice | None, now: datetime) -> datetime:
    """The report's own date, unless it lies: no report is written in the future, nor before there was a mail."""
    written = report.written_at
    if written is None or written > now or (notice and written < notice.batch.created_at):
        return now
    return written


def _is_known(bounce: Bounce) -> bool:
    same = Q(message_id=bounce.message_id, notice=bounce.notice) if bounce.message_id else Q()
    return Bounce.objects.filter(Q(digest=bounce.digest) | same).exists()
