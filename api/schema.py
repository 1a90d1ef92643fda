"""What the OpenAPI description says of answers: an endpoint's document, and the problems it may tell of."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

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
    request_id = serializers.CharField(required=False, help_text="À nous citer en cas d’erreur de notre côté.")
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]


ALWAYS = (ProblemCode.TOO_MANY_REQUESTS, ProblemCode.INTERNAL_ERROR, ProblemCode.UNAVAILABLE)


def answers(document: Any, *codes: ProblemCode) -> dict[Any, Any]:
    """The answers of an endpoint: its document, the problems named, and those that may always occur."""
    found: dict[Any, Any] = {200: document}
    for code in (*codes, *ALWAYS):
        found[TEXTS[code].status.value, MEDIA_TYPE] = OpenApiResponse(ProblemSerializer, description=code.label)
    return found
