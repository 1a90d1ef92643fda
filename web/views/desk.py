"""The hotline's desk: who calls, where the file stands, what to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from api.problems import said
from hotline.actions.look_ups import Opening, record_look_up
from hotline.desk import call_at_the_desk
from hotline.models import LineCall, LookUp
from hotline.rules.calls import CallReason
from hotline.rules.look_ups import LookUpPurpose, LookUpWay
from registry import clock
from registry.clock import PARIS
from registry.models import Intermediary
from registry.search import SHORTEST_NAME, Shape
from web.access import LOG_CALLS, SEE_FILES, SEE_NOTICES, head_of, page, staff
from web.desk import WAYS, Found, look_up, private_screen, public_screen
from web.given import whole_number
from web.people.once import new_token
from web.throttling import DeskSearches, too_many

CALL_BACK_IN = timedelta(hours=2)
"""Proposed, to the hour."""
REASONS = tuple(reason for reason in CallReason if reason is not CallReason.COMPLAINT)
"""A complaint has its own button."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: what was said, one of several found, a call of the telephone system, and why."""

    text: str = ""
    number: str = ""
    line: LineCall | None = None
    purpose: LookUpPurpose = LookUpPurpose.CALLER

    @classmethod
    def read(cls, request: HttpRequest) -> Asked:
        """Read it; what is no purpose is a call."""
        line = _own_line(request, request.GET.get("ligne", ""))
        text = request.GET.get("q", "") or _spoken(line)
        purpose = LookUpPurpose.__members__.get(request.GET.get("pour", ""), LookUpPurpose.CALLER)
        return cls(text, request.GET.get("n", ""), line, purpose)


def _own_line(request: HttpRequest, text: str) -> LineCall | None:
    wanted = whole_number(text)
    return None if wanted is None else LineCall.objects.filter(pk=wanted, agent=request.user.pk).first()


def _spoken(line: LineCall | None) -> str:
    """The caller's number as it is dialled; nothing where it was withheld."""
    return f"0{line.caller_key}" if line and line.caller_key else ""


@require_safe
@staff(SEE_FILES, SEE_NOTICES)
def desk(request: HttpRequest) -> HttpResponse:
    """Search, pick one of five, read aloud."""
    asked = Asked.read(request)
    if asked.text and (refused := too_many(request, DeskSearches())):
        return refused
    return show_desk(request, asked)


def show_desk(request: HttpRequest, asked: Asked, *, status: int = 200, **told: Any) -> HttpResponse:
    """The desk for what was asked, with what an act said that was refused. A file shown is a look-up on record."""
    now = clock.now()
    found = look_up(asked.text)
    chosen = [card for card in found.cards if card.orias_number == asked.number] or found.cards
    context: dict[str, Any] = {
        "section": "desk",
        "q": asked.text,
        "asked": asked,
        "found": found,
        "too_short": found.query.shape is Shape.TOO_SHORT,
        "shortest": SHORTEST_NAME,
        "reasons": REASONS,
        "now": now,
        "once": new_token(),
        "call_back_by": f"{(now + CALL_BACK_IN).astimezone(PARIS):%Y-%m-%dT%H:00}",
        "caller": _spoken(asked.line) or (asked.text if found.query.shape is Shape.PHONE else ""),
    }
    if len(chosen) == 1:
        context |= _opened(request, chosen[0], asked, found)
    elif not asked.text and asked.line is None:
        context["ringing"] = call_at_the_desk(request.user.pk or 0, now)
    return page(request, "web/desk/desk.html", context | told, status=status)


def _opened(request: HttpRequest, person: Intermediary, asked: Asked, found: Found) -> dict[str, Any]:
    now = clock.now()
    way = LookUpWay.LINE if asked.line else WAYS[found.query.shape]
    opening = Opening(purpose=asked.purpose, way=way, line=asked.line)
    opened = record_look_up(person=person, opening=opening, by=request.user, now=now)  # type: ignore[arg-type]
    show = private_screen if opened.checked_at else public_screen
    screen = show(person, clock.local_day(now), head_of(request)[1])
    return {"look_up": opened, "screen": screen, "said_number": found.query.shape is Shape.NUMBER and not asked.line}


def desk_address(opened: LookUp) -> str:
    """The desk with the file of a look-up."""
    asked = {"q": opened.intermediary.orias_number}
    if opened.purpose != LookUpPurpose.CALLER:
        asked["pour"] = opened.purpose
    return f"{reverse('web:desk')}?{urlencode(asked)}"


@require_safe
@staff(SEE_FILES, LOG_CALLS)
def ringing(request: HttpRequest) -> HttpResponse:
    """Whether a call is at this agent's desk: asked by the desk's script every other second."""
    call = call_at_the_desk(request.user.pk or 0, clock.now())
    if call is None:
        return JsonResponse({})
    return JsonResponse(
        {
            "url": f"{reverse('web:desk')}?ligne={call.pk}",
            "caller": _spoken(call) or said("numéro masqué", "number withheld"),
        }
    )
