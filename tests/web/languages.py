"""What a page says to its reader, and in which language: for the tests that read pages in English."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.test import Client

FRENCH = re.compile(
    r"[àâçèéêëîïôöùûœÀÇÉÈ«»]|\b(?:le|la|les|des|une|du|vous|votre|est|pas|ce|cette|aucun|aucune|un|et|par|pour|sur|dans"
    r"|aux|de|ou|qui|que|sont|lot|lots|dossier|dossiers|jour|jours|pourquoi|motif|relances?|demandes?|appels?"
    r"|destinataires?|avertissements?|jamais|depuis|rien)\b"
    r"|[0-9]\sh\s[0-9]",
    re.IGNORECASE,
)
SITE = "Registre des intermédiaires"
"""What the site is called, in any language."""
ALIKE = frozenset(
    {"API", "CSV", "PDF", "SIREN", "ORIAS", "COA", "IOB", "MIA", "MIOB", "MOBSP", "CIF", "AGA", "IOBSP", "MAL"}
    | {"Auto", "Code", "Commission", "Documents", "Exceptions", "Messages", "Note", "Notes", "Question"}
    | {"Session", "Sessions", "message", "messages", "points", "contact", "contacts"}
)
"""Words that are the same in both languages, and codes."""
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_SPOKEN = ("title", "aria-label", "placeholder", "alt")
_PRESSED = ("submit", "button", "reset")
_MUTE = ("script", "style", "code")
_SAYS = re.compile(r"[^\W\d_]{3}")


class _Reader(HTMLParser):
    """Gathers texts and spoken attributes, but of what is marked as French, or as nothing to be translated."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what it says; remember whether what is inside is French."""
        given = dict(attrs)
        foreign = tag != "html" and (given.get("lang") == "fr" or given.get("translate") == "no")
        silent = foreign or tag in _MUTE or self.silent
        if not silent:
            self.pieces += [given[name] or "" for name in _SPOKEN if name in given]
            if tag == "input" and given.get("type") in _PRESSED:
                self.pieces.append(given.get("value") or "")
        if tag not in _VOID:
            self.open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        """Go back to what it stands in."""
        while self.open and tag in (name for name, _ in self.open):
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        """Keep it."""
        if not self.silent:
            self.pieces.append(data)

    @property
    def silent(self) -> bool:
        """Whether this stands in what is not listened to."""
        return bool(self.open) and self.open[-1][1]


def pieces(text: str, *names: str) -> list[str]:
    """What a page says, head and attributes too, piece by piece; without what is marked as French, and these names."""
    reader = _Reader()
    reader.feed(text)
    return [piece for one in reader.pieces if (piece := _without(one, (SITE, *names)).strip())]


def _without(text: str, names: Iterable[str]) -> str:
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def spoken(text: str, *names: str) -> str:
    """The same in one text."""
    return "\n".join(pieces(text, *names))


def left_in_french(english: str, french: str, *names: str) -> list[str]:
    """Of a page in English: what sounds French, and what it says as the same page does in French."""
    said = pieces(english, *names)
    same = {_bare(piece) for piece in pieces(french, *names)}
    return [piece for piece in said if FRENCH.search(piece) or (_says(_bare(piece)) and _bare(piece) in same)]


def _bare(piece: str) -> str:
    """Without numbers and what stands between words: « Lot 3, » is « Lot »."""
    return " ".join(word for word in re.findall(r"[^\W\d_]+", piece) if word not in ALIKE)


def _says(piece: str) -> bool:
    return bool(_SAYS.search(piece))


def in_both(browser: Client, ask: Callable[[Client], Any]) -> tuple[Any, Any]:
    """The answers to the same request in English and in French."""
    browser.cookies["langue"] = "en"
    english = ask(browser)
    browser.cookies["langue"] = "fr"
    return english, ask(browser)


def switches(text: str) -> Iterator[str]:
    """Where the page's links to another language lead."""
    yield from map(html.unescape, re.findall(r'<a href="(/affichage/\?langue=[^"]+)"', text))
