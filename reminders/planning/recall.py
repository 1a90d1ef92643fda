"""Recall: one corrective notice to each of those who got a message of a batch gone wrong. Nothing is sent.

The outcome is a draft batch like any other: previewed, approved by a second person on its hash, released in steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pghistory
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count

from registry.clock import local_day
from registry.facts import load_reference
from registry.locks import import_in_progress
from reminders.config import EngineSettings
from reminders.errors import ReminderError
from reminders.ledger import load_policy
from reminders.messages.letterhead import frozen_letterhead
from reminders.models import Batch, BatchKind, Notice, StopSwitch
from reminders.planning.assess import Circumstances
from reminders.planning.locks import lock_planning
from reminders.planning.plan import mark_stale
from reminders.planning.recall_list import Found, FrozenRecall, draw_to_correct, freeze_recall
from reminders.rules.eligibility import SkipReason
from reminders.rules.recalls import RecallClass, RecallFacts, judge_recall
from reminders.rules.send_window import may_leave_on
from reminders.rules.states import LIVE_BATCH_STATES, UNSENT_STATES, BatchState, NoticeState
from reminders.rules.steps import ceilings


@dataclass(frozen=True, slots=True)
class Recall:
    """The outcome: the batch that corrects, and whether it is new."""

    batch: Batch
    created: bool


@contextmanager
def rehearsal() -> Iterator[None]:
    """Do all that is inside, then undo it: the dry run is the run, and nothing of it stays (I5)."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def recall_batch(
    *, batch_id: int, by: AbstractBaseUser, now: datetime, engine: EngineSettings, reason: str = ""
) -> Recall:
    """Plan the corrections of batch `batch_id`: one transaction; while they are not through, asking again finds them.

    Raises ReminderError where something of the batch could still leave, or nobody is left to correct.
    """
    with transaction.atomic(), pghistory.context(user=by.pk, why=f"rectificatif du lot {batch_id}"):
        lock_planning()
        wrong = _batch_gone_wrong(batch_id)
        mark_stale(day=local_day(now), now=now)
        if live := _live_recall(wrong):
            return Recall(live, created=False)
        _require_over(wrong)
        found = draw_to_correct(wrong)
        _require_somebody(wrong, found)
        batch = Batch.objects.create(
            kind=BatchKind.RECALL.value,
            corrects=wrong,
            reason=reason.strip()[:300],
            as_of=local_day(now),
            author_id=by.pk,
            created_at=now,
        )
        circumstances = Circumstances(
            batch.as_of, load_reference(), load_policy(gap_days=engine.gap_days), engine.letterhead
        )
        _seal(batch, found, freeze_recall(batch, found, circumstances), engine)
        return Recall(batch, created=True)


# --- may it be recalled? ------------------------------------------------------------------------------------


def _batch_gone_wrong(batch_id: int) -> Batch:
    """The batch, locked: nobody moves it on meanwhile."""
    wrong = Batch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
    if wrong is None:
        raise ReminderError(f"Le lot {batch_id} n’existe pas. Vérifiez son numéro avec show_batch.")
    if wrong.kind == BatchKind.RECALL:
        raise ReminderError(
            f"Le lot {batch_id} est lui-même un rectificatif (du lot {wrong.corrects_id})\u00a0: "
            "un rectificatif ne se rectifie pas, écrivez à ses destinataires."
        )
    return wrong


def _live_recall(wrong: Batch) -> Batch | None:
    live = [s.value for s in LIVE_BATCH_STATES]
    return Batch.objects.filter(corrects=wrong.pk, state__in=live).first()


