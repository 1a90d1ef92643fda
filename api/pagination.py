"""Lists in pages by an opaque cursor: a page starts after the last key of the one before."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from api.problems import said

T = TypeVar("T", bound=Model)

PAGE_SIZE, LARGEST_PAGE = 50, 200
_KEY = re.compile(r"[0-9]{1,18}")


class CursorField(serializers.CharField):
    """A cursor as `next` gave it, read back into the key that it holds."""

    def to_internal_value(self, data: Any) -> str:
        """The key; ValidationError where the cursor is none of ours."""
        text = super().to_internal_value(data)
        try:
            key = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode("ascii")
        except (binascii.Error, ValueError):
            key = ""
        if not _KEY.fullmatch(key):
            message = said("Reprenez le curseur tel que « next » le donne.", "Take the cursor as “next” gives it.")
            raise serializers.ValidationError(message, code="invalid_cursor")
        return key


class PageQuery(serializers.Serializer[Any]):
    """The parameters of every list."""

    limit = serializers.IntegerField(
        min_value=1, max_value=LARGEST_PAGE, default=PAGE_SIZE, help_text="Nombre d’éléments par page."
    )
    cursor = CursorField(
        required=False,
        max_length=40,
        help_text="Repris de «\u00a0next\u00a0»\u00a0; absent\u00a0: première page.",
    )


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of one page, and the address of the next (None: this is the last)."""

    results: list[T]
    next: str | None


def page_of(request: Request, rows: QuerySet[T], query: dict[str, Any], order: str) -> Page[T]:
    """One page of `rows` in the order of a unique column of digits (`"orias_number"`, `"-id"`); one query."""
    column, after = order.lstrip("-"), "lt" if order.startswith("-") else "gt"
    if cursor := query.get("cursor"):
        rows = rows.filter(**{f"{column}__{after}": cursor})
    limit: int = query["limit"]
    found = list(rows.order_by(order)[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], _next(request, str(getattr(last, column))) if last is not None else None)


def _next(request: Request, key: str) -> str:
    cursor = urlsafe_b64encode(key.encode("ascii")).decode("ascii").rstrip("=")
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)
