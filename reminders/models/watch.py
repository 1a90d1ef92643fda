"""What the watch over a release keeps: since when it goes, the alarms, and the reports that a reminder was wrong."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.models.triggers import kept
from reminders.models.batch import Batch
from reminders.models.notice import Notice
from reminders.rules.brakes import BrakeLevel
from reminders.rules.reports import ReportSource, ReportVerdict
from reminders.rules.watch import AlarmCode


class Watch(models.Model):
    """Surveillance: the times of one release. A batch without this row never goes on by itself.

    `judged_since`: what came before it was overruled by a person and is not held against the batch again.
    Instants are for people. What decides is the last row there was then, attempt, bounce or report: a clock may be set
    back, or differ from machine to machine, and numbers only grow.
    """

    batch = models.OneToOneField(Batch, models.PROTECT, primary_key=True, related_name="watch", verbose_name="lot")
    going_since = models.DateTimeField("en cours depuis")
    step_ended_at = models.DateTimeField("palier fini le", null=True)
    judged_since = models.DateTimeField("jugé depuis", null=True)
    going_after = models.BigIntegerField("en cours après la tentative", default=0, db_default=0)
    judged_after = models.BigIntegerField("jugé après la tentative", default=0, db_default=0)
    judged_after_bounce = models.BigIntegerField("jugé après le rejet", default=0, db_default=0)
    judged_after_report = models.BigIntegerField("jugé après le signalement", default=0, db_default=0)

    class Meta:
        verbose_name = "surveillance"

    def __str__(self) -> str:
        return f"Surveillance du lot {self.batch_id}"


class Alarm(models.Model):
    """Alarme: what stopped a release, or kept it from going on; closed once, by the person who lets it go on."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="alarms", verbose_name="lot")
    code = models.CharField("code", max_length=20, choices=AlarmCode.choices())
    level = models.CharField("niveau", max_length=5, choices=BrakeLevel.choices())
    message = models.CharField("constat", max_length=500)
    facts = models.JSONField("faits")
    step = models.IntegerField("palier (rang autorisé)")
    raised_at = models.DateTimeField("levée le")
    closed_at = models.DateTimeField("close le", null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name="close par"
    )
    close_reason = models.CharField("motif", max_length=500, blank=True)

    class Meta:
        verbose_name = "alarme"
        constraints: ClassVar = [
            models.UniqueConstraint(name="alarm_open_once", fields=["batch", "code"], condition=Q(closed_at=None)),
            models.CheckConstraint(
                name="alarm_closing_is_paired",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="alarm_is_frozen", fields=["batch", "code", "level", "message", "facts", "step", "raised_at"]
            ),
            pgtrigger.Trigger(
                name="alarm_is_closed_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
                func="RAISE EXCEPTION 'alarm % is closed and stays as it is', OLD.id;",
            ),
            pgtrigger.Protect(name="alarm_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.code} (lot {self.batch_id})"


class WrongReport(models.Model):
    """« Mon dossier est complet » : a report on a notice from a source, and what the file said of it then.

    Once for each verdict, since the file may come to say another.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="reports", db_index=False, verbose_name="relance")
    source = models.CharField("source", max_length=7, choices=ReportSource.choices())
    verdict = models.CharField("constat", max_length=15, choices=ReportVerdict.choices())
    facts = models.JSONField("faits")
    reported_at = models.DateTimeField("signalé le")
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name="recueilli par"
    )

    class Meta:
        verbose_name = "signalement"
        constraints: ClassVar = [
            models.UniqueConstraint(name="wrongreport_once", fields=["notice", "source", "verdict"]),
            models.CheckConstraint(
                name="wrongreport_by_phone_names_who_took_it",
                condition=Q(source="LINK", reported_by__isnull=True) | Q(source="HOTLINE", reported_by__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            kept("wrongreport_is_kept", pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.verdict}"
