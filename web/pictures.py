"""Pictures as SVG: no script, no style, no link; every colour is a class of the style sheet, so that themes and print
follow. Each tells itself in words first, and the page that shows it has its table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from django.utils.safestring import SafeString, mark_safe

from registry.rules.french import grouped
from registry.rules.periods import Period

WIDE = 760.0
MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DEEPEST = 4
NAMED_BEFORE = timedelta(days=100)
"""A month that begins nearer to the end has no room for its name."""
WEEK = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
WEEK_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name and its number."""

    name: str
    value: int


def funnel(bars: Sequence[Bar], title: str, *, english: bool = False) -> SafeString:
    """Bars that narrow from one to the next, joined by slopes: who is left at each stage."""
    top = max((bar.value for bar in bars), default=0) or 1
    left, room, high, gap = 240.0, WIDE - 240 - 120, 46.0, 26.0
    parts = []
    for place, bar in enumerate(bars):
        y, width = place * (high + gap), max(2.0, room * bar.value / top)
        parts.append(_text(left - 16, y + 29, bar.name, "b", anchor="end"))
        parts.append(_rect(left, y, width, high, f"f{min(place, 3)}"))
        parts.append(_text(left + width + 12, y + 29, grouped(bar.value), "b"))
        if place + 1 < len(bars):
            below = max(2.0, room * bars[place + 1].value / top)
            edge = (
                f"{left:.0f},{y + high:.0f} {left + width:.1f},{y + high:.0f} {left + below:.1f},{y + high + gap:.0f} "
            )
            parts.append(f'<polygon class="slope" points="{edge}{left:.0f},{y + high + gap:.0f}"/>')
    return _svg(len(bars) * (high + gap) - gap, title, _in_words(bars, english), parts)


def bars(rows: Sequence[Bar], title: str, *, english: bool = False) -> SafeString:
    """One bar a row, the longest filling the room."""
    top = max((bar.value for bar in rows), default=0) or 1
    left, high, step = 320.0, 18.0, 30.0
    room = WIDE - left - 130
    parts = []
    for place, bar in enumerate(rows):
        y = place * step
        parts.append(_text(left - 14, y + 14, bar.name, anchor="end"))
        parts.append(_rect(left, y, max(2.0, room * bar.value / top), high, "bar"))
        parts.append(_text(left + max(2.0, room * bar.value / top) + 10, y + 14, grouped(bar.value), "b"))
    return _svg(max(step, len(rows) * step - (step - high)) + 4, title, _in_words(rows, english), parts)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a curve: its name, its class in the style sheet, and a number for each place along the axis."""

    name: str
    style: str
    values: Sequence[int]


def curve(
    lines: Sequence[Line], ticks: Sequence[tuple[int, str]], title: str, *, most: int = 0, english: bool = False
) -> SafeString:
    """Lines over the same places, with `ticks` naming some of them; `most` is the least that the scale holds."""
    count = max((len(line.values) for line in lines), default=0)
    top = round_up(max([most, *(v for line in lines for v in line.values)], default=1))
    left, right, high, base = 64.0, 16.0, 210.0, 222.0
    room = WIDE - left - right

    def x(place: int) -> float:
        return left + room * place / max(1, count - 1)

    parts = []
    for value in sorted({0, top // 2, top}):
        y = base - high * value / top
        parts.append(f'<line class="grid" x1="{left:.0f}" x2="{WIDE - right:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(left - 8, y + 4, grouped(value), "q", anchor="end"))
    for place, name in ticks:
        anchor = "start" if place == 0 else "end" if place == count - 1 else "middle"
        parts.append(_text(x(place), base + 20, name, "q", anchor=anchor))
    for line in lines:
        points = " ".join(f"{x(at):.1f},{base - high * value / top:.1f}" for at, value in enumerate(line.values))
        parts.append(
            f'<polyline class="l {line.style}" points="{points}"><title>{escape(line.name)}</title></polyline>'
        )
    ends = [Bar(line.name, line.values[-1]) for line in lines if line.values]
    return _svg(base + 30, title, _in_words(ends, english), parts)


def swatch(style: str) -> SafeString:
    """The piece of a line for a key beside a curve."""
    return _key(f'<path class="l {escape(style)}" d="M1 6h30"/>')


def block(style: str) -> SafeString:
    """The same for an area."""
    return _key(f'<rect class="{escape(style)}" width="32" height="12" rx="3"/>')


def _key(part: str) -> SafeString:
    svg = f'<svg class="pic" viewBox="0 0 32 12" aria-hidden="true">{part}</svg>'
    return mark_safe(svg)  # noqa: S308 - its class went through escape


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a calendar: what it counts, words for who points at it, and whether anything may happen that day."""

    day: date
    value: int
    told: str
    is_open: bool = True


