"""The settings of use as one typed value, read once at the edge and passed down."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from reminders.errors import ReminderError
from reminders.messages.message import Letterhead
from reminders.rules.hotline import Hotline, pace_within
from reminders.rules.send_window import SendWindow, parse_window
from reminders.rules.watch import WatchLimits

_ROOT = Path(__file__).resolve().parent.parent
_RULE_FILES = (
    "registry/rules/*.py",
    "registry/*.sql",
    "reminders/rules/*.py",
    "reminders/planning/*.sql",
    "reminders/messages/**/*",
)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How this installation plans and sends: gap in days, pace in messages an hour (0: no limit), sizes of steps, and
    where the sender's journal and identity are kept outside the database.

    The pace is the one that counts: where PACE_BY_HOTLINE is on, never more than the hotline can take.
    """

    letterhead: Letterhead
    gap_days: int
    window: SendWindow
    pace_per_hour: int
    release_steps: tuple[int, ...]
    hotline: Hotline
    rules_digest: str
    journal_dir: Path
    epoch_file: Path
    watch: WatchLimits = field(default_factory=WatchLimits)


def engine_settings() -> EngineSettings:
    """Read the settings. Raises ReminderError where one cannot be used, SEND_WINDOW or MAIL_FROM for two."""
    try:
        return _read_settings()
    except ValueError as error:
        raise ReminderError(f"Un réglage ne peut pas servir\u00a0: {error}") from error


def _read_settings() -> EngineSettings:
    hotline = Hotline(settings.HOTLINE_AGENTS, settings.HOTLINE_CALL_SECONDS, settings.CALLS_PER_MAIL)
    pace = settings.PACE_PER_HOUR
    if settings.PACE_BY_HOTLINE:
        pace = pace_within(pace, hotline)
    return EngineSettings(
        letterhead=Letterhead(
            sender=settings.MAIL_FROM,
            reply_to=settings.REPLY_TO,
            site_url=settings.SITE_URL,
            site_name=settings.SITE_NAME,
            mail_domain=settings.MAIL_DOMAIN,
        ),
        gap_days=settings.SMALLEST_GAP_DAYS,
        window=parse_window(settings.SEND_WINDOW),
        pace_per_hour=pace,
        release_steps=tuple(settings.RELEASE_STEPS),
        hotline=hotline,
        rules_digest=rules_digest(),
        watch=_watch_limits(pace),
        journal_dir=settings.JOURNAL_DIR,
        epoch_file=settings.EPOCH_FILE,
    )


def _watch_limits(pace_per_hour: int) -> WatchLimits:
    """At a slow pace the time in which ten messages leave is no standstill: a few of them may be put off."""
    slow = timedelta(hours=10) / pace_per_hour if pace_per_hour else timedelta()
    return WatchLimits(
        watch=timedelta(minutes=settings.STEP_WATCH_MINUTES),
        stalled=max(timedelta(minutes=settings.STALLED_MINUTES), slow),
        bounced=settings.ALARM_PERCENT["bounced"],
        refused=settings.ALARM_PERCENT["refused"],
        uncertain=settings.ALARM_PERCENT["uncertain"],
    )


@lru_cache(maxsize=1)
def rules_digest() -> str:
    """A hash of the rules and the messages' wording: what a batch was decided and written by."""
    digest = hashlib.sha256()
    for path in sorted(p for pattern in _RULE_FILES for p in _ROOT.glob(pattern) if p.is_file()):
        if "__pycache__" not in path.parts:
            digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
