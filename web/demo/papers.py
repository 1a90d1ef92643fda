"""Certificates of the demonstration as real papers: what a broker sends, and what is wrong with some of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.auth.models import User

from registry.actions import ask_correction, record_cover
from registry.clock import local_day
from registry.intake.papers import receive_document
from registry.models import Cover, Document, Intermediary
from registry.models.cover import Channel
from registry.paper import ENCODING, printable
from registry.rules.categories import Category, CoverKind
from registry.rules.french import grouped
from registry.rules.reviews import ReviewReason
from reminders.models import Notice
from reminders.rules.states import NoticeState

if TYPE_CHECKING:
    from fpdf import FPDF

EUROS = 100
ENOUGH_PER_CLAIM, ENOUGH_PER_YEAR = 2_000_000 * EUROS, 3_000_000 * EUROS
"""Above the legal minimum of every category, in euro cents."""
LITTLE = 400_000 * EUROS
UNKNOWN = "Compagnie des Deux Mondes"
INK, QUIET, BLUE = (32, 38, 46), (95, 104, 114), (38, 66, 118)
FIRST_RANK = 20
"""Those before have played in the story."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says; days included, sums in euro cents."""

    whose: Intermediary
    kind: CoverKind
    categories: tuple[Category, ...]
    issuer: str
    starts_on: date
    amount: int = ENOUGH_PER_CLAIM
    annual: int = ENOUGH_PER_YEAR

    @property
    def ends_on(self) -> date:
        """A year later."""
        return self.starts_on.replace(year=self.starts_on.year + 1) - timedelta(days=1)

    @property
    def policy(self) -> str:
        """Its number, the same in each year."""
        return f"RCP {self.whose.orias_number[:4]} {self.whose.orias_number[4:]}"

    @property
    def of_the_year_before(self) -> Certificate:
        """The one it follows."""
        return replace(self, starts_on=self.starts_on.replace(year=self.starts_on.year - 1))


def print_certificate(said: Certificate, signed_on: date) -> bytes:
    """The paper as an insurer prints it: the same arguments give the same bytes."""
    # Half a second, which every command would pay at its start.
    from fpdf import FPDF  # noqa: PLC0415

    page = FPDF()
    page.core_fonts_encoding = ENCODING
    page.set_creation_date(datetime.combine(signed_on, time(9), UTC))
    page.set_title("Attestation")
    page.set_lang("fr-FR")
    page.set_margins(20, 20)
    page.add_page()
    page.set_fill_color(*BLUE)
    page.rect(0, 0, page.w, 8, style="F")
    _write(page, said.issuer, size=17, style="B", colour=BLUE, gap=1)
    _write(page, "Entreprise fictive régie par le code des assurances", size=9, colour=QUIET, gap=14)
    _write(page, "Attestation d’assurance", size=20, style="B", gap=1)
    _write(page, said.kind.label.capitalize(), size=12.5, colour=QUIET, gap=8)
    for words in _words(said):
        _write(page, words, gap=4)
    _table(page, said)
    _write(page, f"Fait à Paris, le {signed_on:%d/%m/%Y}, pour valoir ce que de droit.", gap=10)
    _sign(page)
    page.set_y(-32)
    _write(page, "Document de démonstration\u00a0: ni l’assureur, ni le contrat n’existent.", size=8.5, colour=QUIET)
    return bytes(page.output())


def _words(said: Certificate) -> Iterator[str]:
    codes = ", ".join(f"{category.value} ({category.label})" for category in said.categories)
    yield (
        f"Nous soussignés, {said.issuer}, attestons que {said.whose.name}, immatriculé sous le numéro ORIAS "
        f"{said.whose.orias_number}, SIREN {said.whose.siren or 'non communiqué'}, est titulaire du contrat "
        f"n° {said.policy}, pour ses activités de\u00a0: {codes}."
    )
    yield f"Période de garantie\u00a0: du {said.starts_on:%d/%m/%Y} au {said.ends_on:%d/%m/%Y}."
    yield "Montants garantis, sans franchise opposable aux victimes\u00a0:"


def _table(page: FPDF, said: Certificate) -> None:
    for label, cents in (("Par sinistre", said.amount), ("Par année d’assurance", said.annual)):
        page.set_draw_color(*QUIET)
        page.set_font("Helvetica", size=11)
        page.set_text_color(*INK)
        page.cell(90, 9, printable(label), border="B")
        page.set_font("Helvetica", size=11, style="B")
        told = printable(f"{grouped(cents // EUROS)} EUR")
        page.cell(70, 9, told, border="B", align="R", new_x="LMARGIN", new_y="NEXT")
    page.ln(8)


