"""The API's scheduled instants, each acted on once, by the engine's own way."""

from __future__ import annotations

from datetime import datetime, timedelta

from reminders.ticks import TickPlan, install_schedules

TICKS = (
    TickPlan("webhooks", 1, None, timedelta(minutes=2)),
    TickPlan("feed", None, (3, 10), timedelta(hours=4)),
    TickPlan("open_data", None, (4, 0), timedelta(hours=12)),
)
TICK = "api.tasks.tick"


def install(now: datetime) -> list[str]:
    """Make the queue's schedules of the API what TICKS says; their names."""
    return install_schedules(now, TICKS, TICK)
