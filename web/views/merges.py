"""Two numbers that are one person: previewed, signed by one, agreed to by another; undone; or said to be two."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api.english import told as in_words
from api.problems import said
from registry import clock
from registry.actions import RegisterError, dismiss_duplicate, merge_intermediaries, undo_merge
from registry.duplicates import Suggestion, suggest_duplicates
from registry.merges import preview_merge
from registry.models import Intermediary, IntermediaryMerge
from registry.rules.merging import undo_until
from reminders.planning.merging import told_of_merge
from web.access import SEE_FILES, Rights, page, staff
from web.agreements import Signed, read_signed, sign

SEES = (SEE_FILES, "registry.view_intermediarymerge")
SIGNS, APPROVES = "registry.change_intermediary", "registry.approve_intermediarymerge"
LATEST = 50
LONGEST_REASON = 500
BIGGEST = 2**63 - 1
KEPT_SECONDS = 600
_SUGGESTED = "web.merges.suggested"


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """The merges that were made, and on request the pairs that may be one person."""
    return _index(request)


def _index(request: HttpRequest, *, status: int = 200, **told: Any) -> HttpResponse:
    now = clock.now()
    made = IntermediaryMerge.objects.select_related("keep", "drop", "signed_by", "approved_by", "undone_by")
    rows = [(m, undo_until(m.merged_at)) for m in made.order_by("-id")[:LATEST]]
    asked = "doublons" in request.GET
    context = {
        "section": "merges",
        "merges": [(m, until if m.undone_at is None and now <= until else None) for m, until in rows],
        "asked": asked,
        "suggestions": _suggestions()[:LATEST] if asked else [],
    }
    return page(request, "web/staff/merges/index.html", context | told, status=status)


def _suggestions() -> list[Suggestion]:
    """Comparing a whole register takes seconds: each process keeps it for ten minutes."""
    found = cache.get(_SUGGESTED)
    if found is None:
        found = suggest_duplicates()
        cache.set(_SUGGESTED, found, KEPT_SECONDS)
    return list(found)


@require_safe
@staff(*SEES)
def preview(request: HttpRequest) -> HttpResponse:
    """What a merge of two numbers would do: nothing is written."""
    return _preview(request, request.GET.get("garde", ""), request.GET.get("abandonne", ""))


def _preview(request: HttpRequest, keep: str, drop: str, *, status: int = 200, **told: Any) -> HttpResponse:
    try:
        shown = told_of_merge(preview_merge(keep.strip()[:8], drop.strip()[:8]))
    except Intermediary.DoesNotExist as error:
        return _unknown(request, error)
    context = {"section": "merges", "told": shown, "keep": keep, "drop": drop}
    return page(request, "web/staff/merges/preview.html", context | told, status=status)


def _unknown(request: HttpRequest, error: Intermediary.DoesNotExist) -> HttpResponse:
    why = in_words(str(error))
    return _index(request, status=404, error=f"{why[:1].upper()}{why[1:]}")


@require_POST
@staff(*SEES, SIGNS)
def signature(request: HttpRequest) -> HttpResponse:
    """Sign the preview that was shown; the page that follows is for the second person."""
    keep, drop, shown = (request.POST.get(name, "") for name in ("keep", "drop", "hash"))
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    try:
        told = told_of_merge(preview_merge(keep, drop))
    except Intermediary.DoesNotExist as error:
        return _unknown(request, error)
    if why := _unsigned(told, shown, reason):
        return _preview(request, keep, drop, status=409, error=why, reason=reason)
    rights: Rights = request.rights  # type: ignore[attr-defined]
    token = sign("merge", rights.user, keep=keep, drop=drop, hash=shown, reason=reason)
    return HttpResponseRedirect(reverse("web:merge_agreement", args=[token]), status=303)


def _unsigned(told: dict[str, Any], shown: str, reason: str) -> str:
    """Why this cannot be signed."""
    if not told["possible"]:
        return "Quelque chose s’oppose à cette fusion\u00a0: voyez ci-dessous."
    if told["hash"] != shown:
        return "L’un des deux dossiers a changé depuis\u00a0: voici l’aperçu tel qu’il est, relisez-le."
    return "" if reason else "Dites pourquoi\u00a0: le motif est obligatoire."


@require_http_methods(["GET", "HEAD", "POST"])
@staff(*SEES)
def agreement(request: HttpRequest, token: str) -> HttpResponse:
    """What was signed, for the second person to agree to."""
    signed = read_signed("merge", token, SIGNS)
    if signed is None:
        raise Http404
    if request.method != "POST":
        return _agreement(request, signed)
    rights: Rights = request.rights  # type: ignore[attr-defined]
    if APPROVES not in rights:
        return page(request, "web/staff/forbidden.html", {}, status=403)
    try:
        made = _merge(signed, rights.user)
    except RegisterError as error:
        return _agreement(request, signed, status=409, error=str(error))
    drop, keep = made.drop.orias_number, made.keep.orias_number
    messages.success(request, said(f"{drop} est fusionné avec {keep}.", f"{drop} is merged into {keep}."))
    return HttpResponseRedirect(reverse("web:merges"), status=303)


def _merge(signed: Signed, by: User) -> IntermediaryMerge:
    now = clock.now()
    return merge_intermediaries(
        by=signed.by,
        approved_by=by,
        why=signed.said["reason"],
        now=now,
        day=clock.local_day(now),
        keep=signed.said["keep"],
        drop=signed.said["drop"],
        preview_hash=signed.said["hash"],
    )


def _agreement(request: HttpRequest, signed: Signed, *, status: int = 200, error: str = "") -> HttpResponse:
    told = told_of_merge(preview_merge(signed.said["keep"], signed.said["drop"]))
    context = {
        "section": "merges",
        "told": told,
        "signed": signed,
        "same": told["hash"] == signed.said["hash"] and told["possible"],
        "is_signer": signed.by.pk == request.user.pk,
        "approves": APPROVES in request.rights,  # type: ignore[attr-defined]
        "error": error,
    }
    return page(request, "web/staff/merges/agreement.html", context, status=status)


@require_POST
@staff(*SEES, SIGNS)
def undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Undo one while it is still true."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    now, why = clock.now(), request.POST.get("reason", "")[:LONGEST_REASON]
    try:
        undo_merge(by=rights.user, why=why, now=now, day=clock.local_day(now), merge_id=min(merge_id, BIGGEST))
    except RegisterError as error:
        return _index(request, status=409, error=str(error))
    messages.success(
        request,
        said(
            "Fusion défaite\u00a0: ce qui avait été déplacé est rendu.",
            "Merge undone: what had moved is given back.",
        ),
    )
    return HttpResponseRedirect(reverse("web:merges"), status=303)


@require_POST
@staff(*SEES, SIGNS)
def dismiss(request: HttpRequest) -> HttpResponse:
    """Say that a pair is two persons."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    numbers = (request.POST.get("first", "")[:8], request.POST.get("second", "")[:8])
    try:
        dismiss_duplicate(
            by=rights.user, why=request.POST.get("reason", "")[:LONGEST_REASON], now=clock.now(), numbers=numbers
        )
    except RegisterError as error:
        return _index(request, status=409, error=str(error))
    cache.delete(_SUGGESTED)
    first, second = numbers
    messages.success(
        request,
        said(
            f"{first} et {second} ne seront plus proposés ensemble.",
            f"{first} and {second} will not be suggested together any more.",
        ),
    )
    return HttpResponseRedirect(f"{reverse('web:merges')}?doublons=oui", status=303)
