"""Subscriptions told of what changed: one message after the other, each until it is taken, then the next.

Order: take a lease (a fence says which worker has it now); read what this holder may see, at this moment; send, with no
transaction open; note. A worker that dies in between sends its last message again, under the same id.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from standardwebhooks import Webhook

from api.access import Rights, rights_of
from api.feed import EventsGoneError, Slice, number_events, plain_event, read_feed, told_at, visible_events
from api.feed_models import FeedState
from api.models import ApiKey
from api.sandbox import rights_instant
from api.webhook_models import WebhookState, WebhookSubscription
from api.webhook_schedule import asked_wait, delay_after
from api.webhook_transport import Outcome
from api.webhooks import secrets_of
from registry.clock import local_day

LEASE = timedelta(minutes=5)
AT_ONCE = 20
TURN = timedelta(seconds=5)
"""So many messages to one address, and none begun after so long, before another has its turn: who answers slowly keeps
nobody waiting. Well within the lease at DEADLINE_SECONDS a message."""
GONE = 410


class Post(Protocol):
    """`api.webhook_transport.post`, or a test's."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], *, loopback: bool) -> Outcome:
        """Send it, once."""


@dataclass(slots=True)
class Told:
    """How many messages were taken and how many were not, and which subscriptions were switched off."""

    taken: int = 0
    failed: int = 0
    switched_off: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Run:
    clock: Callable[[], datetime]
    post: Post
    is_over: Callable[[], bool]
    told: Told


def deliver_webhooks(*, clock: Callable[[], datetime], post: Post, is_over: Callable[[], bool]) -> Told:
    """Tell all that waits and may be told now, until there is nothing more or the time is over. Who is interrupted
    gives the lease back: what was under way is sent again, under the same id, by the next."""
    run = _Run(clock, post, is_over, Told())
    number_events()
    while not is_over() and (mine := _claim(clock())):
        try:
            _tell(mine, run)
        except KeyboardInterrupt:
            _note(mine, lease_until=None)
            raise
        number_events()
    return run.told


def _claim(now: datetime) -> WebhookSubscription | None:
    """The one that waits longest, of an open account with a live key. A trial waits for no other try, and is made of
    one that is switched off too."""
    behind = ~Q(after=FeedState.objects.values("numbered_through")[:1])
    waiting = Q(behind, state=WebhookState.ACTIVE.value, next_at__lte=now) | ~Q(test_id="")
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    live = ApiKey.objects.filter(revoked_at=None, expires_at__gt=rights_instant(now))
    keyed = Exists(live.filter(holder=OuterRef("holder")))
    due = WebhookSubscription.objects.filter(waiting, free, keyed)
    with transaction.atomic():
        rows = due.filter(holder__is_active=True).select_for_update(of=("self",), skip_locked=True)
        mine = rows.order_by("next_at", "id").first()
        if mine is not None:
            mine.lease_until, mine.fence = now + LEASE, mine.fence + 1
            mine.save(update_fields=["lease_until", "fence"])
    return mine


def _tell(mine: WebhookSubscription, run: _Run) -> None:
    began = run.clock()
    if mine.test_id:
        _try_out(mine, run)
    if mine.state != WebhookState.ACTIVE.value or mine.next_at > began:
        _note(mine, lease_until=None)
    elif _tell_events(mine, run):
        # To the end of the row: others have their turn.
        _note(mine, lease_until=None, next_at=run.clock())


def _try_out(mine: WebhookSubscription, run: _Run) -> None:
    """Send the trial that was asked for, once. However it ends, the messages' own tries are not counted by it; one
    asked for meanwhile waits for its own turn."""
    asked = mine.test_id
    outcome, seen = _post(mine, asked, _own_body(mine, "webhook.test", run.clock()), run)
    _count(outcome, run.told)
    _note(mine, **seen)
    WebhookSubscription.objects.filter(pk=mine.pk, fence=mine.fence, test_id=asked).update(test_id="")


