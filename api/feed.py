"""The change feed read: numbered after the commit, kept for thirty days, each caller its own part of it (I14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse

from api.access import Need, Reach, Rights, visible_files
from api.event_types import EventType
from api.feed_models import ChangeEvent, FeedState
from api.scopes import Scope
from registry.clock import PARIS

KEPT = timedelta(days=30)
MOST_NUMBERED = 10_000
"""At one go: a register's first import brings more, and the next reader goes on."""
_PUBLIC = Q(type__in=[member.value for member in EventType if member.is_public])
_READS = Need("registry.view_intermediary", Scope.STAFF_READ, Scope.FILE_READ)


class EventsGoneError(Exception):
    """What is asked for is no longer kept, or was never told by this database."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some events, the cursor after them, and whether there are more."""

    events: list[ChangeEvent]
    after: int
    more: bool


def number_events() -> int:
    """Give the events committed since the last time their places; how many. Nobody waits: one numbers at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_number_events(%s)", [MOST_NUMBERED])
        return int(cursor.fetchone()[0])


def number_all_events() -> None:
    """The same, until none is left: for who goes on from now, and is not to be told what was there before."""
    while number_events() == MOST_NUMBERED:
        pass


def visible_events(rights: Rights, day: date) -> QuerySet[ChangeEvent]:
    """What this caller may be told of: public changes, and those of the files it sees."""
    events = ChangeEvent.objects.exclude(position=None)
    reach = rights.reach(_READS)
    if reach is Reach.ALL:
        return events
    if not isinstance(reach, Reach):
        return events.filter(_PUBLIC)
    mine = visible_files(rights, reach, day).values("pk")
    return events.filter(_PUBLIC | Q(intermediary__in=mine))


def read_feed(events: QuerySet[ChangeEvent], after: int | None, limit: int) -> Slice:
    """The next `limit` events after a place (None: all that are kept). Raises EventsGoneError."""
    state = FeedState.objects.get()
    start = state.forgotten_through if after is None else after
    if not state.forgotten_through <= start <= state.numbered_through:
        raise EventsGoneError
    # Up to what the state said: a later place may be given meanwhile, and would be passed over by the cursor.
    kept = events.filter(position__gt=start, position__lte=state.numbered_through).select_related("intermediary")
    found = list(kept.order_by("position")[: limit + 1])
    if start < _forgotten_through():
        # Forgotten while it was read.
        raise EventsGoneError
    if len(found) > limit:
        return Slice(found[:limit], found[limit - 1].position or start, more=True)
    return Slice(found, state.numbered_through, more=False)


def _forgotten_through() -> int:
    return FeedState.objects.values_list("forgotten_through", flat=True).get()


def forget_events() -> int:
    """Delete what has been told for longer than KEPT, by the database's own clock, from the first on; how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_forget_events(make_interval(days => %s))", [KEPT.days])
        return int(cursor.fetchone()[0])


def told_at(instant: datetime) -> str:
    """An instant with our offset, as in every other answer; the database gives it in UTC."""
    return instant.astimezone(PARIS).isoformat()


def plain_event(event: ChangeEvent) -> dict[str, Any]:
    """An event as the feed and webhooks tell it: where to look, and nothing of what is there."""
    number = event.intermediary.orias_number if event.intermediary else None
    data = {"orias_number": number, "url": f"{settings.SITE_URL}{_place(event, number)}"}
    return {"id": event.position, "type": event.type, "timestamp": told_at(event.at), "data": data}


def _place(event: ChangeEvent, number: str | None) -> str:
    if number is None:
        return reverse("api:status")
    named = {"orias_number": number}
    one = _ONE.get(event.type)
    if one and event.object_id:
        return reverse(f"api:{one[0]}", kwargs=named | {one[1]: event.object_id})
    return reverse(f"api:{_ALL[event.type]}", kwargs=named)


_ONE = {EventType.COVER.value: ("cover", "cover_id"), EventType.RENEWAL.value: ("renewal", "renewal_id")}
_ALL = {
    EventType.REGISTER.value: "register-entry",
    EventType.FILE.value: "intermediary",
    EventType.COVER.value: "covers",
    EventType.RENEWAL.value: "renewals",
    EventType.NOTICE.value: "intermediary-notices",
}
