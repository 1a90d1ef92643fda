"""What a view puts on a request when it comes in: its one `now`, and the number it has in the log."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.http import HttpRequest


def mark(request: HttpRequest, now: datetime, drawn_at: datetime, request_id: str) -> None:
    """Put them on; `drawn_at` is the same instant, but by the clock that the sandbox does not move."""
    request.__dict__.update(now=now, drawn_at=drawn_at, request_id=request_id)


def now_of(request: HttpRequest) -> datetime:
    """The instant at which it came in."""
    return cast(datetime, request.__dict__["now"])


def drawn_at(request: HttpRequest) -> datetime:
    """When it drew on its budgets, which nobody refills by moving a clock."""
    return cast(datetime, request.__dict__["drawn_at"])


def request_id(request: HttpRequest) -> str:
    """The number under which it stands in the log."""
    return cast(str, request.__dict__.get("request_id", ""))
