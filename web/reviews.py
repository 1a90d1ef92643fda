"""What the pages of the review show: the queue in a filter, and one certificate beside its paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Subquery

from api.problems import said
from registry.kept import reference_of
from registry.models import CorrectionRequest, Cover, Document, ReferenceVersion
from registry.papers.antivirus import has_scanner
from registry.reviews import QueueRow, findings_of, holder_of, papers_of, shown_mark
from registry.rules.documents import DocumentState, DocumentType, why_hidden
from registry.rules.facts import UNDER_REVIEW, CoverStatus
from registry.rules.labels import LabelledEnum
from registry.rules.papers import PaperFinding, PaperLevel
from registry.rules.reviews import REASON_TEXTS, ReviewReason, Wait, assess_clock

EARLIER = 3
ACCEPTABLE = (PaperLevel.GOOD, PaperLevel.UNKNOWN)
"""Of the gravest finding: what a lot may accept without a person's look at each."""


class Whose(LabelledEnum):
    """Which part of the queue is looked at; the codes stand in addresses."""

    ALL = "toutes", "Toutes", "All"
    MINE = "moi", "Les miennes", "Mine"
    NOBODY = "personne", "À personne", "Nobody's"
    RETURNED = "renvoyees", "Renvoyées", "Sent back"

    @classmethod
    def of(cls, text: str) -> Whose:
        """The one that an address names; all of them where it names none."""
        return next((one for one in cls if one.value == text), cls.ALL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One certificate as its reviewer needs it; `mark` names exactly what is shown."""

    row: QueueRow
    mark: str
    under_review: bool
    status: CoverStatus
    corrections: list[CorrectionRequest]
    earlier: list[Cover]
    hidden: str
    asks_risk: bool

    @property
    def findings(self) -> list[PaperFinding]:
        """The gravest first."""
        order = list(PaperLevel)
        return sorted(self.row.findings, key=lambda f: -order.index(f.level))

    @property
    def is_picture(self) -> bool:
        """Whether the paper is an image, which a page shows by itself."""
        document = self.row.document
        return document is not None and document.kind not in ("", DocumentType.PDF.value)


def sheet_of(cover_id: int, day: date, *, reviews: bool, knows_the_risk: bool) -> Sheet | None:
    """Everything of one certificate: six queries with the common facts kept; None where there is none."""
    version = Subquery(ReferenceVersion.objects.filter(id=1).values("version"))
    people = ("intermediary", "review__assigned_to")
    cover = Cover.objects.select_related(*people).annotate(reference_version=version).filter(pk=cover_id).first()
    if cover is None:
        return None
    reference = reference_of(cover.reference_version)
    papers = papers_of([cover.pk])
    document = papers.get(cover.pk)
    asked = list(CorrectionRequest.objects.filter(cover=cover.pk).order_by("-id"))
    waits = [Wait(one.asked_on, one.ended_on) for one in asked]
    clock = assess_clock(cover.deposited_on, waits, reference.freezes, day)
    findings = findings_of([cover], reference=reference, papers=papers)[cover.pk]
    hidden = _hidden(document, reviews=reviews, knows_the_risk=knows_the_risk)
    return Sheet(
        row=QueueRow(cover, clock, holder_of(cover), findings, document),
        mark=shown_mark(cover, document),
        under_review=cover.status in UNDER_REVIEW,
        status=CoverStatus(cover.status),
        corrections=asked,
        earlier=_earlier(cover),
        hidden=hidden,
        asks_risk=bool(hidden) and not _hidden(document, reviews=reviews, knows_the_risk=True),
    )


def _earlier(cover: Cover) -> list[Cover]:
    """The last ones of the same kind in the same file: to compare with."""
    mine = Cover.objects.filter(intermediary=cover.intermediary_id, kind=cover.kind).exclude(pk=cover.pk)
    return list(mine.order_by("-starts_on", "-id")[:EARLIER])


def _hidden(document: Document | None, *, reviews: bool, knows_the_risk: bool) -> str:
    """Why the paper is not shown; "": it is."""
    if document is None:
        return said("Aucun document n’accompagne cette attestation.", "No document comes with this certificate.")
    told = why_hidden(
        DocumentState(document.state), has_scanner=has_scanner(), is_reviewer=reviews, knows_the_risk=knows_the_risk
    )
    return said(*told) if told else ""


def is_acceptable(row: QueueRow) -> bool:
    """Whether the row may go into a lot; each is looked at again at that moment."""
    return row.cover.status == CoverStatus.DEPOSITED and row.level in ACCEPTABLE


def reasons() -> list[tuple[ReviewReason, str]]:
    """Each reason with what its intermediary reads."""
    return [(reason, said(*REASON_TEXTS[reason])) for reason in ReviewReason]
