"""What a reader has chosen: language, light or dark, keys. Kept in cookies of its browser, for the pages alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

YEAR_SECONDS = 365 * 24 * 3600

CHOICES: dict[str, tuple[str, ...]] = {
    "langue": ("fr", "en"),
    "theme": ("auto", "light", "dark"),
    "touches": ("oui", "non"),
}
"""Each choice, and what it may be; the first is what holds where nothing was chosen."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """As `CHOICES`: the language, the theme, and whether single keys act on the desk."""

    langue: str
    theme: str
    touches: str


def preferences_of(request: HttpRequest) -> Preferences:
    """What the cookies say; one that says something else counts as none."""
    return Preferences(**{name: _chosen(request, name) for name in CHOICES})


def language_of(request: HttpRequest) -> str:
    """The language of a page: the reader's choice."""
    return preferences_of(request).langue


def _chosen(request: HttpRequest, name: str) -> str:
    said = request.COOKIES.get(name, "")
    return said if said in CHOICES[name] else CHOICES[name][0]


def shown(request: HttpRequest) -> dict[str, Any]:
    """For every template: the preferences, the page's language and its address, to come back to."""
    chosen = preferences_of(request)
    return {"prefs": chosen, "lang": language_of(request), "here": _here(request)}


def _here(request: HttpRequest) -> str:
    """Where a link of this page comes back to: of an act that was refused, the page on which it was asked for, since
    many an act's own address takes a POST alone."""
    came = urlsplit(request.headers.get("Referer", ""))
    if request.method in ("GET", "HEAD") or came.netloc != request.get_host():
        return request.get_full_path()
    return f"{came.path}?{came.query}" if came.query else came.path
