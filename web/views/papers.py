"""The queue of certificates to review, one of them beside its paper, and the paper itself."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from api.problems import said
from registry import clock
from registry.actions.reviews import MOST_AT_ONCE
from registry.models import CoverPaper, Document
from registry.papers import store
from registry.papers.antivirus import has_scanner
from registry.reviews import QueueRow, next_to_review, review_queue
from registry.rules.documents import DocumentState, DocumentType, download_name, why_hidden
from web.access import SEE_FILES, SEE_PAPERS, Rights, page, staff
from web.middleware import CONTENT_SECURITY_POLICY
from web.reviews import Whose, is_acceptable, reasons, sheet_of

A_PAGE = 50
BIGGEST = 2**63 - 1
SEES = (SEE_FILES, SEE_PAPERS)
WITH_FRAME = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
ALONE = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""A paper in a frame of ours is a page without origin, script, form or neighbour."""


@require_safe
@staff(*SEES)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, late ones first."""
    return show_queue(request)


def show_queue(request: HttpRequest, *, status: int = 200, **told: Any) -> HttpResponse:
    """The queue, with what became of a lot."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    whose = Whose.of(request.GET.get("pour", ""))
    found = review_queue(
        day=clock.local_day(clock.now()),
        of=rights.user if whose is Whose.MINE else None,
        unassigned=whose is Whose.NOBODY,
        returned=whose is Whose.RETURNED,
        limit=A_PAGE,
        after=_place(request.GET.get("apres", "")),
    )
    last = found.rows[-1] if found.has_more else None
    context = {
        "section": "papers",
        "whose": whose,
        "filters": list(Whose),
        "queue": found,
        "rows": [(row, _left(row), is_acceptable(row)) for row in found.rows],
        "more": f"{last.clock.due_on.isoformat()}_{last.cover.pk}" if last else "",
        "most": MOST_AT_ONCE,
    }
    return page(request, "web/staff/papers/queue.html", context | told, status=status)


def _place(text: str) -> tuple[date, int] | None:
    """Where the page before ended; an address written by hand that says nothing is the first page."""
    day, _, pk = text.partition("_")
    try:
        return date.fromisoformat(day), min(int(pk), BIGGEST)
    except ValueError:
        return None


def _left(row: QueueRow) -> str:
    """How much time is left, in words."""
    if row.clock.paused_since:
        return said("suspendu", "paused")
    days, late = abs(row.clock.days_left), row.clock.is_late
    french = f"{days} jour{'s' if days > 1 else ''}{' de retard' if late else ''}"
    return said(french, f"{days} day{'' if days == 1 else 's'}{' late' if late else ''}")


@require_safe
@staff(*SEES)
def review(request: HttpRequest, cover_id: int) -> HttpResponse:
    """One certificate: its paper, what was entered, what was found, and the acts."""
    return show_review(request, cover_id)


def show_review(request: HttpRequest, cover_id: int, *, status: int = 200, **told: Any) -> HttpResponse:
    """The certificate, with what an act said that was refused. Raises Http404."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    risk = request.GET.get("risque") == "oui"
    day = clock.local_day(clock.now())
    sheet = sheet_of(min(cover_id, BIGGEST), day, reviews=rights.reviews, knows_the_risk=risk)
    if sheet is None:
        raise Http404
    whose = Whose.of(request.POST.get("pour") or request.GET.get("pour", ""))
    context = {
        "section": "papers",
        "sheet": sheet,
        "row": sheet.row,
        "cover": sheet.row.cover,
        "left": _left(sheet.row),
        "whose": whose,
        "is_mine": sheet.row.assigned_to == rights.user.get_username(),
        "reasons": reasons(),
        "risk": risk,
    }
    response = page(request, "web/staff/papers/review.html", context | told, status=status)
    response["Content-Security-Policy"] = WITH_FRAME
    return response


@require_safe
@staff(*SEES)
def following(request: HttpRequest, cover_id: int) -> HttpResponse:
    """On to the next one without deciding."""
    return HttpResponseRedirect(page_after(request, cover_id))


def page_after(request: HttpRequest, cover_id: int) -> str:
    """The address of the certificate behind this one in the part of the queue that is looked at; of the queue itself
    where nothing is left."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    whose = Whose.of(request.POST.get("pour") or request.GET.get("pour", ""))
    found = next_to_review(
        day=clock.local_day(clock.now()),
        by=rights.user,
        mine=whose is Whose.MINE,
        unassigned=whose is Whose.NOBODY,
        after=cover_id,
    )
    place = reverse("web:review", args=[found]) if found else reverse("web:papers")
    return f"{place}?pour={whose.value}"


@require_safe
@staff(*SEES)
def content(request: HttpRequest, cover_id: int, document_id: int) -> HttpResponse:
    """The paper of a certificate, for the frame beside it: clean, or not scanned and opened knowingly by a reviewer."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    mine = CoverPaper.objects.filter(cover=min(cover_id, BIGGEST), document=min(document_id, BIGGEST))
    document = Document.objects.filter(papers__in=mine).defer("text").first()
    if document is None:
        raise Http404
    state = DocumentState(document.state)
    risk = request.GET.get("risque") == "oui"
    hidden = why_hidden(state, has_scanner=has_scanner(), is_reviewer=rights.reviews, knows_the_risk=risk)
    if hidden:
        return page(request, "web/staff/papers/hidden.html", {"section": "papers", "why": said(*hidden)}, status=409)
    try:
        kept = store.read(document.kept_sha256)
    except store.DamagedStore:
        why = said(
            "Le contenu conservé de ce document est introuvable ou abîmé\u00a0: prévenez l’administrateur.",
            "The stored content of this document is lost or damaged: tell the administrator.",
        )
        return page(request, "web/staff/papers/hidden.html", {"section": "papers", "why": why}, status=409)
    return _served(document, kept, whole="telecharger" in request.GET)


def _served(document: Document, kept: bytes, *, whole: bool) -> HttpResponse:
    """Shown in its frame, or handed over as a file."""
    kind = DocumentType(document.kind)
    name = quote(download_name(document.name, kind), safe="")
    how = "attachment" if whole else "inline"
    return HttpResponse(
        kept, content_type=kind.media_type, headers=ALONE | {"Content-Disposition": f"{how}; filename*=UTF-8''{name}"}
    )
