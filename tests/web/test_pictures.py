"""Pictures: well-formed, in words for those who do not see them, and harmless whatever is named."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from registry.rules.periods import Period
from web import pictures
from web.management.commands import screenshots
from web.pictures import Bar, Cell, Line, Track

DAY = date(2026, 2, 10)
HOSTILE = '<script>alert("1")</script> & \' «'
WINDOW = Period(date(2025, 1, 1), date(2027, 1, 1))
TRACK = Track(HOSTILE, [("ok", Period(DAY, date(2026, 6, 1)), HOSTILE)])
DRAWN = {
    "funnel": pictures.funnel([Bar(HOSTILE, 6000), Bar("b", 1200), Bar("c", 0)], HOSTILE),
    "empty funnel": pictures.funnel([Bar("a", 0)], "rien"),
    "bars": pictures.bars([Bar(HOSTILE, 4590), Bar("b", 1)], HOSTILE),
    "no bars": pictures.bars([], "rien"),
    "curve": pictures.curve([Line(HOSTILE, "ok", [0, 10, 1000])], [(0, "a"), (2, HOSTILE)], HOSTILE),
    "one point": pictures.curve([Line("x", "ok", [0])], [(0, "a")], "un"),
    "no curve": pictures.curve([], [], "rien"),
    "calendar": pictures.calendar(
        [Cell(DAY + timedelta(days=n), n * 100, f"{HOSTILE} {n}", n % 7 != 0) for n in range(20)], HOSTILE
    ),
    "no calendar": pictures.calendar([], "rien"),
    "timeline": pictures.timeline(
        [Track(HOSTILE, [("ok", Period(DAY, date(2026, 6, 1)), HOSTILE)])], WINDOW, DAY, HOSTILE
    ),
    "key": pictures.swatch("ok") + pictures.block("ok"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_well_formed_and_asks_for_nothing(name: str) -> None:
    """Fails where a word does not go through `escape`."""
    root = ElementTree.fromstring(f"<all>{DRAWN[name]}</all>")
    tags = {element.tag for element in root.iter()}
    assert tags <= {"all", "svg", "g", "title", "text", "rect", "line", "polyline", "polygon", "path"}
    names = {attribute for element in root.iter() for attribute in element.attrib}
    assert not names & {"style", "href", "onclick"}


@pytest.mark.parametrize("name", [name for name in DRAWN if name != "key"])
def test_a_picture_tells_itself_in_words(name: str) -> None:
    (svg,) = ElementTree.fromstring(f"<all>{DRAWN[name]}</all>")
    assert svg.attrib["role"] == "img"
    assert svg.attrib["aria-label"].startswith(("rien", "un", HOSTILE))


def test_a_funnel_names_its_numbers_and_narrows() -> None:
    svg = DRAWN["funnel"]
    assert "6\u202f000" in svg
    widths = [float(w) for w in re.findall(r'<rect class="f\d"[^>]*width="([\d.]+)"', svg)]
    assert widths == sorted(widths, reverse=True)
    assert widths[1] / widths[0] == pytest.approx(0.2, abs=0.01)


def test_a_curve_never_leaves_its_frame() -> None:
    (svg,) = ElementTree.fromstring(f"<all>{DRAWN['curve']}</all>")
    wide, high = map(float, svg.attrib["viewBox"].split()[2:])
    (line,) = svg.iter("polyline")
    points = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    assert all(0 <= x <= wide and 0 <= y <= high for x, y in points)
    assert points[0][1] > points[-1][1]


def test_a_fuller_day_is_deeper_and_a_closed_one_is_told_apart() -> None:
    levels = re.findall(r'<rect class="(c\d|off)"', DRAWN["calendar"])
    assert levels[0] == "off"
    open_days = [level for level in levels if level != "off"]
    assert open_days == sorted(open_days)
    assert open_days[-1] == "c4"


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (3, 5), (21, 50), (922, 1000), (18_000, 20_000)])
def test_a_scale_ends_at_a_round_number(value: int, top: int) -> None:
    assert pictures.round_up(value) == top


def test_only_what_is_there_is_shown_the_most_first() -> None:
    assert list(pictures.shares({"a": 1, "b": 0, "c": 5})) == ["c", "a"]


# --- the command ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_pictures_are_refused_in_words_without_a_browser_a_page_or_a_person(monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.setattr(screenshots, "chromium", lambda: None)
    with pytest.raises(CommandError, match="Chromium n’est pas installé"):
        call_command("screenshots", "--out", str(tmp_path))
    monkeypatch.setattr(screenshots, "chromium", lambda: "/bin/false")
    with pytest.raises(CommandError, match="Aucune page de ce nom"):
        call_command("screenshots", "--out", str(tmp_path), "--only", "rien")
    with pytest.raises(CommandError, match="Aucun utilisateur"):
        call_command("screenshots", "--out", str(tmp_path), "--by", "personne")
    assert not list(tmp_path.iterdir())
