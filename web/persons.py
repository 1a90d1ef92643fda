"""What the page of one intermediary shows to staff: now, on another day, or as the register knew it at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from hotline.models import Call, Complaint
from hotline.rules.complaints import OPEN_STATES
from registry import clock
from registry.facts import load_papers
from registry.files import FileTold, tell_file
from registry.kept import reference_of
from registry.models import Contact, Cover, Document, Intermediary, ReferenceVersion, RemovalCase
from registry.past import PastError, known_at, parse_moment
from registry.renewals import assess_renewals, load_requests
from registry.rules.contacts import ContactRole
from registry.rules.documents import DocumentState
from registry.rules.facts import UNDER_REVIEW, FileFacts
from registry.rules.file_state import FileState, assess_file
from registry.rules.removals import LIVE_CASE_STATES
from registry.rules.renewals import Renewal
from reminders.messages.links import why_token
from reminders.models import BatchKind, Notice
from reminders.rules.eligibility import SkipReason
from reminders.rules.states import NoticeState
from web.chronicle import Event, chronicle
from web.templatetags.words import said
from web.timelines import Shown, show_covers

LATEST = 10
_LIVE = [state.value for state in LIVE_CASE_STATES]
LATEST_MONTH = 6
"""Up to June the renewal shown is that of the year; from July on that of the next, as in the commands."""


@dataclass(frozen=True, slots=True)
class Message:
    """One notice: of which batch, where it stands since when and why, and the page that says why it was sent."""

    batch: int
    as_of: date
    kind: BatchKind
    state: NoticeState
    settled_at: datetime | None
    reason: str
    email: str
    token: str


@dataclass(frozen=True, slots=True)
class Person:
    """Everything of one intermediary, judged for `state.as_of` by the facts of now."""

    row: Intermediary
    facts: FileFacts
    state: FileState
    covers: Shown | None
    renewals: tuple[Renewal, ...]
    messages: list[Message]
    contacts: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    events: list[Event]


@dataclass(frozen=True, slots=True)
class Moment:
    """What is asked for: what was known at `at` (None: now), told for `day`."""

    at: datetime | None
    day: date


EARLIEST_YEAR, LATEST_YEAR = 1900, 2199


def moment_of(known: str, day: str, now: datetime) -> Moment:
    """Read the two fields of the picker; both may be empty. Raises PastError, in words."""
    at = known_at(parse_moment(known, zone=clock.PARIS)) if known.strip() else None
    asked = parse_moment(day) if day.strip() else clock.local_day(at or now)
    day_asked = clock.local_day(asked) if isinstance(asked, datetime) else asked
    if not EARLIEST_YEAR <= day_asked.year <= LATEST_YEAR:
        raise PastError(f"Donnez un jour entre les années {EARLIEST_YEAR} et {LATEST_YEAR}.")
    return Moment(at, day_asked)


def person_of(orias_number: str, day: date) -> Person | None:
    """The file as it stands: five queries with the common facts kept; None where the register does not hold it."""
    row = _people().filter(orias_number=orias_number).first()
    if row is None:
        return None
    reference = reference_of(row.reference_version)  # type: ignore[attr-defined]
    facts = load_papers(row)
    state = assess_file(facts, reference, day)
    year = day.year + (day.month > LATEST_MONTH)
    requests = load_requests([row.pk], year=year).get(row.pk, ())
    return Person(
        row=row,
        facts=facts,
        state=state,
        covers=show_covers(facts, state, reference),
        renewals=assess_renewals(facts, requests, reference, day),
        messages=[_message(one) for one in row.with_messages],  # type: ignore[attr-defined]
        contacts=[one | {"role": ContactRole(one["role"])} for one in row.with_contacts],  # type: ignore[attr-defined]
        documents=[_document(one) for one in row.with_documents],  # type: ignore[attr-defined]
        events=chronicle(row),
    )


def past_of(orias_number: str, moment: Moment) -> FileTold | None:
    """The file as it was known then; None where the register did not hold it."""
    return tell_file(orias_number, at=moment.at, day=moment.day)


def _people() -> QuerySet[Intermediary]:
    """With all that can be read in the same query."""
    version = ReferenceVersion.objects.filter(id=1).values("version")
    whose = {"intermediary": OuterRef("pk")}
    contact = JSONObject(name=F("name"), role=F("role"), email=F("email"), phone=F("phone_e164"))
    document = JSONObject(
        id=F("id"), name=F("name"), state=F("state"), received_at=F("received_at"), cover=F("papers__cover_id")
    )
    message = JSONObject(
        **{name: F(name) for name in ("state", "settled_at", "reason", "email", "key")},
        batch=F("batch_id"), as_of=F("batch__as_of"), kind=F("batch__kind"),
    )  # fmt: skip
    return Intermediary.objects.select_related("merged_into").annotate(
        with_messages=ArraySubquery(Notice.objects.filter(**whose).order_by("-id").values(row=message)[:LATEST]),
        reference_version=Subquery(version),
        with_contacts=ArraySubquery(Contact.objects.filter(**whose).order_by("id").values(row=contact)),
        with_documents=ArraySubquery(Document.objects.filter(**whose).order_by("-id").values(row=document)[:LATEST]),
        former=ArraySubquery(
            Intermediary.objects.filter(merged_into=OuterRef("pk")).order_by("orias_number").values("orias_number")
        ),
        cases=ArraySubquery(
            RemovalCase.objects.filter(**whose, state__in=[s.value for s in LIVE_CASE_STATES])
            .order_by("id")
            .values("id")
        ),
        calls_count=_count(Call),
        complaints_count=_count(Complaint),
        complaints_open=_count(Complaint, state__in=[s.value for s in OPEN_STATES]),
        papers_waiting=_count(Cover, status__in=[s.value for s in UNDER_REVIEW]),
        documents_count=_count(Document),
    )


def _count(of: type[Model], **which: Any) -> Coalesce:
    mine = of._default_manager.filter(Q(intermediary=OuterRef("pk")), **which).order_by()
    counted = mine.values("intermediary").annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _document(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"state": DocumentState(one["state"]), "received_at": datetime.fromisoformat(one["received_at"])}


def _message(one: dict[str, Any]) -> Message:
    settled_at, reason = one["settled_at"], one["reason"]
    return Message(
        batch=one["batch"],
        as_of=date.fromisoformat(one["as_of"]),
        kind=BatchKind(one["kind"]),
        state=NoticeState(one["state"]),
        settled_at=datetime.fromisoformat(settled_at) if settled_at else None,
        reason=said(SkipReason(reason)) if reason in SkipReason.__members__ else reason,
        email=one["email"],
        token=why_token(one["key"]),
    )
