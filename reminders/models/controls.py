"""Live controls, read between any two messages. A row that is missing means stop."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from registry.models.triggers import tracked


@tracked("WaveHistory")
class Wave(models.Model):
    """Vague: on which days around a deadline a reminder may go (offsets in days, both included)."""

    code = models.CharField("code", max_length=8, unique=True)
    first_offset = models.SmallIntegerField("premier jour (écart à l’échéance)")
    last_offset = models.SmallIntegerField("dernier jour utile (écart à l’échéance)")
    active = models.BooleanField("active", default=True)

    class Meta:
        verbose_name = "vague"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="wave_ends_after_it_starts",
                condition=Q(last_offset__gte=F("first_offset")),
                violation_error_message="Le dernier jour utile ne peut pas précéder le premier.",
            ),
        ]

    def __str__(self) -> str:
        return self.code


@tracked("StopSwitchHistory")
class StopSwitch(models.Model):
    """Arrêt d’urgence: one row for every worker on every machine (I7)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    stopped = models.BooleanField("envois arrêtés")
    reason = models.CharField("motif", max_length=300, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    changed_at = models.DateTimeField("depuis", db_default=Now())

    class Meta:
        verbose_name = "arrêt d’urgence"
        verbose_name_plural = "arrêt d’urgence"
        constraints: ClassVar = [
            models.CheckConstraint(name="stopswitch_is_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="stopswitch_says_why_it_stops",
                condition=Q(stopped=False) | ~Q(reason=""),
                violation_error_message="Un arrêt des envois dit pourquoi.",
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="stopswitch_is_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return "arrêté" if self.stopped else "en service"


class Pace(models.Model):
    """One bucket for all machines: the instant at which the next message may leave. Leased in small blocks."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    next_at = models.DateTimeField("prochain départ")

    class Meta:
        verbose_name = "cadence"
        constraints: ClassVar = [models.CheckConstraint(name="pace_is_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return self.next_at.isoformat()


def domain_sql(email: str) -> str:
    """The mail domain of an SQL expression that gives an address: one spelling for all who compare domains."""
    return f"lower(split_part({email}, '@', 2))"


class DomainPace(models.Model):
    """A mail domain that asked us to slow down: nothing of it is claimed before `not_before`.

    `failures`: how often in a row it has, so that each hold is longer than the one before.
    """

    domain = models.CharField("domaine", max_length=255)
    not_before = models.DateTimeField("pas avant")
    failures = models.SmallIntegerField("fois de suite", default=1)
    updated_at = models.DateTimeField("depuis")

    class Meta:
        verbose_name = "cadence d’un domaine"
        verbose_name_plural = "cadences des domaines"
        constraints: ClassVar = [
            models.UniqueConstraint(name="domainpace_once", fields=["domain"]),
            models.CheckConstraint(name="domainpace_counts_from_one", condition=Q(failures__gte=1)),
        ]

    def __str__(self) -> str:
        return self.domain


class Tick(models.Model):
    """A scheduled instant that was acted on: firing twice finds the row and does nothing."""

    name = models.CharField("nom", max_length=40)
    intended_at = models.DateTimeField("instant prévu")
    taken_at = models.DateTimeField("pris le", db_default=Now())
    outcome = models.CharField("issue", max_length=200, blank=True)

    class Meta:
        verbose_name = "battement"
        constraints: ClassVar = [
            models.UniqueConstraint(name="tick_once", fields=["name", "intended_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.intended_at.isoformat()}"
