"""GET problems/ and problems/{code}/ : what each code means, where the `type` of a problem leads."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import ProblemCode, problem_page
from api.schema import answers
from api.views import PublicView


class ProblemPageSerializer(serializers.Serializer[Any]):
    """One code."""

    code = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()


class ProblemListView(PublicView):
    """All codes: a bare list, older than the `results` of other lists and without pages; v1 only grows, and a list
    cannot become an object without breaking who reads it."""

    @extend_schema(
        operation_id="problems",
        summary="Codes d’erreur",
        description="Tous, en une simple liste\u00a0: elle est courte et n’a pas de pages.",
        responses=answers(ProblemPageSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Answer all."""
        return Response([problem_page(code) for code in ProblemCode])


class ProblemView(PublicView):
    """One code."""

    @extend_schema(
        operation_id="problem",
        summary="Un code d’erreur",
        responses=answers(ProblemPageSerializer, ProblemCode.NOT_FOUND),
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer it."""
        if code not in {member.value for member in ProblemCode}:
            raise NotFound
        return Response(problem_page(next(member for member in ProblemCode if member == code)))
