"""hotline/calls/ and hotline/events/ : the log of calls, and what the telephone system tells."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import Body
from api.fields import CodeField, InstantField, LabelField, NumberField, OneOfField
from api.idempotency import acts_once
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, said
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.throttling import LOOKUPS
from api.v1.hotline import MOST_CARDS, CardSerializer
from api.v1.hotline_subjects import About, AboutSerializer
from api.views import CallerView
from hotline.actions.calls import Conversation, record_call, record_line_event
from hotline.actions.look_ups import give_cards
from hotline.models import Call
from hotline.rules.calls import CallOutcome, CallReason, LineEvent
from hotline.rules.look_ups import LookUpWay
from registry.models import Intermediary

LOGS = Need("hotline.add_call", Scope.STAFF_HOTLINE)
LONGEST_CALL = 86_400


class CallSerializer(serializers.Serializer[Call]):
    """One call."""

    call = serializers.IntegerField(source="pk")
    started_at = serializers.DateTimeField()
    duration_seconds = serializers.IntegerField(allow_null=True)
    caller = serializers.CharField(source="caller_key", help_text="Neuf chiffres\u00a0; vide\u00a0: numéro masqué.")
    orias_number = serializers.CharField(source="intermediary.orias_number", allow_null=True, default=None)
    notice = serializers.IntegerField(source="notice_id", allow_null=True)
    reason = CodeField(CallReason)
    reason_label = LabelField(CallReason, source="reason")
    outcome = CodeField(CallOutcome)
    outcome_label = LabelField(CallOutcome, source="outcome")
    note = serializers.CharField()
    agent = serializers.CharField(source="agent.username")
    call_back_by = serializers.DateTimeField(allow_null=True)
    called_back_at = serializers.DateTimeField(allow_null=True)


class CallPageSerializer(serializers.Serializer[Any]):
    """A page of calls."""

    results = CallSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class CallsQuery(PageQuery):
    """Which calls."""

    orias_number = NumberField(required=False, help_text="De cet intermédiaire.")


class CallBody(AboutSerializer):
    """A call to log. A complaint is `complaints/`."""

    batch = None  # type: ignore[assignment]
    reason = OneOfField(choices=CallReason.choices())
    outcome = OneOfField(choices=CallOutcome.choices())
    caller = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    started_at = InstantField(required=False, help_text="Absent\u00a0: maintenant.")
    duration_seconds = serializers.IntegerField(min_value=0, max_value=LONGEST_CALL, required=False, allow_null=True)
    call_back_by = InstantField(required=False, allow_null=True, help_text="Avec CALL_BACK.")
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    slip = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="Fiche papier, saisie une seule fois."
    )


class CallsView(CallerView):
    """The log."""

    visible = Need("hotline.view_call", Scope.STAFF_READ)
    needs: ClassVar = {"POST": LOGS}
    budgets: ClassVar = {"POST": LOOKUPS}

    @extend_schema(
        operation_id="hotline_calls",
        summary="Appels",
        description="Le dernier noté d’abord.",
        parameters=[CallsQuery],
        responses=answers(CallPageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        asked = CallsQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = Call.objects.select_related("intermediary", "agent")
        if number := asked.validated_data.get("orias_number"):
            rows = rows.filter(intermediary__orias_number=number)
        page = page_of(request, rows, asked.validated_data, "-id")
        return Response({"results": [CallSerializer(call).data for call in page.results], "next": page.next})

    @extend_schema(
        operation_id="hotline_call_record",
        summary="Noter un appel",
        description="En une fois\u00a0: motif, issue, qui. «\u00a0Pourquoi ce courriel\u00a0» est rattaché au dernier "
        "message parti vers l’intermédiaire.",
        parameters=[IDEMPOTENCY_KEY],
        request=CallBody,
        responses=answers(CallSerializer, ProblemCode.HOTLINE_REFUSES, *ACTS, status=201),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Log it."""
        asked = CallBody.read(request)
        about = About.read(asked)
        conversation = Conversation(
            reason=CallReason(asked["reason"]),
            outcome=CallOutcome(asked["outcome"]),
            started_at=asked.get("started_at") or self.now,
            caller=asked["caller"],
            duration_seconds=asked.get("duration_seconds"),
            intermediary=about.intermediary,
            notice=about.notice,
            note=asked["note"],
            call_back_by=asked.get("call_back_by"),
            slip=asked["slip"],
        )
        call = record_call(conversation=conversation, by=self.by, now=self.now)
        return Response(CallSerializer(call).data, status=201)


class EventBody(Body):
    """What the telephone system tells."""

    event = OneOfField(choices=LineEvent.choices())
    line_id = serializers.CharField(max_length=64, help_text="Identifiant de l’appel au standard.")
    caller = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="Vide\u00a0: numéro masqué."
    )
    agent = serializers.CharField(
        max_length=150,
        required=False,
        allow_blank=True,
        default="",
        help_text="Compte du conseiller chez qui il sonne\u00a0: son poste ouvre le dossier.",
    )


class TelephoneEventSerializer(serializers.Serializer[Any]):
    """The call, and who it may be."""

    line_id = serializers.CharField()
    rang_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    hung_up_at = serializers.DateTimeField(allow_null=True)
    results = CardSerializer(many=True, help_text="Cinq au plus, par numéro d’ordre.")
    more = serializers.BooleanField()


class TelephoneView(CallerView):
    """The telephone system's own."""

    visible = Need("hotline.view_call", Scope.STAFF_READ)
    needs: ClassVar = {"POST": LOGS}
    budgets: ClassVar = {"POST": LOOKUPS}

    @extend_schema(
        operation_id="hotline_event",
        summary="Le standard annonce un appel",
        description="Sonne, décroché, raccroché\u00a0; répond qui ce peut être, par les neuf derniers chiffres.",
        parameters=[IDEMPOTENCY_KEY],
        request=EventBody,
        responses=answers(TelephoneEventSerializer, *ACTS),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Take it down, answer the cards."""
        asked = EventBody.read(request)
        call = record_line_event(
            event=LineEvent(asked["event"]),
            line_id=asked["line_id"],
            caller=asked["caller"],
            now=self.now,
            agent=_agent(asked["agent"]),
        )
        ringing = Intermediary.objects.exclude(phone_key="").filter(phone_key=call.caller_key)
        cards, more = give_cards(ringing, MOST_CARDS, way=LookUpWay.LINE, by=self.by, now=self.now)
        document = {
            "line_id": call.line_id,
            "rang_at": call.rang_at,
            "answered_at": call.answered_at,
            "hung_up_at": call.hung_up_at,
            "results": cards,
            "more": more,
        }
        return Response(TelephoneEventSerializer(document).data)


def _agent(name: str) -> User | None:
    """Whose desk it is. Raises ValidationError where nobody of the staff has that account."""
    if not name:
        return None
    found = User.objects.filter(username=name, is_staff=True, is_active=True).first()
    if found is None:
        message = said("Aucun membre du personnel n’a ce compte.", "No member of staff has this account.")
        raise serializers.ValidationError({"agent": [message]}, code="does_not_exist")
    return found
