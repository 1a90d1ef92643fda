"""intermediaries/{orias_number}/covers/ : certificates deposited, looked at, withdrawn, reviewed."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.access import Need, Reach
from api.bodies import FIELDS, Body, chosen
from api.fields import CodeField, LabelField
from api.idempotency import acts_once
from api.moments import AsOfQuery, instant_of, read_query
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, said
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.views import FileView
from registry.actions import accept_cover, record_cover, refuse_cover, withdraw_cover
from registry.models import Cover
from registry.models.cover import Channel
from registry.past import rows_at
from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverStatus

FIRST_DAY = date(1900, 1, 1)
MOST_CENTS = 10**14
REVIEW = Need("registry.change_cover", Scope.STAFF_REGISTER)
FILE = Need("registry.change_cover", Scope.STAFF_REGISTER, Scope.FILE_WRITE)


class CoverSerializer(serializers.Serializer[Cover]):
    """One certificate."""

    id = serializers.IntegerField()
    kind = CodeField(CoverKind)
    kind_label = LabelField(CoverKind, source="kind")
    categories = serializers.ListField(child=CodeField(Category))
    issuer = serializers.CharField()
    policy = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="Dernier jour couvert.")
    amount_cents = serializers.IntegerField(allow_null=True, help_text="Par sinistre, ou garanti.")
    annual_cents = serializers.IntegerField(allow_null=True, help_text="Par an.")
    status = CodeField(CoverStatus)
    status_label = LabelField(CoverStatus, source="status")
    channel = CodeField(Channel)
    deposited_on = serializers.DateField(help_text="Le jour qui compte, si tard que soit le contrôle.")


class CoverPageSerializer(serializers.Serializer[Any]):
    """A page of certificates."""

    results = CoverSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    known_at = serializers.DateTimeField(allow_null=True, help_text="Instant su\u00a0; vide\u00a0: maintenant.")


class CoversQuery(AsOfQuery, PageQuery):
    """Which certificates."""

    updated_since = serializers.DateTimeField(
        required=False, help_text="Seulement celles créées ou changées depuis cet instant."
    )


def _cents(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_CENTS, help_text=help_text
    )


class DepositSerializer(Body):
    """A certificate as its issuer made it out. Days included, sums in euro cents."""

    kind = serializers.ChoiceField(choices=CoverKind.choices())
    categories = serializers.ListField(
        child=serializers.ChoiceField(choices=Category.choices()), min_length=1, max_length=len(Category)
    )
    issuer = serializers.CharField(max_length=120)
    policy = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    amount_cents = _cents("Par sinistre, ou garanti.")
    annual_cents = _cents("Par an.")
    deposited_on = serializers.DateField(
        required=False, help_text="Personnel seulement\u00a0: jour de réception d’une attestation sur papier."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Days in their order."""
        if attrs["starts_on"] < FIRST_DAY:
            message = said("Une attestation ne commence pas avant 1900.", "No certificate begins before 1900.")
            raise serializers.ValidationError({"starts_on": [message]}, code="too_early")
        if attrs["ends_on"] < attrs["starts_on"]:
            message = said("Le dernier jour précède le premier.", "The last day is before the first.")
            raise serializers.ValidationError({"ends_on": [message]}, code="ends_before_it_starts")
        return attrs


class ReasonSerializer(Body):
    """Why."""

    reason = serializers.CharField(max_length=300)


class NothingSerializer(Body):
    """An act that says all by its address."""


