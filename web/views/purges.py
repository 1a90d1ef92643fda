"""Files destroyed five years after their removal: what is due, signed by one person, approved by another on the same
list; the holds that keep a file; the certificates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry import clock
from registry.actions import RegisterError
from registry.actions.purging import PurgeList, lift_hold, list_purgeable, place_hold, purge_files
from registry.models import LegalHold, PurgeCertificate
from web.access import SEE_FILES, Rights, page, staff
from web.agreements import Signed, read_signed, sign
from web.attached import attached
from web.given import day_of, given, number_of, person_of, reason_of

SEES = (SEE_FILES, "registry.view_purgecertificate", "registry.view_legalhold")
PURGES, HOLDS = "registry.purge_files", "registry.sign_removal"
MOST_AT_ONCE = 500
"""Destroyed within a request, in seconds; a longer list is for purge_files."""
SHOWN = 100
LATEST = 50


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """What may be destroyed today, what is kept, what was destroyed."""
    return _index(request)


def _index(request: HttpRequest, *, status: int = 200, **told: Any) -> HttpResponse:
    holds = LegalHold.objects.filter(lifted_at=None).select_related("intermediary", "placed_by")
    made = PurgeCertificate.objects.defer("pdf").select_related("asked_by", "approved_by")
    context = _told_of(list_purgeable(as_of=clock.local_day(clock.now()))) | {
        "holds": holds.order_by("-id")[:LATEST],
        "certificates": made.order_by("-id")[:LATEST],
        "purges": PURGES in request.rights,  # type: ignore[attr-defined]
        "keeps": HOLDS in request.rights,  # type: ignore[attr-defined]
    }
    return page(request, "web/staff/purges/index.html", context | told, status=status)


def _told_of(listed: PurgeList) -> dict[str, Any]:
    return {
        "section": "removals",
        "listed": listed,
        "files": [(number, from_on) for _, number, from_on in listed.files[:SHOWN]],
        "left": max(0, len(listed.files) - SHOWN),
        "too_many": len(listed.files) > MOST_AT_ONCE,
        "most": MOST_AT_ONCE,
    }


@require_POST
@staff(*SEES, PURGES)
def signature(request: HttpRequest) -> HttpResponse:
    """Sign the list that was shown; the page that follows is for the second person."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    form = given(request.POST, "hash", "reason")
    listed = list_purgeable(as_of=clock.local_day(clock.now()))
    try:
        why = reason_of(form)
        if not listed.files or listed.hash != form["hash"]:
            raise RegisterError("La liste n’est plus celle qui a été montrée\u00a0: la voici, relisez-la.")
    except RegisterError as error:
        return _index(request, status=409, error=str(error), reason=form["reason"])
    token = sign("purge", rights.user, as_of=listed.as_of.isoformat(), hash=listed.hash, reason=why)
    return HttpResponseRedirect(reverse("web:purge_agreement", args=[token]), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(*SEES)
def agreement(request: HttpRequest, token: str) -> HttpResponse:
    """What was signed; a second person types how many files are destroyed."""
    signed = read_signed("purge", token, PURGES)
    if signed is None:
        raise Http404
    if request.method != "POST":
        return _agreement(request, signed)
    rights: Rights = request.rights  # type: ignore[attr-defined]
    if PURGES not in rights:
        return page(request, "web/staff/forbidden.html", {}, status=403)
    try:
        made = _purged(signed, rights, request.POST.get("count", "").strip())
    except RegisterError as error:
        return _agreement(request, signed, str(error), status=409)
    messages.success(request, f"Dossiers détruits\u00a0: le certificat {made.number} en fait foi.")
    return HttpResponseRedirect(reverse("web:purges"), status=303)


def _purged(signed: Signed, rights: Rights, count: str) -> PurgeCertificate:
    as_of = day_of(signed.said["as_of"], "Jour de la liste")
    listed = list_purgeable(as_of=as_of)
    if listed.files and number_of(count, "Nombre de dossiers") != len(listed.files):
        raise RegisterError(f"La liste compte {len(listed.files)} dossiers, et vous en avez tapé {count}.")
    if len(listed.files) > MOST_AT_ONCE:
        raise RegisterError(f"Plus de {MOST_AT_ONCE} dossiers\u00a0: passez par la commande purge_files.")
    return purge_files(
        by=signed.by, approved_by=rights.user, now=clock.now(), as_of=as_of, list_hash=signed.said["hash"]
    )


def _agreement(request: HttpRequest, signed: Signed, error: str = "", *, status: int = 200) -> HttpResponse:
    listed = list_purgeable(as_of=day_of(signed.said["as_of"], "Jour de la liste"))
    context = _told_of(listed) | {
        "signed": signed,
        "same": listed.hash == signed.said["hash"] and bool(listed.files),
        "is_signer": signed.by.pk == request.user.pk,
        "purges": PURGES in request.rights,  # type: ignore[attr-defined]
        "error": error,
    }
    return page(request, "web/staff/purges/agreement.html", context, status=status)


@require_safe
@staff(*SEES)
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """The certificate as it was issued."""
    found = PurgeCertificate.objects.filter(number=number).first()
    if found is None:
        raise Http404
    return attached(bytes(found.pdf), f"{found.number}.pdf")


@require_POST
@staff(*SEES, HOLDS)
def hold(request: HttpRequest) -> HttpResponse:
    """Keep a file whatever its age, or let its age count again."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    form = given(request.POST, "number", "reason", "act")
    lifts = form["act"] == "lift"
    try:
        person, why = person_of(form["number"]), reason_of(form)
        (lift_hold if lifts else place_hold)(by=rights.user, why=why, now=clock.now(), intermediary=person)
    except RegisterError as error:
        return _index(request, status=409, error=str(error), form={} if lifts else form)
    number = person.orias_number
    messages.success(
        request,
        f"Le dossier {number} n’est plus conservé d’office."
        if lifts
        else f"Le dossier {number} est conservé, quel que soit son âge.",
    )
    return HttpResponseRedirect(reverse("web:purges"), status=303)
