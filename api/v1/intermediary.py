"""GET and PATCH intermediaries/{orias_number}/ : a file's own page, and its contact kept up to date."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need, Reach
from api.bodies import FIELDS, Body, chosen, refused_values
from api.conditions import etag_of, require_match
from api.fields import CodeField, LabelField, RuledTextField
from api.idempotency import acts_once
from api.moments import AsOfQuery, instant_of, read_query
from api.problems import ProblemCode
from api.schema import CALLERS, CHANGES, IF_MATCH, OPTIONAL_IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.views import FileView
from registry.actions import change_contact, confirm_address
from registry.models import Intermediary, Registration
from registry.past import registrations_at, rows_at
from registry.rules.categories import Category, Filer
from registry.rules.contact import LANGUAGES, LIMITS, read_contact
from registry.rules.contacts import CheckSource


class RegistrationSerializer(serializers.Serializer[Registration]):
    """One category."""

    category = CodeField(Category)
    category_label = LabelField(Category, source="category")
    registered_on = serializers.DateField()
    removed_on = serializers.DateField(allow_null=True)
    suspended_on = serializers.DateField(allow_null=True)
    suspended_until = serializers.DateField(allow_null=True)
    holds_client_funds = serializers.BooleanField()
    filer = CodeField(Filer)
    filer_label = LabelField(Filer, source="filer")


class IntermediarySerializer(serializers.Serializer[Intermediary]):
    """The document."""

    orias_number = serializers.CharField()
    siren = serializers.CharField(help_text="Vide s’il n’y en a pas.")
    name = serializers.CharField()
    trade_name = serializers.CharField()
    legal_form = serializers.CharField()
    email = serializers.CharField(help_text="Où vont les relances.")
    phone = serializers.CharField(source="phone_e164", help_text="E.164.")
    address = serializers.CharField()
    postcode = serializers.CharField()
    town = serializers.CharField()
    language = serializers.ChoiceField(choices=LANGUAGES)
    facts_version = serializers.IntegerField(
        allow_null=True, help_text="Augmente à chaque changement du dossier\u00a0; vide pour le passé."
    )
    registrations = RegistrationSerializer(many=True)
    merged_into = serializers.CharField(
        source="merged_into.orias_number",
        default=None,
        allow_null=True,
        help_text="Numéro avec lequel celui-ci a été fusionné\u00a0: écrivez à celui-là.",
    )
    known_at = serializers.DateTimeField(
        default=None, allow_null=True, help_text="Instant su\u00a0; vide\u00a0: maintenant."
    )


def _text(name: str, **options: Any) -> RuledTextField:
    return RuledTextField(LIMITS[name], required=False, allow_blank=True, **options)


class ContactSerializer(Body):
    """What may be changed; what is absent stays as it is."""

    email = _text("email")
    phone = _text("phone", help_text="Tel qu’on l’écrit en France, ou international\u00a0; vide\u00a0: aucun.")
    trade_name = _text("trade_name")
    address = _text("address")
    postcode = _text("postcode")
    town = _text("town")
    language = _text("language", help_text="fr ou en\u00a0: la langue des courriels.")

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """Read it by the register's rules. Raises ValidationError."""
        values, problems = read_contact(attrs)
        if problems:
            raise refused_values(problems)
        return values


class IntermediaryView(FileView):
    """One file."""

    needs: ClassVar = {"PATCH": Need("registry.change_intermediary", Scope.STAFF_REGISTER, Scope.FILE_WRITE)}

    @extend_schema(
        operation_id="intermediary",
        summary="Un dossier",
        parameters=[FIELDS, AsOfQuery],
        responses=answers(IntermediarySerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Answer it, as known at `as_of`."""
        at = instant_of(read_query(AsOfQuery, request).get("as_of"))
        if at is None:
            return self._document(self.whose)
        return Response(chosen(request, IntermediarySerializer(self._known(at)).data))

    def _known(self, at: datetime) -> Any:
        """The document's members as they stood. Raises NotFound where the register did not hold the file then."""
        row = rows_at(Intermediary, at).filter(pgh_obj=self.whose.pk).select_related("merged_into").first()
        if row is None:
            raise NotFound
        names = [field.name for field in Intermediary._meta.concrete_fields if hasattr(row, field.name)]
        registrations = registrations_at([self.whose.pk], at).get(self.whose.pk, [])
        return {name: getattr(row, name) for name in names} | {
            "facts_version": None,
            "registrations": registrations,
            "known_at": at,
        }

    @extend_schema(
        operation_id="intermediary_contact",
        summary="Changer ses coordonnées",
        description="Ne changent que les membres donnés. Numéro, SIREN et dénomination passent par le registre. "
        "Donner son adresse électronique, même inchangée, la confirme pour un an.",
        parameters=[IF_MATCH, OPTIONAL_IDEMPOTENCY_KEY],
        request=ContactSerializer,
        responses=answers(IntermediarySerializer, ProblemCode.REGISTER_REFUSES, *CHANGES),
    )
    @acts_once
    def patch(self, request: Request, orias_number: str) -> Response:
        """Change, if it is as it was seen."""
        changes = ContactSerializer.read(request)
        locked = Intermediary.objects.select_for_update(of=("self",), no_key=True).get(pk=self.whose.pk)
        require_match(request, locked.facts_version)
        if changes:
            why = self.why("coordonnées changées")
            change_contact(by=self.by, why=why, day=self.day, intermediary=locked, **changes)
        if "email" in changes and self.reach is Reach.MANDATED:
            why = self.why("adresse confirmée par son titulaire")
            confirm_address(by=self.by, why=why, day=self.day, intermediary=locked, source=CheckSource.SELF)
        locked.refresh_from_db()
        return self._document(locked)

    def _document(self, intermediary: Intermediary) -> Response:
        self.if_version = str(intermediary.facts_version)
        document = chosen(self.request, IntermediarySerializer(intermediary).data)
        return Response(document, headers={"ETag": etag_of(JSONRenderer().render(document), self.if_version)})
