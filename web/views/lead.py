"""The lead's pages: the line beside its usual load, the wallboard, extra agents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from api.problems import said
from hotline.actions.extra_agents import end_extra, grant_extra
from hotline.board import Piece, board, by_half_hour, day_load, pieces_until
from hotline.desk import deflection, line_facts, open_call_backs
from hotline.errors import HotlineError
from hotline.models import ExtraAgent
from hotline.rules.calls import judge_line
from hotline.rules.extra_agents import is_live
from registry import clock
from web.access import GIVE_EXTRA, SEE_INCIDENTS, page, staff
from web.pictures import Line, curve
from web.views.desk_acts import by_of, instant_in, number_in

HOUR_PIECES = 12
LONGEST_NAME = 150
MOST_GRANTS = 50


@require_safe
@staff(SEE_INCIDENTS)
def line(request: HttpRequest) -> HttpResponse:
    """Calls and look-ups per five minutes beside the same weekday, and whether to declare an incident."""
    now = clock.now()
    facts, pieces = line_facts(now), day_load(now)
    context = {
        "section": "desk",
        "tab": "line",
        "now": now,
        "facts": facts,
        "surge": judge_line(facts),
        "picture": _picture(pieces, now),
        "rows": by_half_hour(pieces),
    }
    return page(request, "web/desk/line.html", context)


def _picture(pieces: list[Piece], now: datetime) -> Any:
    begun = pieces_until(pieces, now)
    lines = [
        Line(said("Appels", "Calls"), "ok", [piece.calls for piece in begun]),
        Line(said("Consultations", "Look-ups"), "wait", [piece.look_ups for piece in begun]),
        Line(said("Appels d’habitude", "Usual calls"), "last", [round(piece.usual_calls) for piece in pieces]),
    ]
    hours = range(0, len(pieces), HOUR_PIECES)
    ticks = [(n, said(f"{pieces[n].begins.hour}\u00a0h", f"{pieces[n].begins:%H:%M}")) for n in hours]
    title = said("Appels et consultations par cinq minutes", "Calls and look-ups by five minutes")
    return curve(lines, ticks, title, most=5)


@require_safe
@staff(SEE_INCIDENTS)
def wallboard(request: HttpRequest) -> HttpResponse:
    """What everybody at the hotline sees on the wall; no name and no number of a caller."""
    now = clock.now()
    promised, (readers, spared) = open_call_backs(), deflection(now)
    context = {
        "section": "desk",
        "tab": "wallboard",
        "now": now,
        "board": board(now),
        "promised": len(promised),
        "readers": readers,
        "spared": spared,
        "late": sum(row["call_back_by"] < now for row in promised),
    }
    return page(request, "web/desk/wallboard.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(GIVE_EXTRA)
def extra_agents(request: HttpRequest) -> HttpResponse:
    """Make somebody an agent for a few days, or take it back; a new account's password is shown this once."""
    told: dict[str, Any] = {}
    if request.method == "POST":
        try:
            told = _act(request)
        except HotlineError as error:
            return _show_extra(request, status=409, error=str(error))
        if not told:
            return HttpResponseRedirect(reverse("web:extra_agents"), status=303)
    return _show_extra(request, **told)


def _act(request: HttpRequest) -> dict[str, Any]:
    by, now = by_of(request), clock.now()
    if grant := number_in(request, "retirer"):
        end_extra(grant_id=grant, by=by, now=now)
        messages.success(request, "Renfort retiré.")
        return {}
    name = request.POST.get("name", "").strip()[:LONGEST_NAME]
    ends_at = instant_in(request.POST.get("ends_at", ""))
    if not name or ends_at is None:
        raise HotlineError("Un renfort a un compte et une fin\u00a0: donnez les deux.")
    made, password = grant_extra(name=name, ends_at=ends_at, by=by, now=now)
    messages.success(request, f"Renfort donné à {made.account.get_username()}.")
    return {"password": password, "account": name} if password else {}


def _show_extra(request: HttpRequest, *, status: int = 200, **told: Any) -> HttpResponse:
    now = clock.now()
    grants = ExtraAgent.objects.select_related("account", "granted_by", "ended_by").order_by("-id")[:MOST_GRANTS]
    rows = [(one, is_live(one.ends_at, one.ended_at, now)) for one in grants]
    context = {"section": "desk", "tab": "extra", "rows": rows, "now": now, "typed": request.POST}
    return page(request, "web/desk/extra_agents.html", context | told, status=status)
