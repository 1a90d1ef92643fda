"""The register as it stood at a past instant: the rows that the history held then, for the same pure rules.

Two times are told apart. What was *known* is an instant, and the history answers it; the *day* that facts are judged
for is the rules' own argument. A write is dated by the beginning of its transaction, by the database's clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from registry.clock import PARIS, local_day, moved
from registry.facts import as_signed, campaign_dates, requirement_row, signed_decisions
from registry.models import (
    Cover,
    CoverEvent,
    Decision,
    Intermediary,
    PastRegistration,
    Registration,
    RenewalCampaign,
    Requirement,
)
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.cover_events import Said, days_lost
from registry.rules.deadlines import Freeze, acts_in_force, dates_in_force
from registry.rules.facts import CoverEventKind, CoverFacts, CoverStatus, FileFacts, Reference, RegistrationFacts
from registry.rules.problems import shown
from registry.together import read_together


class PastError(Exception):
    """What cannot be told of the past, in words for the person who asked: what, and what to ask instead."""


@dataclass(frozen=True, slots=True)
class Kept:
    """From when until when the history can be asked."""

    since: datetime | None
    now: datetime


def parse_moment(text: str, *, zone: tzinfo | None = None) -> date | datetime:
    """A day (2026-02-24) or an instant (2026-02-24T23:00+01:00); `zone`: that of an instant which names none.

    Raises PastError for anything else.
    """
    try:
        if len(text.strip()) == len("2026-02-24"):
            return date.fromisoformat(text.strip())
        instant = datetime.fromisoformat(text.strip().replace(" ", "+") if zone is None else text.strip())
        instant = instant if instant.tzinfo else instant.replace(tzinfo=zone)
        # Some instants at both ends of the calendar have no day in Paris.
        local_day(instant)
    except (ValueError, OverflowError):
        raise PastError(
            f"«\u00a0{shown(text)}\u00a0» n’est ni un jour ni un instant\u00a0: "
            "écrivez 2026-02-24, ou 2026-02-24T23:00+01:00 avec son décalage."
        ) from None
    return instant


def kept() -> Kept:
    """Since when the history is kept (None: nothing is in it yet), and the now of the clock that dates it: the
    database's own; in the sandbox, the one that its callers move."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp(),"
            " (SELECT pgh_created_at FROM registry_intermediaryhistory ORDER BY pgh_id LIMIT 1)"
        )
        now, since = cursor.fetchone()
    return Kept(since, moved() or now)


def known_at(asked: date | datetime) -> datetime:
    """The instant whose knowledge is asked for: itself, or the last of a day (today: now).

    Raises PastError where it is still to come, or before the history begins.
    """
    bounds = kept()
    if not isinstance(asked, datetime) and asked == local_day(bounds.now):
        return bounds.now
    try:
        at = asked if isinstance(asked, datetime) else _end_of(asked)
    except OverflowError:
        at = None
    if at is None or at > bounds.now:
        raise PastError(
            "Nul ne sait ce que le registre saura un jour à venir\u00a0: demandez ce qu’il en dit "
            "aujourd’hui pour ce jour-là (on, --on)."
        )
    if bounds.since is None or at < bounds.since:
        began = bounds.since.astimezone(PARIS) if bounds.since else None
        since = f"le {began:%Y-%m-%d}, à {began:%H:%M:%S}" if began else "avec le premier dossier"
        raise PastError(f"L’historique commence {since}\u00a0: demandez un instant qui ne le précède pas.")
    return at


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, PARIS) - timedelta(microseconds=1)


def rows_at(of: type[Model], at: datetime) -> QuerySet[Any]:
    """The rows of a tracked model as they stood at that instant, from its history; one query, however many.

    Each is an event: `pgh_obj_id` is the key of the row it tells of. Where a row has changed hands since, the later
    event of the same row hides the earlier one.
    """
    history = history_of(of)
    later = history.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__gt=OuterRef("pgh_id"), pgh_created_at__lte=at)
    return history.filter(pgh_created_at__lte=at).exclude(pgh_label="delete").exclude(Exists(later))


def history_of(of: type[Model]) -> QuerySet[Any]:
    """All events of a tracked model."""
    found: QuerySet[Any] = apps.get_model("registry", f"{of.__name__}History")._default_manager.all()
    return found


