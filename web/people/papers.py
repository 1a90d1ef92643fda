"""What the pages of documents show: a file, what was found in it, and the certificates that it was filed with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.clock import local_day
from registry.facts import load_papers
from registry.kept import reference_of
from registry.models import CorrectionRequest, Cover, CoverReview, Document, Intermediary
from registry.reviews import findings_in
from registry.rules.categories import Category
from registry.rules.documents import USABLE, DocumentFault, DocumentState
from registry.rules.facts import CoverStatus
from registry.rules.paper_text import PaperText
from registry.rules.papers import PaperFinding, assess_text, wanted_period
from registry.rules.reviews import REASON_TEXTS, ReviewReason

MOST = 50


@dataclass(frozen=True, slots=True)
class ShownCover:
    """A certificate, its status in a code, and why it was refused or sent back (in both languages), if it was."""

    cover: Cover
    status: CoverStatus
    reason: tuple[str, str] | None
    note: str


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """A document with what was found: in its text, or in the certificate that it was filed with."""

    document: Document
    state: DocumentState
    fault: DocumentFault | None
    findings: tuple[PaperFinding, ...]
    cover: Cover | None
    registered: tuple[Category, ...]
    wanted: tuple[date, date]

    @property
    def may_be_declared(self) -> bool:
        """Whether a certificate can be filed with it now."""
        return self.cover is None and self.state in USABLE


def show_paper(document: Document, whose: Intermediary, day: date) -> ShownPaper:
    """A document of this file: four queries. `whose` comes from `web.people.access.find_file`."""
    file, reference = load_papers(whose), reference_of(whose.reference_version)  # type: ignore[attr-defined]
    cover = Cover.objects.filter(papers__document=document.pk).order_by("-id").first()
    text = PaperText(document.text) if document.kind else None
    if cover is not None:
        findings = findings_in(cover, file, reference, text)
    elif text is not None:
        findings = assess_text(text, file.orias_number, local_day(document.received_at), reference)
    else:
        findings = ()
    wanted = wanted_period(day, reference.campaigns)
    return ShownPaper(
        document=document,
        state=DocumentState(document.state),
        fault=DocumentFault(document.fault) if document.fault else None,
        findings=findings,
        cover=cover,
        registered=tuple(r.category for r in file.registrations if not r.is_removed(day)),
        wanted=(wanted.start, wanted.last_day),
    )


def covers_of(whose: Intermediary) -> list[ShownCover]:
    """The certificates of a file, the last one first, each with what we said of it: three queries."""
    covers = list(Cover.objects.filter(intermediary=whose.pk).order_by("-id")[:MOST])
    ids = [cover.pk for cover in covers]
    asked = CorrectionRequest.objects.filter(cover__in=ids, ended_on=None).values_list("cover_id", "reason", "note")
    said = {pk: (reason, note) for pk, reason, note in asked}
    refused = CoverReview.objects.filter(cover__in=ids).exclude(reason="").values_list("cover_id", "reason", "note")
    said |= {pk: (reason, note) for pk, reason, note in refused}
    return [_shown(cover, *said.get(cover.pk, ("", ""))) for cover in covers]


def _shown(cover: Cover, reason: str, note: str) -> ShownCover:
    status = CoverStatus(cover.status)
    told = reason and status in (CoverStatus.RETURNED, CoverStatus.REFUSED)
    return ShownCover(cover, status, REASON_TEXTS[ReviewReason(reason)] if told else None, note if told else "")
