"""Certificates under review read in bulk: what is found in each, where its two months stand, and the queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Min, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from registry.clock import PARIS, local_day
from registry.facts import load_reference, load_registrations
from registry.kept import reference_of
from registry.models import CorrectionRequest, Cover, CoverPaper, Document, ReferenceVersion
from registry.past import history_of
from registry.rules.categories import Category, CoverKind
from registry.rules.documents import DocumentState
from registry.rules.facts import UNDER_REVIEW, CoverFacts, CoverStatus, Reference
from registry.rules.paper_text import PaperText
from registry.rules.papers import PaperFacts, PaperFinding, PaperLevel, assess_paper, worst
from registry.rules.reviews import ReviewClock, Wait, assess_clock


def findings_of(
    covers: Sequence[Cover], *, reference: Reference | None = None, papers: Mapping[int, Document] | None = None
) -> dict[int, tuple[PaperFinding, ...]]:
    """What is found in each of these certificates, read with their intermediary, by id, as of the day of its deposit.

    Two queries for all, beside those for what is not given: the common facts, and `papers_of` these certificates.
    """
    reference = reference or load_reference()
    papers = papers_of([cover.pk for cover in covers]) if papers is None else papers
    registrations = load_registrations([cover.intermediary_id for cover in covers])
    known = _known_issuers({cover.issuer for cover in covers})
    return {
        cover.pk: assess_paper(
            PaperFacts(
                cover=_facts(cover),
                issuer=cover.issuer,
                policy=cover.policy,
                issuer_known=cover.issuer.casefold() in known,
                text=PaperText(papers[cover.pk].text) if cover.pk in papers else None,
            ),
            cover.intermediary.orias_number,
            registrations.get(cover.intermediary_id, ()),
            reference,
            cover.deposited_on,
        )
        for cover in covers
    }


def papers_of(ids: Sequence[int]) -> dict[int, Document]:
    """The latest document of each of these certificates that has one: one query."""
    rows = CoverPaper.objects.filter(cover__in=ids).order_by("id").select_related("document")
    return {paper.cover_id: paper.document for paper in rows}


def shown_mark(cover: Cover, document: Document | None) -> str:
    """What a reviewer has before the eyes, as a short text: the file's version, and the paper under review.

    `cover` was read with its intermediary. Another text means that something has changed since.
    """
    return f"{cover.intermediary.facts_version}.{document.pk if document else 0}"


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


def _known_issuers(names: set[str]) -> set[str]:
    """Those of these names under which a certificate was accepted before."""
    accepted = Cover.objects.filter(status=CoverStatus.ACCEPTED.value).annotate(plain=Lower("issuer"))
    wanted = [name.lower() for name in names if name]
    found = accepted.filter(plain__in=wanted).order_by("plain").values_list("plain", flat=True).distinct()
    return {name.casefold() for name in found}


def clocks_of(
    covers: Iterable[tuple[int, date]], day: date, *, reference: Reference | None = None
) -> dict[int, ReviewClock]:
    """Where the two months of each (certificate, day of deposit) stand on `day`; a query for all, and the common facts
    where they are not given."""
    wanted = dict(covers)
    waits = _waits(wanted)
    freezes = (reference or load_reference()).freezes
    return {pk: assess_clock(deposited_on, waits[pk], freezes, day) for pk, deposited_on in wanted.items()}


def _waits(ids: Iterable[int]) -> dict[int, list[Wait]]:
    """While the ball was with them, by certificate: one query."""
    waits: dict[int, list[Wait]] = defaultdict(list)
    asked = CorrectionRequest.objects.filter(cover__in=list(ids))
    for cover_id, asked_on, ended_on in asked.values_list("cover_id", "asked_on", "ended_on"):
        waits[cover_id].append(Wait(asked_on, ended_on))
    return waits


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
    waiting = list(_waiting(of, unassigned, returned).values_list("id", "deposited_on", _VERSION))
    if not waiting:
        return Queue([], 0, 0, has_more=False)
    reference = reference_of(waiting[0][2])
    clocks = clocks_of([row[:2] for row in waiting], day, reference=reference)
    order = sorted((clock.due_on, pk) for pk, clock in clocks.items())
    page = [pk for due_on, pk in order if after is None or (due_on, pk) > after][: limit + 1]
    rows = rows_of(page[:limit], clocks, reference=reference)
    return Queue(rows, len(order), sum(clock.is_late for clock in clocks.values()), has_more=len(page) > limit)


_VERSION = Subquery(ReferenceVersion.objects.filter(id=1).values("version"))
"""That of the common facts, in the same query."""


def _waiting(of: AbstractBaseUser | None, unassigned: bool, returned: bool) -> QuerySet[Cover]:
    status = CoverStatus.RETURNED if returned else CoverStatus.DEPOSITED
    covers = Cover.objects.filter(status=status.value)
    if of is not None:
        covers = covers.filter(review__assigned_to=of.pk)
    return covers.filter(review__assigned_to=None) if unassigned else covers


def next_to_review(
    *, day: date, by: AbstractBaseUser, mine: bool = False, unassigned: bool = False, after: int | None = None
) -> int | None:
    """The certificate that waits with the least time left, somebody else's not counted; None: nothing waits.

    `mine`, `unassigned`: among these alone. `after`: the one to be left behind, and whatever is before it; behind the
    last one it begins at the head again.
    """
    covers = _waiting(by if mine else None, unassigned, returned=False)
    free = covers.filter(Q(review__assigned_to=None) | Q(review__assigned_to=by.pk))
    clocks = clocks_of(free.values_list("id", "deposited_on"), day)
    order = [pk for _, pk in sorted((clock.due_on, pk) for pk, clock in clocks.items())]
    if after not in order:
        return next(iter(order), None)
    place = order.index(after)
    return next(iter(order[place + 1 :] + order[:place]), None)


def rows_of(
    ids: Sequence[int], clocks: Mapping[int, ReviewClock], *, reference: Reference | None = None
) -> list[QueueRow]:
    """These certificates, in that order."""
    people = ("intermediary", "review__assigned_to")
    covers = {cover.pk: cover for cover in Cover.objects.filter(pk__in=ids).select_related(*people)}
    papers = papers_of(ids)
    findings = findings_of(list(covers.values()), reference=reference, papers=papers)
    return [
        QueueRow(covers[pk], clocks[pk], holder_of(covers[pk]), findings[pk], papers.get(pk))
        for pk in ids
        if pk in covers
    ]


def holder_of(cover: Cover) -> str:
    """Whose review it is, by name; "": nobody's. `cover` was read with `review__assigned_to`."""
    review = getattr(cover, "review", None)
    return review.assigned_to.get_username() if review and review.assigned_to else ""


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """Where the review stands on a day: what waits for us and for them, and how those decided lately fared.

    `by_holder`: of each reviewer ("": nobody) how many wait, and how many of them are late. `days`: of those decided
    in the last `LATELY` days the median and the longest from deposit to decision, our waits for them included.
    """

    waiting: int
    late: int
    within_a_week: int
    returned: int
    by_holder: list[tuple[str, int, int]]
    decided: int
    accepted: int
    in_time: int
    median_days: int | None
    longest_days: int | None


