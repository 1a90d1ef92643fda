"""What a view puts on a request when it comes in: its one `now`, and the number it has in the log."""

from __future__ import annotations

import re
from datetime import datetime
from typing import cast
from uuid import uuid4

from django.http import HttpRequest

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def mark(request: HttpRequest, now: datetime, drawn_at: datetime) -> None:
    """Put them on; `drawn_at` is the same instant, but by the clock that the sandbox does not move."""
    numbered(request)
    request.__dict__.update(now=now, drawn_at=drawn_at)


def numbered(request: HttpRequest) -> str:
    """The number of a request: the one put on it, or the one that its sender or a proxy gave it, or a new one."""
    if "request_id" not in request.__dict__:
        given = request.headers.get("X-Request-Id", "")
        request.__dict__["request_id"] = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
    return request_id(request)


def now_of(request: HttpRequest) -> datetime:
    """The instant at which it came in."""
    return cast(datetime, request.__dict__["now"])


def drawn_at(request: HttpRequest) -> datetime:
    """When it drew on its budgets, which nobody refills by moving a clock."""
    return cast(datetime, request.__dict__["drawn_at"])


def request_id(request: HttpRequest) -> str:
    """The number under which it stands in the log."""
    return cast(str, request.__dict__.get("request_id", ""))
