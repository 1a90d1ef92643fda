"""What a reviewer does, by the same functions as the commands and the API. POST alone; a refusal is told on the page it
was asked on, and after an act the next certificate is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from api.english import told
from api.problems import said
from registry import clock
from registry.actions import (
    RegisterError,
    accept_cover,
    accept_covers,
    ask_correction,
    assign_review,
    refuse_cover,
)
from registry.actions.covers import LONGEST_NOTE
from registry.actions.reviews import Fate, as_shown
from registry.models import Cover
from registry.rules.french import counted
from registry.rules.reviews import ReviewReason
from web.access import REVIEW, Rights, staff
from web.reviews import Whose
from web.views.papers import BIGGEST, SEES, page_after, show_queue, show_review

LONGEST_NUMBER = 19


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do with a certificate; `goes_on`: the next one is shown after it."""

    do: Callable[[HttpRequest, Cover, User, date], None]
    said: str
    goes_on: bool = True


def _take(request: HttpRequest, cover: Cover, by: User, day: date) -> None:
    take_over = request.POST.get("take_over") == "on"
    assign_review(by=by, why="instruction prise", day=day, cover=cover, to=by, take_over=take_over)


def _leave(request: HttpRequest, cover: Cover, by: User, day: date) -> None:
    assign_review(by=by, why="instruction rendue", day=day, cover=cover, to=None)


def _accept(request: HttpRequest, cover: Cover, by: User, day: date) -> None:
    with as_shown(by=by, why="attestation acceptée", cover=cover, mark=_mark(request)):
        accept_cover(by=by, why="attestation acceptée", day=day, cover=cover)


def _ask(request: HttpRequest, cover: Cover, by: User, day: date) -> None:
    reason, note = _reason(request)
    with as_shown(by=by, why=note or reason.label, cover=cover, mark=_mark(request)):
        ask_correction(by=by, why=note or reason.label, day=day, cover=cover, reason=reason, note=note)


def _refuse(request: HttpRequest, cover: Cover, by: User, day: date) -> None:
    reason, note = _reason(request)
    if reason is ReviewReason.OTHER and not note:
        raise RegisterError("Le motif «\u00a0autre\u00a0» demande une précision\u00a0: dites pourquoi vous refusez.")
    with as_shown(by=by, why=note or reason.label, cover=cover, mark=_mark(request)):
        refuse_cover(by=by, why=note or reason.label, day=day, cover=cover, reason=reason, note=note)


def _mark(request: HttpRequest) -> str:
    return request.POST.get("mark", "")


def _reason(request: HttpRequest) -> tuple[ReviewReason, str]:
    code, note = request.POST.get("reason", ""), request.POST.get("note", "").strip()[:LONGEST_NOTE]
    if code not in ReviewReason.__members__:
        raise RegisterError("Choisissez un motif\u00a0: c’est lui qui dit à l’intermédiaire quoi faire.")
    return ReviewReason(code), note


ACTS = {
    "prendre": Act(_take, "Attestation prise\u00a0: elle vous est confiée.", goes_on=False),
    "rendre": Act(_leave, "Attestation rendue\u00a0: elle n’est plus à personne."),
    "accepter": Act(_accept, "Attestation acceptée."),
    "demander": Act(_ask, "Correction demandée\u00a0: notre délai est suspendu jusqu’à la réponse."),
    "refuser": Act(_refuse, "Attestation refusée."),
}


@require_POST
@staff(*SEES, REVIEW)
def act(request: HttpRequest, cover_id: int, act: str) -> HttpResponse:
    """Do it, then show the next one; where it is refused, say why on the same page."""
    wanted, cover = ACTS.get(act), Cover.objects.filter(pk=min(cover_id, BIGGEST)).first()
    if wanted is None or cover is None:
        raise Http404
    rights: Rights = request.rights  # type: ignore[attr-defined]
    following = page_after(request, cover.pk) if wanted.goes_on else _same_page(request, cover)
    try:
        wanted.do(request, cover, rights.user, clock.local_day(clock.now()))
    except RegisterError as error:
        typed = {name: request.POST.get(name, "")[:LONGEST_NOTE] for name in ("reason", "note")}
        return show_review(request, cover.pk, status=409, error=str(error), refused=act, typed=typed)
    messages.success(request, said(f"{cover.pk}\u00a0: {wanted.said}", f"{cover.pk}: {told(wanted.said)}"))
    return HttpResponseRedirect(following, status=303)


def _same_page(request: HttpRequest, cover: Cover) -> str:
    return f"{reverse('web:review', args=[cover.pk])}?pour={Whose.of(request.POST.get('pour', '')).value}"


@require_POST
@staff(*SEES, REVIEW)
def accept_lot(request: HttpRequest) -> HttpResponse:
    """Accept those ticked, each looked at again at that moment; what became of each is told on the queue."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    ids = [int(text) for text in request.POST.getlist("cover") if text.isdecimal() and len(text) < LONGEST_NUMBER]
    if not ids:
        return show_queue(request, status=409, error="Cochez au moins une attestation.")
    try:
        fates = list(accept_covers(by=rights.user, why="lot accepté", day=clock.local_day(clock.now()), ids=ids))
    except RegisterError as error:
        return show_queue(request, status=409, error=str(error))
    done = Counter(line.fate for line in fates)[Fate.ACCEPTED]
    french = counted(done, "attestation acceptée", "attestations acceptées")
    messages.success(request, said(f"{french}.", f"{done} certificate{'' if done == 1 else 's'} accepted."))
    return show_queue(request, left=[line for line in fates if line.fate is not Fate.ACCEPTED])
