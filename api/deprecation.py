"""How an operation of the API ends: marked with dates, told in each of its answers, never before a year is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from django.utils.http import http_date
from drf_spectacular.utils import extend_schema

NOTICE = timedelta(days=366)
"""Twelve months, a leap year's included."""
Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Announced on a day, ends at the beginning of another (UTC); `instead`: the address that takes its place."""

    since: date
    ends: date
    instead: str

    def __post_init__(self) -> None:
        """Raises ValueError for an end too soon after its announcement."""
        if self.ends < self.since + NOTICE:
            raise ValueError(f"{self.instead}: announced on {self.since}, it cannot end on {self.ends}, within a year.")

    def headers(self, page: str) -> dict[str, str]:
        """`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and where to read on; `page` is the address of the policy."""
        links = f'<{page}>; rel="deprecation"; type="text/html", <{self.instead}>; rel="successor-version"'
        return {
            "Deprecation": f"@{_instant(self.since)}",
            "Sunset": http_date(_instant(self.ends)),
            "Link": links,
        }


def _instant(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def deprecated(*, since: date, ends: date, instead: str) -> Callable[[Handler], Handler]:
    """Mark a method of a view, above its other decorators. Raises ValueError for an end too soon."""
    marked = Deprecation(since, ends, instead)

    def marking(handler: Handler) -> Handler:
        described: Any = extend_schema(deprecated=True)(handler)
        described.deprecation = marked
        return described  # type: ignore[no-any-return]

    return marking


def deprecation_of(view: Any, method: str | None) -> Deprecation | None:
    """How the operation of a view is marked; None where it is not."""
    return getattr(getattr(view, (method or "").lower(), None), "deprecation", None)
