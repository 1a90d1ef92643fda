"""Headers that keep a browser from loading or doing anything that no page here asks for; the language of the pages."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.utils import translation
from django.views.defaults import bad_request

from api.handlers import bad_request as early_refusal
from web.preferences import language_of

FILES = "/deposer/"
"""Where files are sent: their body goes to the disk and not through here."""

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
SPEAK_FOR_THEMSELVES = ("/api/", "/ws/", "/service", "/admin/")
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


class OneCharset:
    """Reads every request as UTF-8, whatever its Content-Type says.

    Django takes the charset of a request from there, and Python knows codecs that are none: `bz2` makes gigabytes of a
    hundred bytes, `rot13` breaks on the first parameter, before any page could tell of it.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or 400 for a length that is no number."""
        if request.encoding is not None:
            request.encoding = settings.DEFAULT_CHARSET
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            return early_refusal(request, BadRequest("Content-Length"))
        return self.get_response(request)


class WholeText:
    """Refuses what no database keeps and nobody types: NUL in the address, a field or a parameter of a page."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or 400. The API tells of it in its own words; where files are sent, no field is kept."""
        ours = not request.path.startswith("/api/")
        if ours and (_has_nul(request.GET) or "\0" in request.path):
            return _refused(request, "NUL in the address")
        if ours and request.method == "POST" and not request.path.endswith(FILES) and _has_nul(request.POST):
            return _refused(request, "NUL in a field")
        return self.get_response(request)


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    """The page of a request that is none. Not raised: a stranger would fill the log with its way through the code."""
    return bad_request(request, BadRequest(why))


def _has_nul(given: QueryDict) -> bool:
    return any("\0" in text for name, values in given.lists() for text in (name, *values))


class SlashForReaders(CommonMiddleware):
    """Leads to the address with the slash that was forgotten, but only whoever reads: followed, a redirect makes a GET
    of what was to be done, which then looks as if it had been."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        """Not for an act: there is nothing at its address."""
        return request.method in ("GET", "HEAD") and super().should_redirect_with_slash(request)


class PageLanguage:
    """French, or what the reader chose here: no page is in another language than its neighbour by a browser's guess."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in that language, and say so."""
        if request.path.startswith(SPEAK_FOR_THEMSELVES):
            return self.get_response(request)
        with translation.override(language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "fr")
        return response
