"""What the hotline's desk shows of one intermediary: to anyone what is public, and once the caller is checked where the
file stands, the last messages and calls, what to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import translation

from hotline.desk import Told
from hotline.models import Call, Complaint
from hotline.rules.calls import CallOutcome, CallReason, likely_reason
from hotline.rules.complaints import OPEN_STATES
from hotline.rules.look_ups import LookUpWay
from hotline.rules.script import (
    before_the_check,
    before_the_check_in_english,
    during_an_incident,
    during_an_incident_in_english,
)
from registry import clock
from registry.facts import load_papers
from registry.kept import reference_of
from registry.models import Intermediary, ReferenceVersion
from registry.names import matched
from registry.public import PublicEntry, PublicStatus, published_by_number
from registry.rules.categories import CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.file_state import FileState, MissingItem, assess_file
from registry.search import Query, Shape, read_staff_query
from reminders.messages.links import why_token
from reminders.models import BatchKind, Notice
from reminders.rules.script import English, French, LastMail, script
from reminders.rules.states import MAILED_STATES, NoticeState
from web.templatetags.words import instant, speaks_english
from web.timelines import SHORT_NAMES

MOST_CARDS = 5
"""Accountants call for many brokers: more than these are no help on the phone."""
MAILS, CALLS = 3, 3
_LEFT = [state.value for state in MAILED_STATES]
_TRIED = [*_LEFT, NoticeState.SENDING.value, NoticeState.REFUSED.value]
"""What never left, planned or cancelled, is nothing that a caller has seen."""
_OPEN = [state.value for state in OPEN_STATES]
WAYS = {
    Shape.NUMBER: LookUpWay.NUMBER,
    Shape.SIREN: LookUpWay.SIREN,
    Shape.PHONE: LookUpWay.PHONE,
    Shape.EMAIL: LookUpWay.EMAIL,
    Shape.NAME: LookUpWay.NAME,
}


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a caller may mean."""

    query: Query
    cards: list[Intermediary]
    more: bool
    is_close: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """One message: when, what became of it, and why it was sent."""

    day: date
    kind: BatchKind
    state: NoticeState
    asked: tuple[str, ...]
    email: str
    token: str
    batch_id: int
    left: bool
    was_corrected: bool


@dataclass(frozen=True, slots=True)
class PastCall:
    """One call: when, about what, what came of it, by whom."""

    day: date
    reason: CallReason
    outcome: CallOutcome
    note: str
    agent: str


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything of one intermediary on one screen. Before the caller is checked: `entry`, what is public, and no
    more; `state`, `mails`, `calls` are then empty."""

    person: Intermediary
    say: tuple[str, ...]
    say_in_english: tuple[str, ...]
    entry: PublicEntry | None = None
    state: FileState | None = None
    next_on: date | None = None
    is_past: bool = False
    missing: tuple[tuple[str, MissingItem], ...] = ()
    others: tuple[tuple[str, CoverFinding], ...] = ()
    mails: tuple[Mail, ...] = ()
    calls: tuple[PastCall, ...] = ()
    reason: CallReason = CallReason.FILE_STATE


def look_up(text: str) -> Found:
    """Whom a caller means, by number, SIREN, telephone, address or name, misspelt names too."""
    query = read_staff_query(text)
    if not query.finds:
        return Found(query, [], more=False)
    found = matched(query)
    cards = list(_people().filter(found.condition).order_by("orias_number")[: MOST_CARDS + 1])
    return Found(query, cards[:MOST_CARDS], len(cards) > MOST_CARDS, found.is_close)


def _people() -> QuerySet[Intermediary]:
    """With the version of the common facts, and whether a complaint is open: two queries less."""
    version = ReferenceVersion.objects.filter(id=1).values("version")
    complaint = Complaint.objects.filter(intermediary=OuterRef("pk"), state__in=_OPEN)
    rows = Intermediary.objects.select_related("merged_into")
    return rows.annotate(reference_version=Subquery(version), complains=Exists(complaint))


def public_screen(person: Intermediary, day: date, incidents: Sequence[Told]) -> Screen:
    """What anyone may hear of somebody: one query. Nothing else is read, so that nothing else can be sent."""
    entry = published_by_number([person.orias_number], day).get(person.orias_number)
    french, english = zip(*_standing(entry), strict=True) if entry and entry.categories else ((), ())
    say, say_in_english = before_the_check(person.name, french), before_the_check_in_english(person.name, english)
    return Screen(
        person=person,
        entry=entry,
        say=_switched(say, incidents[:1]),
        say_in_english=_switched_in_english(say_in_english, incidents[:1]),
    )


def _standing(entry: PublicEntry) -> Iterator[tuple[str, str]]:
    """« inscrit comme COA et CIF », for each status in turn, in French and in English."""
    for status in PublicStatus:
        categories = [one.category.value for one in entry.categories if one.status is status]
        if categories:
            french = f"{status.label.lower()} comme {' et '.join(categories)}"
            yield french, f"{status.label_en.lower()} as {' and '.join(categories)}"


def private_screen(person: Intermediary, day: date, incidents: Sequence[Told]) -> Screen:
    """The whole file, by the rules on source facts: four queries where the common facts are kept."""
    reference = reference_of(person.reference_version)  # type: ignore[attr-defined]
    state = assess_file(load_papers(person), reference, day)
    mails = tuple(_mails(person))
    concerned = _concerning(person, incidents)
    last, next_on = _last(mails), _next_day(state)
    told = None if concerned else last
    return Screen(
        person=person,
        state=state,
        next_on=next_on,
        is_past=next_on is not None and next_on < day,
        missing=tuple((_briefly(item.finding), item) for item in state.missing),
        others=tuple((_briefly(finding), finding) for finding in _others(state)),
        mails=mails,
        calls=tuple(_calls(person)),
        say=_switched(script(state, told, French()), concerned[:1]),
        say_in_english=_switched_in_english(script(state, told, English()), concerned[:1]),
        reason=likely_reason(last.mailed_on if last else None, day),
    )


def _concerning(person: Intermediary, incidents: Sequence[Told]) -> list[Told]:
    """The open incidents that are everybody's, or of a batch with a message to this one, left or not."""
    batches = {one.batch_id for one in incidents if one.batch_id is not None}
    if batches:
        mine = Notice.objects.filter(intermediary=person.pk, batch_id__in=batches)
        batches &= set(mine.values_list("batch_id", flat=True))
    return [one for one in incidents if one.batch_id is None or one.batch_id in batches]


