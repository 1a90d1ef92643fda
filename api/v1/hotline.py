"""GET hotline/lookup/?q= : whom a caller means, by number, SIREN, telephone, address or name."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.problems import ProblemCode
from api.schema import CALLERS, answers
from api.scopes import Scope
from api.throttling import LOOKUPS, Budget
from api.views import CallerView
from hotline.actions.look_ups import give_cards
from hotline.rules.look_ups import LookUpWay
from registry.models import Intermediary
from registry.names import matching
from registry.search import LONGEST_QUERY, Query, Shape, read_staff_query

MOST_CARDS = 5
"""Accountants call for many brokers: more than these are no help on the phone."""


class LookupQuery(serializers.Serializer[Any]):
    """What the caller said."""

    q = serializers.CharField(max_length=LONGEST_QUERY)


class CardSerializer(serializers.Serializer[dict[str, Any]]):
    """One whom it may be."""

    orias_number = serializers.CharField()
    siren = serializers.CharField()
    name = serializers.CharField()
    trade_name = serializers.CharField()
    town = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField(source="phone_e164")
    merged_into = serializers.CharField(
        allow_null=True,
        help_text="Numéro avec lequel celui-ci a été fusionné.",
    )


class LookupSerializer(serializers.Serializer[Any]):
    """Who it may be."""

    shape = serializers.ChoiceField(choices=[shape.value for shape in Shape], help_text="Ce qui fut reconnu.")
    results = CardSerializer(many=True)
    more = serializers.BooleanField(help_text="D’autres encore\u00a0: précisez.")


class HotlineLookupView(CallerView):
    """Whom a caller means."""

    visible = Need("registry.view_intermediary", Scope.STAFF_HOTLINE, other=Scope.STAFF_READ)

    def budget_of(self, request: Request) -> Budget:
        """Its own: what else a person reads never keeps it from answering the phone."""
        return LOOKUPS

    @extend_schema(
        operation_id="hotline_lookup",
        summary="Chercher qui appelle",
        description="Cinq au plus, par numéro d’ordre.",
        parameters=[LookupQuery],
        responses=answers(LookupSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request) -> Response:
        """Answer them."""
        asked = LookupQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        query = read_staff_query(asked.validated_data["q"])
        cards, more = self._cards(query) if query.finds else ([], False)
        document = {"shape": query.shape.value, "results": cards, "more": more}
        return Response(_SHAPE.to_representation(document))

    def _cards(self, query: Query) -> tuple[list[dict[str, Any]], bool]:
        found = Intermediary.objects.filter(matching(query))
        return give_cards(found, MOST_CARDS, way=LookUpWay[query.shape.value], by=self.by, now=self.now)


_SHAPE = LookupSerializer()
"""Kept: its fields are made once and not for each answer."""
