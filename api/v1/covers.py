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
from api.bodies import FIELDS, Body, chosen_of_each
from api.fields import DistinctListField, InstantField, OneOfField, WrittenDayField
from api.idempotency import acts_once
from api.moments import AsOfQuery, instant_of, read_query
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, said
from api.sandbox_acts import force_review
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.v1.cover_details import CoverDetailSerializer, CoverSerializer, plain_cover
from api.views import FileView
from registry.actions import accept_cover, record_cover, refuse_cover, withdraw_cover
from registry.models import Cover, Document, Intermediary
from registry.models.cover import Channel
from registry.past import rows_at
from registry.rules.categories import Category, CoverKind
from registry.rules.reviews import ReviewReason

FIRST_DAY = date(1900, 1, 1)
MOST_CENTS = 10**14
MOST_DOCUMENTS = 10
LONGEST_REASON = 300
REVIEW = Need("registry.change_cover", Scope.STAFF_REGISTER)
FILE = Need("registry.change_cover", Scope.STAFF_REGISTER, Scope.FILE_WRITE)


class CoverPageSerializer(serializers.Serializer[Any]):
    """A page of certificates."""

    results = CoverSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    known_at = serializers.DateTimeField(allow_null=True, help_text="Instant su\u00a0; vide\u00a0: maintenant.")


class CoversQuery(AsOfQuery, PageQuery):
    """Which certificates."""

    updated_since = InstantField(required=False, help_text="Seulement celles créées ou changées depuis cet instant.")


def cents(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_CENTS, help_text=help_text
    )


def documents_field() -> serializers.ListField:
    """The evidence: files deposited before."""
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        max_length=MOST_DOCUMENTS,
        required=False,
        default=list,
        help_text="Numéros de documents déposés dans ce dossier\u00a0; le dernier est celui contrôlé.",
    )


def named_documents(whose: Intermediary, ids: list[int]) -> list[Document]:
    """These files, in that order. Raises ValidationError for one that is not in the intermediary's own (I14)."""
    found = {one.pk: one for one in Document.objects.filter(intermediary=whose.pk, pk__in=ids).defer("text")}
    if unknown := [str(pk) for pk in ids if pk not in found]:
        told = ", ".join(unknown)
        message = said(f"Documents inconnus dans ce dossier : {told}.", f"No such documents in this file: {told}.")
        raise serializers.ValidationError({"documents": [message]}, code="unknown_document")
    return [found[pk] for pk in dict.fromkeys(ids)]


class DepositSerializer(Body):
    """A certificate as its issuer made it out. Days included, sums in euro cents."""

    kind = OneOfField(choices=CoverKind.choices())
    categories = DistinctListField(child=OneOfField(choices=Category.choices()), min_length=1, max_length=len(Category))
    issuer = serializers.CharField(max_length=120)
    policy = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    starts_on = WrittenDayField()
    ends_on = WrittenDayField()
    amount_cents = cents("Par sinistre, ou garanti.")
    annual_cents = cents("Par an.")
    deposited_on = WrittenDayField(
        required=False, help_text="Personnel seulement\u00a0: jour de réception d’une attestation sur papier."
    )
    documents = documents_field()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Days in their order."""
        if attrs["starts_on"] < FIRST_DAY:
            message = said("Une attestation ne commence pas avant 1900.", "No certificate begins before 1900.")
            raise serializers.ValidationError({"starts_on": [message]}, code="too_early")
        if attrs["ends_on"] < attrs["starts_on"]:
            message = said("Le dernier jour précède le premier.", "The last day is before the first.")
            raise serializers.ValidationError({"ends_on": [message]}, code="ends_before_it_starts")
        return attrs


class RefusalSerializer(Body):
    """Why: a code, words, or both; words alone are the code OTHER."""

    code = OneOfField(choices=ReviewReason.choices(), required=False, default=ReviewReason.OTHER.value)
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, help_text="Précision en clair.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """OTHER says what."""
        if attrs["code"] == ReviewReason.OTHER and not attrs.get("reason"):
            message = said("Dites pourquoi, ou donnez un code.", "Say why, or give a code.")
            raise serializers.ValidationError({"reason": [message]}, code="required")
        return attrs


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
        results = chosen_of_each(request, CoverSerializer, page.results)
        return Response({"results": results, "next": page.next, "known_at": at})

    @extend_schema(
        operation_id="cover_deposit",
        summary="Déposer une attestation",
        description="Elle attend notre contrôle\u00a0; le jour de ce dépôt est celui qui compte.",
        parameters=[IDEMPOTENCY_KEY],
        request=DepositSerializer,
        responses=answers(CoverDetailSerializer, ProblemCode.REGISTER_REFUSES, *ACTS, status=201),
    )
    @acts_once
    def post(self, request: Request, orias_number: str) -> Response:
        """Deposit."""
        values = DepositSerializer.read(request)
        documents = named_documents(self.whose, values.pop("documents"))
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
            documents=documents,
            **values,
        )
        force_review(cover, self.day)
        where = {"orias_number": orias_number, "cover_id": cover.pk}
        location = reverse("api:cover", kwargs=where, request=request)
        return Response(plain_cover(cover, self.day), status=201, headers={"Location": location})

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
        return Response(plain_cover(self.cover, self.day))


class CoverView(OneCoverView):
    """One certificate."""

    @extend_schema(operation_id="cover", summary="Une attestation", responses=answers(CoverDetailSerializer, *CALLERS))
    def get(self, request: Request, orias_number: str, cover_id: str) -> Response:
        """Answer it."""
        return Response(plain_cover(self.cover, self.day))


class CoverWithdrawView(OneCoverView):
    """Taken back by who deposited it."""

    needs: ClassVar = {"POST": FILE}

    @extend_schema(
        operation_id="cover_withdraw",
        summary="Retirer une attestation",
        description="Tant qu’elle attend notre contrôle.",
        parameters=[IDEMPOTENCY_KEY],
        request=NothingSerializer,
        responses=answers(CoverDetailSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
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
        responses=answers(CoverDetailSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
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
        description="Personnel du registre\u00a0; le motif codé est dit à l’intermédiaire avec ce qu’il doit faire.",
        parameters=[IDEMPOTENCY_KEY],
        request=RefusalSerializer,
        responses=answers(CoverDetailSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, orias_number: str, cover_id: str) -> Response:
        """Refuse."""
        values = RefusalSerializer.read(request)
        reason, note = ReviewReason(values["code"]), values.get("reason", "")
        why = self.why(note or reason.label)
        refuse_cover(by=self.by, why=why, day=self.day, cover=self.cover, reason=reason, note=note)
        return self.shown()
