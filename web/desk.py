"""What the hotline's desk shows of one intermediary: where the file stands, the last messages, what to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from registry import clock
from registry.facts import load_papers
from registry.kept import reference_of
from registry.models import Intermediary, ReferenceVersion
from registry.rules.categories import CoverKind
from registry.rules.facts import RegistrationFacts
from registry.rules.file_state import FileState, assess_file
from registry.search import Query, read_staff_query
from reminders.messages.links import why_token
from reminders.models import BatchKind, Notice
from reminders.rules.script import LastMail, script
from reminders.rules.states import MAILED_STATES, NoticeState
from web.timelines import SHORT_NAMES, Shown, show_covers

MOST_CARDS = 5
"""Accountants call for many brokers: more than these are no help on the phone."""
MAILS = 3
_LEFT = [state.value for state in MAILED_STATES]


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a caller may mean."""

    query: Query
    cards: list[Intermediary]
    more: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """One message: when, what became of it, and why it was sent."""

    day: date
    kind: BatchKind
    state: NoticeState
    asked: tuple[str, ...]
    email: str
    token: str
    left: bool
    was_corrected: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything of one intermediary on one screen."""

    person: Intermediary
    state: FileState
    registrations: tuple[RegistrationFacts, ...]
    next_on: date | None
    covers: Shown | None
    mails: tuple[Mail, ...]
    say: tuple[str, ...]


def look_up(text: str) -> Found:
    """Whom a caller means, by number, SIREN, telephone, address or name: one query."""
    query = read_staff_query(text)
    rows = _people().filter(query.condition).order_by("orias_number")
    cards = list(rows[: MOST_CARDS + 1]) if query.finds else []
    return Found(query, cards[:MOST_CARDS], len(cards) > MOST_CARDS)


def _people() -> QuerySet[Intermediary]:
    """With the version of the common facts: one query less."""
    version = ReferenceVersion.objects.filter(id=1).values("version")
    return Intermediary.objects.select_related("merged_into").annotate(reference_version=Subquery(version))


def screen_of(person: Intermediary, day: date) -> Screen:
    """One of those found, by the rules on source facts: three queries where the common facts are kept."""
    reference = reference_of(person.reference_version)  # type: ignore[attr-defined]
    facts = load_papers(person)
    state = assess_file(facts, reference, day)
    mails = tuple(_mails(person))
    return Screen(
        person=person,
        state=state,
        registrations=tuple(r for r in facts.registrations if not r.is_removed(day)),
        next_on=_next_day(state),
        covers=show_covers(facts, state, reference),
        mails=mails,
        say=script(state, _last(mails)),
    )


def _next_day(state: FileState) -> date | None:
    """The day to name on the phone: when something is due, else when the first cover ends."""
    due = [item.due_on for item in state.missing if item.due_on]
    ends = [finding.covered_until for finding in state.findings if finding.covered_until]
    return min(due or ends, default=None)


def _mails(person: Intermediary) -> list[Mail]:
    corrected = Notice.objects.filter(corrects=OuterRef("pk"), state__in=_LEFT)
    mine = Notice.objects.filter(intermediary=person.pk).select_related("batch").annotate(fixed=Exists(corrected))
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
        left=state in MAILED_STATES,
        was_corrected=notice.fixed,  # type: ignore[attr-defined]
    )


def _asked(item: dict[str, Any]) -> str:
    """Short, for three messages on one screen: the page « pourquoi ce message » tells all."""
    due = date.fromisoformat(item["due_on"])
    return f"{SHORT_NAMES[CoverKind(item['kind'])][0]} {', '.join(item['categories'])} au plus tard le {due:%d/%m/%Y}"


def _last(mails: tuple[Mail, ...]) -> LastMail | None:
    """The last one that left or may have: what the caller holds in hand."""
    for mail in mails:
        if mail.left:
            return LastMail(mail.day, mail.state, mail.kind is BatchKind.RECALL, mail.was_corrected)
    return None
