"""Lists in pages by an opaque cursor: a page starts after the last key of the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Model, QuerySet
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from api.fields import CountField
from api.problems import said

T = TypeVar("T", bound=Model)

PAGE_SIZE, LARGEST_PAGE = 50, 200


class PageQuery(serializers.Serializer[Any]):
    """The parameters of every list."""

    limit = CountField(min_value=1, max_value=LARGEST_PAGE, default=PAGE_SIZE, help_text="Nombre d’éléments par page.")
    cursor = serializers.CharField(
        required=False,
        max_length=200,
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
        rows = rows.filter(**{f"{column}__{after}": _read(request, cursor)})
    limit: int = query["limit"]
    found = list(rows.order_by(order)[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], _next(request, str(getattr(last, column))) if last is not None else None)


def key_asked_for(request: Request, query: dict[str, Any]) -> str | None:
    """The key after which the page asked for begins, of a list that is no table; None: the first page."""
    cursor = query.get("cursor")
    return _read(request, cursor) if cursor else None


def page_after(request: Request, key: str) -> str:
    """The address of the page after a key."""
    return _next(request, key)


def _next(request: Request, key: str) -> str:
    cursor = urlsafe_base64_encode(_signer(request).sign(key).encode())
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def _read(request: Request, cursor: str) -> str:
    """The key of a cursor. Raises ValidationError where it is none of this list's: made up, altered, another list's."""
    try:
        return _signer(request).unsign(urlsafe_base64_decode(cursor).decode("ascii"))
    except (ValueError, BadSignature):
        message = said("Reprenez le curseur tel que « next » le donne.", "Take the cursor as “next” gives it.")
        raise serializers.ValidationError({"cursor": [message]}, code="invalid_cursor") from None


def _signer(request: Request) -> Signer:
    return Signer(salt=f"api.cursor {request.path}")
