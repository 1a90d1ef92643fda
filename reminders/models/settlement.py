"""What people, or evidence, say of a mailing afterwards: uncertain notices settled, and notes on an incident."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.models.triggers import kept
from registry.rules.labels import LabelledEnum
from reminders.models.batch import Batch
from reminders.models.bounce import Bounce
from reminders.models.notice import Notice


class Decision(LabelledEnum):
    """How an uncertain notice is treated from now on."""

    AS_SENT = "AS_SENT", "tenue pour envoyée", "treated as sent"
    SEND_AGAIN = "SEND_AGAIN", "à prévoir de nouveau", "to be planned again"


class Evidence(LabelledEnum):
    """On what a settlement rests."""

    REPORT = "REPORT", "rapport de remise ou de retour", "delivery report or bounce"
    RELAY_LOG = "RELAY_LOG", "journal du relais", "the relay's log"
    PERSON = "PERSON", "décision d’une personne", "a person's decision"


class Settlement(models.Model):
    """Règlement of an uncertain notice, once. It stays UNCERTAIN in the ledger (I8), and its row never leaves again.

    Evidence proves that a mail left, never that it did not: only a person lets its waves be planned again (I4).
    """

    notice = models.OneToOneField(Notice, models.PROTECT, related_name="settlement", verbose_name="relance")
    decision = models.CharField("décision", max_length=10, choices=Decision.choices())
    evidence = models.CharField("fondement", max_length=9, choices=Evidence.choices())
    bounce = models.ForeignKey(
        Bounce, models.PROTECT, related_name="+", null=True, verbose_name="rapport", db_index=False
    )
    reason = models.TextField("motif", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name="par")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "règlement"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="settlement_again_is_a_persons_decision",
                condition=~Q(decision="SEND_AGAIN") | Q(evidence="PERSON"),
            ),
            models.CheckConstraint(
                name="settlement_rests_on_something",
                condition=Q(evidence="REPORT", bounce__isnull=False, by__isnull=True)
                | (Q(evidence__in=["RELAY_LOG", "PERSON"], bounce__isnull=True, by__isnull=False) & ~Q(reason="")),
            ),
        ]
        triggers: ClassVar = [
            kept("settlement_stands", pgtrigger.Delete | pgtrigger.Update),
            pgtrigger.Trigger(
                name="settlement_is_of_an_uncertain_notice",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM reminders_notice WHERE id = NEW.notice_id AND state = 'UNCERTAIN'
                    ) THEN
                        RAISE EXCEPTION 'notice % is not uncertain: there is nothing to settle', NEW.notice_id;
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="settlement_again_is_as_if_unsent",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__decision=Decision.SEND_AGAIN.value),
                func="""
                    UPDATE reminders_noticeitem SET held = false WHERE notice_id = NEW.notice_id;
                    -- What it corrects, if it does, may be corrected once more. `notice_transitions` has the last word.
                    UPDATE reminders_notice SET unsent = true WHERE id = NEW.notice_id;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.decision}"


class IncidentNote(models.Model):
    """What people noted about a batch that went wrong: the cause, what was done. Added to, never rewritten."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="notes", verbose_name="lot")
    text = models.TextField("note")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "note d’incident"
        verbose_name_plural = "notes d’incident"
        constraints: ClassVar = [models.CheckConstraint(name="incidentnote_says_something", condition=~Q(text=""))]
        triggers: ClassVar = [
            pgtrigger.Protect(name="incidentnote_is_kept", operation=pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return self.text[:60]
