"""Certificates under review read in bulk: what is found in each, where its two months stand, and the queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db.models.functions import Lower

from registry.facts import load_files, load_reference
from registry.models import CorrectionRequest, Cover, CoverPaper, CoverReview, Document
from registry.rules.categories import Category, CoverKind
from registry.rules.documents import DocumentState
from registry.rules.facts import CoverFacts, CoverStatus, FileFacts, Reference
from registry.rules.paper_text import PaperText
from registry.rules.papers import PaperFacts, PaperFinding, PaperLevel, assess_paper, worst
from registry.rules.reviews import ReviewClock, Wait, assess_clock


def findings_of(covers: Sequence[Cover]) -> dict[int, tuple[PaperFinding, ...]]:
    """What is found in each of these certificates, by id, as of the day of its deposit; seven queries for all."""
    reference = load_reference()
    files = load_files({cover.intermediary_id for cover in covers})
    texts = _texts([cover.pk for cover in covers])
    known = _known_issuers({cover.issuer for cover in covers})
    return {
        cover.pk: assess_paper(
            PaperFacts(
                cover=_facts(cover),
                issuer=cover.issuer,
                policy=cover.policy,
                issuer_known=cover.issuer.casefold() in known,
                text=texts.get(cover.pk),
            ),
            files[cover.intermediary_id].orias_number,
            files[cover.intermediary_id].registrations,
            reference,
            cover.deposited_on,
        )
        for cover in covers
    }


def findings_in(
    cover: Cover, file: FileFacts, reference: Reference, text: PaperText | None
) -> tuple[PaperFinding, ...]:
    """The same of one certificate whose file and document are at hand: one query."""
    known = cover.issuer.casefold() in _known_issuers({cover.issuer})
    paper = PaperFacts(cover=_facts(cover), issuer=cover.issuer, policy=cover.policy, issuer_known=known, text=text)
    return assess_paper(paper, file.orias_number, file.registrations, reference, cover.deposited_on)


def _facts(cover: Cover) -> CoverFacts:
    return CoverFacts(
        CoverKind(cover.kind),
        frozenset(Category(c) for c in cover.categories),
        cover.starts_on,
        cover.ends_on,
        CoverStatus(cover.status),
        cover.amount_cents,
        cover.annual_cents,
        deposited_on=cover.deposited_on,
    )


def _texts(ids: list[int]) -> dict[int, PaperText]:
    """The text of the latest document of each certificate that has one."""
    rows = CoverPaper.objects.filter(cover__in=ids).order_by("id").values_list("cover_id", "document__text")
    return {cover_id: PaperText(text) for cover_id, text in rows}


def _known_issuers(names: set[str]) -> set[str]:
    """Those of these names under which a certificate was accepted before."""
    accepted = Cover.objects.filter(status=CoverStatus.ACCEPTED.value).annotate(plain=Lower("issuer"))
    wanted = [name.lower() for name in names if name]
    found = accepted.filter(plain__in=wanted).order_by("plain").values_list("plain", flat=True).distinct()
    return {name.casefold() for name in found}


def clocks_of(covers: Iterable[tuple[int, date]], day: date) -> dict[int, ReviewClock]:
    """Where the two months of each (certificate, day of deposit) stand on `day`; two queries or so for all."""
    wanted = dict(covers)
    waits: dict[int, list[Wait]] = defaultdict(list)
    asked = CorrectionRequest.objects.filter(cover__in=list(wanted))
    for cover_id, asked_on, ended_on in asked.values_list("cover_id", "asked_on", "ended_on"):
        waits[cover_id].append(Wait(asked_on, ended_on))
    freezes = load_reference().freezes
    return {pk: assess_clock(deposited_on, waits[pk], freezes, day) for pk, deposited_on in wanted.items()}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One certificate of the queue, with all that tells whether to look at it now."""

    cover: Cover
    clock: ReviewClock
    assigned_to: str
    findings: tuple[PaperFinding, ...]
    document: Document | None

    @property
    def level(self) -> PaperLevel:
        """The gravest of its findings."""
        return worst(self.findings)

    @property
    def document_state(self) -> DocumentState | None:
        """Where its latest document stands."""
        return DocumentState(self.document.state) if self.document else None


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, the whole of which has `waiting` certificates, `late` of them late."""

    rows: list[QueueRow]
    waiting: int
    late: int
    has_more: bool


def review_queue(
    *,
    day: date,
    of: AbstractBaseUser | None = None,
    unassigned: bool = False,
    returned: bool = False,
    limit: int = 50,
    after: tuple[date, int] | None = None,
) -> Queue:
    """What waits for our review, the least time left first: late ones lead.

    `of`: only what is assigned to that person; `unassigned`: to nobody; `returned`: what we wait for instead. The page
    begins after the row of that (last day to decide, certificate).
    """
    status = CoverStatus.RETURNED if returned else CoverStatus.DEPOSITED
    covers = Cover.objects.filter(status=status.value)
    if of is not None:
        covers = covers.filter(review__assigned_to=of.pk)
    if unassigned:
        covers = covers.filter(review__assigned_to=None)
    clocks = clocks_of(covers.values_list("id", "deposited_on"), day)
    order = sorted((clock.due_on, pk) for pk, clock in clocks.items())
    page = [pk for due_on, pk in order if after is None or (due_on, pk) > after][: limit + 1]
    rows = rows_of(page[:limit], clocks)
    return Queue(rows, len(order), sum(clock.is_late for clock in clocks.values()), has_more=len(page) > limit)


def rows_of(ids: Sequence[int], clocks: dict[int, ReviewClock]) -> list[QueueRow]:
    """These certificates, in that order."""
    covers = {cover.pk: cover for cover in Cover.objects.filter(pk__in=ids).select_related("intermediary")}
    findings = findings_of(list(covers.values()))
    holders = dict(CoverReview.objects.filter(cover__in=ids).values_list("cover_id", "assigned_to__username"))
    papers = CoverPaper.objects.filter(cover__in=ids).order_by("id").select_related("document")
    documents = {paper.cover_id: paper.document for paper in papers.defer("document__text")}
    return [
        QueueRow(covers[pk], clocks[pk], holders.get(pk) or "", findings[pk], documents.get(pk))
        for pk in ids
        if pk in covers
    ]
