"""Lists that were called wrong, truly, a short while ago: what made them wrong may have made the next one too."""

from __future__ import annotations

from datetime import datetime, timedelta

from reminders.models import Alarm
from reminders.rules.watch import AlarmCode, wrong_reminders_of

LATELY = timedelta(days=7)
"""What was wrong with one list may be wrong with those of so many days after it."""


def reported_lately(now: datetime) -> tuple[str, ...]:
    """Their names for an approver, while nobody has overruled the alarm."""
    standing = Alarm.objects.filter(code=AlarmCode.REPORTED_WRONG.value, closed_at=None, raised_at__gt=now - LATELY)
    return tuple(wrong_reminders_of(pk) for pk in standing.order_by("batch").values_list("batch", flat=True))
