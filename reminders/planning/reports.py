"""Take a report that a reminder was wrong, check it against the file, and stop the release where two are true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from registry.clock import local_day
from registry.facts import load_files, load_reference
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding
from reminders.errors import ReminderError
from reminders.models import Batch, Notice, Watch, WrongReport
from reminders.planning.watch import raise_alarm
from reminders.rules.reports import Asked, ReportFinding, ReportSource, ReportVerdict, judge_report
from reminders.rules.states import MAILED_STATES, NoticeState
from reminders.rules.watch import WatchLimits, reported_wrong

LEFT_STATES = sorted(s.value for s in (*MAILED_STATES, NoticeState.SENDING))


def record_report(
    *,
    notice_id: int,
    source: ReportSource,
    limits: WatchLimits,
    now: datetime,
    by: AbstractBaseUser | None = None,
) -> WrongReport:
    """Record that somebody calls a reminder wrong, with what the file says of it; the same again changes nothing.

    What is said of a correction is taken for the reminder that it corrects: it asks for little or nothing, so that any
    word against it would be true, and must not stop the others from being corrected. The release stops in this very
    transaction where enough are true. Raises ReminderError where the mail never left.
    """
    with transaction.atomic():
        notice = _reminder(notice_id)
        if notice.state not in LEFT_STATES:
            raise ReminderError("Cette relance n’est pas partie\u00a0: il n’y a rien à signaler.")
        # Two reports at once are counted one after the other.
        Batch.objects.select_for_update(of=("self",)).get(pk=notice.batch_id)
        if known := WrongReport.objects.filter(notice=notice.pk, source=source.value).first():
            return known
        mailed_on = mailed_day(notice)
        finding = _judge(notice, mailed_on, local_day(now))
        report = WrongReport.objects.create(
            notice=notice,
            source=source.value,
            verdict=finding.verdict.value,
            facts=_facts(notice, mailed_on, finding),
            reported_at=now,
            reported_by_id=by.pk if by else None,
        )
        if finding.verdict is ReportVerdict.WRONG:
            _count(notice.batch_id, limits, now)
        return report


def last_mailed(orias_number: str) -> Notice:
    """The latest reminder that left for an intermediary, no correction. Raises ReminderError where there is none."""
    mine = Notice.objects.filter(
        intermediary__orias_number=orias_number, state__in=LEFT_STATES, corrects__isnull=True
    ).select_related("batch")
    notice = mine.order_by("-id").first()
    if notice is None:
        raise ReminderError(
            f"Aucune relance n’est partie vers le numéro ORIAS {orias_number}\u00a0: vérifiez-le, ou voyez explain."
        )
    return notice


def correction_of(notice: Notice) -> Notice | None:
    """The correction of a reminder that left, or may have."""
    return notice.corrections.filter(unsent=False, state__in=LEFT_STATES).first()


def mailed_day(notice: Notice) -> date:
    """The local day on which a mail left, or may have left."""
    attempt = notice.tries.order_by("-number").values_list("started_at", flat=True).first()
    left_at = attempt or notice.settled_at
    return local_day(left_at) if left_at else notice.batch.as_of


def _reminder(notice_id: int) -> Notice:
    """The notice, or the one that it corrects."""
    notice = Notice.objects.select_related("intermediary", "corrects__intermediary").get(pk=notice_id)
    return notice.corrects or notice


def _judge(notice: Notice, mailed_on: date, day: date) -> ReportFinding:
    facts = load_files([notice.intermediary_id])[notice.intermediary_id]
    asked = [
        Asked(CoverKind[item["kind"]], frozenset(Category[code] for code in item["categories"]))
        for item in notice.items
    ]
    untouched = facts.facts_version == notice.facts_version
    return judge_report(facts, load_reference(), asked, mailed_on=mailed_on, day=day, untouched=untouched)


def _count(batch_id: int, limits: WatchLimits, now: datetime) -> None:
    after = Watch.objects.filter(batch=batch_id).values_list("judged_after_report", flat=True).first()
    true = WrongReport.objects.filter(pk__gt=after or 0, notice__batch=batch_id, verdict=ReportVerdict.WRONG.value)
    numbers = tuple(sorted(set(true.values_list("notice__intermediary__orias_number", flat=True))))
    if len(numbers) >= limits.reports:
        raise_alarm(batch_id=batch_id, alert=reported_wrong(numbers), now=now)


def _facts(notice: Notice, mailed_on: date, finding: ReportFinding) -> dict[str, Any]:
    return {
        "mailed_on": mailed_on.isoformat(),
        "planned_on_version": notice.facts_version,
        "facts_version": notice.intermediary.facts_version,
        "open_then": _told(finding.open_then),
        "open_now": _told(finding.open_now),
    }


def _told(findings: Iterable[CoverFinding]) -> list[dict[str, Any]]:
    return [{"kind": f.kind, "category": f.category, "state": f.state} for f in findings]
