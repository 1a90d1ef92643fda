"""The yearly synthesis on paper: one A4 PDF for those who govern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from hotline.rules.complaints import ComplaintChannel, ComplaintOutcome, Matter
from hotline.rules.synthesis import Synthesis
from registry.rules.french import grouped
from registry.rules.labels import LabelledEnum

_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc.")
_LABEL, _FIGURE, _LINE = 120, 30, 6
"""Millimetres."""

Row = tuple[str, str]


def synthesis_pdf(synthesis: Synthesis, *, measures: str, made_at: datetime) -> bytes:
    """The bytes of the PDF; `measures` are the words of whoever signs it."""
    page = FPDF(format="A4")
    # The PDF's own fonts are written in it: Latin-1 has neither ’ nor …
    page.core_fonts_encoding = "cp1252"
    page.set_creation_date(made_at)
    page.set_title(_fit(f"Réclamations {synthesis.year}"))
    page.set_lang("fr")
    page.add_page()
    _heading(page, f"Synthèse annuelle des réclamations {synthesis.year}", 16)
    _words(page, f"Arrêtée au {synthesis.on:%d/%m/%Y}. Référence\u00a0: recommandation ACPR 2024-R-02.")
    for title, rows in _sections(synthesis):
        _heading(page, title, 12)
        _rows(page, rows)
    _heading(page, "Dysfonctionnements constatés et mesures", 12)
    _words(page, measures or "Rien n’a été consigné.")
    return bytes(page.output())


def _sections(found: Synthesis) -> Iterable[tuple[str, list[Row]]]:
    yield "Volume", volume(found)
    yield "Par canal", _labelled(found.by_channel, ComplaintChannel)
    yield "Par objet", _labelled(found.by_matter, Matter)
    yield "Par mois", [(name, grouped(n)) for name, n in zip(_MONTHS, found.by_month, strict=True) if n]
    yield "Délais", delays(found)
    yield "Qualité des réponses", _labelled(found.by_outcome, ComplaintOutcome)
    yield "Lots mis en cause", [(f"Lot {batch}", grouped(n)) for batch, n in found.by_batch]


def volume(found: Synthesis) -> list[Row]:
    """How many."""
    return [
        ("Réclamations", grouped(found.complaints)),
        ("dont écrites", grouped(found.written)),
        ("En attente", grouped(found.waiting)),
        ("Saisies puis requalifiées en demandes (non comptées)", grouped(found.requalified)),
    ]


def delays(found: Synthesis) -> list[Row]:
    """How long."""
    told = found.delays
    return [
        ("Accusées après dix jours ouvrables, ou pas encore", grouped(found.acknowledged_late)),
        ("Répondues après deux mois, ou pas encore", grouped(found.answered_late)),
        ("Réclamations écrites et répondues", grouped(told.answered)),
        ("Délai médian de réponse (jours)", _figure(told.median)),
        ("Neuf sur dix répondues en (jours)", _figure(told.ninth_decile)),
        ("Délai le plus long (jours)", _figure(told.longest)),
    ]


def _figure(number: int | None) -> str:
    return "—" if number is None else grouped(number)


def _labelled(counts: Mapping[str, int], codes: type[LabelledEnum]) -> list[Row]:
    return [(codes(code).label, grouped(count)) for code, count in counts.items()]


def _heading(page: FPDF, text: str, size: int) -> None:
    page.ln(_LINE / 2)
    page.set_font("Helvetica", "B", size)
    page.multi_cell(0, _LINE + 2, _fit(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _words(page: FPDF, text: str) -> None:
    page.set_font("Helvetica", size=10)
    page.multi_cell(0, _LINE, _fit(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _rows(page: FPDF, rows: list[Row]) -> None:
    if not rows:
        _words(page, "Aucune.")
        return
    page.set_font("Helvetica", size=10)
    for label, figure in rows:
        page.cell(_LABEL, _LINE, _fit(label))
        page.cell(_FIGURE, _LINE, _fit(figure), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _fit(text: str) -> str:
    """What the fonts of a PDF can write: the narrow no-break space is a wide one there, and what they lack is « ? »."""
    return text.replace("\u202f", "\u00a0").encode("cp1252", "replace").decode("cp1252")
