"""batches/{id}/approve/ … recall/ : what people do with a batch, by the same functions as the commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import Body
from api.idempotency import acts_once
from api.problems import ProblemCode
from api.schema import ACTS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.throttling import PREPARATIONS
from api.v1.batch_report import PlannedSerializer, report_told
from api.v1.batches import PLANS, BatchSerializer, OneBatchView
from reminders.config import engine_settings
from reminders.desk import release, report_of, resume
from reminders.models import Batch
from reminders.planning.approval import approve_batch, cancel_batch, pause_batch
from reminders.planning.recall import recall_batch

F = TypeVar("F", bound=Callable[..., Any])

MOST = 2**31 - 1
RUNS = Need("reminders.release_batch", Scope.STAFF_BATCHES)
APPROVES = Need("reminders.approve_batch", Scope.STAFF_BATCHES)


class ApproveSerializer(Body):
    """Exactly what is approved."""

    hash = serializers.CharField(max_length=64, help_text="L’empreinte de la liste, entière.")
    count = serializers.IntegerField(min_value=1, max_value=MOST, help_text="Le nombre de destinataires.")


class WhySerializer(Body):
    """Why, for those who come after."""

    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class NoWordSerializer(Body):
    """An act that says all by its address."""


def _act(name: str, summary: str, description: str, body: Any) -> Callable[[F], F]:
    described: Callable[[F], F] = extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        parameters=[IDEMPOTENCY_KEY],
        request=body,
        responses=answers(BatchSerializer, ProblemCode.REMINDERS_REFUSE, *ACTS),
    )
    return described


def _shown(batch: Batch) -> Response:
    return Response(BatchSerializer(batch).data)


class BatchApproveView(OneBatchView):
    """A second person approves."""

    needs: ClassVar = {"POST": APPROVES}

    @_act("batch_approve", "Approuver un lot", "Une autre personne que l’auteur, pour exactement cette liste.",
          ApproveSerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, batch_id: int) -> Response:
        """Approve."""
        asked = ApproveSerializer.read(request)
        named = {"list_hash": asked["hash"], "count": asked["count"]}
        return _shown(approve_batch(batch_id=self.batch.pk, by=self.by, now=self.now, **named))


class BatchReleaseView(OneBatchView):
    """The first step leaves."""

    needs: ClassVar = {"POST": RUNS}

    @_act("batch_release", "Lancer un lot", "Son premier palier part\u00a0; les suivants au gré de la surveillance.",
          NoWordSerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, batch_id: int) -> Response:
        """Release, and wake the workers."""
        NoWordSerializer.read(request)
        return _shown(release(batch_id=self.batch.pk, by=self.by, now=self.now))


class BatchPauseView(OneBatchView):
    """Nothing of it leaves any more."""

    needs: ClassVar = {"POST": RUNS}

    @_act("batch_pause", "Suspendre un lot", "Plus aucun de ses messages ne part, jusqu’à la reprise.", WhySerializer)
    @acts_once
    def post(self, request: Request, batch_id: int) -> Response:
        """Pause."""
        reason = WhySerializer.read(request)["reason"]
        return _shown(pause_batch(batch_id=self.batch.pk, by=self.by, detail=reason))


class BatchResumeView(OneBatchView):
    """It goes on."""

    needs: ClassVar = {"POST": RUNS}

    @_act("batch_resume", "Reprendre un lot", "Malgré une alarme, dites pourquoi.", WhySerializer)
    @acts_once
    def post(self, request: Request, batch_id: int) -> Response:
        """Resume, and wake the workers."""
        reason = WhySerializer.read(request)["reason"]
        return _shown(resume(batch_id=self.batch.pk, by=self.by, now=self.now, reason=reason))


class BatchCancelView(OneBatchView):
    """Given up."""

    needs: ClassVar = {"POST": RUNS}

    @_act("batch_cancel", "Annuler un lot", "Ce qui n’a pas commencé à partir est annulé.", NoWordSerializer)
    @acts_once
    def post(self, request: Request, batch_id: int) -> Response:
        """Cancel."""
        NoWordSerializer.read(request)
        return _shown(cancel_batch(batch_id=self.batch.pk, by=self.by, now=self.now))


class BatchRecallView(OneBatchView):
    """Corrected."""

    needs: ClassVar = {"POST": PLANS}
    budgets: ClassVar = {"POST": PREPARATIONS}

    @extend_schema(
        operation_id="batch_recall",
        summary="Rectifier un lot",
        description="Prépare, comme recall_batch, un rectificatif à chacun de ceux qui ont reçu un message du lot, "
        "et qui s’approuve et se lance comme tout lot. Le demander deux fois donne le même.",
        parameters=[IDEMPOTENCY_KEY],
        request=WhySerializer,
        responses=answers(PlannedSerializer, ProblemCode.REMINDERS_REFUSE, *ACTS, status=201),
    )
    @acts_once
    def post(self, request: Request, batch_id: int) -> Response:
        """Plan the corrections."""
        reason, engine = WhySerializer.read(request)["reason"], engine_settings()
        recall = recall_batch(batch_id=self.batch.pk, by=self.by, now=self.now, engine=engine, reason=reason)
        return Response(report_told(report_of(recall.batch, engine)) | {"created": recall.created}, status=201)