def _switched(say: tuple[str, ...], incidents: Sequence[Told]) -> tuple[str, ...]:
    for incident in incidents:
        return during_an_incident(incident.message, as_read_aloud(incident.next_update_at), say)
    return say


def _switched_in_english(say: tuple[str, ...], incidents: Sequence[Told]) -> tuple[str, ...]:
    for incident in incidents:
        with translation.override("en"):
            return during_an_incident_in_english(instant(incident.next_update_at), say)
    return say


def as_read_aloud(at: datetime) -> str:
    """An instant in the script's language, whatever that of the page: « 25 février 2026 à 9 h 05 »."""
    with translation.override("fr"):
        return instant(at)


def _next_day(state: FileState) -> date | None:
    """The day to name on the phone: when something is due, else when the first cover ends."""
    due = [item.due_on for item in state.missing if item.due_on]
    ends = [finding.covered_until for finding in state.findings if finding.covered_until]
    return min(due or ends, default=None)


def _briefly(finding: CoverFinding) -> str:
    """« RC Pro COA »: three columns share one screen."""
    return f"{SHORT_NAMES[finding.kind][speaks_english()]} {finding.category.value}"


def _others(state: FileState) -> Iterator[CoverFinding]:
    """What is asked for and not missing."""
    missing = [item.finding for item in state.missing]
    for finding in state.findings:
        if finding.state is not CoverState.NOT_REQUIRED and finding not in missing:
            yield finding


def _calls(person: Intermediary) -> Iterator[PastCall]:
    for call in Call.objects.filter(intermediary=person).select_related("agent").order_by("-id")[:CALLS]:
        day = clock.local_day(call.started_at)
        reason, outcome = CallReason(call.reason), CallOutcome(call.outcome)
        yield PastCall(day, reason, outcome, call.note, call.agent.get_username())


def _mails(person: Intermediary) -> list[Mail]:
    corrected = Notice.objects.filter(corrects=OuterRef("pk"), unsent=False, state__in=_LEFT)
    tried = Notice.objects.filter(intermediary=person.pk, state__in=_TRIED)
    mine = tried.select_related("batch").annotate(fixed=Exists(corrected))
    return [_mail(notice) for notice in mine.order_by("-id")[:MAILS]]


def _mail(notice: Notice) -> Mail:
    state = NoticeState(notice.state)
    return Mail(
        day=clock.local_day(notice.settled_at) if notice.settled_at else notice.batch.as_of,
        kind=BatchKind(notice.batch.kind),
        state=state,
        asked=tuple(_asked(item) for item in notice.items),
        email=notice.email,
        token=why_token(notice.key),
        batch_id=notice.batch_id,
        left=state in MAILED_STATES,
        was_corrected=notice.fixed,  # type: ignore[attr-defined]
    )


def _asked(item: dict[str, Any]) -> str:
    """Short, for three messages on one screen: the page « pourquoi ce message » tells all."""
    due, english = date.fromisoformat(item["due_on"]), speaks_english()
    what = f"{SHORT_NAMES[CoverKind(item['kind'])][english]} {', '.join(item['categories'])}"
    return f"{what} {'by' if english else 'au plus tard le'} {due:%d/%m/%Y}"


def _last(mails: tuple[Mail, ...]) -> LastMail | None:
    """The last one that left or may have: what the caller holds in hand."""
    for mail in mails:
        if mail.left:
            return LastMail(mail.day, mail.state, mail.kind is BatchKind.RECALL, mail.was_corrected)
    return None
