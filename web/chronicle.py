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

from api.problems import label_of, said
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
_ACTS = {
    "insert": ("entrée au registre", "entered in the register"),
    "update": ("modifiée", "changed"),
    "delete": ("retirée du registre", "taken out of the register"),
}


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
    told = words(row["told"], said(*_ACTS.get(row["act"], ("", ""))))
    return Event(row["at"], said(*name), told, row["who"] or "", row["why"] or "")


def _day(text: str | None) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}" if text else ""


def _person(told: Row, act: str) -> str:
    email = told["email"] or said("sans adresse électronique", "no e-mail address")
    return f"{act}{_colon()} {told['name']}, {email}"


def _registration(told: Row, act: str) -> str:
    removed, suspended = _day(told["removed_on"]), _day(told["suspended_on"])
    ends = said(f", supprimée le {removed}", f", removed on {removed}") if removed else ""
    pauses = said(f", suspendue le {suspended}", f", suspended on {suspended}") if suspended else ""
    return f"{told['category']} {act}{ends}{pauses}"


def _cover(told: Row, act: str) -> str:
    first, last = _day(told["starts_on"]), _day(told["ends_on"])
    days = said(f"du {first} au {last}", f"from {first} to {last}")
    status = label_of(CoverStatus(told["status"])).lower()
    return f"{label_of(CoverKind(told['kind']))} {days}, {act}{_colon()} {status}"


def _decision(told: Row, act: str) -> str:
    kind, day = label_of(DecisionKind(told["kind"])), _day(told["decided_on"])
    return f"{kind} {said('du', 'of')} {day}, {told['act_reference']} ({act})"


def _document(told: Row, act: str) -> str:
    return f"{told['name']}{_colon()} {label_of(DocumentState(told['state'])).lower()}"


def _notice(told: Row, act: str) -> str:
    state = label_of(NoticeState(told["state"])).lower()
    return f"{said('Lot', 'Batch')} {told['batch_id']}{_colon()} {state}"


def _call(told: Row, act: str) -> str:
    outcome = label_of(CallOutcome(told["outcome"])).lower()
    return f"{label_of(CallReason(told['reason']))}{_colon()} {outcome}"


def _complaint(told: Row, act: str) -> str:
    return f"{told['number']}, {label_of(Matter(told['matter'])).lower()}"


def _colon() -> str:
    return said("\u00a0:", ":")


_WORDS: Mapping[str, tuple[tuple[str, str], Callable[[Row, str], str]]] = {
    "Intermediary": (("Fiche", "File"), _person),
    "Registration": (("Inscription", "Registration"), _registration),
    "Cover": (("Attestation", "Certificate"), _cover),
    "Decision": (("Décision", "Decision"), _decision),
    "Document": (("Document", "Document"), _document),
    "Notice": (("Message", "Message"), _notice),
    "Call": (("Appel", "Call"), _call),
    "Complaint": (("Réclamation", "Complaint"), _complaint),
}
"""What it is called in French and in English, and how it is told."""
