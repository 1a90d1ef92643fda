"""A batch (lot): the frozen list, who answers for it, and who was left out."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from registry.models import Intermediary
from registry.models.triggers import follows, is_one_of, kept, tracked
from registry.rules.labels import LabelledEnum
from reminders.rules.eligibility import SkipReason
from reminders.rules.states import BATCH_TRANSITIONS, LIVE_BATCH_STATES, BatchState, edges


class BatchKind(LabelledEnum):
    """What a batch sends: reminders, or corrections of those of a batch gone wrong."""

    REMINDER = "REMINDER", "relance", "reminder"
    RECALL = "RECALL", "rectificatif", "correction"


class PauseReason(LabelledEnum):
    """Why a batch stands still."""

    PERSON = "PERSON", "à la demande d’une personne", "by a person"
    STEP_DONE = "STEP_DONE", "palier terminé, sous surveillance avant le suivant", "step done, watched before the next"
    HOLD = "HOLD", "trop peu d’envois pour juger, une personne décide", "too little to judge, a person decides"
    SMTP_DOWN = "SMTP_DOWN", "serveur de messagerie indisponible", "mail server unavailable"
    REFUSED = "REFUSED", "alarme\u00a0: trop de refus à corriger", "alarm: too many refusals, ours to correct"
    BOUNCED = "BOUNCED", "alarme\u00a0: trop d’adresses hors d’usage", "alarm: too many dead addresses"
    UNCERTAIN = "UNCERTAIN", "alarme\u00a0: trop d’envois incertains", "alarm: too many uncertain messages"
    REPORTED = "REPORTED", "alarme\u00a0: relances à tort signalées et vérifiées", "alarm: true reports of wrong mails"
    STALLED = "STALLED", "alarme\u00a0: l’envoi n’avance plus", "alarm: the release stands still"
    RESTORED = "RESTORED", "base restaurée\u00a0: une personne décide", "restored database: a person decides"


GOES_ON = Q(state=BatchState.RELEASING.value) | Q(
    state=BatchState.PAUSED.value, pause_reason=PauseReason.STEP_DONE.value
)
"""Which batches leave, or would by themselves: those between two steps are watched, and go on where all is well."""

_FROZEN = (
    "reason",
    "as_of",
    "only_wave",
    "author_id",
    "hash",
    "planned",
    "steps",
    "by_category",
    "by_item",
    "by_class",
    "skipped",
    "conservation",
    "waves",
    "rules_digest",
    "letterhead",
    "brakes",
)
_LIVE = sorted(s.value for s in LIVE_BATCH_STATES)
_OLD_FROZEN, _NEW_FROZEN = (", ".join(f"{row}.{column}" for column in _FROZEN) for row in ("OLD", "NEW"))


def refuses_once_sealed(name: str, batch: str, join: str = "") -> pgtrigger.Trigger:
    """Nothing is added to the list of a batch that has its hash."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
        func=f"""
            IF EXISTS (
                SELECT FROM reminders_batch b
                WHERE b.hash <> '' AND b.id IN (SELECT DISTINCT {batch} FROM new_rows {join})
            ) THEN
                RAISE EXCEPTION 'the list of a batch is sealed once it has a hash';
            END IF;
            RETURN NULL;
        """,
    )


