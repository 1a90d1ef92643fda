"""GET register/ and register/{orias_number}/ : what anyone may see."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.consultations import COUNTS
from api.fields import CodeField, LabelField
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, said
from api.schema import answers
from api.service_models import ConsultationKind
from api.throttling import PUBLIC_SEARCHES
from api.views import PublicView
from registry import clock
from registry.names import matching
from registry.public import PublicEntry, PublicRegistration, PublicStatus, public_entry, published
from registry.rules.categories import Category
from registry.search import LONGEST_QUERY, SHORTEST_NAME, Query, Shape, read_public_query


class PublicRegistrationSerializer(serializers.Serializer[PublicRegistration]):
    """One category."""

    category = CodeField(Category)
    category_label = LabelField(Category, source="category")
    status = CodeField(PublicStatus)
    status_label = LabelField(PublicStatus, source="status")
    since = serializers.DateField(help_text="Jour de l’inscription.")
    until = serializers.DateField(allow_null=True, help_text="Jour de la suppression.")
    collects_funds = serializers.BooleanField(help_text="Encaisse des fonds de ses clients.")


class PublicEntrySerializer(serializers.Serializer[PublicEntry]):
    """One intermediary as published."""

    orias_number = serializers.CharField()
    siren = serializers.CharField(help_text="Vide s’il n’y en a pas.")
    name = serializers.CharField()
    trade_name = serializers.CharField()
    legal_form = serializers.CharField()
    town = serializers.CharField()
    categories = PublicRegistrationSerializer(many=True)


class RegisterPageSerializer(serializers.Serializer[Any]):
    """A page of the register."""

    results = PublicEntrySerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Page suivante.")


class RegisterQuery(PageQuery):
    """What to look for."""

    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_QUERY,
        help_text="Numéro, SIREN, ou mots du nom ou du nom commercial. Absent\u00a0: tout le registre.",
    )


class RegisterView(PublicView):
    """The public register."""

    budget = PUBLIC_SEARCHES

    @extend_schema(
        operation_id="register_search",
        summary="Chercher au registre",
        description="Les noms se trouvent sans accents, en partie, et malgré une faute. "
        "Par numéro d’ordre, tous les intermédiaires trouvés, inscriptions supprimées comprises.",
        parameters=[RegisterQuery],
        responses=answers(RegisterPageSerializer, ProblemCode.INVALID_PARAMETER),
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        asked = RegisterQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        query = _read(asked.validated_data.get("q", ""))
        rows = published().filter(matching(query))
        page = page_of(request, rows, asked.validated_data, "orias_number")
        day = clock.local_day(clock.now())
        entries = [public_entry(row, day) for row in page.results]
        COUNTS.note(_WAYS.get(query.shape, ConsultationKind.LIST), day, len(entries))
        return Response(RegisterPageSerializer({"results": entries, "next": page.next}).data)


class RegisterEntryView(PublicView):
    """One entry of the public register."""

    @extend_schema(
        operation_id="register_entry",
        summary="Un intermédiaire par son numéro",
        responses=answers(PublicEntrySerializer, ProblemCode.NOT_FOUND),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Answer it."""
        row = published().filter(orias_number=orias_number).first()
        if row is None:
            raise NotFound
        day = clock.local_day(clock.now())
        COUNTS.note(ConsultationKind.ENTRY, day, 1)
        return Response(PublicEntrySerializer(public_entry(row, day)).data)


_WAYS = {
    Shape.NAME: ConsultationKind.NAME,
    Shape.NUMBER: ConsultationKind.NUMBER,
    Shape.SIREN: ConsultationKind.SIREN,
}


def _read(text: str) -> Query:
    query = read_public_query(text)
    if query.shape is Shape.TOO_SHORT:
        message = said(
            f"Écrivez un mot d’au moins {SHORTEST_NAME} caractères, ou un numéro entier.",
            f"Write a word of at least {SHORTEST_NAME} characters, or a whole number.",
        )
        raise serializers.ValidationError({"q": [message]}, code="too_short")
    return query
