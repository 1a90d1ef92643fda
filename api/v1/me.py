"""GET me/ : who asks, and what it may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import rights_of
from api.fields import CodeField, LabelField
from api.issuers import issuer_of
from api.keys import WARNED_BEFORE
from api.models import ApiKey, Mandate
from api.problems import ProblemCode
from api.sandbox_outcomes import Outcome, numbers_of
from api.schema import answers
from api.scopes import Scope
from api.throttling import KEYS_TOGETHER, LOOKUPS, PREPARATIONS, READS, UPLOADS, WRITES, Budget
from api.views import CallerView

MOST_MANDATES = 1000
KEY_PROBLEMS = (
    ProblemCode.INVALID_KEY,
    ProblemCode.KEY_EXPIRED,
    ProblemCode.KEY_REVOKED,
    ProblemCode.NETWORK_NOT_ALLOWED,
)


class KeyInUseSerializer(serializers.Serializer[ApiKey]):
    """The key that was shown."""

    id = serializers.CharField(source="key_id", help_text="Partie visible, à nous citer.")
    name = serializers.CharField()
    scopes = serializers.ListField(child=CodeField(Scope))
    networks = serializers.ListField(child=serializers.CharField(), help_text="Vide\u00a0: de partout.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    expires_soon = serializers.BooleanField(help_text="Moins de 30 jours\u00a0: demandez-en une autre.")


class MandateSerializer(serializers.Serializer[Mandate]):
    """An intermediary that this account acts for."""

    orias_number = serializers.CharField(source="intermediary.orias_number")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class LimitSerializer(serializers.Serializer[Budget]):
    """How many requests of one kind."""

    name = serializers.CharField()
    quota = serializers.IntegerField()
    window = serializers.IntegerField(help_text="Secondes.")


class TestNumberSerializer(serializers.Serializer[Any]):
    """A number of the sandbox, and what it forces."""

    orias_number = serializers.CharField()
    outcome = CodeField(Outcome)
    outcome_label = LabelField(Outcome, source="outcome")


class MeSerializer(serializers.Serializer[Any]):
    """The document."""

    account = serializers.CharField()
    sandbox = serializers.BooleanField(help_text="Vrai au bac à sable : registre fictif, rien n’est réel.")
    staff = serializers.BooleanField()
    permissions = serializers.ListField(child=serializers.CharField(), help_text="Du compte, s’il est du personnel.")
    key = KeyInUseSerializer(allow_null=True, help_text="Absente\u00a0: session.")
    mandates = MandateSerializer(many=True)
    issuer = serializers.CharField(allow_null=True, help_text="Code de l’assureur ou garant pour lequel il agit.")
    limits = LimitSerializer(many=True)
    test_numbers = TestNumberSerializer(
        many=True, help_text="Au bac à sable, ses numéros d’essai et ce que chacun force\u00a0; vide au registre."
    )


class IsSomebody(BasePermission):
    """Any account that is logged in or shows a key."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or NotAuthenticated."""
        if not request.user.is_authenticated:
            raise NotAuthenticated
        view.rights = rights_of(request.user, request.auth if isinstance(request.auth, ApiKey) else None)
        return True


class MeView(CallerView):
    """Who asks."""

    permission_classes = (IsSomebody,)

    @extend_schema(
        operation_id="me",
        summary="Ses droits et ses limites",
        description="Le compte, la clé présentée, ses droits et sa fin, les mandats en vigueur, les limites.",
        responses=answers(MeSerializer, ProblemCode.NOT_AUTHENTICATED, *KEY_PROBLEMS),
    )
    def get(self, request: Request) -> Response:
        """Answer it."""
        key = self.rights.key
        soon = key is not None and key.expires_at - self.now < WARNED_BEFORE
        shown_key = None if key is None else _with(key, expires_soon=soon)
        issuer = issuer_of(request.user, self.day)
        document = {
            "account": request.user.get_username(),
            "sandbox": settings.SANDBOX,
            "staff": self.rights.is_staff,
            "permissions": sorted(self.rights.permissions),
            "key": shown_key,
            "mandates": list(self._mandates()),
            "issuer": issuer.code if issuer else None,
            "limits": list(self._limits()),
            "test_numbers": numbers_of(request.user) if settings.SANDBOX else [],
        }
        return Response(MeSerializer(document).data)

    def _limits(self) -> Iterator[Budget]:
        yield from (READS, WRITES, UPLOADS)
        if self.rights.is_staff:
            yield from (PREPARATIONS, LOOKUPS)
        if self.rights.key:
            yield KEYS_TOGETHER

    def _mandates(self) -> Iterator[Mandate]:
        held = Mandate.objects.filter(Q(ends_on=None) | Q(ends_on__gte=self.day), holder=self.request.user.pk)
        yield from held.select_related("intermediary").order_by("intermediary__orias_number")[:MOST_MANDATES]


def _with(key: ApiKey, *, expires_soon: bool) -> ApiKey:
    key.expires_soon = expires_soon  # type: ignore[attr-defined]
    return key
