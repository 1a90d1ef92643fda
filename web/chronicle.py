"""Everything that happened to one intermediary, the latest first: changes of its facts with who and why, papers,
messages, calls, complaints. One query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, IntegerField, Model, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, JSONObject

from hotline.models import Call, Complaint
from hotline.rules.calls import CallOutcome, CallReason
from hotline.rules.complaints import Matter
from registry.models import Cover, Decision, Document, Intermediary, Registration
from registry.models.registration import DecisionKind
from registry.past import history_of
from registry.rules.categories import CoverKind
from registry.rules.documents import DocumentState
from registry.rules.facts import CoverStatus
from reminders.models import Notice
from reminders.rules.states import NoticeState

LATEST = 40
_ACTS = {"insert": "entrée au registre", "update": "modifiée", "delete": "retirée du registre"}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in words; `who` and `why` are empty where nobody said."""

    at: datetime
    what: str
    words: str
    who: str
    why: str


Row = dict[str, Any]


def chronicle(person: Intermediary) -> list[Event]:
    """The latest events of one intermediary."""
    first, *others = _sources(person)
    rows = first.union(*others, all=True).order_by("-at")[:LATEST]
    return [_event(row) for row in rows]


def _sources(person: Intermediary) -> Iterator[QuerySet[Any, Row]]:
    mine = {"intermediary": person.pk}
    yield _history(Intermediary, {"orias_number": person.orias_number}, "name", "email")
    yield _history(Registration, mine, "category", "removed_on", "suspended_on")
    yield _history(Cover, mine, "kind", "status", "starts_on", "ends_on")
    yield _history(Decision, mine, "kind", "decided_on", "act_reference")
    yield _own(Document, mine, "received_at", "received_by__username", "name", "state")
    yield _own(Notice, mine | {"settled_at__isnull": False}, "settled_at", None, "state", "batch_id")
    yield _own(Call, mine, "started_at", "agent__username", "reason", "outcome")
    yield _own(Complaint, mine, "entered_at", "entered_by__username", "number", "matter")


def _history(of: type[Model], mine: Row, *names: str) -> QuerySet[Any, Row]:
    """The events of a tracked table, with the author and the reason of their context."""
    events = history_of(of).filter(**mine).annotate(by=Cast(_meta("user"), IntegerField()))
    who = Subquery(User.objects.filter(pk=OuterRef("by")).values("username"), output_field=TextField())
    rows: QuerySet[Any, Row] = events.order_by().values(
        what=Value(of.__name__),
        act=Cast("pgh_label", TextField()),
        at=F("pgh_created_at"),
        who=who,
        why=_meta("why"),
        told=_told(names),
    )
    return rows


def _meta(name: str) -> KeyTextTransform:
    return KeyTextTransform(name, "pgh_context__metadata")


def _own(of: type[Model], mine: Row, at: str, who: str | None, *names: str) -> QuerySet[Any, Row]:
    """Rows that are events themselves."""
    return (
        of._default_manager.filter(**mine)
        .order_by()
        .values(
            what=Value(of.__name__),
            act=Value("", output_field=TextField()),
            at=F(at),
            who=Cast(F(who) if who else Value(""), TextField()),
            why=Value("", output_field=TextField()),
            told=_told(names),
        )
    )


def _told(names: tuple[str, ...]) -> JSONObject:
    return JSONObject(**{name: F(name) for name in names})


def _event(row: Row) -> Event:
    name, words = _WORDS[row["what"]]
    said = words(row["told"], _ACTS.get(row["act"], ""))
    return Event(row["at"], name, said, row["who"] or "", row["why"] or "")


def _day(text: str | None) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}" if text else ""


def _person(told: Row, act: str) -> str:
    return f"{act}\u00a0: {told['name']}, {told['email'] or 'sans adresse électronique'}"


def _registration(told: Row, act: str) -> str:
    removed = f", supprimée le {_day(told['removed_on'])}" if told["removed_on"] else ""
    suspended = f", suspendue le {_day(told['suspended_on'])}" if told["suspended_on"] else ""
    return f"{told['category']} {act}{removed}{suspended}"


def _cover(told: Row, act: str) -> str:
    days = f"du {_day(told['starts_on'])} au {_day(told['ends_on'])}"
    return f"{CoverKind(told['kind']).label} {days}, {act}\u00a0: {CoverStatus(told['status']).label.lower()}"


def _decision(told: Row, act: str) -> str:
    return f"{DecisionKind(told['kind']).label} du {_day(told['decided_on'])}, {told['act_reference']} ({act})"


def _document(told: Row, act: str) -> str:
    return f"{told['name']}\u00a0: {DocumentState(told['state']).label.lower()}"


def _notice(told: Row, act: str) -> str:
    return f"Lot {told['batch_id']}\u00a0: {NoticeState(told['state']).label.lower()}"


def _call(told: Row, act: str) -> str:
    return f"{CallReason(told['reason']).label}\u00a0: {CallOutcome(told['outcome']).label.lower()}"


def _complaint(told: Row, act: str) -> str:
    return f"{told['number']}, {Matter(told['matter']).label.lower()}"


_WORDS: Mapping[str, tuple[str, Callable[[Row, str], str]]] = {
    "Intermediary": ("Fiche", _person),
    "Registration": ("Inscription", _registration),
    "Cover": ("Attestation", _cover),
    "Decision": ("Décision", _decision),
    "Document": ("Document", _document),
    "Notice": ("Message", _notice),
    "Call": ("Appel", _call),
    "Complaint": ("Réclamation", _complaint),
}
