"""Who looked at whose file, when, why, and whether the caller had proved who they are."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hotline.models.call import Call, LineCall
from hotline.rules.caller_check import SUFFICIENT
from hotline.rules.look_ups import LookUpPurpose, LookUpWay
from registry.models import Intermediary
from registry.models.triggers import kept, stays_as_it_was


class LookUp(models.Model):
    """Consultation: one file opened by one person. It is a history by itself: what was opened stays as it was, the
    check and the call that followed are each set once. `proofs`: codes of what the caller said, when it was enough."""

    at = models.DateTimeField("ouvert le")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="look_ups", verbose_name="par")
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, related_name="look_ups", verbose_name="intermédiaire"
    )
    purpose = models.CharField("pourquoi", max_length=9, choices=LookUpPurpose.choices())
    way = models.CharField("trouvé par", max_length=6, choices=LookUpWay.choices())
    line = models.ForeignKey(
        LineCall, models.PROTECT, related_name="look_ups", null=True, blank=True, verbose_name="appel au standard"
    )
    checked_at = models.DateTimeField("appelant vérifié le", null=True, blank=True)
    proofs = models.CharField("preuves", max_length=40, blank=True, db_default="", db_collation="C")
    call = models.OneToOneField(
        Call, models.PROTECT, related_name="look_up", null=True, blank=True, verbose_name="appel noté"
    )

    class Meta:
        verbose_name = "consultation"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="lookup_codes_are_known",
                condition=Q(purpose__in=[p.value for p in LookUpPurpose]) & Q(way__in=[w.value for w in LookUpWay]),
            ),
            models.CheckConstraint(
                name="lookup_check_is_enough",
                condition=Q(checked_at__isnull=True, proofs="")
                | Q(checked_at__isnull=False, checked_at__gte=F("at"), proofs__in=SUFFICIENT),
                violation_error_message="Un appelant est vérifié par deux preuves au moins.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="lookup_by_time", fields=["at"]),
            models.Index(name="lookup_of_agent", fields=["agent", "-id"]),
        ]
        triggers: ClassVar = [
            stays_as_it_was(
                "lookup_as_opened_stays", ["at", "agent_id", "intermediary_id", "purpose", "way", "line_id"]
            ),
            pgtrigger.Trigger(
                name="lookup_is_settled_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.checked_at IS NOT NULL"
                    " AND (OLD.checked_at, OLD.proofs) IS DISTINCT FROM (NEW.checked_at, NEW.proofs))"
                    " OR (OLD.call_id IS NOT NULL AND OLD.call_id IS DISTINCT FROM NEW.call_id))"
                ),
                func="RAISE EXCEPTION 'look-up %: its check and its call stay as they are', OLD.id;",
            ),
            kept("lookup_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.at:%Y-%m-%d %H:%M}"
