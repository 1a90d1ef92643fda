"""What people do with a batch, by the same functions as the commands and the API. POST alone; a refusal is told on the
page it was asked on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from api.problems import said
from registry import clock
from reminders.config import engine_settings
from reminders.desk import release, resume
from reminders.errors import ReminderError
from reminders.models import Batch, Wave
from reminders.planning.approval import approve_batch, cancel_batch, pause_batch
from reminders.planning.plan import plan_reminders
from reminders.planning.recall import recall_batch
from web.access import APPROVE, PLAN, RELEASE, SEE_BATCHES, Rights, page, staff
from web.views.batches import BEFORE_RELEASE, asked_for, show_live, show_preview

LONGEST_REASON = 300
FIRST_YEAR, LAST_YEAR = 2000, 2199
_THOUSANDS = re.compile(r"(?<=\d)[\s,](?=\d{3}(?!\d))")
"""What stands between them in French (18 000) and in English (18,000)."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do with a batch: what it takes, how it is done, what is told after in both languages; it gives the
    batch to show."""

    needs: str
    do: Callable[[HttpRequest, Batch, User], Batch]
    told: tuple[str, str]


def _approve(request: HttpRequest, batch: Batch, by: User) -> Batch:
    typed = _THOUSANDS.sub("", request.POST.get("count", "").strip())
    if not (typed.isascii() and typed.isdecimal()):
        raise ReminderError("Tapez le nombre de destinataires, en chiffres, tel que l’aperçu le donne.")
    count = int(typed[:9])
    given = request.POST.get("hash", "")
    return approve_batch(batch_id=batch.pk, by=by, list_hash=given, count=count, now=clock.now())


def _release(request: HttpRequest, batch: Batch, by: User) -> Batch:
    return release(batch_id=batch.pk, by=by, now=clock.now())


def _pause(request: HttpRequest, batch: Batch, by: User) -> Batch:
    return pause_batch(batch_id=batch.pk, by=by, detail=_reason(request))


def _resume(request: HttpRequest, batch: Batch, by: User) -> Batch:
    return resume(batch_id=batch.pk, by=by, now=clock.now(), reason=_reason(request))


def _cancel(request: HttpRequest, batch: Batch, by: User) -> Batch:
    if request.POST.get("sure") != "on":
        raise ReminderError("Cochez la case\u00a0: une annulation ne se reprend pas.")
    return cancel_batch(batch_id=batch.pk, by=by, now=clock.now())


def _recall(request: HttpRequest, batch: Batch, by: User) -> Batch:
    if not _reason(request):
        raise ReminderError("Dites pourquoi ce lot est à rectifier\u00a0: le motif est obligatoire.")
    engine = engine_settings()
    made = recall_batch(batch_id=batch.pk, by=by, now=clock.now(), engine=engine, reason=_reason(request))
    return made.batch


ACTS = {
    "approuver": Act(
        APPROVE,
        _approve,
        (
            "Lot approuvé. Il peut être lancé pendant vingt-quatre heures.",
            "Batch approved. It may be released for twenty-four hours.",
        ),
    ),
    "lancer": Act(
        RELEASE,
        _release,
        (
            "Lot lancé\u00a0: son premier palier part dès que les envois sont ouverts.",
            "Batch released: its first step leaves as soon as sending is open.",
        ),
    ),
    "suspendre": Act(
        RELEASE,
        _pause,
        (
            "Lot en pause\u00a0: plus aucun de ses messages ne part.",
            "Batch paused: none of its messages leaves now.",
        ),
    ),
    "reprendre": Act(RELEASE, _resume, ("Lot repris.", "Batch resumed.")),
    "annuler": Act(
        RELEASE,
        _cancel,
        (
            "Lot annulé\u00a0: ce qui n’était pas parti ne partira pas.",
            "Batch cancelled: what had not left will not leave.",
        ),
    ),
    "rectifier": Act(
        PLAN,
        _recall,
        (
            "Rectificatif préparé\u00a0: une seconde personne l’approuve.",
            "Correction prepared: a second person approves it.",
        ),
    ),
}


@require_POST
@staff(SEE_BATCHES)
def act(request: HttpRequest, batch_id: int, act: str) -> HttpResponse:
    """Do it, then show the batch; where it is refused, say why on the same page."""
    wanted = ACTS.get(act)
    if wanted is None:
        raise Http404
    rights: Rights = request.rights  # type: ignore[attr-defined]
    if wanted.needs not in rights:
        return page(request, "web/staff/forbidden.html", {}, status=403)
    batch = asked_for(batch_id)
    try:
        shown = wanted.do(request, batch, rights.user)
    except ReminderError as error:
        return _refused(request, batch, act, str(error))
    messages.success(request, said(*wanted.told))
    return HttpResponseRedirect(_page_of(shown), status=303)


def _refused(request: HttpRequest, batch: Batch, act: str, why: str) -> HttpResponse:
    typed = {name: request.POST.get(name, "")[:LONGEST_REASON] for name in ("count", "reason")}
    show = show_preview if batch.state in BEFORE_RELEASE else show_live
    return show(request, batch, status=409, error=why, refused=act, typed=typed)


def _page_of(batch: Batch) -> str:
    return reverse("web:batch" if batch.state in BEFORE_RELEASE else "web:live", args=[batch.pk])


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:LONGEST_REASON]


@require_http_methods(["GET", "HEAD", "POST"])
@staff(SEE_BATCHES, PLAN)
def plan(request: HttpRequest) -> HttpResponse:
    """Prepare a batch for a day, all waves or one: nothing leaves."""
    if request.method != "POST":
        return _form(request, clock.local_day(clock.now()).isoformat(), "")
    day, wave = request.POST.get("day", ""), request.POST.get("wave", "")
    try:
        made = plan_reminders(
            day=_day(day),
            now=clock.now(),
            engine=engine_settings(),
            by=request.user,  # type: ignore[arg-type]
            only_wave=wave or None,
        )
    except ReminderError as error:
        return _form(request, day, wave, str(error), status=409)
    if made.batch is None:
        return _form(request, day, wave, nobody=True)
    messages.success(request, said(*(_PREPARED if made.created else _THERE_ALREADY)))
    return HttpResponseRedirect(_page_of(made.batch), status=303)


_PREPARED = (
    "Lot préparé\u00a0: rien ne part avant l’accord d’une seconde personne.",
    "Batch prepared: nothing leaves before a second person agrees.",
)
_THERE_ALREADY = ("Ce lot était déjà préparé\u00a0: le voici.", "This batch was prepared already: here it is.")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ReminderError("Donnez le jour du lot, par exemple 2026-01-29.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ReminderError(f"Le jour du lot est entre {FIRST_YEAR} et {LAST_YEAR}.")
    return day


def _form(
    request: HttpRequest, day: str, wave: str, error: str = "", *, nobody: bool = False, status: int = 200
) -> HttpResponse:
    waves = list(Wave.objects.filter(active=True).order_by("first_offset"))
    context = {"section": "batches", "day": day, "wave": wave, "waves": waves, "error": error, "nobody": nobody}
    return page(request, "web/staff/plan.html", context, status=status)
