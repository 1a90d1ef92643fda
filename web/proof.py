"""The proof of a registration: one PDF page, and the sealed code by which anyone reads again what it said."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.crypto import salted_hmac

from registry.clock import PARIS
from registry.public import PublicEntry, PublicRegistration, PublicStatus
from registry.rules.proof import Proven, ProvenLine, pack, read_code, unpack, write_code
from web.templatetags.days import day
from web.templatetags.words import instant

if TYPE_CHECKING:
    from fpdf import FPDF

SEAL_BYTES = 10
_SALT = "registry.proof"
_STATUSES = list(PublicStatus)
WHAT_THE_CODE_IS_FOR = (
    "Ce document ne vaut que pour l’heure qu’il porte. Chacun peut lire, avec ce code, ce qu’il disait et ce que le "
    "registre dit à présent\u00a0:"
)
INK, QUIET, ACCENT = (27, 38, 48), (82, 94, 104), (15, 61, 71)


@dataclass(frozen=True, slots=True)
class Read:
    """A code that was made here: what its proof said, its lines in the words of the register."""

    proven: Proven
    lines: tuple[PublicRegistration, ...]

    def agrees_with(self, entry: PublicEntry | None) -> bool:
        """Whether the register says the same, the name included."""
        return entry is not None and entry.categories == self.lines and not self.was_renamed(entry)

    def was_renamed(self, entry: PublicEntry) -> bool:
        """Whether the name is another than the one that the proof was made out to."""
        return digest_of(entry.name) != self.proven.name_digest


def make_code(entry: PublicEntry, now: datetime) -> str:
    """The code of what is published of `entry` at `now`."""
    lines = tuple(
        ProvenLine(r.category, _STATUSES.index(r.status), r.since, r.until, r.collects_funds) for r in entry.categories
    )
    packed = pack(Proven(entry.orias_number, now, digest_of(entry.name), lines))
    return write_code(packed + _seal(packed))


def read_proof(code: str) -> Read | None:
    """What a code says; None where it was not made here, or was changed."""
    try:
        sealed = read_code(code)
        packed, seal = sealed[:-SEAL_BYTES], sealed[-SEAL_BYTES:]
        if not hmac.compare_digest(seal, _seal(packed)):
            return None
        proven = unpack(packed)
    except ValueError:
        return None
    return Read(proven, tuple(_line(line) for line in proven.lines))


def digest_of(name: str) -> int:
    """24 bits of a name: enough to tell that it changed, not to find it."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:3], "big")


def _seal(packed: bytes) -> bytes:
    return salted_hmac(_SALT, packed, algorithm="sha256").digest()[:SEAL_BYTES]


def _line(line: ProvenLine) -> PublicRegistration:
    return PublicRegistration(line.category, line.since, line.until, line.collects_funds, _STATUSES[line.status])


def proof_pdf(entry: PublicEntry, *, code: str, address: str, now: datetime) -> bytes:
    """The page, in French; `address` is where its code is checked. The same arguments give the same bytes."""
    # Half a second, which every command would pay at its start.
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.core_fonts_encoding = "cp1252"
    pdf.set_creation_date(now.astimezone(PARIS))
    pdf.set_title(f"Attestation d’inscription n° {entry.orias_number}")
    pdf.set_lang("fr-FR")
    pdf.set_margins(24, 22)
    pdf.add_page()
    _head(pdf)
    _write(pdf, entry.name, size=17, style="B", gap=1)
    _write(pdf, _identity(entry), colour=QUIET, gap=7)
    for line in entry.categories:
        _registration(pdf, line)
    _write(pdf, f"Ce que disait le registre le {instant(now)}.", gap=9)
    _check(pdf, code, address)
    return bytes(pdf.output())


def _head(pdf: FPDF) -> None:
    pdf.set_fill_color(*ACCENT)
    pdf.rect(0, 0, pdf.w, 9, style="F")
    _write(pdf, settings.SITE_NAME, size=11, colour=ACCENT, style="B", gap=12)
    _write(pdf, "Attestation d’inscription", size=24, gap=9)


def _registration(pdf: FPDF, line: PublicRegistration) -> None:
    _write(
        pdf, f"{line.status.label}\u00a0: {line.category.value}, {line.category.label}", size=12.5, style="B", gap=0.5
    )
    funds = "encaisse des fonds de ses clients" if line.collects_funds else "n’encaisse pas de fonds"
    _write(pdf, f"{_period(line.since, line.until)}\u00a0; {funds}", colour=QUIET, gap=5)


def _check(pdf: FPDF, code: str, address: str) -> None:
    from fpdf.enums import WrapMode

    pdf.set_draw_color(*ACCENT)
    pdf.line(pdf.l_margin, pdf.y, pdf.w - pdf.r_margin, pdf.y)
    pdf.ln(5)
    _write(pdf, "Vérifier", size=12.5, style="B", gap=1)
    _write(pdf, WHAT_THE_CODE_IS_FOR, gap=3)
    pdf.set_font("courier", size=12.5, style="B")
    pdf.multi_cell(0, 6.5, code, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    pdf.set_text_color(*ACCENT)
    pdf.set_font("helvetica", size=9.5)
    pdf.multi_cell(0, 5, address, link=address, new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR)


def _write(
    pdf: FPDF, words: str, *, size: float = 10.5, style: str = "", colour: tuple[int, int, int] = INK, gap: float = 3
) -> None:
    pdf.set_font("helvetica", size=size, style=style)
    pdf.set_text_color(*colour)
    pdf.multi_cell(0, size * 0.5, printable(words), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(gap)


def _identity(entry: PublicEntry) -> str:
    siren = f"SIREN {entry.siren}" if entry.siren else ""
    parts = (f"N° ORIAS {entry.orias_number}", siren, entry.trade_name, entry.legal_form, entry.town)
    return " · ".join(part for part in parts if part)


def _period(since: date, until: date | None) -> str:
    return f"depuis le {day(since)}" + (f", jusqu’au {day(until)}" if until else "")


def printable(words: str) -> str:
    """What the standard fonts of PDF can show: other letters without their accents, or as a question mark."""
    words = words.replace("\u202f", "\u00a0")
    return "".join(_printable(sign) for sign in words)


def _printable(sign: str) -> str:
    if _fits(sign):
        return sign
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if _fits(part))
    return plain or "?"


def _fits(sign: str) -> bool:
    return bool(sign.encode("cp1252", "ignore"))
