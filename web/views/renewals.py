"""Renewal requests of a campaign: opened for whom it concerns, filed on paper by two people, their fee recorded."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from api.problems import said as in_words
from registry import clock
from registry.actions import RegisterError, confirm_paper, file_renewal, open_renewals, record_fee, send_back_paper
from registry.actions.renewals import count_renewals, find_request
from registry.models import RenewalRequest
from registry.rules.categories import Category
from registry.rules.renewals import FilingChannel, RenewalState
from web.access import SEE_FILES, SEE_PAPERS, Rights, page, staff
from web.given import BIGGEST, campaign_of, day_of, given, number_of, one_of, reason_of, said

SEES, WRITES = (SEE_FILES, SEE_PAPERS), "registry.change_registration"
A_PAGE = 50
CENTS = 100
FIELDS = ("annee", "number", "category", "filed_on", "paid_on", "amount", "reference", "reason", "total")


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """How many requests are open, filed and paid; the papers that wait for a second person."""
    return _index(request, request.GET.get("annee", ""))


def _index(request: HttpRequest, asked: str, error: str = "", *, status: int = 200, **told: Any) -> HttpResponse:
    year = campaign_of(asked, clock.local_day(clock.now()).year)
    mine = RenewalRequest.objects.filter(campaign__year=year or 0)
    papers = mine.filter(state=RenewalState.ENTERED.value).select_related("registration__intermediary", "entered_by")
    waiting = list(papers.order_by("entered_on", "id")[: A_PAGE + 1])
    context = {
        "section": "campaign",
        "year": year,
        "figures": mine.aggregate(**_FIGURES),
        "papers": waiting[:A_PAGE],
        "more": len(waiting) > A_PAGE,
        "categories": list(Category),
        "writes": WRITES in request.rights,  # type: ignore[attr-defined]
        "error": error,
    }
    return page(request, "web/staff/renewals/index.html", context | told, status=status)


_FILED = Q(state=RenewalState.FILED.value)
_FIGURES = {
    "open": Count("id", filter=Q(state=RenewalState.OPEN.value)),
    "entered": Count("id", filter=Q(state=RenewalState.ENTERED.value)),
    "filed": Count("id", filter=_FILED),
    "unpaid": Count("id", filter=_FILED & Q(fee_cents__gt=0, paid_on=None)),
}


@require_POST
@staff(*SEES, WRITES)
def begin(request: HttpRequest) -> HttpResponse:
    """Count for whom requests would be opened; with the number that was shown, open them."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    form, day = given(request.POST, *FIELDS), clock.local_day(clock.now())
    try:
        year, why = number_of(form["annee"], "Campagne"), reason_of(form)
        opening = count_renewals(year=year, day=day)
        total = sum(opening.to_open.values())
        if not form["total"]:
            return _index(request, form["annee"], opening=opening.to_open.items(), total=total, form=form)
        if form["total"] != str(total):
            raise RegisterError("Le nombre n’est plus celui qui a été montré\u00a0: relisez l’aperçu.")
        open_renewals(by=rights.user, why=why, day=day, year=year)
    except RegisterError as error:
        return _index(request, form["annee"], str(error), status=409)
    messages.success(
        request,
        in_words(
            "Demandes ouvertes\u00a0: chacun les trouve dans son espace.",
            "Requests opened: all find theirs online.",
        ),
    )
    return _back(year)


@require_POST
@staff(*SEES, WRITES)
def paper(request: HttpRequest) -> HttpResponse:
    """Enter a request that came on paper: it counts once another person has read the same day on it."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    form = given(request.POST, *FIELDS)
    try:
        made = _paper(form, rights.user, clock.local_day(clock.now()))
    except RegisterError as error:
        return _index(request, form["annee"], str(error), status=409, paper=form)
    messages.success(
        request,
        in_words("Papier saisi\u00a0: une autre personne le confirme.", "Paper entered: another person confirms it."),
    )
    return _back(made.campaign.year)


def _paper(form: dict[str, str], by: User, day: date) -> RenewalRequest:
    return file_renewal(
        by=by,
        why=reason_of(form),
        day=day,
        year=number_of(form["annee"], "Campagne"),
        orias_number=form["number"],
        category=one_of(Category, form["category"], "Inscription"),
        channel=FilingChannel.PAPER,
        filed_on=day_of(form["filed_on"], "Jour du dépôt"),
    )


@require_POST
@staff(*SEES, WRITES)
def confirm(request: HttpRequest, request_id: int) -> HttpResponse:
    """Confirm a paper by the day read on it, or send its entry back."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    form, day = given(request.POST, *FIELDS), clock.local_day(clock.now())
    found = RenewalRequest.objects.select_related("campaign").filter(pk=min(request_id, BIGGEST)).first()
    try:
        if found is None:
            raise RegisterError("Cette demande n’existe pas.")
        if "back" in request.POST:
            send_back_paper(by=rights.user, why=reason_of(form), day=day, request=found)
        else:
            filed_on = day_of(form["filed_on"], "Jour lu sur le papier")
            confirm_paper(
                by=rights.user, why=form["reason"] or "dépôt papier", day=day, request=found, filed_on=filed_on
            )
    except RegisterError as error:
        year = str(found.campaign.year) if found else ""
        return _index(request, year, str(error), status=409, refused=request_id, typed=form["filed_on"])
    messages.success(request, in_words(*(_SENT_BACK if "back" in request.POST else _CONFIRMED)))
    return _back(found.campaign.year)


_SENT_BACK = ("Saisie renvoyée\u00a0: la demande est rouverte.", "Entry sent back: the request is open again.")
_CONFIRMED = ("Dépôt confirmé.", "Filing confirmed.")


@require_POST
@staff(*SEES, WRITES)
def fee(request: HttpRequest) -> HttpResponse:
    """Record that the fee of one request was paid."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    form = given(request.POST, *FIELDS)
    try:
        made = _paid(form, rights.user, clock.local_day(clock.now()))
    except RegisterError as error:
        return _index(request, form["annee"], str(error), status=409, fee=form)
    messages.success(request, in_words("Règlement enregistré.", "Payment recorded."))
    return _back(made.campaign.year)


def _paid(form: dict[str, str], by: User, day: date) -> RenewalRequest:
    year, category = number_of(form["annee"], "Campagne"), one_of(Category, form["category"], "Inscription")
    found = find_request(form["number"], category, year)
    record_fee(
        by=by,
        why=form["reason"] or "règlement des frais",
        day=day,
        request=found,
        amount_cents=_cents(form["amount"]),
        paid_on=day_of(form["paid_on"], "Jour du règlement"),
        reference=said(form["reference"], "Référence du règlement")[:120],
    )
    return found


def _cents(text: str) -> int:
    """« 25 » or « 25,00 » euros."""
    whole, _, rest = text.replace(".", ",").partition(",")
    if len(rest) not in (0, 2):
        raise RegisterError("Montant\u00a0: donnez-le en euros, par exemple 25 ou 25,00.")
    return number_of(whole, "Montant") * CENTS + (number_of(rest, "Montant") if rest else 0)


def _back(year: int) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('web:renewals')}?annee={year}", status=303)
