"""Documents of a file: one is sent, checked at once and told of; then the certificate that it is, is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ValidationError

from api.english import told
from api.problems import Refused, said
from api.uploads import ENVELOPE, FIELD, take_uploads
from registry import clock
from registry.actions import RegisterError, answer_correction, record_cover
from registry.actions.documents import require_room
from registry.intake.papers import Examined, examined, record_examined
from registry.models import Cover, Document, Intermediary
from registry.models.cover import Channel
from registry.rules.categories import CoverKind
from registry.rules.declarations import Declared, read_declaration
from registry.rules.documents import MOST_BYTES, DocumentFault
from registry.rules.facts import CoverStatus
from web.people.access import find_file, require_unmerged, signed_in
from web.people.once import act_once
from web.people.papers import MOST, ShownPaper, covers_of, show_paper
from web.people.words import shown_problem

TYPED = ("kind", "issuer", "policy", "starts_on", "ends_on", "amount", "annual")
LONGEST_TYPED = 200
OTHER_FIELDS = 4 * 1024


@require_safe
@signed_in
def my_papers(request: HttpRequest, orias_number: str) -> HttpResponse:
    """What this file has sent: certificates with what became of them, and files."""
    whose = find_file(request, orias_number, clock.local_day(clock.now()))
    documents = list(Document.objects.filter(intermediary=whose.pk).defer("text").order_by("-id")[:MOST])
    shown = [{"document": d, "fault": DocumentFault(d.fault) if d.fault else None} for d in documents]
    return _page(request, "papers", whose, {"covers": covers_of(whose), "documents": shown})


# The token is checked by `_received`, once the body is made to go to the store's disk and not into memory.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_deposit(request: HttpRequest, orias_number: str) -> HttpResponse:
    """Send one file."""
    whose = find_file(request, orias_number, clock.local_day(clock.now()))
    if request.method != "POST":
        return _asked(request, whose)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + ENVELOPE + OTHER_FIELDS:
        return _asked(request, whose, said(DocumentFault.TOO_LARGE.label, DocumentFault.TOO_LARGE.label_en), 413)
    take_uploads(request)
    try:
        return _received(request, whose)
    except Refused:
        # What the writer of uploads refuses: a byte too many, or a second file.
        return _asked(request, whose, said(DocumentFault.TOO_LARGE.label, DocumentFault.TOO_LARGE.label_en), 413)
    except ValidationError:
        return _asked(request, whose, said("Un seul fichier à la fois.", "One file at a time."), 400)


@csrf_protect
def _received(request: HttpRequest, whose: Intermediary) -> HttpResponse:
    """Check the file, outside any transaction, then record it once."""
    file = request.FILES.get(FIELD)
    if file is None:
        return _asked(request, whose, said("Choisissez d’abord un fichier.", "Choose a file first."), 400)
    assert isinstance(file, UploadedFile)  # noqa: S101 - for the types
    assert isinstance(request.user, User)  # noqa: S101 - for the types
    user, now = request.user, clock.now()
    with file:
        try:
            require_unmerged(whose)
            require_room(whose, clock.local_day(now))
            with examined(Path(str(file.file.name))) as found:  # type: ignore[union-attr]
                return act_once(request, user, now, lambda: _record(request, whose, str(file.name), found))
        except RegisterError as error:
            return _asked(request, whose, told(str(error)), 409)


def _record(request: HttpRequest, whose: Intermediary, name: str, found: Examined) -> str:
    document = record_examined(
        by=request.user,  # type: ignore[arg-type]
        why="document déposé sur le site",
        now=clock.now(),
        intermediary=whose,
        name=name,
        found=found,
        channel=Channel.PORTAL,
    )
    address = reverse("web:my_paper", args=[whose.orias_number, document.pk])
    kind = request.POST.get("piece", "")
    return f"{address}?piece={kind}" if kind in CoverKind.__members__ else address


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_paper(request: HttpRequest, orias_number: str, document_id: str) -> HttpResponse:
    """What was found in a file at once; and, where it can be, the certificate that it is. Another's is 404 (I14)."""
    now = clock.now()
    day = clock.local_day(now)
    whose = find_file(request, orias_number, day)
    document = Document.objects.filter(intermediary=whose.pk, pk=int(document_id)).first()
    if document is None:
        raise Http404
    shown = show_paper(document, whose, day)
    if request.method != "POST":
        return _paper(request, whose, shown)
    typed = {name: request.POST.get(name, "")[:LONGEST_TYPED] for name in TYPED}
    assert isinstance(request.user, User)  # noqa: S101 - for the types
    user = request.user
    try:
        if request.POST.get("answers"):
            return act_once(request, user, now, lambda: _answer(request, whose, document))
        read = read_declaration(typed, request.POST.getlist("categories"), shown.registered)
        if isinstance(read, Declared):
            return act_once(request, user, now, lambda: _declare(request, whose, document, read))
    except RegisterError as error:
        return _paper(request, whose, shown, typed, error=told(str(error)), status=409)
    faults = {problem.field: shown_problem(problem) for problem in read}
    return _paper(request, whose, shown, typed, faults, status=400)


