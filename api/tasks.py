"""What the queue calls for the API: read the clock, make one call."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

from api.feed import forget_events, number_all_events
from api.open_data import publish_register
from api.ticks import TICKS
from api.webhook_delivery import deliver_webhooks
from api.webhook_transport import post
from registry import clock
from registry.actions import RegisterError
from reminders.ticks import take_tick

logger = logging.getLogger(__name__)

BUDGET = timedelta(seconds=55)
"""How long one tick may tell; the next minute's goes on. Well under the queue's timeout."""


def tell_webhooks() -> str:
    """Tell what waits. On real time, whatever the register's clock says: a receiver compares it with its own."""
    until = time.monotonic() + BUDGET.total_seconds()
    told = deliver_webhooks(clock=lambda: datetime.now(UTC), post=post, is_over=lambda: time.monotonic() >= until)
    for number in told.switched_off:
        logger.warning("webhook %s is switched off: list_webhooks tells why", number)
    return f"{told.taken} taken, {told.failed} failed, {len(told.switched_off)} switched off"


def forget_tonight() -> str:
    """Number what nobody has read, and forget what was told for thirty days."""
    number_all_events()
    return f"{forget_events()} forgotten"


def publish_today() -> str:
    """Write and sign the day's file of the public register, and let go of old ones."""
    try:
        made = publish_register(clock.now())
    except RegisterError as error:
        logger.warning("the daily file of the register is not written: %s", error)
        return "not written"
    return f"{made.rows} rows" if made else "written already"


def tick(name: str, intended_at: str) -> str:
    """Act on one scheduled instant, once, and only if it is not long past (queue time, not the register's clock)."""
    intended = datetime.fromisoformat(intended_at).astimezone(UTC)
    return take_tick(name, intended, datetime.now(UTC), _WORK[name], TICKS)


_WORK = {"webhooks": tell_webhooks, "feed": forget_tonight, "open_data": publish_today}
