"""What a file was written, each time with its why; and who acts for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.internal.emailkit import valid_email_or_none
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api.english import told
from api.keys import end_mandate
from api.models import Mandate
from api.problems import said
from registry import clock
from registry.actions import RegisterError
from registry.models import Affiliation, Contact, Intermediary
from registry.rules.categories import CoverKind
from reminders.messages.links import why_token
from reminders.models import Notice
from reminders.rules.states import MAILED_STATES, NoticeState
from web.people.access import find_file, require_unmerged, signed_in
from web.people.accounts import invite
from web.people.once import act_once

MOST = 50
MOST_PEOPLE = 50
_MAY_HAVE_LEFT = [*(state.value for state in MAILED_STATES), NoticeState.SENDING.value]


@require_safe
@signed_in
def my_messages(request: HttpRequest, orias_number: str) -> HttpResponse:
    """The notices that left, or may have, the last one first; each leads to the page that tells why."""
    whose = find_file(request, orias_number, clock.local_day(clock.now()))
    sent = Notice.objects.filter(intermediary=whose.pk, state__in=_MAY_HAVE_LEFT).select_related("batch")
    shown = [_message(notice) for notice in sent.order_by("-id")[:MOST]]
    context = {"section": "messages", "file": whose, "messages_sent": shown, "most": MOST}
    return render(request, "web/people/messages.html", context)


def _message(notice: Notice) -> dict[str, Any]:
    return {
        "on": clock.local_day(notice.settled_at) if notice.settled_at else notice.batch.as_of,
        "email": notice.email,
        "is_correction": notice.corrects_id is not None,
        "uncertain": notice.state == NoticeState.UNCERTAIN,
        "kinds": [(CoverKind[item["kind"]], ", ".join(item["categories"])) for item in notice.items],
        "token": why_token(notice.key),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_people(request: HttpRequest, orias_number: str) -> HttpResponse:
    """Who acts for a file, by whom it is filed, whom we reach there; a colleague is invited by an address."""
    now = clock.now()
    whose = find_file(request, orias_number, clock.local_day(now))
    if request.method != "POST":
        return _people(request, whose)
    assert isinstance(request.user, User)  # noqa: S101 - for the types
    user = request.user
    try:
        return act_once(request, user, now, lambda: _invite(request, whose, user))
    except RegisterError as error:
        return _people(request, whose, told(str(error)), status=409)


def _invite(request: HttpRequest, whose: Intermediary, by: User) -> str:
    require_unmerged(whose)
    address = valid_email_or_none(request.POST.get("email", "").strip())
    if address is None:
        raise RegisterError(said("Ce n’est pas une adresse électronique.", "This is not an e-mail address."))
    day = clock.local_day(clock.now())
    Intermediary.objects.select_for_update(of=("self",), no_key=True).get(pk=whose.pk)
    if _mandates(whose).count() >= MOST_PEOPLE:
        raise RegisterError(
            said(f"Un dossier a {MOST_PEOPLE} personnes au plus.", f"A file has {MOST_PEOPLE} people at most.")
        )
    invite(address=address, intermediary=whose, day=day, ends_on=None, by=by, why="personne invitée sur le site")
    return reverse("web:my_people", args=[whose.orias_number])


@require_POST
@signed_in
def end_my_mandate(request: HttpRequest, orias_number: str, mandate_id: str) -> HttpResponse:
    """Take a file from somebody, or leave it. One of another file is as if absent (I14)."""
    day = clock.local_day(clock.now())
    whose = find_file(request, orias_number, day)
    assert isinstance(request.user, User)  # noqa: S101 - for the types
    mandate = _mandates(whose).filter(pk=int(mandate_id)).first()
    if mandate is None:
        raise Http404
    if _mandates(whose).count() == 1:
        alone = said(
            "Plus personne n’agirait pour ce dossier : invitez d’abord quelqu’un.",
            "Nobody would act for this file any more: invite somebody first.",
        )
        return _people(request, whose, alone, status=409)
    why = "accès retiré sur le site"
    yesterday = day - timedelta(days=1)
    end_mandate(last_day=yesterday, holder=mandate.holder, intermediary=whose, by=request.user, why=why)
    left = mandate.holder_id == request.user.pk
    after = reverse("web:mine") if left else reverse("web:my_people", args=[orias_number])
    return HttpResponseRedirect(after, status=303)


def _mandates(whose: Intermediary) -> Any:
    day = clock.local_day(clock.now())
    held = Mandate.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), intermediary=whose.pk)
    return held.select_related("holder").order_by("starts_on", "id")


def _people(request: HttpRequest, whose: Intermediary, error: str = "", status: int = 200) -> HttpResponse:
    bodies = Affiliation.objects.filter(registration__intermediary=whose.pk, ends_on=None)
    context = {
        "section": "people",
        "file": whose,
        "mandates": list(_mandates(whose)[:MOST_PEOPLE]),
        "bodies": list(bodies.select_related("body", "registration").order_by("starts_on", "id")[:MOST]),
        "contacts": list(Contact.objects.filter(intermediary=whose.pk).order_by("id")[:MOST]),
        "error": error,
        "typed": request.POST.get("email", "")[:254],
    }
    return render(request, "web/people/people.html", context, status=status)
