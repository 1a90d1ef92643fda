"""hotline/complaints/ : complaints with their clocks, by the same functions as the commands."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import Body
from api.fields import CodeField, CountField, FlagField, LabelField, LabelsField, OneOfField, WrittenDayField
from api.idempotency import acts_once
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.v1.hotline_subjects import About, AboutSerializer
from api.views import CallerView
from hotline.actions.complaints import (
    Answer,
    Grievance,
    acknowledge_complaint,
    answer_complaint,
    record_complaint,
    tell_late,
)
from hotline.models import Complaint
from hotline.rules.complaints import (
    OPEN_STATES,
    ComplaintChannel,
    ComplaintOutcome,
    ComplaintState,
    Duty,
    Matter,
    needs_recourse,
)
from hotline.worklists import complaint_line, standing_of

SEES = Need("hotline.view_complaint", Scope.STAFF_READ)
TAKES = Need("hotline.add_complaint", Scope.STAFF_HOTLINE)
ANSWERS = Need("hotline.change_complaint", Scope.STAFF_HOTLINE)


class ComplaintSerializer(serializers.Serializer[Any]):
    """One complaint, and how it stands today."""

    number = serializers.CharField()
    state = CodeField(ComplaintState)
    state_label = LabelField(ComplaintState, source="state")
    channel = CodeField(ComplaintChannel)
    channel_label = LabelField(ComplaintChannel, source="channel")
    matter = CodeField(Matter)
    matter_label = LabelField(Matter, source="matter")
    complainant = serializers.CharField()
    text = serializers.CharField()
    orias_number = serializers.CharField(allow_null=True)
    batch = serializers.IntegerField(allow_null=True)
    notice = serializers.IntegerField(allow_null=True)
    spoken_on = serializers.DateField(allow_null=True)
    sent_on = serializers.DateField(allow_null=True, help_text="Jour d’envoi\u00a0: les délais courent de là.")
    entered_on = serializers.DateField()
    acknowledge_by = serializers.DateField(allow_null=True, help_text="Dixième jour ouvrable après l’envoi.")
    acknowledged_on = serializers.DateField(allow_null=True)
    acknowledged_late = serializers.BooleanField()
    answer_by = serializers.DateField(allow_null=True, help_text="Deux mois après l’envoi, sans report.")
    answered_on = serializers.DateField(allow_null=True)
    answered_late = serializers.BooleanField()
    told_late_on = serializers.DateField(allow_null=True)
    outcome = CodeField(ComplaintOutcome, allow_null=True)
    outcome_label = LabelField(ComplaintOutcome, source="outcome", allow_null=True)
    answer = serializers.CharField()
    recourse = serializers.CharField()
    recourse_open = serializers.BooleanField()
    duties = serializers.ListField(child=serializers.ChoiceField(choices=Duty.choices()), help_text="À faire.")
    duties_labels = LabelsField(Duty, source="duties")


class ComplaintPageSerializer(serializers.Serializer[Any]):
    """A page of complaints."""

    results = ComplaintSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class ComplaintsQuery(PageQuery):
    """Which complaints."""

    waiting = FlagField(default=False, help_text="Seulement celles qui attendent une réponse.")
    batch = CountField(required=False, min_value=1, help_text="Seulement celles qui visent ce lot.")


class ComplaintBody(AboutSerializer):
    """What somebody complains of."""

    channel = OneOfField(choices=ComplaintChannel.choices())
    matter = OneOfField(choices=Matter.choices())
    text = serializers.CharField(max_length=20_000)
    complainant = serializers.CharField(max_length=250)
    reply_to = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    on = WrittenDayField(
        required=False, help_text="Jour d’envoi\u00a0; à l’oral, jour où c’est dit. Absent\u00a0: aujourd’hui."
    )
    satisfied = serializers.BooleanField(default=False, help_text="Orale, et satisfaite aussitôt.")


class AcknowledgeBody(Body):
    """What was said, and when."""

    on = WrittenDayField(required=False, help_text="Absent\u00a0: aujourd’hui.")
    late_answer = serializers.BooleanField(default=False, help_text="La personne a été prévenue du retard.")


class AnswerBody(Body):
    """The answer as it was given."""

    outcome = OneOfField(choices=ComplaintOutcome.choices())
    text = serializers.CharField(max_length=20_000)
    on = WrittenDayField(required=False, help_text="Absent\u00a0: aujourd’hui.")
    recourse = serializers.CharField(
        max_length=1000, required=False, help_text="Absent, pour un refus\u00a0: COMPLAINT_RECOURSE."
    )


class ComplaintsView(CallerView):
    """All complaints."""

    visible = SEES
    needs: ClassVar = {"POST": TAKES}

    @extend_schema(
        operation_id="hotline_complaints",
        summary="Réclamations",
        description="La dernière saisie d’abord, avec ses délais (ACPR 2024-R-02).",
        parameters=[ComplaintsQuery],
        responses=answers(ComplaintPageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        asked = ComplaintsQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = Complaint.objects.select_related("intermediary")
        if asked.validated_data["waiting"]:
            rows = rows.filter(state__in=[s.value for s in OPEN_STATES])
        if batch := asked.validated_data.get("batch"):
            rows = rows.filter(batch=batch)
        page = page_of(request, rows, asked.validated_data, "-id")
        return Response({"results": [shown(self, complaint) for complaint in page.results], "next": page.next})

    @extend_schema(
        operation_id="hotline_complaint_record",
        summary="Enregistrer une réclamation",
        description="Une expression de mécontentement\u00a0; une demande d’information n’en est pas une (calls/). Une "
        "réclamation orale est satisfaite aussitôt, ou la personne est invitée à écrire.",
        parameters=[IDEMPOTENCY_KEY],
        request=ComplaintBody,
        responses=answers(ComplaintSerializer, ProblemCode.HOTLINE_REFUSES, *ACTS, status=201),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Enter it."""
        asked = ComplaintBody.read(request)
        about = About.read(asked)
        grievance = Grievance(
            channel=ComplaintChannel(asked["channel"]),
            matter=Matter(asked["matter"]),
            text=asked["text"],
            complainant=asked["complainant"],
            reply_to=asked["reply_to"],
            on=asked.get("on") or self.day,
            satisfied=asked["satisfied"],
            intermediary=about.intermediary,
            batch=about.batch,
            notice=about.notice,
        )
        complaint = record_complaint(grievance=grievance, by=self.by, now=self.now)
        return Response(shown(self, complaint), status=201)


