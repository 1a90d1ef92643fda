"""A register file by the web site: deposited and compared, signed by one person, applied by another.

The comparison is made within the request, since the file is bounded; a larger one is for the command.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api.problems import said
from registry import clock
from registry.actions import RegisterError
from registry.intake.applying import Comparison, Outputs, Permissions, SignedComparison, apply_file, compare_file
from registry.intake.reading import RegisterFile, RegisterFileError, open_register
from registry.intake.reporting import ERROR_COLUMNS
from registry.intake.uploads import (
    MOST_BYTES,
    UploadError,
    errors_of,
    find_upload,
    forget_upload,
    keep_upload,
)
from registry.models import RegisterImport
from web.access import SEE_FILES, Rights, page, staff
from web.agreements import Signed, read_signed, sign
from web.attached import attached

SEES = (SEE_FILES, "registry.view_registerimport")
PREPARES, APPLIES = "registry.change_intermediary", "registry.approve_registerimport"
LATEST = 30
PROBLEMS = 20
LONGEST_REASON = 500
Refusals = (RegisterError, RegisterFileError, UploadError)


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """The files that were applied, and the place to deposit another."""
    return _index(request)


def _index(request: HttpRequest, *, status: int = 200, error: str = "") -> HttpResponse:
    done = RegisterImport.objects.select_related("applied_by", "prepared_by").order_by("-applied_at")[:LATEST]
    context = {
        "section": "imports",
        "imports": list(done),
        "prepares": PREPARES in request.rights,  # type: ignore[attr-defined]
        "most": MOST_BYTES // 1024**2,
        "error": error,
    }
    return page(request, "web/staff/imports/index.html", context, status=status)


@require_POST
@staff(*SEES, PREPARES)
def deposit(request: HttpRequest) -> HttpResponse:
    """Keep a file and compare it with the register: nothing is written there."""
    sent = request.FILES.get("file")
    if sent is None:
        return _index(request, status=409, error="Choisissez un fichier du registre.")
    rights: Rights = request.rights  # type: ignore[attr-defined]
    try:
        kept = keep_upload(sent.name or "", sent.chunks(), clock.now())
        register = open_register(kept)
        compared = compare_file(register, Outputs(errors=errors_of(kept)))
    except Refusals as error:
        return _index(request, status=409, error=str(error))
    token = sign("compared", rights.user, **_said(register, compared))
    return HttpResponseRedirect(reverse("web:import_compared", args=[token]), status=303)


def _said(register: RegisterFile, compared: Comparison) -> dict[str, Any]:
    """What was found, for the token: nothing of anybody."""
    share = {"removed": compared.removed, "in_force": compared.in_force}
    return {"sha256": register.sha256, "name": register.path.name, "counts": compared.as_json()} | share


@require_safe
@staff(*SEES)
def compared(request: HttpRequest, token: str) -> HttpResponse:
    """What the comparison found, for who prepares to sign."""
    return _show(request, _signed("compared", token), token, signs=True)


def _signed(what: str, token: str) -> Signed:
    found = read_signed(what, token, PREPARES)
    if found is None:
        raise Http404
    return found


def _show(
    request: HttpRequest, signed: Signed, token: str, *, signs: bool = False, status: int = 200, error: str = ""
) -> HttpResponse:
    rights: Rights = request.rights  # type: ignore[attr-defined]
    context = {
        "section": "imports",
        "signed": signed,
        "said": signed.said,
        "counts": signed.said["counts"],
        "changes": signed.said["counts"]["new"] + signed.said["counts"]["changed"],
        "problems": list(_problems(signed.said["sha256"])),
        "token": token,
        "is_mine": signed.by.pk == rights.user.pk,
        "signs": signs,
        "applies": APPLIES in rights,
        "error": error,
    }
    return page(request, "web/staff/imports/comparison.html", context, status=status)


def _problems(sha256: str) -> Iterator[list[str]]:
    """The first rows to put right: number of line, field, what is wrong."""
    try:
        written = errors_of(find_upload(sha256))
        with written.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, delimiter=_delimiter_of(written))
            line, field, _, message = ERROR_COLUMNS
            yield from ([row[line], row[field], row[message]] for row in islice(rows, PROBLEMS))
    except (UploadError, OSError):
        return


def _delimiter_of(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as file:
        return ";" if ";" in file.readline() else ","


@require_safe
@staff(*SEES, PREPARES)
def errors(request: HttpRequest, token: str) -> HttpResponse:
    """The rows to put right, as a file to be corrected and deposited again."""
    signed = _signed("compared", token)
    try:
        rows = errors_of(find_upload(signed.said["sha256"])).read_bytes()
    except (UploadError, OSError):
        return _show(request, signed, token, signs=True, status=409, error="Ce fichier n’est plus là.")
    return attached(rows, "a-corriger.csv", "text/csv; charset=utf-8")


@require_POST
@staff(*SEES, PREPARES)
def signature(request: HttpRequest, token: str) -> HttpResponse:
    """Sign the comparison, with what is allowed beside it; the page that follows is for the second person."""
    signed = _signed("compared", token)
    rights: Rights = request.rights  # type: ignore[attr-defined]
    if signed.by.pk != rights.user.pk:
        return page(request, "web/staff/forbidden.html", {}, status=403)
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        why = "Dites d’où vient ce fichier\u00a0: le motif est obligatoire."
        return _show(request, signed, token, signs=True, status=409, error=why)
    allowed = {name: request.POST.get(name) == "on" for name in ("skip_errors", "mass_change")}
    made = sign("import", rights.user, **signed.said, **allowed, reason=reason)
    return HttpResponseRedirect(reverse("web:import_agreement", args=[made]), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(*SEES)
def agreement(request: HttpRequest, token: str) -> HttpResponse:
    """What was signed, for the second person to apply."""
    signed = _signed("import", token)
    if request.method != "POST":
        return _show(request, signed, token)
    rights: Rights = request.rights  # type: ignore[attr-defined]
    if APPLIES not in rights:
        return page(request, "web/staff/forbidden.html", {}, status=403)
    try:
        done = _apply(signed, rights.user)
    except Refusals as error:
        return _show(request, signed, token, status=409, error=str(error))
    forget_upload(signed.said["sha256"])
    messages.success(
        request,
        said(
            f"Fichier appliqué\u00a0: {done.new} nouvelles inscriptions, {done.changed} modifiées.",
            f"File applied: {done.new} new registrations, {done.changed} changed.",
        ),
    )
    return HttpResponseRedirect(reverse("web:imports"), status=303)


def _apply(signed: Signed, by: User) -> Comparison:
    shown = signed.said
    register = open_register(find_upload(shown["sha256"]))
    if register.sha256 != shown["sha256"]:
        raise UploadError("Ce n’est pas le fichier qui a été signé\u00a0: déposez-le de nouveau.")
    return apply_file(
        register,
        by=by,
        now=clock.now(),
        allow=Permissions(shown["skip_errors"], shown["mass_change"]),
        signed=SignedComparison(signed.by, shown["counts"] | {"applied": False}, shown["reason"]),
    )
