"""What the OpenAPI description says of answers: an endpoint's document, and the problems it may tell of."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from api.fields import DistinctListField
from api.problems import MEDIA_TYPE, TEXTS, ProblemCode


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One value at fault."""

    parameter = serializers.CharField(required=False, help_text="Nom du paramètre de l’adresse.")
    pointer = serializers.CharField(required=False, help_text="Pointeur JSON dans le corps.")
    code = serializers.CharField(help_text="Code stable.")
    detail = serializers.CharField(help_text="Ce qui ne va pas, en clair.")


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.URLField(help_text="Page qui explique ce code.")
    code = serializers.CharField(help_text="Code stable, pour les programmes.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="Ce qui s’est passé et ce qu’il faut faire.")
    instance = serializers.CharField(help_text="Adresse demandée.")
    request_id = serializers.CharField(help_text="À nous citer\u00a0; aussi dans X-Request-Id.")
    reason = serializers.CharField(required=False, help_text="Ce que le registre ou le moteur refuse, et que faire.")
    scope = serializers.CharField(required=False, help_text="Droit qui manque à la clé.")
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class DistinctItems(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Has the description say that nothing may stand twice in such a list."""

    target_class = DistinctListField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        """Like any list, and `uniqueItems`."""
        described = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        return described | {"uniqueItems": True}


ALWAYS = (
    ProblemCode.UNKNOWN_PARAMETER,
    ProblemCode.KEY_OF_OTHER_WORLD,
    ProblemCode.SANDBOX_ONLY,
    ProblemCode.TOO_MANY_REQUESTS,
    ProblemCode.INTERNAL_ERROR,
    ProblemCode.UNAVAILABLE,
)
CALLERS = (
    ProblemCode.NOT_AUTHENTICATED,
    ProblemCode.INVALID_KEY,
    ProblemCode.KEY_EXPIRED,
    ProblemCode.KEY_REVOKED,
    ProblemCode.NETWORK_NOT_ALLOWED,
    ProblemCode.INSUFFICIENT_SCOPE,
    ProblemCode.NOT_FOUND,
)
"""What whoever shows a key may be told anywhere."""
ACTS = (
    *CALLERS,
    ProblemCode.PERMISSION_DENIED,
    ProblemCode.CSRF_FAILED,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.DUPLICATE_MEMBER,
    ProblemCode.INVALID_PARAMETER,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.LENGTH_REQUIRED,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.IDEMPOTENCY_KEY_REQUIRED,
    ProblemCode.IDEMPOTENCY_KEY_REUSED,
    ProblemCode.ALREADY_RUNNING,
)
"""What any act may be told."""
CHANGES = (*ACTS, ProblemCode.PRECONDITION_REQUIRED, ProblemCode.PRECONDITION_FAILED)
"""What a PATCH may be told."""

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="Au hasard pour chaque acte\u00a0; la même requête renvoyée avec elle n’agit qu’une fois (7 jours).",
)
OPTIONAL_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Comme pour un POST, sans être obligatoire."
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="L’ETag de la ressource telle que vous l’avez lue.",
)


def answers(document: Any, *codes: ProblemCode, status: int = 200, media: str = "") -> dict[Any, Any]:
    """The answers of an endpoint: its document (JSON unless another `media` is named), the problems named, and those
    that may always occur."""
    told: dict[int, list[str]] = {}
    for code in (*codes, *ALWAYS):
        told.setdefault(TEXTS[code].status.value, []).append(f"{code.value}\u00a0: {code.label}")
    found: dict[Any, Any] = {(status, media) if media else status: document}
    for number in sorted(told):
        words = " · ".join(dict.fromkeys(told[number]))
        found[number, MEDIA_TYPE] = OpenApiResponse(ProblemSerializer, description=words)
    return found
