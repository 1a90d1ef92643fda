"""reviews/ : the queue of certificates under review; what is asked back, answered, given to somebody."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import Body
from api.fields import CodeField, DistinctListField, FlagField, LabelField, OneOfField, WrittenDayField
from api.idempotency import acts_once
from api.pagination import PageQuery, key_asked_for, page_after
from api.problems import ProblemCode, label_of, said
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.v1.cover_details import ClockSerializer, CoverDetailSerializer, CoverSerializer, plain_clock
from api.v1.covers import FILE, LONGEST_REASON, REVIEW, OneCoverView, cents, documents_field, named_documents
from api.v1.findings import PaperFindingSerializer, plain_findings
from api.views import CallerView
from registry.actions import answer_correction, ask_correction, assign_review
from registry.actions.reviews import CORRECTABLE
from registry.reviews import QueueRow, review_queue
from registry.rules.categories import Category
from registry.rules.documents import DocumentState
from registry.rules.papers import PaperLevel
from registry.rules.reviews import ReviewReason


class QueueQuery(PageQuery):
    """Which part of the queue."""

    assigned = OneOfField(
        choices=["me", "nobody"], required=False, help_text="me\u00a0: les vôtres\u00a0; nobody\u00a0: sans personne."
    )
    returned = FlagField(
        default=False, help_text="Celles dont une correction est attendue, au lieu de celles qui nous attendent."
    )


class QueueRowSerializer(serializers.Serializer[Any]):
    """One certificate of the queue."""

    orias_number = serializers.CharField()
    name = serializers.CharField()
    cover = CoverSerializer()
    clock = ClockSerializer()
    assigned_to = serializers.CharField(help_text="Vide\u00a0: à personne.")
    document = serializers.IntegerField(allow_null=True)
    document_state = CodeField(DocumentState, allow_null=True)
    document_state_label = LabelField(DocumentState, source="document_state", allow_null=True)
    level = CodeField(PaperLevel, help_text="Le plus grave de ses constats.")
    level_label = LabelField(PaperLevel, source="level")
    findings = PaperFindingSerializer(many=True)


class QueueSerializer(serializers.Serializer[Any]):
    """A page of the queue."""

    waiting = serializers.IntegerField(help_text="Dans toute la file demandée.")
    late = serializers.IntegerField()
    results = QueueRowSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class AskSerializer(Body):
    """What is to be corrected."""

    code = OneOfField(choices=ReviewReason.choices())
    note = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True, default="")


class CorrectionSerializer(Body):
    """Documents, values, or both; what is not named stays."""

    documents = documents_field()
    categories = DistinctListField(
        child=OneOfField(choices=Category.choices()),
        min_length=1,
        max_length=len(Category),
        required=False,
    )
    issuer = serializers.CharField(max_length=120, required=False)
    policy = serializers.CharField(max_length=60, required=False, allow_blank=True)
    starts_on = WrittenDayField(required=False)
    ends_on = WrittenDayField(required=False)
    amount_cents = cents("Par sinistre, ou garanti.")
    annual_cents = cents("Par an.")


class AssignSerializer(Body):
    """To whom."""

    to = serializers.CharField(
        max_length=150, allow_null=True, help_text="Nom de compte\u00a0; null\u00a0: à personne."
    )
    take_over = serializers.BooleanField(default=False, help_text="Reprendre ce qui est confié à quelqu’un d’autre.")


class ReviewsView(CallerView):
    """The queue."""

    visible: ClassVar[Need] = Need("registry.view_cover", Scope.STAFF_READ)

    @extend_schema(
        operation_id="reviews",
        summary="File des attestations à contrôler",
        description="Personnel du registre. Celle à qui il reste le moins de temps d’abord, donc les retards en tête.",
        parameters=[QueueQuery],
        responses=answers(QueueSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        asked = QueueQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        query = asked.validated_data
        key = key_asked_for(request, query)
        queue = review_queue(
            day=self.day,
            of=self.by if query.get("assigned") == "me" else None,
            unassigned=query.get("assigned") == "nobody",
            returned=query["returned"],
            limit=query["limit"],
            after=_place(key) if key else None,
        )
        last = queue.rows[-1] if queue.has_more and queue.rows else None
        return Response(
            {
                "waiting": queue.waiting,
                "late": queue.late,
                "results": [_plain(row) for row in queue.rows],
                "next": page_after(request, f"{last.clock.due_on} {last.cover.pk}") if last else None,
            }
        )


def _place(key: str) -> tuple[date, int]:
    day, _, cover_id = key.partition(" ")
    return date.fromisoformat(day), int(cover_id)


def _plain(row: QueueRow) -> dict[str, Any]:
    return {
        "orias_number": row.cover.intermediary.orias_number,
        "name": row.cover.intermediary.name,
        "cover": CoverSerializer(row.cover).data,
        "clock": plain_clock(row.clock),
        "assigned_to": row.assigned_to,
        "document": row.document.pk if row.document else None,
        "document_state": row.document_state,
        "document_state_label": label_of(DocumentState(row.document_state)) if row.document_state else None,
        "level": row.level.value,
        "level_label": label_of(row.level),
        "findings": plain_findings(row.findings),
    }


class CoverAskView(OneCoverView):
    """Sent back to be corrected."""

    needs: ClassVar = {"POST": REVIEW}

    @extend_schema(
        operation_id="cover_ask",
        summary="Demander une correction",
        description="Personnel du registre. Notre délai de deux mois est suspendu jusqu’à la réponse.",
        parameters=[IDEMPOTENCY_KEY],
        request=AskSerializer,
        responses=answers(CoverDetailSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, orias_number: str, cover_id: str) -> Response:
        """Ask."""
        values = AskSerializer.read(request)
        ask_correction(
            by=self.by,
            why=self.why("correction demandée"),
            day=self.day,
            cover=self.cover,
            reason=ReviewReason(values["code"]),
            note=values["note"],
        )
        return self.shown()


class CoverCorrectView(OneCoverView):
    """Corrected by its intermediary."""

    needs: ClassVar = {"POST": FILE}

    @extend_schema(
        operation_id="cover_correct",
        summary="Répondre à une demande de correction",
        description="Par un document, des valeurs ou les deux. Le jour du premier dépôt reste celui qui compte.",
        parameters=[IDEMPOTENCY_KEY],
        request=CorrectionSerializer,
        responses=answers(CoverDetailSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, orias_number: str, cover_id: str) -> Response:
        """Answer."""
        values = CorrectionSerializer.read(request)
        documents = named_documents(self.whose, values.pop("documents"))
        if "categories" in values:
            values["categories"] = sorted(set(values["categories"]))
        answer_correction(
            by=self.by,
            why=self.why("attestation corrigée"),
            day=self.day,
            cover=self.cover,
            documents=documents,
            **{name: values[name] for name in CORRECTABLE if name in values},
        )
        return self.shown()


class CoverAssignView(OneCoverView):
    """Given to somebody."""

    needs: ClassVar = {"POST": REVIEW}

    @extend_schema(
        operation_id="cover_assign",
        summary="Confier une attestation à quelqu’un",
        description="Personnel du registre.",
        parameters=[IDEMPOTENCY_KEY],
        request=AssignSerializer,
        responses=answers(CoverDetailSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, orias_number: str, cover_id: str) -> Response:
        """Assign."""
        values = AssignSerializer.read(request)
        to = _reviewer(values["to"]) if values["to"] else None
        why, take_over = self.why("instruction confiée"), values["take_over"]
        assign_review(by=self.by, why=why, day=self.day, cover=self.cover, to=to, take_over=take_over)
        return self.shown()


def _reviewer(name: str) -> User:
    """An open account of staff that may review. Raises ValidationError."""
    found = User.objects.filter(username=name, is_active=True, is_staff=True).first()
    if found is None or not found.has_perm(REVIEW.permission):
        message = said(
            "Aucun compte du personnel de ce nom ne peut instruire.", "No staff account of that name may review."
        )
        raise serializers.ValidationError({"to": [message]}, code="not_a_reviewer")
    return found
