"""The registration commission: a session is entered by one person from what may be decided, signed by another.

Nothing is decided until it is signed, bound to the digest of exactly the votes that were shown.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry import clock
from registry.actions import RegisterError
from registry.actions.sessions import Votes, name_member, record_session, sign_session, votes_digest
from registry.models import CommissionMember, CommissionSession
from registry.rules.commission import Choice
from registry.rules.removals import CaseState
from web.access import SEE_FILES, Rights, page, staff
from web.attached import attached
from web.commission import OnAgenda, agenda_of, counted_case, members_on, voted, votes_in
from web.given import day_of, day_or_none, given, reason_of, said

SEES = (SEE_FILES, "registry.view_commissionsession")
ENTERS, SIGNS, NAMES = "registry.change_registration", "registry.sign_removal", "registry.change_commissionmember"
LATEST = 50
LONGEST_CODE, LONGEST_NAME = 30, 150


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """The sessions, those to sign first, and the members."""
    return _index(request)


def _index(request: HttpRequest, *, status: int = 200, **told: Any) -> HttpResponse:
    made = CommissionSession.objects.defer("minutes").select_related("prepared_by", "signed_by").order_by("-id")
    day = clock.local_day(clock.now())
    people = CommissionMember.objects.order_by("-ends_on", "name", "id")
    context = {
        "section": "removals",
        "sessions": sorted(made[:LATEST], key=lambda one: one.signed_at is not None),
        "members": [(one, one.named_on <= day <= one.ends_on) for one in people[:LATEST]],
        "names": NAMES in request.rights,  # type: ignore[attr-defined]
    }
    return page(request, "web/staff/sessions/index.html", context | told, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(*SEES, ENTERS)
def enter(request: HttpRequest) -> HttpResponse:
    """The agenda of a day with a voice for each member; shown counted before it is entered."""
    form = request.POST if request.method == "POST" else request.GET
    today = clock.local_day(clock.now())
    try:
        day = day_or_none(form.get("held_on", "").strip(), "Jour de la séance") or today
        if day > today:
            raise RegisterError("Une séance se saisit une fois tenue\u00a0: son jour ne peut pas être à venir.")
    except RegisterError as error:
        return _agenda(request, today, {}, str(error), status=409)
    if request.method != "POST" or "amend" in form:
        return _agenda(request, day, form)
    try:
        return _entered(request, day)
    except RegisterError as error:
        return _agenda(request, day, form, str(error), status=409)


def _agenda(request: HttpRequest, day: date, form: Any, error: str = "", *, status: int = 200) -> HttpResponse:
    agenda, members = agenda_of(day), members_on(day)
    ripe = [one for one in agenda if not one.block]
    context = {
        "section": "removals",
        "day": day,
        "ripe": [(one, [(m, form.get(f"v-{one.case.pk}-{m.code}", "")) for m in members]) for one in ripe],
        "blocked": [one for one in agenda if one.block],
        "members": members,
        "choices": list(Choice),
        "reason": form.get("reason", ""),
        "error": error,
    }
    return page(request, "web/staff/sessions/enter.html", context, status=status)


def _entered(request: HttpRequest, day: date) -> HttpResponse:
    """The preview, or with the digest of what it showed the session. Raises RegisterError."""
    agenda = {one.case.pk: one for one in agenda_of(day) if not one.block}
    members = members_on(day)
    votes = votes_in(request.POST, agenda, [one.code for one in members])
    if not votes:
        raise RegisterError("Aucune voix n’est saisie\u00a0: une séance délibère au moins sur une affaire.")
    why = reason_of(given(request.POST, "reason"))
    digest = votes_digest(day, len(members), votes)
    if "digest" not in request.POST:
        return _counted(request, day, agenda, members, votes, why, digest)
    if request.POST["digest"] != digest:
        raise RegisterError("Ce qui est saisi n’est plus ce qui a été montré\u00a0: relisez avant d’enregistrer.")
    rights: Rights = request.rights  # type: ignore[attr-defined]
    made = record_session(by=rights.user, why=why, now=clock.now(), held_on=day, votes=votes)
    messages.success(request, "Séance saisie\u00a0: rien n’est décidé tant qu’une autre personne ne l’a pas signée.")
    return HttpResponseRedirect(reverse("web:session", args=[made.number]), status=303)


def _counted(
    request: HttpRequest,
    day: date,
    agenda: dict[int, OnAgenda],
    members: list[CommissionMember],
    votes: Votes,
    why: str,
    digest: str,
) -> HttpResponse:
    names = {one.code: one.name for one in members}
    rows = [
        counted_case(agenda[pk].case, [(names[code], choice) for code, choice in choices.items()], len(members))
        for pk, choices in votes.items()
    ]
    fields = [(f"v-{pk}-{code}", choice.value) for pk, choices in votes.items() for code, choice in choices.items()]
    context = {
        "section": "removals",
        "day": day,
        "seats": len(members),
        "rows": rows,
        "fields": fields,
        "reason": why,
        "digest": digest,
    }
    return page(request, "web/staff/sessions/preview.html", context)


@require_safe
@staff(*SEES)
def session(request: HttpRequest, number: str) -> HttpResponse:
    """One session: each vote, who signs, its minutes."""
    return _session(request, number)


def _session(request: HttpRequest, number: str, *, status: int = 200, error: str = "") -> HttpResponse:
    found = _found(number)
    rights: Rights = request.rights  # type: ignore[attr-defined]
    rows = voted(found)
    context = {
        "section": "removals",
        "session": found,
        "rows": [(row, CaseState(row.case.state)) for row in rows],
        "is_preparer": found.prepared_by_id == rights.user.pk,
        "is_opener": any(row.case.opened_by_id == rights.user.pk for row in rows),
        "signs": SIGNS in rights,
        "error": error,
    }
    return page(request, "web/staff/sessions/session.html", context, status=status)


def _found(number: str) -> CommissionSession:
    made = CommissionSession.objects.defer("minutes").select_related("prepared_by", "signed_by")
    found = made.filter(number=number).first()
    if found is None:
        raise Http404
    return found


@require_POST
@staff(*SEES, SIGNS)
def signature(request: HttpRequest, number: str) -> HttpResponse:
    """Sign exactly what was shown: what the votes carry is decided."""
    found = _found(number)
    rights: Rights = request.rights  # type: ignore[attr-defined]
    digest = request.POST.get("digest", "")
    try:
        sign_session(by=rights.user, why=f"séance {found.number}", now=clock.now(), session=found, digest=digest)
    except RegisterError as error:
        return _session(request, number, status=409, error=str(error))
    messages.success(request, f"Séance {found.number} signée\u00a0: son procès-verbal est au registre.")
    return HttpResponseRedirect(reverse("web:session", args=[found.number]), status=303)


@require_safe
@staff(*SEES)
def minutes(request: HttpRequest, number: str) -> HttpResponse:
    """The procès-verbal as it was signed."""
    found = CommissionSession.objects.filter(number=number, signed_by__isnull=False).first()
    if found is None:
        raise Http404
    return attached(bytes(found.minutes), f"PV-{found.number}.pdf")


@require_POST
@staff(*SEES, NAMES)
def name(request: HttpRequest) -> HttpResponse:
    """Name a member, or change until when."""
    form = given(request.POST, "code", "name", "named_on", "ends_on", "reason")
    rights: Rights = request.rights  # type: ignore[attr-defined]
    try:
        made = _named(form, rights)
    except RegisterError as error:
        return _index(request, status=409, error=str(error), form=form)
    messages.success(request, f"{made.name} siège à la commission.")
    return HttpResponseRedirect(reverse("web:sessions"), status=303)


def _named(form: dict[str, str], rights: Rights) -> CommissionMember:
    first, last = day_of(form["named_on"], "Premier jour"), day_or_none(form["ends_on"], "Dernier jour")
    if last and last < first:
        raise RegisterError("Le mandat finit avant d’avoir commencé\u00a0: vérifiez les deux jours.")
    code = said(form["code"], "Code").lower()
    if not (code.isascii() and code.replace("-", "").isalnum() and len(code) <= LONGEST_CODE):
        raise RegisterError("Le code est court, en lettres sans accent, chiffres et tirets\u00a0: par exemple dupont.")
    who, why = said(form["name"], "Nom")[:LONGEST_NAME], reason_of(form)
    return name_member(by=rights.user, why=why, code=code, name=who, named_on=first, ends_on=last)
