"""The public pages. Each reads what it shows by a few calls, and holds no rule."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from registry import clock
from registry.models import RegisterImport
from registry.names import NOBODY, matched
from registry.public import public_entry, published, published_by_number
from registry.search import SHORTEST_NAME, Shape, read_public_query
from reminders.models import Batch, StopSwitch
from reminders.sending.identity import database_trouble
from web.announcements import announcements
from web.preferences import CHOICES, YEAR_SECONDS
from web.proof import make_code, proof_pdf, read_proof
from web.throttling import PublicSearches, too_many

MOST_RESULTS = 50


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the box to look someone up."""
    day = clock.local_day(clock.now())
    return render(request, "web/home.html", {"section": "search", "announcements": announcements(day)})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Those whom a number, a SIREN or a name finds, by number."""
    text = request.GET.get("q", "")
    query = read_public_query(text)
    if query.finds and (refused := too_many(request, PublicSearches())):
        return refused
    found = matched(query) if query.finds else NOBODY
    rows = list(published().filter(found.condition).order_by("orias_number")[: MOST_RESULTS + 1])
    day = clock.local_day(clock.now())
    context = {
        "section": "search",
        "q": text,
        "entries": [public_entry(row, day) for row in rows[:MOST_RESULTS]],
        "is_close": found.is_close,
        "more": len(rows) > MOST_RESULTS,
        "most": MOST_RESULTS,
        "asked": query.finds,
        "too_short": query.shape is Shape.TOO_SHORT,
        "shortest": SHORTEST_NAME,
    }
    return render(request, "web/search.html", context)


@require_safe
def file(request: HttpRequest, orias_number: str) -> HttpResponse:
    """One intermediary as published, and the way to its own file; a number that was merged leads to the other."""
    now = clock.now()
    entry = published_by_number([orias_number], clock.local_day(now)).get(orias_number)
    if entry is None:
        raise Http404
    if entry.orias_number != orias_number:
        return redirect("web:file", entry.orias_number)
    return render(request, "web/file.html", {"entry": entry, "now": now, "reply_to": settings.REPLY_TO})


@require_safe
def proof(request: HttpRequest, orias_number: str) -> HttpResponse:
    """The same as a PDF, with the code that proves it."""
    now = clock.now()
    entry = published_by_number([orias_number], clock.local_day(now)).get(orias_number)
    if entry is None:
        raise Http404
    code = make_code(entry, now)
    address = f"{settings.SITE_URL}{reverse('web:verify')}?code={code}"
    response = HttpResponse(proof_pdf(entry, code=code, address=address, now=now), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="attestation-{orias_number}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """What a proof said, beside what the register says now."""
    code, now = request.GET.get("code", "").strip(), clock.now()
    read = read_proof(code) if code else None
    context: dict[str, Any] = {"section": "verify", "code": code, "wrong": bool(code) and read is None, "now": now}
    if read:
        number = read.proven.orias_number
        entry = published_by_number([number], clock.local_day(now)).get(number)
        context |= {"proven": read.proven, "then": read.lines, "now_entry": entry, "same": read.agrees_with(entry)}
        context["renamed"] = entry is not None and read.was_renamed(entry)
    return render(request, "web/verify.html", context)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """What works, for anyone; no name and no reason given by a person."""
    now = clock.now()
    # A switch that is missing means stop; so does a database that is not the one armed to send (I13).
    switch = StopSwitch.objects.only("stopped", "changed_at").first()
    context = {
        "section": "status",
        "now": now,
        "stopped": switch is None or switch.stopped or database_trouble() is not None,
        "since": switch.changed_at if switch and switch.stopped else None,
        "last_planned_on": Batch.objects.order_by("-id").values_list("as_of", flat=True).first(),
        "last_import": RegisterImport.objects.order_by("-applied_at").values_list("applied_at", flat=True).first(),
        "announcements": announcements(clock.local_day(now)),
    }
    response = render(request, "web/status.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def complaints(request: HttpRequest) -> HttpResponse:
    """How to complain, without a login (ACPR 2024-R-02)."""
    context = {"reply_to": settings.REPLY_TO, "recourse": settings.COMPLAINT_RECOURSE}
    return render(request, "web/complaints.html", context)


@require_safe
def prefer(request: HttpRequest) -> HttpResponse:
    """Remember a choice of language, theme or keys in the reader's browser, and go back."""
    target = request.GET.get("vers", "/")
    safe = url_has_allowed_host_and_scheme(target, None) and target.startswith("/")
    response = HttpResponseRedirect(target if safe else "/")
    for name, allowed in CHOICES.items():
        if (value := request.GET.get(name)) in allowed:
            response.set_cookie(
                name, str(value), max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure()
            )
    return response
