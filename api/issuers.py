"""Which account acts as which insurer or guarantor: dated mandates, and the permission that asks for one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError
from django.db.models import Q
from rest_framework.exceptions import NotAuthenticated, NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.access import rights_of
from api.models import ApiKey, IssuerMandate
from api.problems import ProblemCode, Refused
from api.scopes import Scope, allows
from registry.actions import RegisterError, recording
from registry.models import Issuer


def grant_issuer(*, holder: User, issuer: Issuer, starts_on: date, by: User, why: str) -> IssuerMandate:
    """Let an account act as an issuer from `starts_on`. Raises RegisterError for staff, and where it acts as one
    already: whose word a call brings is never a question."""
    if holder.is_staff:
        raise RegisterError(f"{holder.get_username()} est du personnel\u00a0: il n’agit pour aucun assureur ni garant.")
    try:
        with recording(by=by, why=why):
            return IssuerMandate.objects.create(holder=holder, issuer=issuer, starts_on=starts_on)
    except IntegrityError:
        raise RegisterError(
            f"{holder.get_username()} agit déjà pour un assureur ou garant\u00a0: mettez-y fin d’abord avec end_issuer."
        ) from None


def end_issuer(*, holder: User, last_day: date, by: User, why: str) -> int:
    """End the mandate of an account after `last_day`; how many were ended."""
    with recording(by=by, why=why):
        held = IssuerMandate.objects.filter(holder=holder, ends_on=None, starts_on__lte=last_day)
        return held.update(ends_on=last_day)


def issuer_of(user: Any, day: date) -> Issuer | None:
    """As which issuer an account acts on `day`; None: as none."""
    if not user.is_authenticated or user.is_staff:
        return None
    held = IssuerMandate.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), holder=user.pk, starts_on__lte=day)
    mandate = held.select_related("issuer").order_by("-starts_on", "-id").first()
    return mandate.issuer if mandate else None


class IsIssuer(BasePermission):
    """An account that acts as an issuer, by a key with the scope; to all others there is nothing here (I14)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or NotAuthenticated, NotFound, Refused where the key lacks the scope."""
        if not request.user.is_authenticated:
            raise NotAuthenticated
        key = request.auth if isinstance(request.auth, ApiKey) else None
        issuer = issuer_of(request.user, view.day)
        if issuer is None:
            raise NotFound
        if key is not None and not allows(key.scopes, Scope.ISSUER_WRITE):
            raise Refused(ProblemCode.INSUFFICIENT_SCOPE, scope=Scope.ISSUER_WRITE.value)
        view.rights, view.issuer = rights_of(request.user, key), issuer
        return True
