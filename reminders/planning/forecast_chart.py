"""The forecast as a picture: one SVG without script, font or link, readable in light and in dark.

Above, the notices of each day, stacked by wave; below, the agents that the day needs. Every bar tells its numbers in
words, for those who do not see it and for those who point at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from reminders.planning.forecast import ForecastDay

WEEKDAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
# Okabe and Ito's colours, told apart by the colour-blind too.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")

LEFT, RIGHT, TOP, GAP, BOTTOM = 70, 20, 64, 48, 32
NOTICES_HIGH, AGENTS_HIGH = 240, 110
NARROWEST, WIDEST, WISHED = 4.0, 40.0, 900.0
LABEL_EVERY = 56.0
"""Pixels between two days that are named under the axis."""

_STYLE = (
    "svg{color:#1b1b1b;background:#fff;font:12px system-ui,sans-serif}"
    "@media(prefers-color-scheme:dark){svg{color:#f0f0f0;background:#161616}}"
    "text{fill:currentColor}.axis{stroke:currentColor;stroke-width:1}"
    ".grid{stroke:currentColor;stroke-opacity:.2}.bar{stroke:currentColor;stroke-width:.5}"
    ".agents{fill:currentColor;fill-opacity:.55}"
)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def number(value: int) -> str:
    """18000 as French writes it."""
    return f"{value:,}".replace(",", "\u202f")


def short_day(day: date) -> str:
    """« lun. 12/01 »: the period tells the year."""
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m}"


def plural(value: int, one: str) -> str:
    """« 1 relance », « 2 relances », « 0 relance »."""
    return f"{number(value)}\u00a0{one}{'s' if value > 1 else ''}"


def forecast_svg(days: Sequence[ForecastDay], title: str) -> str:
    """The chart of these days; `title` is shown above it and read out first."""
    waves = tuple(days[0].waves) if days else ()
    plot = _Plot(
        step=min(WIDEST, max(NARROWEST, WISHED / max(1, len(days)))),
        days=len(days),
        most_notices=_round_up(max((d.notices for d in days), default=0)),
        most_agents=_round_up(max((d.load.agents_needed for d in days), default=0)),
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="titre resume" lang="fr" '
        f'viewBox="0 0 {plot.width:.0f} {plot.height}" width="{plot.width:.0f}" height="{plot.height}">',
        f'<title id="titre">{_text(title)}</title>',
        f'<desc id="resume">{_text(summary(days))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<text x="{LEFT}" y="20" font-size="15" font-weight="bold">{_text(title)}</text>',
        *_legend(waves),
        *_scale(plot, plot.notices_base, NOTICES_HIGH, plot.most_notices, "Relances"),
        *_scale(plot, plot.agents_base, AGENTS_HIGH, plot.most_agents, "Agents nécessaires"),
        *(part for place, day in enumerate(days) for part in _day(plot, place, day, waves)),
        *_names_of_days(plot, days),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def summary(days: Sequence[ForecastDay]) -> str:
    """The picture in words."""
    total = sum(d.notices for d in days)
    if not total:
        return "Aucune relance n’est prévue."
    busiest = max(days, key=lambda d: d.notices)
    return (
        f"{plural(total, 'relance')} sur {plural(sum(d.notices > 0 for d in days), 'jour')}. "
        f"Le jour le plus chargé est le {busiest.day:%d/%m/%Y}\u00a0: {told(busiest)}."
    )


def told(day: ForecastDay) -> str:
    """One day in words: notices, by wave, calls, agents."""
    waves = ", ".join(f"{wave}\u00a0: {number(n)}" for wave, n in day.waves.items() if n)
    return (
        f"{plural(day.notices, 'relance')}{f' ({waves})' if waves else ''}, "
        f"{plural(round(day.load.calls), 'appel')}, {plural(day.load.agents_needed, 'agent')}"
    )


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where things are: pixels a day, how many days, and the tops of the two scales."""

    step: float
    days: int
    most_notices: int
    most_agents: int

    @property
    def width(self) -> float:
        return max(640.0, LEFT + self.days * self.step + RIGHT)

    @property
    def height(self) -> int:
        return self.agents_base + BOTTOM

    @property
    def notices_base(self) -> int:
        return TOP + NOTICES_HIGH

    @property
    def agents_base(self) -> int:
        return self.notices_base + GAP + AGENTS_HIGH

    def x(self, place: int) -> float:
        return LEFT + place * self.step


def _round_up(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 … : where a scale ends."""
    top = 1
    while top < value:
        top = top * 5 // 2 if str(top)[0] == "2" else top * 2
    return top


def _legend(waves: Sequence[str]) -> Iterator[str]:
    x = float(LEFT)
    for place, wave in enumerate(waves):
        yield f'<rect class="bar" x="{x:.0f}" y="32" width="11" height="11" fill="{_colour(place)}"/>'
        yield f'<text x="{x + 16:.0f}" y="42">{_text(wave)}</text>'
        x += 34 + 8 * len(wave)


def _scale(plot: _Plot, base: int, high: int, top: int, name: str) -> Iterator[str]:
    yield f'<text x="{LEFT}" y="{base - high - 8}">{_text(name)}</text>'
    # A scale that ends at 1 has no whole number in its middle.
    for value in sorted({0, top // 2, top}):
        y = base - high * value / top
        yield f'<line class="grid" x1="{LEFT}" x2="{plot.width - RIGHT:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(value)}</text>'
    yield f'<line class="axis" x1="{LEFT}" x2="{plot.width - RIGHT:.1f}" y1="{base}" y2="{base}"/>'


def _day(plot: _Plot, place: int, day: ForecastDay, waves: Sequence[str]) -> Iterator[str]:
    if not day.notices:
        return
    yield f"<g><title>{_text(short_day(day.day))}\u00a0: {_text(told(day))}</title>"
    x, wide = plot.x(place), plot.step * 0.8
    # One that discharges two waves is one notice: the parts share the bar, which is as high as the notices are many.
    parts, y = sum(day.waves.values()), float(plot.notices_base)
    for order, wave in enumerate(waves):
        if n := day.waves[wave]:
            high = NOTICES_HIGH * day.notices / plot.most_notices * n / parts
            y -= high
            yield _bar(x, y, wide, high, f'class="bar" fill="{_colour(order)}"')
    high = AGENTS_HIGH * day.load.agents_needed / plot.most_agents
    yield _bar(x, plot.agents_base - high, wide, high, 'class="agents"')
    yield "</g>"


def _bar(x: float, y: float, wide: float, high: float, style: str) -> str:
    return f'<rect {style} x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'


def _names_of_days(plot: _Plot, days: Sequence[ForecastDay]) -> Iterator[str]:
    every = int(LABEL_EVERY / plot.step) + 1
    for place in range(0, len(days), every):
        x = plot.x(place) + plot.step * 0.4
        yield f'<text x="{x:.1f}" y="{plot.agents_base + 18}" text-anchor="middle">{days[place].day:%d/%m}</text>'


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


def _text(words: str) -> str:
    """Words as XML takes them: what it has no place for is shown as unreadable."""
    return escape(_NOT_XML.sub("\ufffd", words))
