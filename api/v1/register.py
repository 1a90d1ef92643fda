"""GET register/ and register/{orias_number}/ : what anyone may see."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.fields import CodeField, LabelField
from api.moments import AsOfOnQuery, instant_of, read_query
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, said
from api.schema import answers
from api.throttling import PUBLIC_SEARCHES
from api.views import PublicView
from registry import clock
from registry.public import PublicEntry, PublicPeriod, PublicRegistration, PublicStatus, public_entry, published
from registry.public_past import entries_at, leads_to, published_at
from registry.rules.categories import Category
from registry.search import LONGEST_QUERY, SHORTEST_NAME, Query, Shape, read_public_query


class PublicPeriodSerializer(serializers.Serializer[PublicPeriod]):
    """A period that is over."""

    since = serializers.DateField(help_text="Jour de l’inscription.")
    until = serializers.DateField(help_text="Jour de la suppression.")


class PublicRegistrationSerializer(serializers.Serializer[PublicRegistration]):
    """One category."""

    category = CodeField(Category)
    category_label = LabelField(Category, source="category")
    status = CodeField(PublicStatus)
    status_label = LabelField(PublicStatus, source="status")
    since = serializers.DateField(help_text="Jour de l’inscription.")
    until = serializers.DateField(allow_null=True, help_text="Jour de la suppression.")
    collects_funds = serializers.BooleanField(help_text="Encaisse des fonds de ses clients.")
    earlier = PublicPeriodSerializer(
        many=True, help_text="Périodes d’inscription passées, terminées par une suppression, sous le même numéro."
    )


class PublicEntrySerializer(serializers.Serializer[PublicEntry]):
    """One intermediary as published."""

    orias_number = serializers.CharField()
    siren = serializers.CharField(help_text="Vide s’il n’y en a pas.")
    name = serializers.CharField()
    trade_name = serializers.CharField()
    legal_form = serializers.CharField()
    town = serializers.CharField()
    categories = PublicRegistrationSerializer(many=True)
    former_numbers = serializers.ListField(
        child=serializers.CharField(), help_text="Numéros fusionnés avec celui-ci\u00a0; ils y renvoient."
    )


class RegisterPageSerializer(serializers.Serializer[Any]):
    """A page of the register."""

    results = PublicEntrySerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Page suivante.")
    known_at = serializers.DateTimeField(allow_null=True, help_text="Instant su\u00a0; vide\u00a0: maintenant.")
    on = serializers.DateField(help_text="Jour pour lequel les inscriptions sont dites.")


class RegisterQuery(AsOfOnQuery, PageQuery):
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
        description="Par numéro d’ordre, tous les intermédiaires trouvés, inscriptions supprimées comprises.",
        parameters=[RegisterQuery],
        responses=answers(RegisterPageSerializer, ProblemCode.INVALID_PARAMETER),
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        asked = read_query(RegisterQuery, request)
        query = _read(asked.get("q", ""))
        at, day = _times(asked)
        rows: QuerySet[Any] = published() if at is None else published_at(at)
        page = page_of(request, rows.filter(query.condition), asked, "orias_number")
        entries = _entries(page.results, at, day)
        document = {"results": entries, "next": page.next, "known_at": at, "on": day}
        return Response(RegisterPageSerializer(document).data)


class RegisterEntryView(PublicView):
    """One entry of the public register."""

    @extend_schema(
        operation_id="register_entry",
        summary="Un intermédiaire par son numéro",
        description="Un numéro fusionné avec un autre y renvoie (308, Location).",
        parameters=[AsOfOnQuery],
        responses=answers(PublicEntrySerializer, ProblemCode.INVALID_PARAMETER, ProblemCode.NOT_FOUND),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Answer it, as known at `as_of` and for the day `on`."""
        at, day = _times(read_query(AsOfOnQuery, request))
        rows: QuerySet[Any] = published() if at is None else published_at(at)
        row = rows.filter(orias_number=orias_number).first()
        if row is None:
            return _led_on(request, orias_number, at)
        [entry] = _entries([row], at, day)
        return Response(PublicEntrySerializer(entry).data)


def _times(asked: dict[str, Any]) -> tuple[datetime | None, date]:
    """What is to be known (None: now) and the day to tell it for."""
    at = instant_of(asked.get("as_of"))
    return at, asked.get("on") or clock.local_day(at or clock.now())


def _entries(rows: list[Any], at: datetime | None, day: date) -> list[PublicEntry]:
    return [public_entry(row, day) for row in rows] if at is None else entries_at(rows, at, day)


def _led_on(request: Request, orias_number: str, at: datetime | None) -> Response:
    """To the number into which this one was merged, with the same question. Raises NotFound where it was not."""
    kept = leads_to(orias_number, at)
    if kept is None:
        raise NotFound
    where = reverse("api:register-entry", kwargs={"orias_number": kept}, request=request)
    query = request.META.get("QUERY_STRING", "")
    return Response(status=308, headers={"Location": f"{where}?{query}" if query else where})


def _read(text: str) -> Query:
    query = read_public_query(text)
    if query.shape is Shape.TOO_SHORT:
        message = said(
            f"Écrivez un mot d’au moins {SHORTEST_NAME} caractères, ou un numéro entier.",
            f"Write a word of at least {SHORTEST_NAME} characters, or a whole number.",
        )
        raise serializers.ValidationError({"q": [message]}, code="too_short")
    return query
