"""renewals/{id}/confirm/ … fee-notice/ : what staff do with a request, by the same functions as the commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import Body
from api.fields import WrittenDayField
from api.idempotency import acts_once
from api.problems import ProblemCode
from api.schema import ACTS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.v1.renewals import OneRenewalView, RenewalDetailSerializer
from registry.actions import confirm_paper, record_fee, record_fee_notice, send_back_paper

F = TypeVar("F", bound=Callable[..., Any])
MOST_CENTS = 10**8
KEEPS = Need("registry.change_registration", Scope.STAFF_REGISTER)


class ConfirmSerializer(Body):
    """What a second person reads on the paper."""

    filed_on = WrittenDayField(help_text="Le jour du dépôt, lu sur le papier.")


class SendBackSerializer(Body):
    """Why the entry is wrong."""

    reason = serializers.CharField(max_length=300)


class FeeSerializer(Body):
    """A payment; the money itself stays outside."""

    amount_cents = serializers.IntegerField(min_value=1, max_value=MOST_CENTS)
    paid_on = WrittenDayField()
    reference = serializers.CharField(max_length=120)


class FeeNoticeSerializer(Body):
    """When the debtor was told."""

    informed_on = WrittenDayField(help_text="Les trente jours courent de là.")


def _act(name: str, summary: str, description: str, body: type[Body]) -> Callable[[F], F]:
    described: Callable[[F], F] = extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        parameters=[IDEMPOTENCY_KEY],
        request=body,
        responses=answers(RenewalDetailSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    return described


class _StaffAct(OneRenewalView):
    needs: ClassVar = {"POST": KEEPS}

    def done(self, act: Callable[..., Any], why: str, **values: Any) -> Response:
        """Do it, and show the renewal as it now is."""
        act(by=self.by, why=self.why(why), day=self.day, request=self.renewal, **values)
        return self.shown()


class RenewalConfirmView(_StaffAct):
    """A paper confirmed by a second person (I12)."""

    @_act("renewal_confirm", "Confirmer un dépôt papier", "Une autre personne que celle qui l’a saisi.",
          ConfirmSerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, orias_number: str, renewal_id: str) -> Response:
        """Confirm."""
        return self.done(confirm_paper, "dépôt papier confirmé", **ConfirmSerializer.read(request))


class RenewalSendBackView(_StaffAct):
    """A paper that was entered wrongly."""

    @_act("renewal_send_back", "Renvoyer une saisie", "Le dépôt papier était mal saisi\u00a0: la demande est rouverte.",
          SendBackSerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, orias_number: str, renewal_id: str) -> Response:
        """Send back."""
        return self.done(send_back_paper, SendBackSerializer.read(request)["reason"])


class RenewalFeeView(_StaffAct):
    """The fee was paid."""

    @_act("renewal_fee", "Enregistrer un règlement", "L’argent lui-même reste ailleurs.", FeeSerializer)
    @acts_once
    def post(self, request: Request, orias_number: str, renewal_id: str) -> Response:
        """Record it."""
        return self.done(record_fee, "règlement enregistré", **FeeSerializer.read(request))


class RenewalFeeNoticeView(_StaffAct):
    """The debtor was told that the fee is unpaid."""

    @_act("renewal_fee_notice", "Noter l’information du débiteur", "Du défaut de paiement (CA L512-1, CMF L546-1).",
          FeeNoticeSerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, orias_number: str, renewal_id: str) -> Response:
        """Record it."""
        return self.done(record_fee_notice, "débiteur informé du défaut", **FeeNoticeSerializer.read(request))
