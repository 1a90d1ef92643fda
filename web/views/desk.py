"""The hotline's desk: who calls, where the file stands, what to say."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from registry import clock
from registry.search import SHORTEST_NAME, Shape
from web.access import SEE_FILES, page, staff
from web.desk import look_up, screen_of


@require_safe
@staff(SEE_FILES, "reminders.view_notice")
def desk(request: HttpRequest) -> HttpResponse:
    """Search, pick one of five, read aloud."""
    text, number = request.GET.get("q", ""), request.GET.get("n", "")
    found = look_up(text)
    chosen = [card for card in found.cards if card.orias_number == number] or found.cards
    context = {
        "section": "desk",
        "q": text,
        "found": found,
        "too_short": found.query.shape is Shape.TOO_SHORT,
        "shortest": SHORTEST_NAME,
        "screen": screen_of(chosen[0], clock.local_day(clock.now())) if len(chosen) == 1 else None,
    }
    return page(request, "web/staff/desk.html", context)
