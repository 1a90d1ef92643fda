"""How many reports and searches one caller may make, counted in Django's cache: by default in each process's own
memory. Each kind has a budget of its own, and none is shared with the API's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle


class Reports(AnonRateThrottle):
    """One address of the network saying « mon dossier est complet » : an office has a few mails, not sixty."""

    scope, rate = "wrong-reports", "20/min"


class PublicSearches(AnonRateThrottle):
    """One address of the network searching the public register by name, number or SIREN."""

    scope, rate = "page-searches", "30/min"


class DeskSearches(SimpleRateThrottle):
    """One account at the desk: two a second are more than anybody answers, and far fewer than a whole register."""

    scope, rate = "desk-searches", "120/min"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        """By account, wherever it sits."""
        return f"{self.scope}-{request.user.pk}"


def too_many(request: HttpRequest, throttle: SimpleRateThrottle) -> HttpResponse | None:
    """The page that says so, where this request is over the budget; else None."""
    if throttle.allow_request(request, None):  # type: ignore[arg-type]
        return None
    seconds = int(throttle.wait() or 60) + 1
    response = render(request, "web/too_many.html", {"seconds": seconds}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
