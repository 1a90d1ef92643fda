"""Reports: where the review of certificates stands against its two months, and what happened to a batch."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from api.problems import said
from registry import clock
from registry.reviews import review_figures
from reminders.errors import ReminderError
from reminders.planning.incident import add_note, incident_report
from reminders.rules.bounces import BounceKind
from reminders.rules.eligibility import SkipReason
from reminders.rules.states import BatchState, NoticeState
from web.access import SEE_BATCHES, SEE_FILES, SEE_PAPERS, Rights, page, staff
from web.batch_reports import correction_of, event_of, returned_of
from web.views.batches import asked_for

NOTES = "reminders.add_incidentnote"
LONGEST_NOTE = 2000
SHOWN = 50


@require_safe
@staff(SEE_FILES, SEE_PAPERS)
def index(request: HttpRequest) -> HttpResponse:
    """How long the review takes, who has what, what is late."""
    figures = review_figures(clock.local_day(clock.now()))
    return page(request, "web/staff/reports/index.html", {"section": "papers", "figures": figures})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(SEE_BATCHES)
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """What happened to a batch, when and by whom; a note is added for good."""
    if request.method != "POST":
        return _report(request, batch_id)
    rights: Rights = request.rights  # type: ignore[attr-defined]
    if NOTES not in rights:
        return page(request, "web/staff/forbidden.html", {}, status=403)
    return _note(request, batch_id, rights.user)


def _note(request: HttpRequest, batch_id: int, by: User) -> HttpResponse:
    text = request.POST.get("text", "").strip()[:LONGEST_NOTE]
    try:
        add_note(batch=asked_for(batch_id), text=text, by=by, now=clock.now())
    except ReminderError as error:
        return _report(request, batch_id, status=409, error=str(error))
    messages.success(request, said("Note ajoutée.", "Note added."))
    return HttpResponseRedirect(reverse("web:batch_report", args=[batch_id]), status=303)


def _report(request: HttpRequest, batch_id: int, *, status: int = 200, error: str = "") -> HttpResponse:
    found = asked_for(batch_id)
    report = incident_report(found, now=clock.now())
    context = {
        "section": "batches",
        "batch": found,
        "report": report,
        "state": BatchState(found.state),
        "counts": [(NoticeState(code), n) for code, n in report["counts"].items() if n],
        "skipped": [(SkipReason(code), n) for code, n in report["skipped"].items()],
        "bounces": [(BounceKind(kind), n) for kind, n in report["bounces_by_kind"].items()],
        "timeline": [event_of(one) for one in report["timeline"]],
        "corrected": [correction_of(one) for one in report["corrected"][:SHOWN]],
        "refused": report["refused"][:SHOWN],
        "expired": report["expired"][:SHOWN],
        "uncertain": report["uncertain"][:SHOWN],
        "returned": [returned_of(one) for one in report["bounced"][:SHOWN]],
        "shown": SHOWN,
        "notes": NOTES in request.rights,  # type: ignore[attr-defined]
        "error": error,
    }
    return page(request, "web/staff/reports/batch.html", context, status=status)
