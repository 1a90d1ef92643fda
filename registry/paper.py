"""Letters, minutes and certificates as PDF: the same words and day make the same bytes, on any machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from fpdf import FPDF

ENCODING = "windows-1252"
_LINE = 5.5
"""Millimetres from one line to the next."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document to print: heading, addressee lines, reference lines, title, paragraphs, last lines."""

    heading: str
    dated_on: date
    title: str
    paragraphs: tuple[str, ...]
    addressee: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()


def print_sheet(sheet: Sheet) -> bytes:
    """The PDF of a sheet. It carries the sheet's day, not the day of printing."""
    # A third of a second, which every command would pay at its start.
    from fpdf import FPDF

    page = FPDF()
    page.core_fonts_encoding = ENCODING
    page.set_creation_date(datetime.combine(sheet.dated_on, time(), UTC))
    page.set_title(printable(sheet.title))
    page.set_lang("fr-FR")
    page.footer = partial(_foot, page, " – ".join(sheet.references[:1]) or sheet.heading)  # type: ignore[method-assign]
    page.set_auto_page_break(auto=True, margin=20)
    page.add_page()
    _text(page, [sheet.heading], style="B", size=13)
    _text(page, sheet.addressee, indent=100)
    _text(page, sheet.references, size=9)
    _text(page, [sheet.title], style="B")
    for paragraph in sheet.paragraphs:
        _text(page, [paragraph], indent=6 if paragraph.startswith("- ") else 0)
    _text(page, sheet.closing, size=9)
    return bytes(page.output())


def _foot(page: FPDF, footing: str) -> None:
    """The reference and the number of each page."""
    page.set_y(-15)
    page.set_font("Helvetica", size=8)
    page.cell(0, _LINE, printable(f"{footing} – page {page.page_no()}"), align="C")


def _text(page: FPDF, lines: Iterable[str], *, style: str = "", size: int = 11, indent: float = 0) -> None:
    page.set_font("Helvetica", style=style, size=size)
    told = [line for line in lines if line]
    for line in told:
        page.set_x(page.l_margin + indent)
        page.multi_cell(0, _LINE, printable(line), align="L", new_x="LMARGIN", new_y="NEXT")
    if told:
        page.ln(_LINE / 2)


def printable(text: str) -> str:
    """The text in the letters of the printed fonts: others lose their accent, or become « ? ». The register keeps
    every name as it was given."""
    return "".join(map(_printable, text.replace("\u202f", "\u00a0")))


def _printable(sign: str) -> str:
    if _is_printed(sign):
        return sign
    bare = "".join(s for s in normalize("NFKD", sign) if not combining(s))
    return bare if bare and all(map(_is_printed, bare)) else "?"


def _is_printed(sign: str) -> bool:
    return bool(sign.encode(ENCODING, "ignore"))