def _sign(page: FPDF) -> None:
    """A stroke of a pen."""
    _write(page, "Le directeur de la souscription", colour=QUIET, gap=4)
    page.set_draw_color(*BLUE)
    page.set_line_width(0.5)
    x, y = page.l_margin + 4, page.y + 8
    points = [(x + step * 3.2, y + (-1) ** step * (7 - abs(step - 5))) for step in range(14)]
    page.polyline(points)


def _write(
    page: FPDF, words: str, *, size: float = 12, style: str = "", colour: tuple[int, int, int] = INK, gap: float = 0
) -> None:
    page.set_font("Helvetica", size=size, style=style)
    page.set_text_color(*colour)
    page.multi_cell(0, size * 0.52, printable(words), align="L", new_x="LMARGIN", new_y="NEXT")
    page.ln(gap)


def deposit(said: Certificate, *, now: datetime, paper: Certificate | None = None) -> Cover:
    """The broker sends it by the web site, with its paper (another one where `paper` is given)."""
    day = local_day(now)
    return record_cover(
        by=None,
        why="dépôt par l’espace en ligne",
        day=day,
        intermediary=said.whose,
        kind=said.kind,
        categories=said.categories,
        starts_on=said.starts_on,
        ends_on=said.ends_on,
        deposited_on=day,
        amount_cents=said.amount,
        annual_cents=said.annual,
        issuer=said.issuer,
        policy=said.policy,
        channel=Channel.PORTAL,
        documents=[_received(paper or said, now)],
    )


def _received(said: Certificate, now: datetime) -> Document:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(print_certificate(said, local_day(now) - timedelta(days=2)))
        file.flush()
        return receive_document(
            by=None, why="dépôt par l’espace en ligne", now=now, intermediary=said.whose,
            name="attestation.pdf", source=Path(file.name),
        )  # fmt: skip


def follow_up(whose: Intermediary, kind: CoverKind, categories: tuple[Category, ...], term: date) -> Certificate:
    """The certificate that follows the one that ends on `term`, by the same insurer."""
    before = Cover.objects.filter(intermediary=whose.pk, kind=kind.value, ends_on=term).order_by("-id").first()
    issuer = before.issuer if before and before.issuer else "Assurances Imaginaires SA"
    return Certificate(whose, kind, categories, issuer, term + timedelta(days=1))


def fill_the_queue(*, by: User, person: Intermediary | None, now: datetime) -> None:
    """Papers for the reviewers' queue: in order, with too small a sum, of the old period, of an unknown insurer, sent
    back; and one of `person`. Fewer where fewer were reminded."""
    minutes = count(30, -3)
    made = [
        deposit(declared, paper=paper, now=now - timedelta(minutes=next(minutes)))
        for declared, paper in (arrange(said) for said, arrange in zip(_reminded(), _CASES, strict=False))
    ]
    if made:
        why, day = "attestation illisible", local_day(now)
        ask_correction(by=by, why=why, day=day, cover=made[-1], reason=ReviewReason.UNREADABLE)
    if person and (mine := next(_reminded(person), None)):
        deposit(mine, now=now - timedelta(minutes=8))


_CASES: tuple[Callable[[Certificate], tuple[Certificate, Certificate]], ...] = (
    lambda said: (said, said),
    lambda said: (short := replace(said, amount=LITTLE, annual=LITTLE), short),
    lambda said: (said, said.of_the_year_before),
    lambda said: (strange := replace(said, issuer=UNKNOWN), strange),
    lambda said: (said, said),
)
"""What is declared, and what the paper says."""


def _reminded(person: Intermediary | None = None) -> Iterator[Certificate]:
    """What those who were reminded of one thing alone lack, the RC Pro of the coming year; of `person` the first."""
    sent = Notice.objects.filter(state=NoticeState.ACCEPTED.value).select_related("intermediary").order_by("rank")
    sent = sent.filter(intermediary=person.pk) if person else sent.filter(rank__gte=FIRST_RANK)
    for notice in sent.iterator(chunk_size=100):
        item, *more = notice.items
        if person or (not more and item["kind"] == CoverKind.RC_PRO):
            categories = tuple(Category(code) for code in item["categories"])
            yield follow_up(notice.intermediary, CoverKind(item["kind"]), categories, date.fromisoformat(item["term"]))
