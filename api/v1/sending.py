"""GET and PUT sending/ : the stop switch."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import Body
from api.idempotency import acts_once
from api.problems import ProblemCode, said
from api.schema import ACTS, CALLERS, OPTIONAL_IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.views import CallerView
from reminders.errors import ReminderError
from reminders.models import StopSwitch
from reminders.planning.switch import resume_sending, stop_sending
from reminders.sending.identity import database_trouble, why_sending_is_off


class SwitchSerializer(serializers.Serializer[Any]):
    """The switch, and what else keeps everything from leaving."""

    stopped = serializers.BooleanField(help_text="Une ligne absente arrête aussi.")
    reason = serializers.CharField()
    changed_by = serializers.CharField(allow_null=True)
    changed_at = serializers.DateTimeField(allow_null=True)
    sending_off = serializers.CharField(
        help_text="Pourquoi rien ne part, arrêt ou copie de base\u00a0; vide\u00a0: tout part."
    )


class TurnSerializer(Body):
    """How it is to stand."""

    stopped = serializers.BooleanField()
    reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="Obligatoire pour arrêter."
    )


class SendingView(CallerView):
    """The stop switch."""

    visible = Need("reminders.view_stopswitch", Scope.STAFF_READ)
    needs: ClassVar = {"PUT": Need("reminders.stop_sending", Scope.STAFF_SENDING)}

    @extend_schema(operation_id="sending", summary="Arrêt d’urgence", responses=answers(SwitchSerializer, *CALLERS))
    def get(self, request: Request) -> Response:
        """Answer how it stands."""
        return Response(SwitchSerializer(_standing()).data)

    @extend_schema(
        operation_id="sending_turn",
        summary="Arrêter ou rouvrir les envois",
        description="Arrêter vaut sur toutes les machines, avant le message suivant. Rouvrir est refusé sur une base "
        "restaurée ou copiée\u00a0: cela se fait par commande, sur la machine qui envoie.",
        parameters=[OPTIONAL_IDEMPOTENCY_KEY],
        request=TurnSerializer,
        responses=answers(SwitchSerializer, ProblemCode.REMINDERS_REFUSE, ProblemCode.WRONG_REQUEST, *ACTS),
    )
    @acts_once
    def put(self, request: Request) -> Response:
        """Turn it."""
        asked = TurnSerializer.read(request)
        if asked["stopped"]:
            stop_sending(reason=asked["reason"], by=self.by, now=self.now)
        else:
            if asked["reason"]:
                message = said(
                    "Rouvrir ne garde pas de motif : retirez-le.", "No reason is kept of opening: remove it."
                )
                raise serializers.ValidationError({"reason": [message]})
            _require_armed()
            resume_sending(by=self.by, now=self.now)
        return Response(SwitchSerializer(_standing()).data)


def _require_armed() -> None:
    """A restored or copied database is armed at the machine that sends, not over the network (I13)."""
    if why := database_trouble():
        raise ReminderError(
            f"Les envois restent arrêtés\u00a0: {why.label}. Sur la machine qui envoie\u00a0: resume_sending --by NOM."
        )


def _standing() -> dict[str, Any]:
    switch = StopSwitch.objects.select_related("changed_by").first()
    by = switch.changed_by if switch else None
    return {
        "stopped": switch is None or switch.stopped,
        "reason": switch.reason if switch else "",
        "changed_by": by.get_username() if by else None,
        "changed_at": switch.changed_at if switch else None,
        "sending_off": why_sending_is_off(),
    }
