"""The page « pourquoi ce message » : the signed link in every mail stands for a login."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hotline.actions.readings import note_reading
from hotline.rules.readings import Opening, is_reading
from registry import clock
from reminders.config import engine_settings
from reminders.messages.links import read_why_token
from reminders.planning.reports import record_report
from reminders.rules.reports import ReportSource
from web.preferences import preferences_of
from web.throttling import Reports
from web.timelines import show_covers
from web.why import Why, explain_notice

logger = logging.getLogger(__name__)

TOO_MANY = (
    "Trop de signalements depuis cette adresse. Réessayez dans une minute.\n"
    "Too many reports from this address. Please try again in a minute.\n"
)


# The link is the credential: no cookie goes with it, so there is none that another site could ride on.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def why(request: HttpRequest, token: str) -> HttpResponse:
    """Why a message was sent, and what the file says now.

    Only the form's POST says « mon dossier est complet » : programs that look into mails open every link in them.
    """
    key = read_why_token(token)
    now = clock.now()
    found = explain_notice(key, clock.local_day(now)) if key else None
    if found is None:
        raise Http404
    if request.method == "POST" and found.left:
        return _private(_report(request, found, now))
    _count(request, found, now)
    chosen = preferences_of(request).langue if "langue" in request.COOKIES else found.language
    language = "en" if chosen == "en" else "fr"
    with translation.override(language):
        covers = show_covers(found.facts, found.file, found.reference) if found.tells_file else None
        context = {"why": found, "reply_to": settings.REPLY_TO, "lang": language, "covers": covers}
        response = render(request, f"web/why.{language}.html", context)
    response.headers["Content-Language"] = language
    return _private(response)


def _count(request: HttpRequest, found: Why, now: datetime) -> None:
    """Note that it is read, for what it spares the hotline. No count costs its reader the page."""
    told = request.headers.get
    opening = Opening(
        method=request.method or "",
        dest=told("Sec-Fetch-Dest", ""),
        mode=told("Sec-Fetch-Mode", ""),
        purpose=told("Sec-Purpose", ""),
        by_staff=settings.SESSION_COOKIE_NAME in request.COOKIES and bool(getattr(request.user, "is_staff", False)),
    )
    if not (found.left and is_reading(opening)):
        return
    try:
        note_reading(notice_id=found.notice_id, now=now)
    except DatabaseError:
        logger.warning("a reading of %s was not counted", found.notice_id, exc_info=True)


def _report(request: HttpRequest, found: Why, now: datetime) -> HttpResponse:
    """Take the report, then show the page of the reminder, which says what the file says of it."""
    throttle = Reports()
    if not throttle.allow_request(request, None):  # type: ignore[arg-type]
        wait = {"Retry-After": str(int(throttle.wait() or 60) + 1)}
        return HttpResponse(TOO_MANY, status=429, headers=wait, content_type="text/plain; charset=utf-8")
    limits = engine_settings().watch
    record_report(notice_id=found.notice_id, source=ReportSource.LINK, limits=limits, now=now)
    # What is said of a correction is said of the message it corrects, unless its reader is to be told nothing.
    corrected = found.corrects if found.tells_file else None
    page = reverse("web:why", args=[corrected.token]) if corrected else request.path
    return HttpResponse(status=303, headers={"Location": f"{page}#signalement"})


def _private(response: HttpResponse) -> HttpResponse:
    # The address is the key to the page: no other site and no search engine is to learn it.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
