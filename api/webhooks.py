"""Writers of webhook subscriptions: keyword-only, one transaction each, of the holder's own alone."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from api.event_types import EventType
from api.feed import number_all_events
from api.feed_models import ChangeEvent, FeedState
from api.webhook_addresses import BadTargetError, read_target
from api.webhook_models import WebhookState, WebhookSubscription
from api.webhook_schedule import OLD_SECRET_LIVES
from registry.actions import RegisterError

MOST_SUBSCRIPTIONS = 10


def require_target(url: str) -> None:
    """Let an address pass that delivery will not refuse by its looks. Raises RegisterError."""
    try:
        read_target(url, loopback=settings.WEBHOOKS_TO_LOOPBACK)
    except BadTargetError as error:
        raise RegisterError(f"Cette adresse ne peut recevoir de messages\u00a0: elle {error}.") from None


def subscribe(*, holder: User, url: str, types: Sequence[EventType], now: datetime) -> WebhookSubscription:
    """Have an address told of what changes from now on. Raises RegisterError."""
    require_target(url)
    # What was there before is not told.
    number_all_events()
    try:
        with transaction.atomic():
            User.objects.select_for_update(of=("self",), no_key=True).get(pk=holder.pk)
            _require_room(holder)
            return WebhookSubscription.objects.create(
                holder=holder,
                url=url,
                types=sorted({kind.value for kind in types}),
                created_at=now,
                salt=secrets.token_hex(16),
                state_since=now,
                after=FeedState.objects.get().numbered_through,
                next_at=now,
            )
    except IntegrityError:
        raise RegisterError("Ce compte avertit déjà cette adresse\u00a0: changez-la, ou supprimez l’autre.") from None


def _require_room(holder: User) -> None:
    if WebhookSubscription.objects.filter(holder=holder).count() >= MOST_SUBSCRIPTIONS:
        raise RegisterError(f"Un compte a {MOST_SUBSCRIPTIONS} webhooks au plus\u00a0: supprimez-en un.")


def rotate_secret(*, subscription: WebhookSubscription, now: datetime) -> WebhookSubscription:
    """A new secret; messages are signed with both until the old one ends."""
    mine = _locked(subscription)
    mine.old_salt, mine.old_until = mine.salt, now + OLD_SECRET_LIVES
    mine.salt = secrets.token_hex(16)
    mine.save(update_fields=["salt", "old_salt", "old_until"])
    return mine


def ask_for_test(*, subscription: WebhookSubscription, now: datetime) -> WebhookSubscription:
    """Have a trial sent with the next delivery, of a webhook that is switched off too."""
    mine = _locked(subscription)
    mine.test_id = f"test_{uuid4().hex[:24]}"
    mine.save(update_fields=["test_id"])
    return mine


def enable(*, subscription: WebhookSubscription, now: datetime) -> WebhookSubscription:
    """Go on where it stopped; that something has been forgotten meanwhile is the first it is told."""
    mine = _locked(subscription)
    mine.state, mine.state_since, mine.last_error = WebhookState.ACTIVE.value, now, ""
    mine.save(update_fields=["state", "state_since", "last_error", *_begin_anew(mine, now)])
    return mine


def _begin_anew(mine: WebhookSubscription, now: datetime) -> tuple[str, ...]:
    """Let it be told at once; a worker that has it now has nothing more to say of it. The fields to write."""
    mine.failures, mine.next_at, mine.fence, mine.lease_until = 0, now, mine.fence + 1, None
    return ("failures", "next_at", "fence", "lease_until")


def replay(*, subscription: WebhookSubscription, since: datetime, now: datetime) -> WebhookSubscription:
    """Tell again all that is kept since an instant, in order, with the same ids. Raises RegisterError where that is
    not kept any more, or still to come."""
    mine = _locked(subscription)
    first = ChangeEvent.objects.filter(at__gte=since).exclude(position=None).order_by("position").first()
    if since > now:
        raise RegisterError("Cet instant est à venir\u00a0: rien ne peut être redit.")
    if not ChangeEvent.objects.filter(at__lt=since).exists() and FeedState.objects.get().forgotten_through:
        raise RegisterError("Les changements de cet instant ne sont plus gardés\u00a0: relisez ce que vous suivez.")
    # Events told later than they happened may stand further on: from the first that is young enough, nothing is left.
    if first is not None and first.position is not None:
        mine.after = min(mine.after, first.position - 1)
    mine.save(update_fields=["after", *_begin_anew(mine, now)])
    return mine


def secrets_of(subscription: WebhookSubscription, now: datetime) -> list[str]:
    """The secrets that messages are signed with now, the latest first."""
    salts = [subscription.salt]
    if subscription.old_until and subscription.old_until > now:
        salts.append(subscription.old_salt)
    return [f"whsec_{base64.b64encode(_key(salt)).decode()}" for salt in salts]


def _key(salt: str) -> bytes:
    """Follows from the site's own key, so that a copy of the database alone signs nothing."""
    return salted_hmac("api.webhooks", salt, algorithm="sha256").digest()


def _locked(subscription: WebhookSubscription) -> WebhookSubscription:
    return WebhookSubscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