def load_files_at(ids: Iterable[int], at: datetime) -> dict[int, FileFacts]:
    """The files of these intermediaries as they stood then, by id: one query, however many they are.

    One that the register did not hold yet is absent. `facts_version` is 0: nothing is mailed on the past.
    """
    wanted = list(ids)
    if not wanted:
        return {}
    number = Intermediary.objects.filter(pk=OuterRef("merged_into")).values("orias_number")
    theirs = rows_at(Cover, at).filter(intermediary__in=wanted)
    people, registered, certificates, events = read_together(
        rows_at(Intermediary, at).filter(pgh_obj__in=wanted).annotate(leads_to=Subquery(number)),
        rows_at(Registration, at).filter(intermediary__in=wanted),
        theirs,
        rows_at(CoverEvent, at).filter(cover__in=theirs.values("pgh_obj")).order_by("pgh_obj_id"),
    )
    registrations, covers = _registrations(registered), _covers(certificates, _said(events))
    return {
        p.pgh_obj_id: FileFacts(
            p.orias_number,
            p.name,
            p.email,
            p.language,
            registrations.get(p.pgh_obj_id, ()),
            covers.get(p.pgh_obj_id, ()),
            merged_into=p.leads_to or "",
        )
        for p in people
    }


def registrations_at(ids: Iterable[int], at: datetime) -> dict[int, list[Any]]:
    """The registrations of these intermediaries as they stood then, by intermediary and in the order of categories,
    each with the periods that were over by then."""
    found: dict[int, list[Any]] = defaultdict(list)
    over = rows_at(PastRegistration, at).filter(registration=OuterRef("pgh_obj")).order_by("registered_on")
    earlier = ArraySubquery(over.values(period=JSONObject(since="registered_on", until="removed_on")))
    rows = rows_at(Registration, at).filter(intermediary__in=list(ids)).annotate(earlier_periods=earlier)
    for row in sorted(rows, key=lambda r: str(r.category)):
        found[row.intermediary_id].append(row)
    return found


def _registrations(rows: list[Any]) -> Mapping[int, tuple[RegistrationFacts, ...]]:
    found: dict[int, list[RegistrationFacts]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: str(r.category)):
        found[row.intermediary_id].append(_registration(row))
    return {pk: tuple(facts) for pk, facts in found.items()}


def _registration(row: Any) -> RegistrationFacts:
    return RegistrationFacts(
        Category[row.category],
        row.registered_on,
        row.removed_on,
        row.suspended_on,
        row.suspended_until,
        row.holds_client_funds,
        row.funds_mandate,
        Filer[row.filer],
        row.principal_bears_liability,
    )


def _covers(rows: list[Any], said: Mapping[int, list[Said]]) -> Mapping[int, tuple[CoverFacts, ...]]:
    found: dict[int, list[CoverFacts]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r.starts_on, r.pgh_obj_id)):
        found[row.intermediary_id].append(_cover(row, said.get(row.pgh_obj_id, [])))
    return {pk: tuple(facts) for pk, facts in found.items()}


def _said(events: list[Any]) -> Mapping[int, list[Said]]:
    """What issuers had said of each certificate, in the order in which it was told."""
    found: dict[int, list[Said]] = defaultdict(list)
    for event in events:
        found[event.cover_id].append(Said(CoverEventKind(event.kind), event.effective_on))
    return found


def _cover(row: Any, said: list[Said]) -> CoverFacts:
    ended_on, gaps = days_lost(said)
    return CoverFacts(
        CoverKind[row.kind],
        frozenset(Category[code] for code in row.categories),
        row.starts_on,
        row.ends_on,
        CoverStatus[row.status],
        row.amount_cents,
        row.annual_cents,
        ended_on,
        row.deposited_on,
        gaps,
    )


def load_reference_at(at: datetime) -> Reference:
    """Requirements, campaigns and freezes as they were known then: one query."""
    requirements, signed, campaigns = read_together(
        rows_at(Requirement, at).order_by("category", "kind", "valid_from"),
        signed_decisions(),
        rows_at(RenewalCampaign, at).order_by("year"),
    )
    acts = acts_in_force(as_signed(signed), at)
    return Reference(
        requirements=tuple(requirement_row(row) for row in requirements),
        campaigns=tuple(dates_in_force(campaign_dates(row), acts) for row in campaigns),
        freezes=tuple(act for act in acts if isinstance(act, Freeze)),
    )


def decisions_at(intermediary: int, at: datetime) -> list[Any]:
    """The decisions about one that were on record then, the latest first."""
    return list(rows_at(Decision, at).filter(intermediary=intermediary).order_by("-decided_on", "-pgh_obj"))
