"""Arguments of the hotline's commands: an hour of today, or an instant."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import datetime, time

from registry.clock import PARIS
from registry.management.arguments import YEARS
from registry.rules.problems import shown

Hour = time | datetime
_HOUR = re.compile(r"([01]?[0-9]|2[0-3])[:h]([0-5][0-9])")


def hour(text: str) -> Hour:
    """A type for argparse: 14:30 (of today, in Paris) or 2026-02-24T14:30 (in Paris, unless it says its offset)."""
    if found := _HOUR.fullmatch(text.strip()):
        return time(int(found[1]), int(found[2]))
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"«\u00a0{shown(text)}\u00a0» n’est pas une heure\u00a0: écrivez 14:30, ou 2026-02-24T14:30"
        ) from None
    if instant.year not in YEARS:
        raise ArgumentTypeError(f"l’année doit être entre {YEARS[0]} et {YEARS[-1]}")
    return instant if instant.tzinfo else instant.replace(tzinfo=PARIS)


def instant_of(given: Hour | None, now: datetime) -> datetime | None:
    """The instant that an hour means on the day of `now`."""
    if given is None or isinstance(given, datetime):
        return given
    return datetime.combine(now.astimezone(PARIS).date(), given, tzinfo=PARIS)