def _declare(request: HttpRequest, whose: Intermediary, document: Document, said_of_it: Declared) -> str:
    require_unmerged(whose)
    Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if Cover.objects.filter(papers__document=document.pk).exists():
        raise RegisterError(said("Ce fichier est déjà joint à une attestation.", "This file is filed already."))
    day = clock.local_day(clock.now())
    record_cover(
        by=request.user,  # type: ignore[arg-type]
        why="attestation déposée sur le site",
        day=day,
        intermediary=whose,
        kind=said_of_it.kind,
        categories=said_of_it.categories,
        issuer=said_of_it.issuer,
        policy=said_of_it.policy,
        starts_on=said_of_it.starts_on,
        ends_on=said_of_it.ends_on,
        amount_cents=said_of_it.amount_cents,
        annual_cents=said_of_it.annual_cents,
        deposited_on=day,
        channel=Channel.PORTAL,
        documents=[document],
    )
    return reverse("web:my_paper", args=[whose.orias_number, document.pk])


def _answer(request: HttpRequest, whose: Intermediary, document: Document) -> str:
    """Give the file as the answer to what was asked back of a certificate. Another's is 404 (I14)."""
    require_unmerged(whose)
    wanted = request.POST.get("answers", "")
    mine = Cover.objects.filter(intermediary=whose.pk, status=CoverStatus.RETURNED.value)
    cover = mine.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < LONGEST_ID else None
    if cover is None:
        raise Http404
    day = clock.local_day(clock.now())
    answer_correction(
        by=request.user,  # type: ignore[arg-type]
        why="correction déposée sur le site",
        day=day,
        cover=cover,
        documents=[document],
    )
    return reverse("web:my_paper", args=[whose.orias_number, document.pk])


LONGEST_ID = 19


def _asked(request: HttpRequest, whose: Intermediary, error: str = "", status: int = 200) -> HttpResponse:
    kind = request.GET.get("piece", "")
    context = {"error": error, "piece": kind if kind in CoverKind.__members__ else "", "kinds": list(CoverKind)}
    return _page(request, "deposit", whose, context, status=status)


def _paper(
    request: HttpRequest,
    whose: Intermediary,
    shown: ShownPaper,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    chosen = request.POST.getlist("categories") if typed else [c.value for c in shown.registered]
    returned = Cover.objects.filter(intermediary=whose.pk, status=CoverStatus.RETURNED.value)
    context = {
        "shown": shown,
        "kinds": list(CoverKind),
        "typed": typed or {"kind": request.GET.get("piece", "")},
        "faults": faults or {},
        "chosen": chosen,
        "error": error,
        "returned": list(returned.order_by("-id")) if shown.may_be_declared else [],
    }
    return _page(request, "paper", whose, context, status=status)


def _page(
    request: HttpRequest, name: str, whose: Intermediary, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    shared = {"section": "papers", "file": whose}
    return render(request, f"web/people/{name}.html", shared | context, status=status)