@tracked("BatchHistory")
class Batch(models.Model):
    """A mailing: planned for a day, approved by a second person on the hash of its list, released in steps.

    `ceiling` is the highest rank that may leave: raised at each step, never above `planned`. A recall `corrects` a
    batch gone wrong.
    """

    kind = models.CharField("nature", max_length=8, choices=BatchKind.choices(), default=BatchKind.REMINDER.value)
    corrects = models.ForeignKey(
        "self", models.PROTECT, related_name="recalls", null=True, blank=True, verbose_name="rectifie le lot"
    )
    reason = models.CharField("motif du rectificatif", max_length=300, blank=True)
    state = models.CharField("état", max_length=9, choices=BatchState.choices(), default=BatchState.DRAFT.value)
    as_of = models.DateField("au")
    only_wave = models.CharField("vague demandée", max_length=8, blank=True)
    waves = ArrayField(models.CharField(max_length=8), verbose_name="vagues", default=list)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="auteur"
    )
    created_at = models.DateTimeField("préparé le")
    hash = models.CharField("empreinte", max_length=64, blank=True)
    planned = models.IntegerField("prévus", default=0)
    steps = ArrayField(models.IntegerField(), verbose_name="paliers (rang atteint)", default=list)
    by_category = models.JSONField("par catégorie", default=dict)
    by_item = models.JSONField("par pièce", default=dict)
    by_class = models.JSONField("par situation (rectificatif)", default=dict)
    skipped = models.JSONField("écartés", default=dict)
    conservation = models.JSONField("conservation", default=dict)
    brakes = models.JSONField("freins", default=list)
    rules_digest = models.CharField("version des règles et textes", max_length=64, blank=True)
    letterhead = models.JSONField("réglages de l’en-tête", default=dict, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name="approuvé par"
    )
    approved_at = models.DateTimeField("approuvé le", null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name="lancé par"
    )
    released_at = models.DateTimeField("lancé le", null=True)
    ceiling = models.IntegerField("rang autorisé", default=0)
    pause_reason = models.CharField("motif de pause", max_length=9, choices=PauseReason.choices(), blank=True)
    pause_detail = models.CharField("détail", max_length=500, blank=True)
    ended_at = models.DateTimeField("fini le", null=True)

    class Meta:
        verbose_name = "lot"
        permissions: ClassVar = [
            ("plan_batch", "Peut préparer un lot"),
            ("approve_batch", "Peut approuver un lot"),
            ("release_batch", "Peut lancer, suspendre et annuler un lot"),
            ("stop_sending", "Peut arrêter et reprendre les envois"),
        ]
        constraints: ClassVar = [
            is_one_of("batch_state_is_known", "state", BatchState),
            models.CheckConstraint(
                name="batch_is_approved_by_a_second_person",
                condition=Q(approved_by__isnull=True) | Q(author__isnull=True) | ~Q(approved_by=F("author")),
                violation_error_message="Un lot est approuvé par une autre personne que son auteur.",
            ),
            models.CheckConstraint(
                name="batch_is_released_only_if_approved",
                condition=~Q(state__in=["APPROVED", "RELEASING", "PAUSED", "COMPLETED"])
                | (Q(approved_by__isnull=False) & ~Q(hash="")),
            ),
            models.CheckConstraint(
                name="batch_approval_is_of_a_sealed_list", condition=Q(approved_by__isnull=True) | ~Q(hash="")
            ),
            models.CheckConstraint(
                name="batch_ceiling_within_the_list", condition=Q(ceiling__gte=0, ceiling__lte=F("planned"))
            ),
            models.CheckConstraint(
                name="batch_nothing_may_leave_unreleased", condition=Q(ceiling=0) | Q(released_at__isnull=False)
            ),
            models.CheckConstraint(
                name="batch_approval_is_paired",
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="batch_release_is_paired",
                condition=Q(released_by__isnull=True, released_at__isnull=True)
                | Q(released_by__isnull=False, released_at__isnull=False),
            ),
            models.CheckConstraint(name="batch_pause_has_a_reason", condition=~Q(state="PAUSED") | ~Q(pause_reason="")),
            models.UniqueConstraint(
                name="batch_one_live_plan_a_day",
                fields=["as_of", "only_wave"],
                condition=Q(kind="REMINDER", state__in=[BatchState.DRAFT.value, BatchState.APPROVED.value]),
            ),
            models.UniqueConstraint(name="batch_one_live_recall", fields=["corrects"], condition=Q(state__in=_LIVE)),
            models.CheckConstraint(
                name="batch_recall_names_what_it_corrects",
                condition=Q(kind="RECALL", corrects__isnull=False) | Q(kind="REMINDER", corrects__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="batch_live",
                fields=["state"],
                condition=Q(state__in=_LIVE),
            ),
        ]
        triggers: ClassVar = [
            follows("batch_transitions", "state", edges(BATCH_TRANSITIONS)),
            pgtrigger.Trigger(
                name="batch_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(f"OLD.hash <> '' AND ({_OLD_FROZEN}) IS DISTINCT FROM ({_NEW_FROZEN})"),
                func="RAISE EXCEPTION 'batch % is frozen: plan a new one', OLD.id;",
            ),
            pgtrigger.Trigger(
                name="batch_approval_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.approved_by_id IS NOT NULL AND (OLD.approved_by_id, OLD.approved_at)"
                    " IS DISTINCT FROM (NEW.approved_by_id, NEW.approved_at)"
                ),
                func="RAISE EXCEPTION 'the approval of batch % stands: cancel it and plan a new one', OLD.id;",
            ),
            pgtrigger.Trigger(
                name="batch_begins_as_a_draft",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state=BatchState.DRAFT.value),
                func="RAISE EXCEPTION 'a batch begins as a draft, not as %', NEW.state;",
            ),
            pgtrigger.ReadOnly(name="batch_stays_of_its_kind", fields=["kind", "corrects"]),
            pgtrigger.Trigger(
                name="batch_recall_is_of_what_ended",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__kind=BatchKind.RECALL.value),
                func="""
                    IF NOT EXISTS (
                        SELECT FROM reminders_batch
                        WHERE id = NEW.corrects_id AND kind = 'REMINDER' AND state IN ('COMPLETED', 'CANCELLED')
                    ) THEN
                        RAISE EXCEPTION 'batch % is no reminder batch that has ended', NEW.corrects_id;
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="batch_steps_one_at_a_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.ceiling <> NEW.ceiling"),
                func="""
                    IF NEW.ceiling IS DISTINCT FROM (
                        SELECT min(rank) FROM unnest(NEW.steps) AS rank WHERE rank > OLD.ceiling
                    ) THEN
                        RAISE EXCEPTION 'the ceiling of batch % goes from % to its next step, not to %',
                            OLD.id, OLD.ceiling, NEW.ceiling;
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="batch_stands_under_an_alarm",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state = 'PAUSED' AND NEW.state = 'RELEASING'"),
                func="""
                    IF EXISTS (SELECT FROM reminders_alarm WHERE batch_id = OLD.id AND closed_at IS NULL) THEN
                        RAISE EXCEPTION 'batch % stands under an alarm that nobody has closed', OLD.id;
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="batch_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"Lot {self.pk} du {self.as_of} ({self.state})"


class LeftOut(models.Model):
    """A candidate who will get nothing from a batch: the first check that failed, and the facts it was given."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="left_out", db_index=False)
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField("motif", max_length=20, choices=SkipReason.choices())
    evidence = models.JSONField("faits")

    class Meta:
        verbose_name = "écarté"
        constraints: ClassVar = [
            models.UniqueConstraint(name="leftout_once_per_batch", fields=["batch", "intermediary"]),
        ]
        triggers: ClassVar = [
            kept("leftout_is_kept", pgtrigger.Delete | pgtrigger.Update),
            refuses_once_sealed("leftout_list_is_sealed", "new_rows.batch_id"),
        ]

    def __str__(self) -> str:
        return f"{self.intermediary_id} {self.reason}"
