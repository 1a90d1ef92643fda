"""The open incidents, for the head of every page."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest

from hotline.desk import Told, tell_incidents


def shown(request: HttpRequest) -> dict[str, Callable[[], tuple[Told, ...]]]:
    """For every template: the open incidents, asked for where a page shows its head, and once. The staff's pages have
    them already, with the stop switch."""
    return {"incidents": _tell}


def _tell() -> tuple[Told, ...]:
    try:
        return tell_incidents()
    except DatabaseError:
        # A page that tells of a database that is away must not fail for asking it.
        return ()
