"""removals/{id}/advance/ … withdraw/ : what staff do with a case. The file is read anew at each act (I11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import Body
from api.fields import OneOfField, WrittenDayField
from api.idempotency import acts_once
from api.problems import ProblemCode
from api.schema import ACTS, IDEMPOTENCY_KEY, answers
from api.v1.batch_acts import NoWordSerializer
from api.v1.removals import LONGEST_REASON, OPENS, SIGNS, CaseSerializer, OneCaseView, OneLetterView
from registry.actions.cases import (
    hold_case,
    notify_by_mail,
    publish_case,
    record_letter_proof,
    resume_case,
    send_step,
    withdraw_case,
)
from registry.actions.letters import STEP_OF
from registry.rules.removals import CaseState, ProofKind
from reminders.planning.proofs import find_mail

F = TypeVar("F", bound=Callable[..., Any])
CURED = "Revenu en règle, le dossier est retiré de la procédure\u00a0: l’état est alors WITHDRAWN."


class AdvanceSerializer(Body):
    """To which step."""

    to = OneOfField(choices=[(s.value, s.label) for s in STEP_OF], help_text="Écrit la lettre de l’étape.")


class CaseWhySerializer(Body):
    """Why, for those who come after."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class ProofSerializer(Body):
    """What became of a letter."""

    kind = OneOfField(choices=[(k.value, k.label) for k in ProofKind if k is not ProofKind.MAILED])
    happened_on = WrittenDayField(help_text="Le jour que porte la preuve.")
    reference = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="Numéro de recommandé, pour POSTED."
    )


def _act(name: str, summary: str, description: str, body: type[Body], *codes: ProblemCode) -> Callable[[F], F]:
    described: Callable[[F], F] = extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        parameters=[IDEMPOTENCY_KEY],
        request=body,
        responses=answers(CaseSerializer, ProblemCode.REGISTER_REFUSES, *codes, *ACTS),
    )
    return described


class RemovalAdvanceView(OneCaseView):
    """The letter of the next step is written."""

    needs: ClassVar = {"POST": OPENS}

    @_act("removal_advance", "Passer à l’étape suivante", "Par la lettre de cette étape, qui ne compte qu’une fois "
          f"son dépôt prouvé. {CURED}", AdvanceSerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, case_id: int) -> Response:
        """Write it."""
        target = CaseState(AdvanceSerializer.read(request)["to"])
        send_step(by=self.by, why=self.why(target.label.lower()), now=self.now, case=self.case, target=target)
        return self.shown()


class RemovalMailedView(OneCaseView):
    """A reminder of the ledger was the notice."""

    needs: ClassVar = {"POST": OPENS}

    @_act("removal_mailed", "Prendre une relance pour avis", "La première relance acceptée qui a parlé de la même "
          f"couverture. {CURED}", NoWordSerializer, ProblemCode.REMINDERS_REFUSE)  # fmt: skip
    @acts_once
    def post(self, request: Request, case_id: int) -> Response:
        """Find it in the ledger, and take it."""
        NoWordSerializer.read(request)
        mail = find_mail(self.case, self.day)
        why = self.why(f"relance {mail.key[:8]} du {mail.mailed_on}")
        notify_by_mail(by=self.by, why=why, now=self.now, case=self.case, key=mail.key, mailed_on=mail.mailed_on)
        return self.shown()


class RemovalPublishView(OneCaseView):
    """The removal is published."""

    needs: ClassVar = {"POST": SIGNS}

    @_act("removal_publish", "Publier la suppression", "Une autre personne que celle qui a ouvert l’affaire. "
          f"{CURED}", NoWordSerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, case_id: int) -> Response:
        """Publish."""
        NoWordSerializer.read(request)
        publish_case(by=self.by, why=self.why("publication"), now=self.now, case=self.case)
        return self.shown()


class RemovalHoldView(OneCaseView):
    """No step until it is resumed."""

    needs: ClassVar = {"POST": OPENS}

    @_act("removal_hold", "Suspendre une affaire", "Plus aucune étape jusqu’à la reprise.", CaseWhySerializer)
    @acts_once
    def post(self, request: Request, case_id: int) -> Response:
        """Hold."""
        hold_case(by=self.by, why=CaseWhySerializer.read(request)["reason"], now=self.now, case=self.case)
        return self.shown()


class RemovalResumeView(OneCaseView):
    """It goes on."""

    needs: ClassVar = {"POST": OPENS}

    @_act("removal_resume", "Reprendre une affaire", "Où elle était, ou avant l’étape dont la lettre est revenue.",
          CaseWhySerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, case_id: int) -> Response:
        """Resume."""
        resume_case(by=self.by, why=CaseWhySerializer.read(request)["reason"], now=self.now, case=self.case)
        return self.shown()


class RemovalWithdrawView(OneCaseView):
    """It ends without a removal."""

    needs: ClassVar = {"POST": OPENS}

    @_act("removal_withdraw", "Retirer une affaire", "Elle se termine sans suppression, et reste au registre.",
          CaseWhySerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, case_id: int) -> Response:
        """Withdraw."""
        withdraw_case(by=self.by, why=CaseWhySerializer.read(request)["reason"], now=self.now, case=self.case)
        return self.shown()


class RemovalLetterProofView(OneLetterView):
    """What became of a letter."""

    needs: ClassVar = {"POST": OPENS}

    @_act("removal_letter_proof", "Prouver le sort d’une lettre", "POSTED, avec son numéro de recommandé, fait courir "
          "le délai\u00a0; RETURNED met l’affaire en erreur, et l’étape est à refaire.", ProofSerializer)  # fmt: skip
    @acts_once
    def post(self, request: Request, case_id: int, letter_number: str) -> Response:
        """Record it."""
        asked = ProofSerializer.read(request)
        record_letter_proof(
            by=self.by,
            why=self.why(f"lettre {self.letter.number}"),
            now=self.now,
            letter=self.letter,
            kind=ProofKind(asked["kind"]),
            happened_on=asked["happened_on"],
            reference=asked["reference"],
        )
        return self.shown()
