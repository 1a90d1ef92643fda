"""Headers that keep a browser from loading or doing anything that no page here asks for; the language of the pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from web.preferences import preferences_of

Answer = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
SPEAK_FOR_THEMSELVES = ("/api/", "/admin/")
"""Whose language is what the caller's program prefers."""


class BrowserPolicies:
    """Sets both headers, unless a view has set its own."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class PageLanguage:
    """French, or what the reader chose here: a page is not in another language than its neighbour by a browser's guess.

    The staff's pages are in French alone.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in that language, and say so."""
        if request.path.startswith(SPEAK_FOR_THEMSELVES):
            return self.get_response(request)
        with translation.override(preferences_of(request).langue):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "fr")
        return response
