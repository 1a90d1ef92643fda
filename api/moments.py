"""The two times of a question: `as_of`, what the register knew then, and `on`, the day that it is judged for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from api.fields import WrittenDayField
from registry import clock
from registry.past import PastError, known_at, parse_moment


@extend_schema_field(OpenApiTypes.STR)
class MomentField(serializers.Field[Any, Any, Any, Any]):
    """A day, or an instant with its offset."""

    def to_internal_value(self, data: Any) -> date | datetime:
        """Read it. Raises ValidationError for anything else."""
        try:
            return parse_moment(str(data))
        except PastError as error:
            raise serializers.ValidationError(str(error), code="no_moment") from None

    def to_representation(self, value: Any) -> str:
        """In ISO 8601."""
        return str(value.isoformat())


class AsOfQuery(serializers.Serializer[Any]):
    """What the register knew then."""

    as_of = MomentField(
        required=False,
        help_text="Ce que le registre savait alors\u00a0: un instant avec son décalage (2026-02-24T23:00+01:00), ou un "
        "jour, jusqu’à sa fin. Absent\u00a0: maintenant.",
    )


class AsOfOnQuery(AsOfQuery):
    """And the day it is judged for."""

    on = WrittenDayField(
        required=False,
        help_text="Jour auquel juger ce qui est su, même à venir\u00a0; absent\u00a0: celui de as_of, ou aujourd’hui.",
    )


def read_query(query: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The parameters of a request. Raises ValidationError."""
    asked = query(data=request.query_params)
    asked.is_valid(raise_exception=True)
    values: dict[str, Any] = asked.validated_data
    return values


def instant_of(asked: date | datetime | None) -> datetime | None:
    """The instant whose knowledge is asked for, in our time (None: now). Raises ValidationError for one that nobody can
    tell of."""
    if asked is None:
        return None
    try:
        return known_at(asked).astimezone(clock.PARIS)
    except PastError as error:
        raise serializers.ValidationError({"as_of": [str(error)]}, code="not_known") from None
