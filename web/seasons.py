"""The season ahead as a calendar, and the campaign under way beside last year's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils.safestring import SafeString

from api.problems import in_english, said
from registry.clock import local_day
from registry.facts import load_reference
from registry.rules.campaigns import campaign_to_come
from registry.rules.french import grouped
from reminders.config import EngineSettings
from reminders.models import Batch
from reminders.planning.forecast import ForecastDay, days_to_simulate, forecast, under_way
from reminders.planning.forecast_chart import plural, short_day
from reminders.planning.season import FIRST, LAST, Season, day_of, season_of
from reminders.rules.send_window import SendWindow, opens_on
from web import pictures
from web.pictures import Cell, Line

WEEKS = (4, 8, 13)
KEPT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Outlook:
    """The days to come: the calendar, and the rows of its table."""

    calendar: SafeString
    busy: list[ForecastDay]
    total: int
    calls: int
    busiest: ForecastDay | None
    under_way: int
    told_at: datetime


def outlook(now: datetime, weeks: int, engine: EngineSettings) -> Outlook:
    """The forecast from `now` on, if nothing changes, and what batches released already have still to send beside it.

    Long to compute: each process keeps it for ten minutes, or until the batches are others.
    """
    day = local_day(now)
    last = day + timedelta(weeks=weeks) - timedelta(days=1)
    batches = hashlib.sha256(repr(list(Batch.objects.order_by("id").values_list("id", "state"))).encode()).hexdigest()
    key = f"web.outlook.{day:%Y%m%d}.{weeks}.{batches[:16]}"
    told, at = cache.get(key, (None, now))
    if told is None:
        told = forecast(days_to_simulate(day, last, today=day, window=engine.window), engine)
        cache.set(key, (told, at), KEPT_SECONDS)
    return _outlook(told, at, day, last, engine.window)


def _outlook(told: Sequence[ForecastDay], at: datetime, first: date, last: date, window: SendWindow) -> Outlook:
    by_day = {one.day: one for one in told}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    busy = [one for one in told if one.notices]
    cells = [_cell(day, by_day.get(day), window) for day in days]
    return Outlook(
        calendar=pictures.calendar(cells, said("Relances par jour", "Reminders a day"), english=in_english()),
        busy=busy,
        total=sum(one.notices for one in told),
        calls=round(sum(one.load.calls for one in told)),
        busiest=max(busy, key=lambda one: one.notices, default=None),
        under_way=under_way(told[0].day) if told else 0,
        told_at=at,
    )


def _cell(day: date, one: ForecastDay | None, window: SendWindow) -> Cell:
    name = said(short_day(day), f"{pictures.WEEK_EN[day.weekday()]} {day:%d/%m}")
    if one is None or not one.notices:
        return Cell(day, 0, said(f"{name}\u00a0: rien", f"{name}: nothing"), opens_on(window, day))
    calls = round(one.load.calls)
    french = f"{name}\u00a0: {plural(one.notices, 'relance')}, {plural(calls, 'appel')}"
    return Cell(day, one.notices, said(french, f"{name}: {_many(one.notices, 'reminder')}, {_many(calls, 'call')}"))


def _many(number: int, one: str) -> str:
    """“1 reminder”, “0 reminders”."""
    return f"{grouped(number)}\u00a0{one}{'' if number == 1 else 's'}"


def campaign_progress(day: date) -> dict[str, Any]:
    """This year's campaign beside last year's: the curve, its table, and the difference on the same day."""
    campaigns = load_reference().campaigns
    current = campaign_to_come(day, campaigns) or (campaigns[-1] if campaigns else None)
    if current is None:
        return {}
    before = next((c for c in campaigns if c.year == current.year - 1), None)
    mine = season_of(current, day)
    last = season_of(before, day) if before else None
    return {"season": mine, "last": last, "campaign": current} | _compared(mine, last)


def _compared(mine: Season, last: Season | None) -> dict[str, Any]:
    lines = [_line(mine, "acc ok")]
    if last and last.filed:
        lines.insert(0, _line(last, "last"))
    ticks = [(place, _short(day_of(mine, place))) for place in range(0, LAST - FIRST + 1, 15)]
    longest = max(len(line.values) for line in lines)
    then = last.values[len(mine.values) - 1] if last and mine.values and len(last.values) >= len(mine.values) else None
    return {
        "curve": _curve(lines, [t for t in ticks if t[0] < longest]),
        "has_last": len(lines) > 1,
        "then": then,
        "ahead": None if then is None else mine.filed - then,
        "rows": [
            (day_of(mine, p), mine.values[p], last.values[p] if last and p < len(last.values) else None)
            for p in range(len(mine.values) - 1, -1, -7)
        ],
    }


def _line(season: Season, style: str) -> Line:
    return Line(said(f"Campagne {season.year}", f"Campaign {season.year}"), style, season.values)


def _curve(lines: Sequence[Line], ticks: Sequence[tuple[int, str]]) -> SafeString:
    title = said("Dossiers renouvelés, jour après jour", "Files renewed, day by day")
    return pictures.curve(lines, ticks, title, english=in_english())


def _short(day: date) -> str:
    months = pictures.MONTHS_EN if in_english() else pictures.MONTHS
    return f"{day.day} {months[day.month - 1]}"
