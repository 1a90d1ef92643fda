"""The renewal of a file, in steps that need no script: still true? → what changed → check → receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from api.english import told
from api.problems import said
from registry import clock
from registry.actions import RegisterError, change_contact, file_renewal
from registry.models import Intermediary, RenewalRequest
from registry.renewals import prefill_requests
from registry.rules.categories import Category
from registry.rules.contact import LIMITS, read_contact
from registry.rules.prefill import Answer
from registry.rules.renewals import FilingChannel, RenewalState
from web.people.access import find_file, require_unmerged, signed_in
from web.people.home import campaign_year
from web.people.once import act_once
from web.people.words import FIELD_NAMES, FIELD_TYPES, shown_problem

DRAFTS = "renewals"
"""In the session: by number, the contact as it is to be once the request is filed."""
ASKED = ("trade_name", "email", "phone", "address", "postcode", "town")


@dataclass(frozen=True, slots=True)
class Asked:
    """The requests of a file in a campaign: those still to be filed, with what they confirm, and those filed."""

    year: int
    waiting: tuple[RenewalRequest, ...]
    done: tuple[RenewalRequest, ...]
    answers: dict[int, tuple[Answer, ...]]

    @property
    def of_the_person(self) -> tuple[Answer, ...]:
        """What is the same for every category."""
        first = next(iter(self.answers.values()), ())
        return tuple(a for a in first if a.field in FIELD_NAMES)

    @property
    def by_category(self) -> list[tuple[Category, tuple[Answer, ...]]]:
        """What is confirmed of each registration."""
        return [
            (Category(r.registration.category), tuple(a for a in self.answers[r.pk] if a.field not in FIELD_NAMES))
            for r in self.waiting
        ]


def _asked(whose: Intermediary, day: date) -> Asked:
    year = campaign_year(day)
    mine = RenewalRequest.objects.filter(registration__intermediary=whose.pk, campaign__year=year)
    rows = list(mine.select_related("registration", "campaign").order_by("registration__category"))
    present = [r for r in rows if r.registration.removed_on is None or r.registration.removed_on > day]
    waiting = tuple(r for r in present if r.state == RenewalState.OPEN)
    found = prefill_requests(whose, waiting) if waiting else {}
    answers = {pk: prefilled.answers for pk, prefilled in found.items()}
    return Asked(year, waiting, tuple(r for r in present if r.state != RenewalState.OPEN), answers)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_renewal(request: HttpRequest, orias_number: str) -> HttpResponse:
    """Still true? One answer to all that is shown."""
    day = clock.local_day(clock.now())
    whose = find_file(request, orias_number, day)
    answer = request.POST.get("answer", "")
    if request.method == "POST" and answer in ("true", "changed"):
        if answer == "true":
            _forget(request, orias_number)
        step = "web:my_check" if answer == "true" else "web:my_changes"
        return HttpResponseRedirect(reverse(step, args=[orias_number]), status=303)
    context = {"unanswered": request.method == "POST", "asked": _asked(whose, day)}
    return _page(request, "renewal", whose, context, status=400 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_changes(request: HttpRequest, orias_number: str) -> HttpResponse:
    """What has changed; nothing is written before the request is filed."""
    whose = find_file(request, orias_number, clock.local_day(clock.now()))
    now = _contact(whose)
    if request.method != "POST":
        return _form(request, whose, now | _draft(request, orias_number))
    typed = {name: request.POST.get(name, "")[: LIMITS[name] + 1] for name in ASKED}
    changes = {name: text for name, text in typed.items() if text.strip() != now[name]}
    _, problems = read_contact(changes)
    if problems:
        return _form(request, whose, typed, {p.field: shown_problem(p) for p in problems}, status=400)
    request.session[DRAFTS] = request.session.get(DRAFTS, {}) | {orias_number: changes}
    return HttpResponseRedirect(reverse("web:my_check", args=[orias_number]), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_check(request: HttpRequest, orias_number: str) -> HttpResponse:
    """Check the answers, then file every request of the file at once; a second click only shows the receipt."""
    now = clock.now()
    whose = find_file(request, orias_number, clock.local_day(now))
    if request.method != "POST":
        return _check(request, whose, clock.local_day(now))
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - for the types
    try:
        answer = act_once(request, user, now, lambda: _file(request, whose, user, clock.local_day(now)))
    except RegisterError as error:
        whose.refresh_from_db()
        return _check(request, whose, clock.local_day(now), told(str(error)), status=409)
    _forget(request, orias_number)
    return answer


def _file(request: HttpRequest, whose: Intermediary, by: User, day: date) -> str:
    """File what waits, in the caller's transaction; gives the receipt's address. Raises RegisterError."""
    require_unmerged(whose)
    if request.POST.get("still_true") != "on":
        raise RegisterError(
            said("Cochez la case : une demande confirme ce qu’elle montre.", "Tick the box: a request confirms it.")
        )
    locked = Intermediary.objects.select_for_update(of=("self",), no_key=True).get(pk=whose.pk)
    if str(locked.facts_version) != request.POST.get("facts_version"):
        raise RegisterError(
            said(
                "Le dossier a changé pendant que vous le relisiez : relisez-le, puis déposez.",
                "The file has changed while you were reading it: read it again, then file.",
            )
        )
    asked, why = _asked(locked, day), "demande de renouvellement déposée sur le site"
    if not asked.waiting:
        raise RegisterError(said("Aucune demande n’attend de dépôt.", "No request waits to be filed."))
    changes, _ = read_contact(_draft(request, whose.orias_number))
    if changes:
        change_contact(by=by, why=why, day=day, intermediary=locked, **changes)
    for one in asked.waiting:
        file_renewal(
            by=by, why=why, day=day, year=asked.year, orias_number=whose.orias_number,
            category=Category(one.registration.category), channel=FilingChannel.ONLINE, filed_on=day,
        )  # fmt: skip
    return reverse("web:my_receipt", args=[whose.orias_number])


@require_safe
@signed_in
def my_receipt(request: HttpRequest, orias_number: str) -> HttpResponse:
    """What was filed, when, under which number; to be printed."""
    day = clock.local_day(clock.now())
    whose = find_file(request, orias_number, day)
    asked = _asked(whose, day)
    if not asked.done:
        raise Http404
    return _page(request, "receipt", whose, {"asked": asked})


def _check(request: HttpRequest, whose: Intermediary, day: date, error: str = "", status: int = 200) -> HttpResponse:
    changes = _draft(request, whose.orias_number)
    changed = [(name, _contact(whose)[name], text) for name, text in changes.items()]
    context = {"asked": _asked(whose, day), "changed": changed, "names": FIELD_NAMES, "error": error}
    return _page(request, "check", whose, context, status=status)


def _form(
    request: HttpRequest, whose: Intermediary, typed: dict[str, str], faults: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    told = faults or {}
    fields = [
        {"name": n, "label": FIELD_NAMES[n], "type": FIELD_TYPES.get(n, "text"), "value": typed[n],
         "fault": told.get(n, ""), "longest": LIMITS[n]}
        for n in ASKED
    ]  # fmt: skip
    return _page(request, "changes", whose, {"fields": fields, "faults": told}, status=status)


def _page(
    request: HttpRequest, name: str, whose: Intermediary, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    shared = {"section": "renewal", "file": whose}
    return render(request, f"web/people/{name}.html", shared | context, status=status)


def _contact(whose: Intermediary) -> dict[str, str]:
    return {name: str(getattr(whose, "phone_e164" if name == "phone" else name)) for name in ASKED}


def _draft(request: HttpRequest, orias_number: str) -> dict[str, str]:
    drafts: dict[str, dict[str, str]] = request.session.get(DRAFTS, {})
    return drafts.get(orias_number, {})


def _forget(request: HttpRequest, orias_number: str) -> None:
    kept = {number: draft for number, draft in request.session.get(DRAFTS, {}).items() if number != orias_number}
    if kept != request.session.get(DRAFTS, {}):
        request.session[DRAFTS] = kept
