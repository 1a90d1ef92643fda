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
