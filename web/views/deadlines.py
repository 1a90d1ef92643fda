"""Decisions about deadlines: a campaign's dates moved, days of our own outage given back, either taken back.

Shown first, then signed exactly as shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from api.problems import said
from registry import clock
from registry.actions import RegisterError, freeze_deadlines, revert_decision, shift_campaign
from registry.facts import load_reference
from registry.models import DeadlineDecision
from registry.rules.deadlines import MOVABLE, DeadlineAct
from reminders.config import engine_settings
from reminders.errors import ReminderError
from reminders.ledger import load_policy
from reminders.management.deadlines import DATE_NAMES
from reminders.planning.deadlines import Decide, decide_deadlines
from web.access import SEE_BATCHES, Rights, page, staff
from web.given import whole_number

SIGNS = "registry.change_renewalcampaign"
LONGEST_REASON, LONGEST_ACT = 500, 120
FIELDS = ("what", "year", *MOVABLE, "from_on", "until_on", "number", "reason", "act_reference")
DATES_IN_ENGLISH = {
    "opens_on": "opening",
    "principals_due_on": "due date of principals and associations",
    "due_on": "ordinary due date",
    "tolerated_until": "tolerance",
    "expires_on": "end of validity",
}
LATEST = 30
AROUND = 1
"""Years: the campaign before this one and the one after are shown beside it."""


@require_safe
@staff(SEE_BATCHES)
def index(request: HttpRequest) -> HttpResponse:
    """The campaigns as decisions have left them, and the decisions."""
    return _index(request)


def _index(
    request: HttpRequest, *, status: int = 200, error: str = "", given: Mapping[str, str] | None = None
) -> HttpResponse:
    signed = DeadlineDecision.objects.select_related("signed_by", "campaign", "reverts", "reversal")
    context = {
        "section": "campaign",
        "names": {name: _date_name(name) for name in DATE_NAMES},
        **_typed(given or {}),
        **_campaigns(clock.local_day(clock.now()).year),
        "decisions": [(d, DeadlineAct(d.kind), _moved(d)) for d in signed.order_by("-id")[:LATEST]],
        "signs": SIGNS in request.rights,  # type: ignore[attr-defined]
        "error": error,
    }
    return page(request, "web/staff/deadlines/index.html", context, status=status)


def _typed(given: Mapping[str, str]) -> dict[str, Any]:
    """What the two forms hold: nothing, or in the one that was refused what was typed there."""
    shift = given if given.get("what") == "shift" else {}
    dates = [(name, _date_name(name), shift.get(name, "")) for name in MOVABLE]
    return {"shift": shift, "dates": dates, "freeze": given if given.get("what") == "freeze" else {}}


def _date_name(name: str) -> str:
    """What a date of a campaign is called."""
    return said(DATE_NAMES[name], DATES_IN_ENGLISH[name])


def _campaigns(year: int) -> dict[str, Any]:
    """The campaigns around this year, and the others."""
    rows = [(c, [getattr(c, name) for name in MOVABLE]) for c in reversed(load_reference().campaigns)]
    near = [row for row in rows if abs(row[0].year - year) <= AROUND]
    return {"near": near, "far": [row for row in rows if row not in near]}


def _moved(decision: DeadlineDecision) -> list[tuple[str, date]]:
    return [(_date_name(name), day) for name in MOVABLE if (day := getattr(decision, name))]


@require_POST
@staff(SEE_BATCHES, SIGNS)
def decide(request: HttpRequest) -> HttpResponse:
    """Show what a decision would change; with the hash of what was shown, sign it."""
    given = {name: request.POST.get(name, "").strip()[:LONGEST_REASON] for name in FIELDS}
    rights: Rights = request.rights  # type: ignore[attr-defined]
    shown, now = request.POST.get("hash"), clock.now()
    try:
        asked = _decision(given, rights.user, now)
        policy = load_policy(gap_days=engine_settings().gap_days)
        report = decide_deadlines(asked, now=now, policy=policy, apply=shown is not None, shown=shown)
    except (RegisterError, ReminderError) as error:
        return _index(request, status=409, error=str(error), given=given)
    if shown is None:
        context = {"section": "campaign", "report": report, "given": given}
        return page(request, "web/staff/deadlines/preview.html", context | _in_words(report))
    number = report["decision"]
    told = said(
        f"Décision {number} signée\u00a0: le registre la suit.", f"Decision {number} signed: the register follows it."
    )
    messages.success(request, told)
    return HttpResponseRedirect(reverse("web:deadlines"), status=303)


def _in_words(report: Mapping[str, Any]) -> dict[str, Any]:
    """The dates that move, and the kind of decision."""
    moved = [
        (campaign["year"], _date_name(name), days["before"], days["after"])
        for campaign in report["campaigns"]
        for name, days in campaign.items()
        if name in DATE_NAMES
    ]
    return {"act": DeadlineAct(report["act"]), "moved": moved}


def _decision(given: Mapping[str, str], by: User, now: datetime) -> Decide:
    """What was asked for, ready to be signed. Raises RegisterError."""
    common: dict[str, Any] = {
        "by": by,
        "reason": given["reason"],
        "act_reference": given["act_reference"][:LONGEST_ACT],
        "now": now,
    }
    match given["what"]:
        case "shift":
            dates = {name: _day(given[name]) for name in MOVABLE if given[name]}
            return partial(shift_campaign, year=_number(given["year"]), dates=dates, **common)
        case "freeze":
            days: dict[str, Any] = {name: _day(given[name]) for name in ("from_on", "until_on")}
            return partial(freeze_deadlines, **days, **common)
        case "revert":
            return partial(revert_decision, number=_number(given["number"]), **common)
    raise RegisterError("Choisissez une décision\u00a0: décaler, geler ou annuler.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RegisterError("Donnez chaque jour comme 2027-03-31.") from None


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise RegisterError("Donnez l’année, ou le numéro de la décision, en chiffres.")
    return number
