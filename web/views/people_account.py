"""The account of a person: how it signs in, and what its programs use."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from web.people.access import signed_in


@require_safe
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """The ways from here."""
    return render(request, "web/people/account.html", {"section": "account"})
