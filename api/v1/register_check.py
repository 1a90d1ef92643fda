"""POST register/check/ : up to 1,000 numbers in one call."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import Body
from api.consultations import COUNTS
from api.fields import NumberField
from api.problems import ProblemCode
from api.schema import answers
from api.service_models import ConsultationKind
from api.throttling import PUBLIC_CHECKS
from api.v1.register import PublicEntrySerializer
from api.views import PublicView
from registry import clock
from registry.public import published_by_number

MOST_NUMBERS = 1000


class CheckSerializer(Body):
    """The numbers."""

    numbers = serializers.ListField(child=NumberField(), min_length=1, max_length=MOST_NUMBERS)


class CheckedSerializer(serializers.Serializer[Any]):
    """Those found, in the order asked for; and those that the register does not hold."""

    results = PublicEntrySerializer(many=True)
    unknown = serializers.ListField(child=serializers.CharField())


class RegisterCheckView(PublicView):
    """Many at once. A POST because a thousand numbers fit no address; it changes nothing, so it takes no key."""

    budget = PUBLIC_CHECKS
    cache_control = "no-store"

    @extend_schema(
        operation_id="register_check",
        summary="Vérifier jusqu’à 1\u00a0000 numéros",
        request=CheckSerializer,
        responses=answers(
            CheckedSerializer,
            ProblemCode.MALFORMED_REQUEST,
            ProblemCode.DUPLICATE_MEMBER,
            ProblemCode.INVALID_PARAMETER,
            ProblemCode.BODY_TOO_LARGE,
            ProblemCode.LENGTH_REQUIRED,
            ProblemCode.UNSUPPORTED_MEDIA_TYPE,
        ),
    )
    def post(self, request: Request) -> Response:
        """Answer them."""
        numbers = list(dict.fromkeys(CheckSerializer.read(request)["numbers"]))
        day = clock.local_day(clock.now())
        found = published_by_number(numbers, day)
        results = [found[number] for number in numbers if number in found]
        unknown = [number for number in numbers if number not in found]
        COUNTS.note(ConsultationKind.CHECK, day, len(results))
        return Response(CheckedSerializer({"results": results, "unknown": unknown}).data)


RegisterCheckView.post.reads_only = True  # type: ignore[attr-defined]
