"""A file's covers over time, as a picture and as the rows of its table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString

from registry.rules.categories import CoverKind
from registry.rules.facts import FileFacts, Reference
from registry.rules.file_state import FileState
from registry.rules.periods import Period
from registry.rules.timeline import CoverTimeline, Span, SpanKind, cover_timelines
from web.pictures import Track, timeline
from web.templatetags.days import day as in_words
from web.templatetags.words import said, speaks_english

BEFORE, AFTER = timedelta(days=430), timedelta(days=400)
_STYLES = {SpanKind.COVERED: "ok", SpanKind.AWAITING: "wait", SpanKind.GAP: "gap"}
SHORT_NAMES = {
    CoverKind.RC_PRO: ("RC Pro", "Indemnity"),
    CoverKind.FINANCIAL_GUARANTEE: ("Garantie", "Guarantee"),
}
"""Where there is little room, in French and in English."""


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of days for the table."""

    name: str
    first: date
    last: date
    kind: SpanKind


@dataclass(frozen=True, slots=True)
class Shown:
    """The picture, its table, and whether there is a gap to speak of."""

    picture: SafeString
    rows: tuple[Row, ...]
    has_gaps: bool


def show_covers(facts: FileFacts, state: FileState, reference: Reference) -> Shown | None:
    """The covers of a file around the day of its state; None where no paper is asked for."""
    day = state.as_of
    window = Period(day - BEFORE, day + AFTER)
    found = cover_timelines(facts, state.findings, reference, window, day)
    if not found:
        return None
    english = speaks_english()
    title = "Covers over time" if english else "Les couvertures dans le temps"
    tracks = [Track(_name(one), [_stretch(span) for span in one.spans]) for one in found]
    rows = tuple(Row(_name(one), s.period.start, s.period.last_day, s.kind) for one in found for s in one.spans)
    picture = timeline(tracks, window, day, title, english=english)
    return Shown(picture, rows, any(one.gaps for one in found))


def _name(one: CoverTimeline) -> str:
    return f"{SHORT_NAMES[one.kind][speaks_english()]} {one.category.value}"


def _stretch(span: Span) -> tuple[str, Period, str]:
    first, last = in_words(span.period.start), in_words(span.period.last_day)
    words = f"{said(span.kind)}, {first} – {last}"
    return _STYLES[span.kind], span.period, words
