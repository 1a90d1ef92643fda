"""Who looked at whose file, when and why: for the auditor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hotline.models import LookUp
from hotline.rules.caller_check import CallerProof
from hotline.rules.look_ups import LookUpPurpose, LookUpWay
from web.access import SEE_LOOK_UPS, page, staff
from web.given import whole_number
from web.templatetags.words import said

A_PAGE = 50


@require_safe
@staff(SEE_LOOK_UPS)
def look_ups(request: HttpRequest) -> HttpResponse:
    """The last one first; of one agent, or of one file."""
    number, agent, oldest = (request.GET.get(name, "").strip() for name in ("numero", "agent", "avant"))
    before = whole_number(oldest)
    rows = LookUp.objects.select_related("agent", "intermediary", "call").order_by("-id")
    rows = rows.filter(intermediary__orias_number=number) if number else rows
    rows = rows.filter(agent__username=agent) if agent else rows
    rows = rows if before is None else rows.filter(id__lt=before)
    found = list(rows[: A_PAGE + 1])
    context = {
        "section": "desk",
        "tab": "look_ups",
        "rows": [(one, LookUpPurpose(one.purpose), LookUpWay(one.way), _proofs(one)) for one in found[:A_PAGE]],
        "more": found[A_PAGE - 1].pk if len(found) > A_PAGE else 0,
        "number": number,
        "agent": agent,
    }
    return page(request, "web/desk/look_ups.html", context)


def _proofs(one: LookUp) -> str:
    return ", ".join(said(CallerProof(code)) for code in one.proofs.split(",") if code)
