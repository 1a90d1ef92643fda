"""Take a report that a reminder was wrong, check it against the file, and stop the release where two are true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from registry.clock import local_day
from registry.facts import load_files, load_reference
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding
from reminders.errors import ReminderError
from reminders.models import Batch, BatchKind, Notice, Watch, WrongReport
from reminders.models.batch import GOES_ON
from reminders.planning.standing_reports import LATELY
from reminders.planning.watch import raise_alarm
from reminders.rules.reports import Asked, ReportFinding, ReportSource, ReportVerdict, judge_report
from reminders.rules.states import MAILED_STATES, NoticeState
from reminders.rules.watch import WatchLimits, reported_wrong

AT_ONCE = 100
"""So many are judged again in one go; drawn anew each time, so that all have their turn."""

LEFT_STATES = sorted(s.value for s in (*MAILED_STATES, NoticeState.SENDING))


def record_report(
    *,
    notice_id: int,
    source: ReportSource,
    limits: WatchLimits,
    now: datetime,
    by: AbstractBaseUser | None = None,
) -> WrongReport:
    """Record that somebody calls a reminder wrong, with what the file says of it. The same again changes nothing, but
    where the file says something new by now: a paper that was there may be keyed in later (I12).

    What is said of a correction is taken for the reminder that it corrects: it asks for little or nothing, so that any
    word against it would be true, and must not stop the others from being corrected. The release stops in this very
    transaction where enough are true. Raises ReminderError where the mail never left.
    """
    with transaction.atomic():
        notice = _reminder(notice_id)
        if notice.state not in LEFT_STATES:
            raise ReminderError("Cette relance n’est pas partie\u00a0: il n’y a rien à signaler.")
        going = _lock(notice.batch_id)
        said = {one.verdict: one for one in WrongReport.objects.filter(notice=notice.pk, source=source.value)}
        if true := said.get(ReportVerdict.WRONG.value):
            return true
        mailed_on = mailed_day(notice)
        finding = _judge(notice, mailed_on, local_day(now))
        if known := said.get(finding.verdict.value):
            return known
        report = WrongReport.objects.create(
            notice=notice,
            source=source.value,
            verdict=finding.verdict.value,
            facts=_facts(notice, mailed_on, finding),
            reported_at=now,
            reported_by_id=by.pk if by else None,
        )
        if finding.verdict is ReportVerdict.WRONG:
            _count(going, limits, now)
        return report


def judge_again(*, limits: WatchLimits, now: datetime) -> int:
    """Judge once more what was said in the last days and not found true, where the file has changed since; how many
    are found otherwise. Nobody says twice that their file is complete."""
    true = WrongReport.objects.filter(notice=OuterRef("notice"), verdict=ReportVerdict.WRONG.value)
    said = WrongReport.objects.filter(~Exists(true), reported_at__gt=now - LATELY)
    version = Cast(KeyTextTransform("facts_version", "facts"), BigIntegerField())
    # Not those of a file that has been destroyed since: they have no version.
    changed = said.annotate(version=version).exclude(version=F("notice__intermediary__facts_version"))
    found = 0
    for one in changed.order_by("?").select_related("reported_by")[:AT_ONCE]:
        source, by = ReportSource(one.source), one.reported_by
        told = record_report(notice_id=one.notice_id, source=source, limits=limits, now=now, by=by)
        found += told.pk > one.pk
    return found


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


def _lock(batch_id: int) -> list[int]:
    """Lock a batch, and those that leave beside it, in one order: of two reports at once one is counted first."""
    which = Batch.objects.filter(Q(pk=batch_id) | Q(GOES_ON, kind=BatchKind.REMINDER.value))
    return [batch.pk for batch in which.select_for_update(of=("self",)).order_by("id")]


def _count(going: Iterable[int], limits: WatchLimits, now: datetime) -> None:
    """Stop each of these where enough is true of it, or of other lists of the last days: what made those wrong may
    have made it too. What a person has overruled, there or here, does not count."""
    for batch_id in going:
        after = Watch.objects.filter(batch=batch_id).values_list("judged_after_report", flat=True).first() or 0
        own = Q(notice__batch=batch_id) | Q(reported_at__gt=now - LATELY)
        overruled = Watch.objects.filter(batch=OuterRef("notice__batch"), judged_after_report__gte=OuterRef("pk"))
        true = WrongReport.objects.filter(own, ~Exists(overruled), pk__gt=after, verdict=ReportVerdict.WRONG.value)
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
