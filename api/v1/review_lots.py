"""reviews/accept/ : many certificates accepted at once, each looked at again at that moment."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import Body
from api.english import told
from api.fields import CodeField, LabelField
from api.idempotency import acts_once
from api.problems import ProblemCode, in_english
from api.schema import ACTS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.throttling import PREPARATIONS
from api.v1.covers import REVIEW
from api.views import CallerView
from registry.actions import accept_lot
from registry.actions.reviews import MOST_AT_ONCE, Fate, LineFate

MOST_ID = 2**63 - 1


class LotSerializer(Body):
    """Which certificates."""

    covers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_ID),
        allow_empty=False,
        max_length=MOST_AT_ONCE,
        help_text=f"Leurs «\u00a0id\u00a0», {MOST_AT_ONCE} au plus\u00a0; un doublon ne compte qu’une fois.",
    )


class LineFateSerializer(serializers.Serializer[Any]):
    """What became of one of them."""

    cover = serializers.IntegerField(source="cover_id")
    fate = CodeField(Fate)
    fate_label = LabelField(Fate, source="fate")
    detail = serializers.SerializerMethodField(help_text="Pourquoi, où cela se dit.")

    def get_detail(self, line: LineFate) -> str:
        """In the language of the request."""
        return line.detail_en if line.detail_en and in_english() else told(line.detail)


class LotFatesSerializer(serializers.Serializer[Any]):
    """What became of each, in the order asked."""

    accepted = serializers.IntegerField(help_text="Combien le sont maintenant, par ce lot ou avant lui.")
    left = serializers.IntegerField(help_text="Combien sont laissées à une personne.")
    covers = LineFateSerializer(many=True)


class ReviewsAcceptView(CallerView):
    """A lot."""

    visible: ClassVar[Need] = Need("registry.view_cover", Scope.STAFF_READ)
    needs: ClassVar = {"POST": REVIEW}
    budgets: ClassVar = {"POST": PREPARATIONS}

    @extend_schema(
        operation_id="reviews_accept",
        summary="Accepter un lot d’attestations",
        description="Personnel du registre. Chacune est relue à cet instant\u00a0; le moindre doute la laisse à une "
        "personne, et n’arrête pas les autres. La redemander dit ALREADY.",
        parameters=[IDEMPOTENCY_KEY],
        request=LotSerializer,
        responses=answers(LotFatesSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Accept what is good, tell of all."""
        ids = LotSerializer.read(request)["covers"]
        told = accept_lot(by=self.by, why=self.why("lot d’attestations"), day=self.day, ids=ids)
        good = sum(line.fate.is_good for line in told)
        covers = LineFateSerializer(told, many=True).data
        return Response({"accepted": good, "left": len(told) - good, "covers": covers})
