"""What is served from here but made elsewhere is what its README says; the style sheet keeps its own rules."""

from __future__ import annotations

import hashlib
import re

from settings.embedded import BASE_DIR

VENDOR = BASE_DIR / "web" / "static" / "vendor"
TEMPLATES = BASE_DIR / "web" / "templates"
FAULTS = {
    "an ordinary space before : ; ! ? »": re.compile(r"[^\s%{}\d]\s[:;!?»](?=[\s<]|$)"),
    "a straight apostrophe": re.compile(r"(?<=[a-zéè])'(?=[a-zéèêàh])"),
}


def test_every_file_from_elsewhere_is_named_with_its_licence_and_its_hash() -> None:
    readme = (VENDOR / "README.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", readme, re.MULTILINE))
    served = [path for path in VENDOR.rglob("*") if path.is_file() and path.suffix in {".js", ".css"}]
    assert {path.relative_to(VENDOR).as_posix() for path in served} == set(named)
    for path in served:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == named[path.relative_to(VENDOR).as_posix()]
        assert list(path.parent.glob("LICENSE*"))


def test_every_class_of_a_picture_has_its_colour() -> None:
    """Fails where `web.pictures` draws with a class that the style sheet lacks: it would be black on dark."""
    css = (BASE_DIR / "web/static/web/site.css").read_text(encoding="utf-8")
    drawn = re.findall(r'class="([a-z ]+)"', (BASE_DIR / "web/pictures.py").read_text(encoding="utf-8"))
    for name in {word for words in drawn for word in words.split()} - {"pic"}:
        assert f".{name}" in css, name


def test_the_french_of_the_pages_is_set_as_french() -> None:
    found = []
    for path in TEMPLATES.rglob("*.html"):
        if ".en." in path.name:
            continue
        text = re.sub(r"\{% en %\}.*?\{% endfr %\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = re.sub(r"\{[%{#].*?[%}#]\}|<[^>]*>", "X", text, flags=re.DOTALL)
        found += [f"{path.name}: {kind}: {m.group()!r}" for kind, fault in FAULTS.items() for m in fault.finditer(text)]
    assert found == []


def test_both_halves_of_a_pair_stand_outside_of_tags_or_inside_of_one_value() -> None:
    """Fails for `scope="{% fr %}col">Lot{% en %}Batch{% endfr %}</th>`: in English the heads of a table were lost."""
    found = []
    for path in TEMPLATES.rglob("*.html"):
        for pair in re.finditer(r"\{% fr %\}(.*?)\{% en %\}(.*?)\{% endfr %\}", path.read_text("utf-8"), re.DOTALL):
            halves = [re.sub(r"\{[%{].*?[%}]\}", "", half, flags=re.DOTALL) for half in pair.groups()]
            found += [f"{path.name}: {half!r}" for half in halves if half.count('"') % 2]
    assert found == []


def test_no_english_page_sets_its_signs_as_french_does() -> None:
    """Fails for `&nbsp;;` that stands outside of the French half."""
    found = []
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text("utf-8")
        if "{% en %}" not in text:
            continue
        english = re.sub(r"\{% fr %\}.*?\{% en %\}", "", text, flags=re.DOTALL)
        found += [f"{path.name}: {m.group()!r}" for m in re.finditer(r"\S*(?:&nbsp;|[\u00a0\u202f])[;:!?»]", english)]
    assert found == []
