"""Orders of the ACPR and the AMF, entered from the act by one person and confirmed from it by another; registrations
decided anew after a removal.

Each preview is the writing itself, made and undone, so that what it lets through is what will be let through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from registry import clock
from registry.actions import RegisterError
from registry.actions.orders import confirm_order, record_order, record_reentry
from registry.models import AuthorityOrder, Letter, Registration
from registry.models.registration import Authority, DecisionKind
from registry.rules.categories import Category
from web.access import SEE_FILES, Rights, page, staff
from web.given import (
    BIGGEST,
    LONGEST_ACT,
    day_of,
    day_or_none,
    given,
    one_of,
    person_of,
    reason_of,
    registration_of,
    said,
)

SEES = (SEE_FILES, "registry.view_authorityorder")
ENTERS, SIGNS = "registry.change_registration", "registry.sign_removal"
LATEST = 50
ORDER_FIELDS = (
    *("number", "kind", "category", "authority", "act", "dated_on", "effective_on", "ends_on", "barred_until"),
    "reason",
)
REENTRY_FIELDS = ("number", "category", "registered_on", "act", "reason")
KINDS = [kind for kind in DecisionKind if kind is not DecisionKind.REGISTRATION]
AUTHORITIES = [Authority.ACPR, Authority.AMF]
Made = TypeVar("Made")


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """The orders, those to confirm first, and who was registered anew."""
    orders = _orders().order_by("-id")[:LATEST]
    anew = Registration.objects.filter(decisions__kind=DecisionKind.REGISTRATION.value, removed_on__isnull=True)
    context = {
        "section": "removals",
        "orders": sorted(orders, key=lambda one: one.confirmed_at is not None),
        "anew": anew.filter(past__isnull=False)
        .select_related("intermediary")
        .distinct()
        .order_by("-registered_on")[:LATEST],
    }
    return page(request, "web/staff/orders/index.html", context)


def _orders() -> Any:
    return AuthorityOrder.objects.select_related("intermediary", "registration", "entered_by", "confirmed_by")


@require_http_methods(["GET", "HEAD", "POST"])
@staff(*SEES, ENTERS)
def enter(request: HttpRequest) -> HttpResponse:
    """Enter an order from its act: shown with what it will do, then kept until a second person confirms it."""
    if request.method != "POST":
        return _order_form(request, {"number": request.GET.get("numero", "")[:8]})
    form, rights = given(request.POST, *ORDER_FIELDS), request.rights  # type: ignore[attr-defined]
    if "amend" in request.POST:
        return _order_form(request, form)
    try:
        if "sure" not in request.POST:
            shown = undone(lambda: _record(form, rights.user))
            return _preview(request, "web/staff/orders/preview.html", form, order=shown, touched=_touched(shown))
        made = refused_in_words(lambda: _record(form, rights.user))
    except RegisterError as error:
        return _order_form(request, form, str(error), status=409)
    messages.success(request, "Ordre saisi\u00a0: il prendra effet quand une autre personne l’aura confirmé.")
    return HttpResponseRedirect(reverse("web:order", args=[made.pk]), status=303)


def _preview(request: HttpRequest, template: str, form: dict[str, str], **told: Any) -> HttpResponse:
    return page(request, template, {"section": "removals", "given": form} | told)


def _touched(order: AuthorityOrder) -> list[Registration]:
    """The registrations that it will remove or suspend."""
    mine = Registration.objects.filter(intermediary=order.intermediary_id, removed_on__isnull=True)
    return list(mine.filter(pk=order.registration_id) if order.registration_id else mine.order_by("category"))


def _record(form: dict[str, str], by: User) -> AuthorityOrder:
    person, kind = person_of(form["number"]), one_of(DecisionKind, form["kind"], "Ce qui est ordonné")
    strikes = kind is DecisionKind.STRIKING_OFF
    dated_on = day_of(form["dated_on"], "Jour de l’acte")
    effective_on = day_or_none(form["effective_on"], "Prise d’effet") or dated_on
    ends_on = day_or_none(form["ends_on"], "Fin de la suspension")
    if ends_on and (kind is not DecisionKind.SUSPENSION or ends_on < effective_on):
        raise RegisterError("Seule une suspension a une fin, et elle vient après sa prise d’effet.")
    return record_order(
        by=by,
        now=clock.now(),
        intermediary=person,
        registration=None if strikes else registration_of(person, form["category"]),
        kind=kind,
        authority=one_of(Authority, form["authority"], "Autorité"),
        act_reference=said(form["act"], "Référence de l’acte")[:LONGEST_ACT],
        dated_on=dated_on,
        effective_on=effective_on,
        reason=reason_of(form),
        ends_on=ends_on,
        barred_until=day_or_none(form["barred_until"], "Interdiction"),
    )


def _order_form(request: HttpRequest, form: dict[str, str], error: str = "", *, status: int = 200) -> HttpResponse:
    context = {
        "section": "removals",
        "given": form,
        "kinds": KINDS,
        "authorities": AUTHORITIES,
        "categories": list(Category),
        "error": error,
    }
    return page(request, "web/staff/orders/enter.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(*SEES)
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """One order: what it does, its letter; a second person confirms it by the reference read on the act."""
    found = _orders().filter(pk=min(order_id, BIGGEST)).first()
    if found is None:
        raise Http404
    if request.method != "POST":
        return _order(request, found)
    rights: Rights = request.rights  # type: ignore[attr-defined]
    if SIGNS not in rights:
        return page(request, "web/staff/forbidden.html", {}, status=403)
    act = given(request.POST, "act")["act"]
    try:
        refused_in_words(lambda: confirm_order(by=rights.user, now=clock.now(), order=found, act_reference=act))
    except RegisterError as error:
        return _order(request, found, str(error), act, status=409)
    messages.success(request, "Ordre confirmé et exécuté\u00a0: sa lettre est à poster.")
    return HttpResponseRedirect(reverse("web:order", args=[found.pk]), status=303)


def _order(
    request: HttpRequest, found: AuthorityOrder, error: str = "", typed: str = "", *, status: int = 200
) -> HttpResponse:
    rights: Rights = request.rights  # type: ignore[attr-defined]
    context = {
        "section": "removals",
        "order": found,
        "kind": DecisionKind(found.kind),
        "touched": [] if found.confirmed_at else _touched(found),
        "letter": Letter.objects.defer("pdf").filter(order=found).first(),
        "is_author": found.entered_by_id == rights.user.pk,
        "signs": SIGNS in rights,
        "error": error,
        "typed": typed,
    }
    return page(request, "web/staff/orders/order.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(*SEES, ENTERS)
def reenter(request: HttpRequest) -> HttpResponse:
    """Register anew somebody who was removed: shown, then written."""
    if request.method != "POST":
        return _reentry_form(request, {"number": request.GET.get("numero", "")[:8]})
    form, rights = given(request.POST, *REENTRY_FIELDS), request.rights  # type: ignore[attr-defined]
    if "amend" in request.POST:
        return _reentry_form(request, form)
    try:
        if "sure" not in request.POST:
            before = registration_of(person_of(form["number"]), form["category"])
            shown = undone(lambda: _reenter(form, rights.user))
            return _preview(request, "web/staff/orders/reentry.html", form, before=before, after=shown)
        made = refused_in_words(lambda: _reenter(form, rights.user))
    except RegisterError as error:
        return _reentry_form(request, form, str(error), status=409)
    number = made.intermediary.orias_number
    messages.success(request, f"{number} est inscrit à nouveau en {made.category}, sous le même numéro.")
    return HttpResponseRedirect(reverse("web:person", args=[number]), status=303)


def _reenter(form: dict[str, str], by: User) -> Registration:
    return record_reentry(
        by=by,
        why=reason_of(form),
        day=clock.local_day(clock.now()),
        registration=registration_of(person_of(form["number"]), form["category"]),
        registered_on=day_of(form["registered_on"], "Premier jour"),
        act_reference=said(form["act"], "Référence de la décision")[:LONGEST_ACT],
    )


def _reentry_form(request: HttpRequest, form: dict[str, str], error: str = "", *, status: int = 200) -> HttpResponse:
    context = {"section": "removals", "given": form, "categories": list(Category), "error": error}
    return page(request, "web/staff/orders/reenter.html", context, status=status)


def refused_in_words(write: Callable[[], Made]) -> Made:
    """Do it; what the database alone refuses is a RegisterError too."""
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        raise RegisterError(
            "La base de données refuse cette écriture\u00a0: les jours ou l’objet ne vont pas ensemble, relisez-les."
        ) from None


def undone(write: Callable[[], Made]) -> Made:
    """What it would make, made and undone. Raises RegisterError as the writing would."""
    with transaction.atomic():
        made = refused_in_words(write)
        transaction.set_rollback(True)
        return made