def _tell_events(mine: WebhookSubscription, run: _Run) -> bool:
    """Tell what comes next of the feed; whether all that was sent was taken. What it may not see is passed over."""
    try:
        found = _next(mine, run.clock())
    except EventsGoneError:
        return _tell_gap(mine, run)
    # Not from before the reading: however slow the database is, each turn sends something.
    until = run.clock() + TURN
    for event in found.events:
        if run.is_over() or run.clock() >= until:
            return True
        body = json.dumps(plain_event(event), ensure_ascii=False)
        if not _send(mine, f"evt_{event.position}", body, run, after=event.position):
            return False
    return _note(mine, after=found.after)


def _tell_gap(mine: WebhookSubscription, run: _Run) -> bool:
    """Say that events between what was told last and what comes next are not kept: all it follows is to be read anew.
    Until this is taken nothing else is sent."""
    through = FeedState.objects.get().forgotten_through
    body = _own_body(mine, "webhook.gap", run.clock())
    return _send(mine, f"gap_{mine.after}_{through}", body, run, after=through)


def _next(mine: WebhookSubscription, now: datetime) -> Slice:
    events = visible_events(holder_rights(mine, now), local_day(rights_instant(now)))
    if mine.types:
        events = events.filter(type__in=mine.types)
    return read_feed(events, mine.after, AT_ONCE)


def holder_rights(mine: WebhookSubscription, now: datetime) -> Rights:
    """What the holder's live keys may see at this moment, all together."""
    now = rights_instant(now)
    keys = ApiKey.objects.filter(holder=mine.holder_id, revoked_at=None, expires_at__gt=now)
    scopes = sorted({scope for held in keys.values_list("scopes", flat=True) for scope in held})
    return rights_of(mine.holder, ApiKey(scopes=scopes))


def _own_body(mine: WebhookSubscription, kind: str, now: datetime) -> str:
    """A message about the webhook itself, which is no event of the feed."""
    url = f"{settings.SITE_URL}{reverse('api:webhook', kwargs={'webhook_id': mine.pk})}"
    data = {"orias_number": None, "url": url}
    return json.dumps({"id": None, "type": kind, "timestamp": told_at(now), "data": data})


def _send(mine: WebhookSubscription, message_id: str, body: str, run: _Run, **taken: Any) -> bool:
    """One message; `taken` is noted where it is. Whether to go on."""
    outcome, seen = _post(mine, message_id, body, run)
    _count(outcome, run.told)
    if outcome.taken:
        return _note(mine, failures=0, **seen, **taken)
    _note_failure(mine, outcome, seen, run.told)
    return False


def _post(mine: WebhookSubscription, message_id: str, body: str, run: _Run) -> tuple[Outcome, dict[str, Any]]:
    now = run.clock().astimezone(UTC)
    headers = _headers(mine, message_id, body, now)
    outcome = run.post(mine.url, body.encode(), headers, loopback=settings.WEBHOOKS_TO_LOOPBACK)
    return outcome, {"last_at": now, "last_status": outcome.status, "last_error": outcome.error}


def _count(outcome: Outcome, told: Told) -> None:
    told.taken += outcome.taken
    told.failed += not outcome.taken


def _headers(mine: WebhookSubscription, message_id: str, body: str, now: datetime) -> dict[str, str]:
    """Those of the Standard Webhooks convention; the time is that of this try, the id that of the message."""
    signed = [Webhook(secret).sign(message_id, now, body) for secret in secrets_of(mine, now)]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def _note_failure(mine: WebhookSubscription, outcome: Outcome, seen: dict[str, Any], told: Told) -> None:
    now: datetime = seen["last_at"]
    failures = mine.failures + 1
    delay = None if outcome.status == GONE else delay_after(failures, random.random())  # noqa: S311
    values = seen | {"failures": failures, "lease_until": None}
    if delay is not None:
        _note(mine, **values, next_at=now + max(delay, asked_wait(outcome.retry_after, now)))
        return
    state = WebhookState.GONE if outcome.status == GONE else WebhookState.FAILING
    if _note(mine, **values, state=state.value, state_since=now):
        told.switched_off.append(mine.pk)


def _note(mine: WebhookSubscription, **values: Any) -> bool:
    """Write, if this worker still has it; whether it has."""
    written = WebhookSubscription.objects.filter(pk=mine.pk, fence=mine.fence).update(**values)
    for name, value in values.items():
        setattr(mine, name, value)
    return bool(written)