def _require_over(wrong: Batch) -> None:
    """Refuse while anything of the batch could still leave: a person would be corrected first and misled after."""
    again = f"puis relancez recall_batch {wrong.pk}"
    match BatchState(wrong.state):
        case BatchState.RELEASING:
            raise ReminderError(
                f"Le lot {wrong.pk} est en cours d’envoi\u00a0: arrêtez-le d’abord avec pause_batch {wrong.pk}, "
                f"annulez-le avec cancel_batch {wrong.pk}, {again}."
            )
        case BatchState.PAUSED:
            raise ReminderError(
                f"Le lot {wrong.pk} est en pause et pourrait repartir\u00a0: annulez-le d’abord avec "
                f"cancel_batch {wrong.pk}, {again}."
            )
        case BatchState.DRAFT | BatchState.APPROVED:
            raise ReminderError(
                f"Rien n’est parti du lot {wrong.pk}\u00a0: il suffit de l’annuler avec cancel_batch {wrong.pk}."
            )
    held = Notice.objects.filter(batch=wrong.pk, state__in=["CLAIMED", "SENDING"]).count()
    if held:
        raise ReminderError(
            f"Envois du lot {wrong.pk} encore entre les mains d’un exécutant\u00a0: {held}. Attendez deux minutes, "
            f"lancez deliver --batch {wrong.pk} pour régler ceux d’un exécutant disparu, {again}."
        )


def _require_somebody(wrong: Batch, found: Found) -> None:
    if found.reached == 0:
        raise ReminderError(f"Aucune relance du lot {wrong.pk} n’est partie\u00a0: il n’y a rien à rectifier.")
    if found.planned == 0 and found.left_out == 0:
        raise ReminderError(f"Le lot {wrong.pk} est déjà rectifié\u00a0: {_corrected_in_words(wrong)}")
    if found.planned == 0:
        numbers = ", ".join(map(str, found.live_batches))
        raise ReminderError(
            f"Ceux qu’il reste à rectifier du lot {wrong.pk} attendent dans un autre lot ({numbers})\u00a0: "
            f"annulez-le ou attendez sa fin, puis relancez recall_batch {wrong.pk}."
        )


def _corrected_in_words(wrong: Batch) -> str:
    """What became of the corrections of a batch: some may have left only, or were refused."""
    states = [s.value for s in NoticeState if s not in UNSENT_STATES]
    corrections = Notice.objects.filter(corrects__batch=wrong.pk, unsent=False)
    found = dict(corrections.values_list("state").annotate(Count("id")).order_by())
    if found.keys() <= {NoticeState.ACCEPTED.value}:
        return "chacun de ceux qui l’ont reçu a eu son rectificatif, une fois."
    told = ", ".join(f"{NoticeState(s).label.lower()}\u00a0: {found[s]}" for s in states if s in found)
    uncertain = NoticeState.UNCERTAIN.value in found
    advice = " Les incertains sont peut-être partis\u00a0: réglez-les avec settle_uncertain." if uncertain else ""
    return f"chacun de ceux qui l’ont reçu a un rectificatif ({told}).{advice}"


def _seal(batch: Batch, found: Found, frozen: FrozenRecall, engine: EngineSettings) -> None:
    """Give the recall its hash: from here on the database lets nothing of its list change."""
    batch.planned = frozen.planned
    batch.steps = list(ceilings(frozen.planned, engine.release_steps))
    batch.by_category = dict(sorted(frozen.by_category.items()))
    batch.by_item = dict(sorted(frozen.by_item.items()))
    batch.by_class = {c.value: frozen.by_class[c.value] for c in RecallClass}
    batch.skipped = {SkipReason.IN_LIVE_BATCH.value: found.left_out} if found.left_out else {}
    batch.conservation = {"reached": found.reached, "corrected_before": found.corrected_before}
    batch.rules_digest = engine.rules_digest
    batch.letterhead = frozen_letterhead(engine.letterhead)
    brakes = judge_recall(_recall_facts(batch, found, frozen, engine))
    batch.brakes = [{"code": b.code, "level": b.level, "message": b.message} for b in brakes]
    batch.hash = frozen.hash
    batch.save()


def _recall_facts(batch: Batch, found: Found, frozen: FrozenRecall, engine: EngineSettings) -> RecallFacts:
    return RecallFacts(
        reached=found.reached,
        planned=frozen.planned,
        left_out=found.left_out,
        corrected_before=found.corrected_before,
        still_due=frozen.by_class[RecallClass.DUE.value],
        import_in_progress=import_in_progress(),
        sending_stopped=not StopSwitch.objects.filter(stopped=False).exists(),
        may_leave_that_day=may_leave_on(engine.window, batch.as_of, batch.created_at),
        rules_changed=batch.corrects is not None and batch.corrects.rules_digest != batch.rules_digest,
    )
