"""How the demonstration speaks: in French, to a terminal or into a pipe."""

from __future__ import annotations

import re
import textwrap
import time
from datetime import datetime

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.table import Table
from rich.theme import Theme

from registry.rules.french import NARROW, day_in_words

NO_BREAK = "\u00a0"
WIDEST = 100

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_BEFORE_A_MARK = re.compile(r" (?=[:;!?»%])")
_AFTER_A_GUILLEMET = re.compile(r"(?<=«) ")
_MISSING_DIGITS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")


class _Figures(RegexHighlighter):
    """Numbers stand out."""

    base_style = "demo."
    highlights = [r"(?P<figure>(?<![\w.:/-])\d[\d\u202f]*(?![\w.:/-]))"]  # noqa: RUF012


def duration(seconds: float) -> str:
    """Seconds with one decimal."""
    return f"{seconds:.1f}".replace(".", ",") + f"{NO_BREAK}s"


def moment(instant: datetime) -> str:
    """« mardi 24 février 2026, 17 h 30 »: the instant as its own clock shows it."""
    return (
        f"{_DAYS[instant.weekday()]} {day_in_words(instant)}, {instant.hour}{NO_BREAK}h{NO_BREAK}{instant.minute:02d}"
    )


def french(text: str) -> str:
    """The text with its no-break spaces: before high punctuation, inside guillemets, in long numbers."""
    text = _AFTER_A_GUILLEMET.sub(NO_BREAK, _BEFORE_A_MARK.sub(NO_BREAK, text))
    return _MISSING_DIGITS.sub(NARROW, text)


def wrapped(text: str, width: int) -> str:
    """The text in lines, broken at ordinary spaces only: rich would also break at those that forbid it."""
    return textwrap.fill(french(text), width, break_long_words=False, break_on_hyphens=False)


class Teller:
    """Tells scene after scene, and keeps how long each took."""

    def __init__(self, console: Console | None = None) -> None:
        """Speak to `console`; by default to stdout."""
        self.console = console or Console(highlighter=_Figures(), theme=Theme({"demo.figure": "bold"}), soft_wrap=True)
        self.width = min(self.console.width, WIDEST)
        self.scenes: list[tuple[str, float]] = []
        self._name, self._since = "", time.monotonic()
        self._begun = self._since

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begun

    def scene(self, name: str, heading: str, instant: datetime | None = None) -> None:
        """End the scene before and open one; `name` is what its duration goes by."""
        self.end_scene()
        self._name, self._since = name, time.monotonic()
        when = f"{moment(instant)} — " if instant else ""
        line = french(f"── {when}{heading} ")
        self.console.print()
        self.console.print(line + "─" * max(0, self.width - len(line)), style="bold cyan", highlight=False)

    def end_scene(self) -> None:
        """Note how long the open scene took."""
        if self._name:
            self.scenes.append((self._name, time.monotonic() - self._since))
        self._name = ""

    def say(self, text: str, style: str = "") -> None:
        """A paragraph."""
        self.console.print(wrapped(text, self.width), style=style, markup=False)

    def verbatim(self, text: str, style: str = "") -> None:
        """Lines as they are, set in a little."""
        self.console.print(textwrap.indent(text, "  "), style=style, markup=False, highlight=False)

    def letter(self, text: str) -> None:
        """Somebody's text, set in, each of its lines broken where the terminal ends."""
        lines = [
            textwrap.wrap(line, self.width - 4, break_long_words=False, break_on_hyphens=False) or [""]
            for line in text.strip().splitlines()
        ]
        self.verbatim("\n" + "\n".join(part for parts in lines for part in parts) + "\n")

    def command(self, *words: str) -> None:
        """The line that a person would type."""
        self.console.print(f"$ manage.py {' '.join(words)}", style="bold green", markup=False, highlight=False)

    def table(self, table: Table) -> None:
        """A table."""
        self.console.print(table, soft_wrap=False)
