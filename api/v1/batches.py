"""batches/ : mailings, from the preview to the recall, by the same code as the commands."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import FIELDS, Body, chosen, chosen_of_each
from api.fields import CodeField, InstantField, LabelField, WrittenDayField
from api.idempotency import acts_once
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, said
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.throttling import PREPARATIONS
from api.v1.batch_report import BatchReportSerializer, PlannedSerializer, report_told
from api.v1.intermediary_notices import NoticeSerializer
from api.views import CallerView
from reminders.config import engine_settings
from reminders.desk import plain_sample, plan_report, samples_of, whole_report
from reminders.models import Batch, BatchHistory, BatchKind, Notice  # type: ignore[attr-defined]
from reminders.planning.plan import plan_reminders
from reminders.rules.states import BatchState

SEES = Need("reminders.view_batch", Scope.STAFF_READ)
PLANS = Need("reminders.plan_batch", Scope.STAFF_BATCHES)


class BatchSerializer(serializers.Serializer[Batch]):
    """One batch in a list, or after an act: some members of its account, under the same names and with the same
    values."""

    batch = serializers.IntegerField(source="pk")
    kind = CodeField(BatchKind)
    kind_label = LabelField(BatchKind, source="kind")
    state = CodeField(BatchState)
    state_label = LabelField(BatchState, source="state")
    as_of = serializers.DateField()
    waves = serializers.ListField(child=serializers.CharField())
    planned = serializers.IntegerField()
    ceiling = serializers.IntegerField(help_text="Rang jusqu’où les messages peuvent partir.")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class BatchPageSerializer(serializers.Serializer[Any]):
    """A page of batches."""

    results = BatchSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class BatchNoticeSerializer(NoticeSerializer):
    """One notice of a batch, and whose it is."""

    orias_number = serializers.CharField(source="intermediary.orias_number")
    rank = serializers.IntegerField()


class BatchNoticePageSerializer(serializers.Serializer[Any]):
    """A page of them."""

    results = BatchNoticeSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class BatchesQuery(PageQuery):
    """Which batches."""

    updated_since = InstantField(required=False, help_text="Seulement ceux préparés ou changés depuis cet instant.")


class PlanSerializer(Body):
    """What to plan."""

    as_of = WrittenDayField(required=False, help_text="Jour\u00a0; absent\u00a0: aujourd’hui.")
    wave = serializers.CharField(
        required=False, max_length=8, help_text="Une seule vague\u00a0; absente\u00a0: toutes."
    )

    def validate_as_of(self, day: date) -> date:
        """Calendars of campaigns run out elsewhere, and nobody means them."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            message = said(
                f"Donnez un jour des années {FIRST_YEAR} à {LAST_YEAR}.",
                f"Give a day of the years {FIRST_YEAR} to {LAST_YEAR}.",
            )
            raise serializers.ValidationError(message, code="out_of_calendar")
        return day


FIRST_YEAR, LAST_YEAR = 2000, 2199


class BatchesView(CallerView):
    """All batches."""

    visible = SEES
    needs: ClassVar = {"POST": PLANS}
    budgets: ClassVar = {"POST": PREPARATIONS}

    @extend_schema(
        operation_id="batches",
        summary="Lots",
        description="Le dernier préparé d’abord. Personnel du registre.",
        parameters=[BatchesQuery, FIELDS],
        responses=answers(BatchPageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        asked = BatchesQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = Batch.objects.all()
        if since := asked.validated_data.get("updated_since"):
            rows = rows.filter(Exists(BatchHistory.objects.filter(pgh_obj=OuterRef("pk"), pgh_created_at__gte=since)))
        page = page_of(request, rows, asked.validated_data, "-id")
        results = chosen_of_each(request, BatchSerializer, page.results)
        return Response({"results": results, "next": page.next})

    @extend_schema(
        operation_id="batch_plan",
        summary="Préparer un lot",
        description="Un projet à relire, comme plan_reminders\u00a0: rien ne part. Préparer deux fois donne le même "
        "(created vaut alors faux)\u00a0; sans personne à relancer, batch est nul.",
        parameters=[IDEMPOTENCY_KEY],
        request=PlanSerializer,
        responses=answers(
            PlannedSerializer, ProblemCode.REMINDERS_REFUSE, ProblemCode.WRONG_REQUEST, *ACTS, status=201
        ),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Plan."""
        asked = PlanSerializer.read(request)
        day, wave, engine = asked.get("as_of") or self.day, asked.get("wave"), engine_settings()
        plan = plan_reminders(day=day, now=self.now, engine=engine, by=self.by, only_wave=wave)
        return Response(report_told(plan_report(plan, day.isoformat(), wave, engine)), status=201)


class OneBatchView(CallerView):
    """A view of one batch."""

    visible = SEES
    batch: Batch

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().initial(request, *args, **kwargs)
        people = ("author", "approved_by", "released_by")
        found = Batch.objects.select_related(*people).filter(pk=kwargs["batch_id"]).first()
        if found is None:
            raise NotFound
        self.batch = found


class BatchView(OneBatchView):
    """One batch."""

    @extend_schema(
        operation_id="batch",
        summary="Un lot",
        description="Ce que dit show_batch\u00a0: qui, combien, qui non et pourquoi, les freins, l’empreinte, des "
        "exemples, la surveillance et les alarmes.",
        parameters=[FIELDS],
        responses=answers(BatchReportSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, batch_id: int) -> Response:
        """Answer it."""
        engine = engine_settings()
        shown = [plain_sample(sample) for sample in samples_of(self.batch, engine, self.now)]
        report = report_told(whole_report(self.batch, engine))
        return Response(chosen(request, report | {"samples": shown}))


class BatchNoticesView(OneBatchView):
    """What became of each."""

    visible = Need("reminders.view_notice", Scope.STAFF_READ)

    @extend_schema(
        operation_id="batch_notices",
        summary="Messages d’un lot",
        description="Dans l’ordre d’envoi.",
        parameters=[PageQuery, FIELDS],
        responses=answers(BatchNoticePageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, batch_id: int) -> Response:
        """Answer one page."""
        asked = PageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = Notice.objects.filter(batch=self.batch.pk).select_related("batch", "corrects", "intermediary")
        page = page_of(request, rows, asked.validated_data, "rank")
        results = chosen_of_each(request, BatchNoticeSerializer, page.results)
        return Response({"results": results, "next": page.next})
