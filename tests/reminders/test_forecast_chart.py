"""The chart: one SVG that stands alone, tells its numbers in words, and stays within its frame."""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.planning.forecast import ForecastDay
from reminders.planning.forecast_chart import COLOURS, forecast_svg, number, plural, short_day, summary
from reminders.rules.hotline import Hotline, call_load

SVG = "{http://www.w3.org/2000/svg}"
MONDAY = date(2026, 1, 5)
words = st.text(max_size=8)


def day(n: int, place: int = 0, /, **waves: int) -> ForecastDay:
    return ForecastDay(MONDAY + timedelta(place), waves or {"D-7": n}, n, call_load(n, 0, Hotline()))


def drawn(days: list[ForecastDay], title: str = "Relances prévues") -> ElementTree.Element:
    return ElementTree.fromstring(forecast_svg(days, title))


def bars(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [bar for group in root.iter(f"{SVG}g") for bar in group.iter(f"{SVG}rect")]


def test_it_has_a_title_and_a_description_that_are_read_out() -> None:
    root = drawn([day(18_000)])
    assert root.get("role") == "img"
    told = {e.get("id"): e.text for e in root if e.get("id")}
    assert [told[name] for name in str(root.get("aria-labelledby")).split()] == [
        "Relances prévues",
        "18\u202f000\u00a0relances sur 1\u00a0jour. Le jour le plus chargé est le 05/01/2026\u00a0: "
        "18\u202f000\u00a0relances (D-7\u00a0: 18\u202f000), 1\u202f008\u00a0appels, 92\u00a0agents.",
    ]


def test_every_bar_tells_its_numbers() -> None:
    root = drawn([day(3, 0, **{"D-7": 3, "D+1": 2}), day(0, 1), day(1, 2, **{"D-7": 1, "D+1": 0})])
    titles = [group.findtext(f"{SVG}title") for group in root.iter(f"{SVG}g")]
    assert titles == [
        "lun. 05/01\u00a0: 3\u00a0relances (D-7\u00a0: 3, D+1\u00a0: 2), 0\u00a0appel, 1\u00a0agent",
        "mer. 07/01\u00a0: 1\u00a0relance (D-7\u00a0: 1), 0\u00a0appel, 1\u00a0agent",
    ]
    assert len(bars(root)) == 3 + 2


def test_it_asks_nothing_of_another_place_and_runs_nothing() -> None:
    text = forecast_svg([day(5)], "x").replace('xmlns="http://www.w3.org/2000/svg"', "")
    for trace in ("http", "href", "url(", "@import", "<script", "<image", "<foreignObject"):
        assert trace not in text


def test_it_is_drawn_for_light_and_for_dark() -> None:
    style = drawn([day(5)]).findtext(f"{SVG}style")
    assert style is not None
    assert "@media(prefers-color-scheme:dark)" in style
    assert "currentColor" in style


@given(words, words)
def test_no_text_breaks_out_of_the_picture(title: str, wave: str) -> None:
    """Fails without `escape`, or with characters that XML has no place for."""
    root = drawn([day(2, 0, **{wave: 2})], title)
    assert {e.tag for e in root.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "desc", "style", "text", "rect", "line", "g")
    }
    if title.isascii() and title.isprintable():
        assert root.findtext(f"{SVG}title") == title


def test_what_would_be_markup_is_text() -> None:
    root = drawn([day(1, 0, **{"<b>&\x01": 1})], "<script>alert('x')</script>")
    assert root.findtext(f"{SVG}title") == "<script>alert('x')</script>"
    assert "<b>&\ufffd" in [e.text for e in root.iter(f"{SVG}text")]


@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 30_000)), min_size=1, max_size=300))
def test_the_bars_stay_within_the_frame_and_are_as_high_as_the_notices(sizes: list[tuple[int, int]]) -> None:
    days = [day(max(a, b), n, **{"D-7": a, "D+1": b}) for n, (a, b) in enumerate(sizes)]
    root = drawn(days)
    wide, high = float(str(root.get("width"))), float(str(root.get("height")))
    for bar in bars(root):
        x, y, w, h = (float(str(bar.get(name))) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= wide
        assert 0 <= y <= y + h <= high + 0.1
    heights = [
        sum(float(str(b.get("height"))) for b in group.iter(f"{SVG}rect") if b.get("class") == "bar")
        for group in root.iter(f"{SVG}g")
    ]
    busy = [d.notices for d in days if d.notices]
    assert len(heights) == len(busy)
    for one, other in zip(range(len(busy)), range(1, len(busy)), strict=False):
        if busy[one] > busy[other]:
            assert heights[one] >= heights[other] - 0.2


def test_days_without_notices_and_no_days_make_an_empty_picture() -> None:
    for days in ([], [day(0)], [day(0, n) for n in range(270)]):
        root = drawn(days)
        assert bars(root) == []
        assert root.findtext(f"{SVG}desc") == "Aucune relance n’est prévue."
    assert summary([]) == "Aucune relance n’est prévue."


def test_more_waves_than_colours_begin_the_colours_again() -> None:
    many = {f"W{n}": 1 for n in range(len(COLOURS) + 1)}
    fills = [bar.get("fill") for bar in bars(drawn([day(1, 0, **many)]))]
    assert fills == [*COLOURS, COLOURS[0], None]


@pytest.mark.parametrize(
    ("value", "told"), [(0, "0\u00a0relance"), (1, "1\u00a0relance"), (2_000, "2\u202f000\u00a0relances")]
)
def test_numbers_are_set_as_in_french(value: int, told: str) -> None:
    assert plural(value, "relance") == told
    assert number(1_234_567) == "1\u202f234\u202f567"
    assert short_day(date(2026, 2, 24)) == "mar. 24/02"