LATELY = timedelta(days=90)
_DECIDED = (CoverStatus.ACCEPTED.value, CoverStatus.REFUSED.value)


def review_figures(day: date) -> ReviewFigures:
    """The figures as of `day`: four queries, and the common facts."""
    reference = load_reference()
    under_review = Cover.objects.filter(status__in=[s.value for s in UNDER_REVIEW])
    rows = list(under_review.values_list("id", "deposited_on", "status", "review__assigned_to__username"))
    decided = _decided(day)
    wanted = [(pk, deposited_on) for pk, deposited_on, *_ in (*rows, *decided)]
    waits = _waits([pk for pk, _ in wanted])
    clocks = {pk: assess_clock(on, waits[pk], reference.freezes, day) for pk, on in wanted}
    ours = [(clocks[pk], holder or "") for pk, _, status, holder in rows if status == CoverStatus.DEPOSITED]
    taken = sorted((decided_on - deposited_on).days for _, deposited_on, decided_on, _ in decided)
    return ReviewFigures(
        waiting=len(ours),
        late=sum(clock.is_late for clock, _ in ours),
        within_a_week=sum(0 <= clock.days_left < _WEEK for clock, _ in ours),
        returned=len(rows) - len(ours),
        by_holder=_by_holder(ours),
        decided=len(decided),
        accepted=sum(status == CoverStatus.ACCEPTED for *_, status in decided),
        in_time=sum(
            decided_on <= assess_clock(on, waits[pk], reference.freezes, decided_on).due_on
            for pk, on, decided_on, _ in decided
        ),
        median_days=taken[len(taken) // 2] if taken else None,
        longest_days=taken[-1] if taken else None,
    )


_WEEK = 7


def _by_holder(ours: Iterable[tuple[ReviewClock, str]]) -> list[tuple[str, int, int]]:
    held: dict[str, list[bool]] = defaultdict(list)
    for clock, holder in ours:
        held[holder].append(clock.is_late)
    return [(holder, len(late), sum(late)) for holder, late in sorted(held.items())]


def _decided(day: date) -> list[tuple[int, date, date, str]]:
    """Of each certificate decided lately: its key, the days of deposit and of decision, and the outcome.

    The decision is the first change in the history that names one: a file's or an issuer's certificate, which comes in
    accepted, was never under review.
    """
    since = datetime.combine(day - LATELY, time.min, PARIS)
    events = history_of(Cover).filter(pgh_label="update", status__in=_DECIDED)
    first = events.values("pgh_obj_id", "deposited_on", "status").annotate(at=Min("pgh_created_at"))
    rows = first.filter(at__gte=since).order_by("pgh_obj_id", "at")
    found: dict[int, tuple[int, date, date, str]] = {}
    for row in rows:
        told = (row["pgh_obj_id"], row["deposited_on"], local_day(row["at"]), row["status"])
        found.setdefault(row["pgh_obj_id"], told)
    return list(found.values())