class OneComplaintView(CallerView):
    """A view of one complaint."""

    visible = SEES
    needs: ClassVar = {"POST": ANSWERS}
    number: str

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().initial(request, *args, **kwargs)
        self.number = kwargs["complaint_number"]
        if not Complaint.objects.filter(number=self.number).exists():
            raise NotFound


class ComplaintAcknowledgeView(OneComplaintView):
    """It was acknowledged."""

    @extend_schema(
        operation_id="hotline_complaint_acknowledge",
        summary="Noter l’accusé de réception",
        description="Dû le dixième jour ouvrable après l’envoi\u00a0; late_answer note l’annonce d’un retard.",
        parameters=[IDEMPOTENCY_KEY],
        request=AcknowledgeBody,
        responses=answers(ComplaintSerializer, ProblemCode.HOTLINE_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, complaint_number: str) -> Response:
        """Record it."""
        asked = AcknowledgeBody.read(request)
        act = tell_late if asked["late_answer"] else acknowledge_complaint
        complaint = act(number=self.number, on=asked.get("on") or self.day, by=self.by, now=self.now)
        return Response(shown(self, complaint))


class ComplaintAnswerView(OneComplaintView):
    """It is answered."""

    @extend_schema(
        operation_id="hotline_complaint_answer",
        summary="Répondre à une réclamation",
        description="Dû deux mois après l’envoi. Un refus, même partiel, porte le recours.",
        parameters=[IDEMPOTENCY_KEY],
        request=AnswerBody,
        responses=answers(ComplaintSerializer, ProblemCode.HOTLINE_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, complaint_number: str) -> Response:
        """Keep the answer."""
        asked = AnswerBody.read(request)
        outcome = ComplaintOutcome(asked["outcome"])
        recourse = asked.get("recourse") or (settings.COMPLAINT_RECOURSE if needs_recourse(outcome) else "")
        answer = Answer(outcome=outcome, text=asked["text"], on=asked.get("on") or self.day, recourse=recourse)
        complaint = answer_complaint(number=self.number, answer=answer, by=self.by, now=self.now)
        return Response(shown(self, complaint))


def shown(view: CallerView, complaint: Complaint) -> dict[str, Any]:
    """The document of a complaint as it stands today."""
    words = {"text": complaint.text, "answer": complaint.answer, "recourse": complaint.recourse}
    line = complaint_line(complaint, standing_of(complaint, view.day)) | words
    return dict(ComplaintSerializer(line).data)