class CoversView(FileView):
    """The certificates of one file."""

    needs: ClassVar = {"POST": FILE}

    @extend_schema(
        operation_id="covers",
        summary="Attestations d’un dossier",
        description="La dernière enregistrée d’abord.",
        parameters=[CoversQuery, FIELDS],
        responses=answers(CoverPageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Answer one page."""
        asked = read_query(CoversQuery, request)
        at = instant_of(asked.get("as_of"))
        known: QuerySet[Any] = Cover.objects.all() if at is None else rows_at(Cover, at)
        rows = known.filter(intermediary=self.whose.pk)
        if since := asked.get("updated_since"):
            moved = Cover.history.rel.related_model.objects.filter(  # type: ignore[attr-defined]
                pgh_obj=OuterRef("id"), pgh_created_at__gte=since
            )
            rows = rows.filter(Exists(moved))
        page = page_of(request, rows, asked, "-id")
        results = [chosen(request, CoverSerializer(cover).data) for cover in page.results]
        return Response({"results": results, "next": page.next, "known_at": at})

    @extend_schema(
        operation_id="cover_deposit",
        summary="Déposer une attestation",
        description="Elle attend notre contrôle\u00a0; le jour de ce dépôt est celui qui compte.",
        parameters=[IDEMPOTENCY_KEY],
        request=DepositSerializer,
        responses=answers(CoverSerializer, ProblemCode.REGISTER_REFUSES, *ACTS, status=201),
    )
    @acts_once
    def post(self, request: Request, orias_number: str) -> Response:
        """Deposit."""
        values = DepositSerializer.read(request)
        received = self._received_on(values.pop("deposited_on", None))
        cover = record_cover(
            by=self.by,
            why=self.why("attestation déposée"),
            day=self.day,
            intermediary=self.whose,
            kind=CoverKind(values.pop("kind")),
            categories=[Category(code) for code in values.pop("categories")],
            deposited_on=received or self.day,
            channel=Channel.PAPER if received else Channel.API,
            **values,
        )
        where = {"orias_number": orias_number, "cover_id": cover.pk}
        location = reverse("api:cover", kwargs=where, request=request)
        return Response(CoverSerializer(cover).data, status=201, headers={"Location": location})

    def _received_on(self, day: date | None) -> date | None:
        """The day on which staff received a paper; nobody dates an own deposit (I12)."""
        if day is None or (self.reach is Reach.ALL and FIRST_DAY <= day <= self.day):
            return day
        message = said(
            "Seul le personnel date un dépôt, et jamais d’un jour à venir.",
            "Only staff date a deposit, and never in the future.",
        )
        raise serializers.ValidationError({"deposited_on": [message]}, code="not_yours_to_date")


class OneCoverView(FileView):
    """A view of one certificate of the file; one of another file is as if absent (I14)."""

    cover: Cover

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().initial(request, *args, **kwargs)
        found = Cover.objects.filter(pk=kwargs["cover_id"], intermediary=self.whose.pk).first()
        if found is None:
            raise NotFound
        self.cover = found

    def shown(self) -> Response:
        """The certificate as it now is."""
        self.cover.refresh_from_db()
        return Response(CoverSerializer(self.cover).data)


class CoverView(OneCoverView):
    """One certificate."""

    @extend_schema(operation_id="cover", summary="Une attestation", responses=answers(CoverSerializer, *CALLERS))
    def get(self, request: Request, orias_number: str, cover_id: str) -> Response:
        """Answer it."""
        return Response(CoverSerializer(self.cover).data)


class CoverWithdrawView(OneCoverView):
    """Taken back by who deposited it."""

    needs: ClassVar = {"POST": FILE}

    @extend_schema(
        operation_id="cover_withdraw",
        summary="Retirer une attestation",
        description="Tant qu’elle attend notre contrôle.",
        parameters=[IDEMPOTENCY_KEY],
        request=NothingSerializer,
        responses=answers(CoverSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, orias_number: str, cover_id: str) -> Response:
        """Withdraw."""
        NothingSerializer.read(request)
        withdraw_cover(by=self.by, why=self.why("attestation retirée"), day=self.day, cover=self.cover)
        return self.shown()


class CoverAcceptView(OneCoverView):
    """Found good by staff."""

    needs: ClassVar = {"POST": REVIEW}

    @extend_schema(
        operation_id="cover_accept",
        summary="Accepter une attestation",
        description="Personnel du registre.",
        parameters=[IDEMPOTENCY_KEY],
        request=NothingSerializer,
        responses=answers(CoverSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, orias_number: str, cover_id: str) -> Response:
        """Accept."""
        NothingSerializer.read(request)
        accept_cover(by=self.by, why=self.why("attestation acceptée"), day=self.day, cover=self.cover)
        return self.shown()


class CoverRefuseView(OneCoverView):
    """Found wanting by staff, who say why."""

    needs: ClassVar = {"POST": REVIEW}

    @extend_schema(
        operation_id="cover_refuse",
        summary="Refuser une attestation",
        description="Personnel du registre\u00a0; le motif est gardé dans l’historique.",
        parameters=[IDEMPOTENCY_KEY],
        request=ReasonSerializer,
        responses=answers(CoverSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, orias_number: str, cover_id: str) -> Response:
        """Refuse."""
        reason = ReasonSerializer.read(request)["reason"]
        refuse_cover(by=self.by, why=self.why(reason), day=self.day, cover=self.cover)
        return self.shown()
