"""The pages of the batches: list, preview, samples, live release."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from registry import clock
from reminders.config import engine_settings
from reminders.desk import samples_of
from reminders.errors import ReminderError
from reminders.models import Batch, BatchKind
from reminders.planning.preview import find_batch
from reminders.planning.watch import watch_report
from reminders.rules.states import BatchState
from reminders.sending.identity import database_trouble
from web.access import SEE_BATCHES, page, staff
from web.batches import live_of, preview_of
from web.given import whole_number

A_PAGE = 50
BEFORE_RELEASE = (BatchState.DRAFT, BatchState.APPROVED, BatchState.STALE)


@require_safe
@staff(SEE_BATCHES)
def index(request: HttpRequest) -> HttpResponse:
    """The batches, the last one first."""
    before = whole_number(request.GET.get("avant", ""))
    rows = Batch.objects.select_related("author", "approved_by").order_by("-id")
    rows = rows if before is None else rows.filter(id__lt=before)
    found = list(rows[: A_PAGE + 1])
    context = {"section": "batches", "batches": [(b, BatchState(b.state), BatchKind(b.kind)) for b in found[:A_PAGE]]}
    return page(
        request, "web/staff/batches.html", context | {"more": found[A_PAGE - 1].pk if len(found) > A_PAGE else 0}
    )


@require_safe
@staff(SEE_BATCHES)
def preview(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Who would get it, who not and why, what stands against it."""
    return show_preview(request, asked_for(batch_id))


@require_safe
@staff(SEE_BATCHES)
def live(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Where the release stands."""
    batch = asked_for(batch_id)
    if batch.state in BEFORE_RELEASE:
        return redirect("web:batch", batch_id)
    return show_live(request, batch)


@require_safe
@staff(SEE_BATCHES)
def examples(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Messages as they would leave now."""
    batch = asked_for(batch_id)
    shown = samples_of(batch, engine_settings(), clock.now())
    context = {"section": "batches", "batch": batch, "state": BatchState(batch.state), "samples": shown}
    return page(request, "web/staff/examples.html", context)


def asked_for(batch_id: int) -> Batch:
    """The batch of the address. Raises Http404."""
    try:
        return find_batch(batch_id)
    except ReminderError as error:
        raise Http404 from error


def show_preview(request: HttpRequest, batch: Batch, *, status: int = 200, **told: Any) -> HttpResponse:
    """The preview, with what an act said that was refused."""
    engine = engine_settings()
    context = preview_of(batch, engine) | {"section": "batches", "is_author": batch.author_id == request.user.pk}
    if context["is_over"]:
        made = Batch.objects.filter(corrects=batch.pk).order_by("id")
        context["recalls"] = [(recall, BatchState(recall.state)) for recall in made]
    else:
        context["trouble"] = database_trouble()
    return page(request, "web/staff/batch.html", context | told, status=status)


def show_live(request: HttpRequest, batch: Batch, *, status: int = 200, **told: Any) -> HttpResponse:
    """The live page, likewise."""
    context = live_of(batch, clock.now()) | watch_report(batch, engine_settings().watch)
    return page(request, "web/staff/live.html", context | {"section": "batches"} | told, status=status)
