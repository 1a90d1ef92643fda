"""What the machine leaves to people: messages that may have left, messages refused, addresses that no longer work. Each
a worklist with the acts that the commands offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from api.problems import said
from registry import clock
from registry.actions import RegisterError, change_contact
from registry.models import Intermediary
from registry.rules.contact import read_contact
from registry.rules.labels import LabelledEnum
from reminders.errors import ReminderError
from reminders.models import Notice
from reminders.models.settlement import Decision
from reminders.planning.dead_addresses import confirm_address, dead_address_rows
from reminders.planning.settling import describe, settle, uncertain
from reminders.rules.smtp_replies import Stage, Verdict
from reminders.rules.states import NoticeState
from web.access import SEE_BATCHES, SEE_FILES, Rights, page, staff

SEES = (SEE_BATCHES, SEE_FILES)
A_PAGE = 50
LONGEST_REASON = 500
LONGEST_NUMBER = 19
TABS = {
    "incertains": ("Incertains", "Uncertain"),
    "refuses": ("Refusés", "Refused"),
    "adresses": ("Adresses hors d’usage", "Dead addresses"),
}


@require_safe
@staff(*SEES)
def index(request: HttpRequest, tab: str) -> HttpResponse:
    """One of the worklists."""
    return show(request, tab)


def show(request: HttpRequest, tab: str, *, status: int = 200, **told: Any) -> HttpResponse:
    """The worklist, with what an act said that was refused. Raises Http404."""
    read = _READERS.get(tab)
    if read is None:
        raise Http404
    rows, more = read(request.GET.get("apres", "")[:LONGEST_NUMBER])
    tabs = {slug: said(*names) for slug, names in TABS.items()}
    context = {"section": "exceptions", "tabs": tabs, "tab": tab, "rows": rows, "more": more}
    return page(request, f"web/staff/exceptions/{tab}.html", context | told, status=status)


Rows = tuple[list[Any], str]


def _uncertain(after: str) -> Rows:
    waiting = uncertain().order_by("id")
    found = list(waiting.filter(id__gt=int(after)) if after.isdecimal() else waiting)[: A_PAGE + 1]
    rows = [(line := describe(n)) | {"row": n, "stage": _code(Stage, line["stage"])} for n in found]
    return rows[:A_PAGE], str(found[A_PAGE - 1].pk) if len(found) > A_PAGE else ""


def _refused(before: str) -> Rows:
    """The latest first: what the server said of each."""
    refused = Notice.objects.filter(troubled=True, state=NoticeState.REFUSED.value).select_related(
        "intermediary", "batch"
    )
    refused = refused.filter(id__lt=int(before)) if before.isdecimal() else refused
    found = list(refused.prefetch_related("tries").order_by("-id")[: A_PAGE + 1])
    rows = [(notice, max(notice.tries.all(), key=lambda t: t.number, default=None)) for notice in found[:A_PAGE]]
    told = [(n, last, _code(Verdict, last.verdict if last else "")) for n, last in rows]
    return told, str(found[A_PAGE - 1].pk) if len(found) > A_PAGE else ""


def _code(kind: type[LabelledEnum], code: str) -> LabelledEnum | None:
    return kind(code) if code else None


def _dead(after: str) -> Rows:
    found = list(dead_address_rows(after=after, limit=A_PAGE + 1))
    return found[:A_PAGE], found[A_PAGE - 1]["orias_number"] if len(found) > A_PAGE else ""


_READERS: dict[str, Callable[[str], Rows]] = {"incertains": _uncertain, "refuses": _refused, "adresses": _dead}


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do with one line: what it takes, how it is done, what is told after in both languages, and of which
    worklist it is."""

    needs: str
    do: Callable[[HttpRequest, str, User], None]
    told: tuple[str, str]
    tab: str


def _as_sent(request: HttpRequest, which: str, by: User) -> None:
    _settle(request, which, by, Decision.AS_SENT)


def _again(request: HttpRequest, which: str, by: User) -> None:
    _settle(request, which, by, Decision.SEND_AGAIN)


def _settle(request: HttpRequest, which: str, by: User, decision: Decision) -> None:
    settle(notice_id=int(which), decision=decision, reason=_reason(request), by=by, now=clock.now())


def _confirm(request: HttpRequest, which: str, by: User) -> None:
    shown = request.POST.get("email", "")
    confirm_address(orias_number=which, reason=_reason(request), by=by, now=clock.now(), email=shown)


def _change(request: HttpRequest, which: str, by: User) -> None:
    """Another address, where the one shown is still the present one."""
    if not (why := _reason(request)):
        raise RegisterError("Dites d’où vous tenez l’adresse\u00a0: le motif est obligatoire.")
    values, problems = read_contact({"email": request.POST.get("new", "")})
    if problems:
        raise RegisterError(problems[0].sentence)
    with transaction.atomic():
        mine = Intermediary.objects.select_for_update(of=("self",), no_key=True).filter(orias_number=which).first()
        if mine is None or mine.email != request.POST.get("email", ""):
            raise RegisterError("L’adresse a changé entre-temps\u00a0: relisez la liste.")
        change_contact(by=by, why=why, day=clock.local_day(clock.now()), intermediary=mine, **values)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:LONGEST_REASON]


ACTS = {
    "partie": Act(
        "reminders.add_settlement",
        _as_sent,
        ("Relance tenue pour envoyée.", "The reminder is treated as sent."),
        "incertains",
    ),
    "renvoyer": Act(
        "reminders.add_settlement",
        _again,
        (
            "Elle peut être prévue de nouveau\u00a0: par le prochain lot, ou par le rectificatif du sien.",
            "It may be planned again: by the next batch or, for a correction, by the recall of its batch.",
        ),
        "incertains",
    ),
    "confirmer": Act(
        "reminders.add_addressconfirmation",
        _confirm,
        ("Adresse confirmée\u00a0: on y écrit de nouveau.", "Address confirmed: it is written to again."),
        "adresses",
    ),
    "changer": Act("registry.change_intermediary", _change, ("Adresse changée.", "Address changed."), "adresses"),
}


@require_POST
@staff(*SEES)
def act(request: HttpRequest, act: str, which: str) -> HttpResponse:
    """Do it to one line; where it is refused, say why on the worklist, with what was typed."""
    wanted = ACTS.get(act)
    if wanted is None or len(which) > LONGEST_NUMBER:
        raise Http404
    rights: Rights = request.rights  # type: ignore[attr-defined]
    if wanted.needs not in rights:
        return page(request, "web/staff/forbidden.html", {}, status=403)
    try:
        wanted.do(request, which, rights.user)
    except (ReminderError, RegisterError) as error:
        typed = {"reason": _reason(request), "new": request.POST.get("new", "")[:LONGEST_REASON]}
        return show(request, wanted.tab, status=409, error=str(error), refused=act, which=which, typed=typed)
    messages.success(request, said(*wanted.told))
    return HttpResponseRedirect(reverse("web:exceptions", args=[wanted.tab]), status=303)
