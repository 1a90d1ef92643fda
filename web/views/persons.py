"""Whom staff look for, and the page of one intermediary."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from hotline.actions.look_ups import Opening, record_look_up
from hotline.rules.look_ups import LookUpPurpose, LookUpWay
from registry import clock
from registry.models import Intermediary
from registry.past import PastError
from registry.search import SHORTEST_NAME, Shape
from web.access import SEE_FILES, SEE_PAPERS, page, staff
from web.desk import look_up
from web.persons import Moment, moment_of, past_of, person_of

# Extra agents of the hotline, who see a file once its caller is checked, may not see certificates.
SEES = (SEE_FILES, SEE_PAPERS, "reminders.view_notice")
OPENED = Opening(purpose=LookUpPurpose.FILE, way=LookUpWay.NUMBER)


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """Look somebody up; the only one found is shown at once."""
    text = request.GET.get("q", "")
    found = look_up(text)
    if len(found.cards) == 1:
        return redirect("web:person", found.cards[0].orias_number)
    context = {
        "section": "persons",
        "q": text,
        "found": found,
        "too_short": found.query.shape is Shape.TOO_SHORT,
        "shortest": SHORTEST_NAME,
    }
    return page(request, "web/staff/persons/index.html", context)


@require_safe
@staff(*SEES)
def person(request: HttpRequest, orias_number: str) -> HttpResponse:
    """Everything of one: now, for another day, or as it was known at a past instant. That it was opened is kept."""
    known, day = request.GET.get("connu", "")[:40], request.GET.get("jour", "")[:40]
    asked: dict[str, Any] = {"section": "persons", "known": known, "day": day}
    try:
        moment = moment_of(known, day, clock.now())
    except PastError as error:
        moment = Moment(None, clock.local_day(clock.now()))
        return _now(request, orias_number, moment, asked | {"error": str(error)}, status=409)
    if moment.at is None:
        return _now(request, orias_number, moment, asked)
    told = past_of(orias_number, moment)
    if told is None:
        raise Http404
    _keep(request, told.whose)
    return page(request, "web/staff/persons/past.html", asked | {"told": told, "number": orias_number})


def _now(
    request: HttpRequest, orias_number: str, moment: Moment, asked: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    found = person_of(orias_number, moment.day)
    if found is None:
        raise Http404
    _keep(request, found.row)
    context = {"one": found, "p": found.row, "state": found.state, "elsewhen": bool(asked["day"])}
    return page(request, "web/staff/persons/person.html", asked | context, status=status)


def _keep(request: HttpRequest, whose: Intermediary) -> None:
    assert isinstance(request.user, User)  # noqa: S101 - for the types: `staff` has let it in
    record_look_up(person=whose, opening=OPENED, by=request.user, now=clock.now())
