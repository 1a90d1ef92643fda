"""The public pages. Each reads what it shows by one call, and holds no rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from registry import clock
from registry.public import public_entry, published
from registry.search import SHORTEST_NAME, Shape, read_public_query
from reminders.config import engine_settings
from reminders.messages.links import read_why_token
from reminders.planning.reports import record_report
from reminders.rules.reports import ReportSource
from web.throttling import Reports
from web.why import Why, explain_notice

MOST_RESULTS = 50
TOO_MANY = (
    "Trop de signalements depuis cette adresse. Réessayez dans une minute.\n"
    "Too many reports from this address. Please try again in a minute.\n"
)

View = Callable[..., HttpResponse]


def in_french(view: View) -> View:
    """The page is in French whatever the browser prefers: these pages have one language."""

    @wraps(view)
    def french_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override("fr"):
            response = view(request, *args, **kwargs)
        response.headers.setdefault("Content-Language", "fr")
        return response

    return french_view


@require_safe
@in_french
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the box to look someone up."""
    return render(request, "web/home.html")


@require_safe
@in_french
def search(request: HttpRequest) -> HttpResponse:
    """Those whom a number, a SIREN or a name finds, by number."""
    text = request.GET.get("q", "")
    query = read_public_query(text)
    rows = list(published().filter(query.condition).order_by("orias_number")[: MOST_RESULTS + 1]) if query.finds else []
    day = clock.local_day(clock.now())
    context = {
        "q": text,
        "entries": [public_entry(row, day) for row in rows[:MOST_RESULTS]],
        "more": len(rows) > MOST_RESULTS,
        "most": MOST_RESULTS,
        "asked": query.finds,
        "too_short": query.shape is Shape.TOO_SHORT,
        "shortest": SHORTEST_NAME,
    }
    return render(request, "web/search.html", context)


@require_safe
@in_french
def file(request: HttpRequest, orias_number: str) -> HttpResponse:
    """One intermediary as published, and the way to its own file."""
    row = published().filter(orias_number=orias_number).first()
    if row is None:
        raise Http404
    day = clock.local_day(clock.now())
    context = {"entry": public_entry(row, day), "day": day, "reply_to": settings.REPLY_TO}
    return render(request, "web/file.html", context)


# The link is the credential: no cookie goes with it, so there is none that another site could ride on.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def why(request: HttpRequest, token: str) -> HttpResponse:
    """Why a message was sent, and what the file says now. The signed link stands for a login.

    Only the form's POST says « mon dossier est complet » : programs that look into mails open every link in them.
    """
    key = read_why_token(token)
    now = clock.now()
    found = explain_notice(key, clock.local_day(now)) if key else None
    if found is None:
        raise Http404
    if request.method == "POST" and found.left:
        return _private(_report(request, found, now))
    language = "en" if found.language == "en" else "fr"
    with translation.override(language):
        context = {"why": found, "reply_to": settings.REPLY_TO, "lang": language}
        response = render(request, f"web/why.{language}.html", context)
    response.headers["Content-Language"] = language
    return _private(response)


def _report(request: HttpRequest, found: Why, now: datetime) -> HttpResponse:
    """Take the report, then show the page, which says what the file says of it."""
    throttle = Reports()
    if not throttle.allow_request(request, None):  # type: ignore[arg-type]
        wait = {"Retry-After": str(int(throttle.wait() or 60) + 1)}
        return HttpResponse(TOO_MANY, status=429, headers=wait, content_type="text/plain; charset=utf-8")
    limits = engine_settings().watch
    record_report(notice_id=found.notice_id, source=ReportSource.LINK, limits=limits, now=now)
    return HttpResponse(status=303, headers={"Location": f"{request.path}#signalement"})


def _private(response: HttpResponse) -> HttpResponse:
    # The address is the key to the page: no other site and no search engine is to learn it.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
