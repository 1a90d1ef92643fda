"""Fees of a campaign: who filed and has not paid, the letters that tell them, the day on which those were posted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from api.problems import said
from registry import clock
from registry.actions import RegisterError, record_fee_letters_posted, write_fee_letters
from registry.actions.renewal_fees import debtors
from registry.models import RenewalRequest
from registry.rules.french import counted
from web.access import SEE_FILES, SEE_PAPERS, Rights, page, staff
from web.given import campaign_of, day_of, day_or_none, given, number_of, reason_of

SEES, WRITES = (SEE_FILES, SEE_PAPERS), "registry.change_registration"
SHOWN = 100
MOST_AT_ONCE = 200
"""Letters printed within a request, in seconds; pressed again, the page goes on where it stopped."""


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """The debtors of a campaign, and their letters."""
    return _index(request, request.GET)


def _index(request: HttpRequest, form: Any, error: str = "", *, status: int = 200, **told: Any) -> HttpResponse:
    today = clock.local_day(clock.now())
    year, before = _asked(form, today)
    context: dict[str, Any] = {
        "section": "campaign",
        "year": year,
        "before": before,
        "today": today,
        "most": MOST_AT_ONCE,
        "writes": WRITES in request.rights,  # type: ignore[attr-defined]
        "error": error,
    }
    if year:
        context |= _owing(year, before)
    return page(request, "web/staff/fees/index.html", context | told, status=status)


def _asked(form: Any, today: date) -> tuple[int | None, date]:
    """The campaign asked for, or the last one; requests filed before that day."""
    year = campaign_of(form.get("annee", ""), today.year)
    try:
        return year, day_or_none(form.get("avant", "").strip(), "Déposées avant") or today
    except RegisterError:
        return year, today


def _to_write(year: int, before: date) -> QuerySet[RenewalRequest]:
    return debtors(year=year).filter(letters__isnull=True, filed_on__lt=before)


def _owing(year: int, before: date) -> dict[str, Any]:
    to_write = list(_to_write(year, before)[:MOST_AT_ONCE])
    written = debtors(year=year).filter(letters__isnull=False)
    lettered = written.annotate(letter=F("letters__number"), lettered_on=F("letters__dated_on"))
    return {
        "to_write": to_write,
        "to_write_count": _to_write(year, before).count(),
        "written": lettered[:SHOWN],
        "written_count": written.count(),
        "shown": shown_mark(one.pk for one in to_write),
    }


def shown_mark(requests: Iterable[int]) -> str:
    """What an act names of the list that was shown: the SHA-256 of its requests."""
    return hashlib.sha256(",".join(map(str, requests)).encode()).hexdigest()


@require_POST
@staff(*SEES, WRITES)
def write(request: HttpRequest) -> HttpResponse:
    """Write the letters of the list that was shown, each in a transaction of its own."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    year, before = _asked(request.POST, clock.local_day(clock.now()))
    keys = list(_to_write(year or 0, before).values_list("pk", flat=True)[:MOST_AT_ONCE])
    try:
        why = reason_of(given(request.POST, "reason"))
        if not keys or request.POST.get("shown") != shown_mark(keys):
            raise RegisterError("La liste n’est plus celle qui a été montrée\u00a0: la voici, relisez-la.")
    except RegisterError as error:
        return _index(request, request.POST, str(error), status=409, reason=request.POST.get("reason", ""))
    made = sum(1 for _ in write_fee_letters(by=rights.user, why=why, now=clock.now(), requests=keys))
    words = counted(made, "lettre écrite", "lettres écrites")
    messages.success(
        request,
        said(
            f"{words}\u00a0: les trente jours courront de leur dépôt à la poste.",
            f"{made} letter{'' if made == 1 else 's'} written: the thirty days will run from their posting.",
        ),
    )
    return _back(year)


@require_POST
@staff(*SEES, WRITES)
def posted(request: HttpRequest) -> HttpResponse:
    """Record that the letters written until that day were posted: the thirty days begin."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    form = given(request.POST, "annee", "posted_on", "reason")
    day = clock.local_day(clock.now())
    try:
        year, posted_on = number_of(form["annee"], "Campagne"), day_of(form["posted_on"], "Jour du dépôt")
        why = reason_of(form)
        told = record_fee_letters_posted(by=rights.user, why=why, day=day, year=year, posted_on=posted_on)
        if not told:
            raise RegisterError("Aucune lettre écrite à cette date n’attend d’être postée.")
    except RegisterError as error:
        return _index(request, request.POST, str(error), status=409, posted=form)
    words = counted(len(told), "lettre postée", "lettres postées")
    english = f"{len(told)} letter{'' if len(told) == 1 else 's'} posted: the thirty days run."
    messages.success(request, said(f"{words}\u00a0: les trente jours courent.", english))
    return _back(year)


def _back(year: int | None) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('web:fees')}?annee={year or ''}", status=303)
