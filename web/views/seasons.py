"""The season to come, and the campaign under way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from registry import clock
from reminders.config import engine_settings
from web.access import SEE_BATCHES, page, staff
from web.seasons import WEEKS, campaign_progress, outlook


@require_safe
@staff(SEE_BATCHES)
def forecast(request: HttpRequest) -> HttpResponse:
    """How many reminders, and how many calls, on each day to come."""
    asked, engine = request.GET.get("semaines", ""), engine_settings()
    weeks = int(asked) if asked in {str(n) for n in WEEKS} else WEEKS[1]
    context = {"section": "forecast", "weeks": weeks, "choices": WEEKS, "engine": engine}
    return page(request, "web/staff/forecast.html", context | {"outlook": outlook(clock.now(), weeks, engine)})


@require_safe
@staff(SEE_BATCHES)
def campaign(request: HttpRequest) -> HttpResponse:
    """How many files are renewed already, beside last year."""
    day = clock.local_day(clock.now())
    return page(request, "web/staff/campaign.html", {"section": "campaign", "day": day} | campaign_progress(day))
