"""The writer of what the page « pourquoi ce message » counts."""

from __future__ import annotations

from datetime import datetime

from hotline.models import WhyReading


def note_reading(*, notice_id: int, now: datetime) -> None:
    """Somebody has the page of a message before their eyes; the first time counts, by a unique row: one statement."""
    WhyReading.objects.bulk_create([WhyReading(notice_id=notice_id, opened_at=now)], ignore_conflicts=True)
