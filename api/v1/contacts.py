"""intermediaries/{orias_number}/contacts/ : whom to reach there, beside the address that reminders go to."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.access import Need
from api.bodies import Body, refused_values
from api.conditions import require_match
from api.fields import CodeField, LabelField, OneOfField, RuledTextField
from api.idempotency import acts_once
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, said
from api.schema import ACTS, CALLERS, CHANGES, IDEMPOTENCY_KEY, IF_MATCH, OPTIONAL_IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.v1.covers import NothingSerializer
from api.views import FileView
from registry.actions import record_contact, remove_contact, revise_contact
from registry.models import Contact, Intermediary
from registry.rules.contacts import LIMITS, ContactRole, read_contact_card

WRITE = Need("registry.change_intermediary", Scope.STAFF_REGISTER, Scope.FILE_WRITE)


class ContactCardSerializer(serializers.Serializer[Contact]):
    """One contact."""

    id = serializers.IntegerField()
    role = CodeField(ContactRole)
    role_label = LabelField(ContactRole, source="role")
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField(source="phone_e164", help_text="E.164.")


class ContactCardPageSerializer(serializers.Serializer[Any]):
    """A page of contacts."""

    results = ContactCardSerializer(many=True)
    next = serializers.URLField(allow_null=True)


def _text(name: str, **options: Any) -> RuledTextField:
    return RuledTextField(LIMITS[name], required=False, allow_blank=True, **options)


class ContactChangeSerializer(Body):
    """What may be changed of a contact; what is absent stays as it is."""

    role = OneOfField(choices=ContactRole.choices(), required=False)
    name = _text("name")
    email = _text("email")
    phone = _text("phone", help_text="Tel qu’on l’écrit en France, ou international.")

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """Read it by the register's rules. Raises ValidationError."""
        values, problems = read_contact_card(attrs)
        if problems:
            raise refused_values(problems)
        return values


class NewContactSerializer(ContactChangeSerializer):
    """A contact: its role, and an address or a telephone."""

    role = OneOfField(choices=ContactRole.choices())

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """Read it. Raises ValidationError where it could not be reached."""
        values = super().validate(attrs)
        if not (values.get("email") or values.get("phone_e164")):
            message = said("Donnez une adresse ou un téléphone.", "Give an address or a telephone.")
            raise serializers.ValidationError({"email": [message]}, code="required")
        return values


class ContactsView(FileView):
    """The contacts of one file."""

    needs: ClassVar = {"POST": WRITE}

    @extend_schema(
        operation_id="contacts",
        summary="Contacts d’un dossier",
        description="Le dernier enregistré d’abord. L’adresse des relances est celle du dossier lui-même.",
        parameters=[PageQuery],
        responses=answers(ContactCardPageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Answer one page."""
        asked = PageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        page = page_of(request, Contact.objects.filter(intermediary=self.whose.pk), asked.validated_data, "-id")
        return Response(ContactCardPageSerializer(page).data)

    @extend_schema(
        operation_id="contact_add",
        summary="Ajouter un contact",
        parameters=[IDEMPOTENCY_KEY],
        request=NewContactSerializer,
        responses=answers(ContactCardSerializer, ProblemCode.REGISTER_REFUSES, *ACTS, status=201),
    )
    @acts_once
    def post(self, request: Request, orias_number: str) -> Response:
        """Add one."""
        values = NewContactSerializer.read(request)
        why = self.why("contact ajouté")
        contact = record_contact(by=self.by, why=why, day=self.day, intermediary=self.whose, **values)
        where = {"orias_number": orias_number, "contact_id": contact.pk}
        location = reverse("api:contact", kwargs=where, request=request)
        return Response(ContactCardSerializer(contact).data, status=201, headers={"Location": location})


class OneContactView(FileView):
    """A view of one contact of the file; one of another file is as if absent (I14)."""

    contact: Contact

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it. The ETag of what is answered begins with the version of the file."""
        super().initial(request, *args, **kwargs)
        found = Contact.objects.filter(pk=kwargs["contact_id"], intermediary=self.whose.pk).first()
        if found is None:
            raise NotFound
        self.contact = found
        self.if_version = str(self.whose.facts_version)


class ContactView(OneContactView):
    """One contact."""

    needs: ClassVar = {"PATCH": WRITE}

    @extend_schema(operation_id="contact", summary="Un contact", responses=answers(ContactCardSerializer, *CALLERS))
    def get(self, request: Request, orias_number: str, contact_id: str) -> Response:
        """Answer it."""
        return Response(ContactCardSerializer(self.contact).data)

    @extend_schema(
        operation_id="contact_change",
        summary="Changer un contact",
        description="Ne changent que les membres donnés.",
        parameters=[IF_MATCH, OPTIONAL_IDEMPOTENCY_KEY],
        request=ContactChangeSerializer,
        responses=answers(ContactCardSerializer, ProblemCode.REGISTER_REFUSES, *CHANGES),
    )
    @acts_once
    def patch(self, request: Request, orias_number: str, contact_id: str) -> Response:
        """Change it, if its file is as it was seen."""
        changes = ContactChangeSerializer.read(request)
        locked = Intermediary.objects.select_for_update(of=("self",), no_key=True).get(pk=self.whose.pk)
        require_match(request, locked.facts_version)
        self.contact.refresh_from_db()
        why = self.why("contact changé")
        contact = revise_contact(by=self.by, why=why, day=self.day, contact=self.contact, **changes)
        return Response(ContactCardSerializer(contact).data)


class ContactRemoveView(OneContactView):
    """Taken away."""

    needs: ClassVar = {"POST": WRITE}

    @extend_schema(
        operation_id="contact_remove",
        summary="Retirer un contact",
        description="L’historique le garde.",
        parameters=[IDEMPOTENCY_KEY],
        request=NothingSerializer,
        responses=answers(ContactCardSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, orias_number: str, contact_id: str) -> Response:
        """Take it away."""
        NothingSerializer.read(request)
        told = ContactCardSerializer(self.contact).data
        remove_contact(by=self.by, why=self.why("contact retiré"), day=self.day, contact=self.contact)
        return Response(told)