def calendar(cells: Sequence[Cell], title: str, *, english: bool = False) -> SafeString:
    """Weeks as rows, Monday first; the fuller the day, the deeper its colour, and its number is written in it."""
    if not cells:
        return _svg(20, title, "", [])
    first = cells[0].day - timedelta(days=cells[0].day.weekday())
    top = max(cell.value for cell in cells) or 1
    left, head, wide, high = 92.0, 26.0, 92.0, 44.0
    names, months = (WEEK_EN, MONTHS_EN) if english else (WEEK, MONTHS)
    parts = [_text(left + n * (wide + 3) + wide / 2, 14, name, "q", anchor="middle") for n, name in enumerate(names)]
    for cell in cells:
        week, weekday = (cell.day - first).days // 7, cell.day.weekday()
        x, y = left + weekday * (wide + 3), head + week * (high + 3)
        if weekday == 0 or cell is cells[0]:
            monday = cell.day - timedelta(days=weekday)
            parts.append(_text(left - 12, y + 27, f"{monday.day} {months[monday.month - 1]}", "q", anchor="end"))
        parts.extend(_cell(cell, x, y, wide, high, top))
    weeks = (cells[-1].day - first).days // 7 + 1
    told = _stop(english).join(cell.told for cell in cells if cell.value)
    return _svg(head + weeks * (high + 3), title, told, parts)


def _cell(cell: Cell, x: float, y: float, wide: float, high: float, top: int) -> Iterator[str]:
    level = 0 if not cell.value else 1 + cell.value * DEEPEST // (top + 1)
    style = f"c{level}" if cell.is_open or cell.value else "off"
    yield f"<g><title>{escape(cell.told)}</title>{_rect(x, y, wide, high, style)}"
    on_dark = " t4" if level == DEEPEST else ""
    yield _text(x + 7, y + 15, str(cell.day.day), "d" + on_dark)
    if cell.value:
        yield _text(x + wide - 8, y + 34, grouped(cell.value), "b" + on_dark, anchor="end")
    yield "</g>"


@dataclass(frozen=True, slots=True)
class Track:
    """One row of a timeline: its name, and stretches of days, each with its class and its words."""

    name: str
    stretches: Sequence[tuple[str, Period, str]]


def timeline(tracks: Sequence[Track], window: Period, day: date, title: str, *, english: bool = False) -> SafeString:
    """Rows of days from left to right; a line stands at `day`."""
    left, high, step, head = 138.0, 26.0, 40.0, 8.0
    room, days = WIDE - left - 8, max(1, (window.end - window.start).days)

    def x(at: date) -> float:
        return left + room * (at - window.start).days / days

    foot = head + len(tracks) * step
    parts = []
    for month in _quarters(window):
        names = MONTHS_EN if english else MONTHS
        parts.append(_text(x(month), foot + 10, f"{names[month.month - 1]} {month.year}", "q"))
        parts.append(
            f'<line class="grid" x1="{x(month):.1f}" x2="{x(month):.1f}" y1="{head:.0f}" y2="{foot - 6:.0f}"/>'
        )
    for place, track in enumerate(tracks):
        y = head + place * step
        parts.append(_text(left - 12, y + 18, track.name, "b", anchor="end"))
        parts.append(_rect(left, y, room, high, "track"))
        for style, period, told in track.stretches:
            wide = max(1.5, x(period.end) - x(period.start))
            parts.append(f"<g><title>{escape(told)}</title>{_rect(x(period.start), y, wide, high, style)}</g>")
    parts.append(f'<line class="now" x1="{x(day):.1f}" x2="{x(day):.1f}" y1="2" y2="{foot - 4:.0f}"/>')
    told = _stop(english).join(words for track in tracks for _, _, words in track.stretches)
    return _svg(foot + 18, title, told, parts)


def _quarters(window: Period) -> Iterator[date]:
    for year in range(window.start.year, window.end.year + 1):
        for month in (1, 7):
            if (day := date(year, month, 1)) in window and window.end - day > NAMED_BEFORE:
                yield day


def round_up(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 … : where a scale ends."""
    top = 1
    while top < value:
        top = top * 5 // 2 if str(top)[0] == "2" else top * 2
    return top


def _in_words(rows: Sequence[Bar], english: bool) -> str:
    colon = ": " if english else "\u00a0: "
    return _stop(english).join(f"{bar.name}{colon}{grouped(bar.value)}" for bar in rows)


def _stop(english: bool) -> str:
    return "; " if english else "\u00a0; "


def _rect(x: float, y: float, wide: float, high: float, style: str) -> str:
    return f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="3"/>'


def _text(x: float, y: float, words: str, style: str = "", *, anchor: str = "start") -> str:
    if not words:
        return ""
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(high: float, title: str, told: str, parts: Sequence[str]) -> SafeString:
    name = escape(f"{title}. {told}" if told else title)
    head = f'<svg class="pic" role="img" aria-label="{name}" viewBox="0 0 {WIDE:.0f} {high:.0f}">'
    return mark_safe("\n".join([head, *filter(None, parts), "</svg>"]))  # noqa: S308 - every word went through escape


def shares(counts: Mapping[str, int]) -> dict[str, int]:
    """Only what is there, the most first."""
    return dict(sorted(((k, n) for k, n in counts.items() if n), key=lambda pair: -pair[1]))
