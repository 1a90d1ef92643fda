"""What the API tells of itself, and how often the public register was asked, without asking by whom."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.models.triggers import tracked
from registry.rules.labels import LabelledEnum

LONGEST_NOTICE = 300


class ConsultationKind(LabelledEnum):
    """By which way the public register was asked."""

    LIST = "LIST", "liste", "list"
    NAME = "NAME", "recherche par nom", "search by name"
    NUMBER = "NUMBER", "recherche par numéro", "search by number"
    SIREN = "SIREN", "recherche par SIREN", "search by SIREN"
    ENTRY = "ENTRY", "fiche", "entry"
    CHECK = "CHECK", "vérification en nombre", "check of many"
    SOAP = "SOAP", "service partenaire", "partner service"


class Consultation(models.Model):
    """How often on one day (Paris) in one way: requests, and entries shown. Nothing of who, nor of whom."""

    day = models.DateField("jour")
    kind = models.CharField("voie", max_length=6, choices=ConsultationKind.choices())
    requests = models.BigIntegerField("demandes", default=0)
    shown = models.BigIntegerField("fiches montrées", default=0)

    class Meta:
        verbose_name = "consultation"
        constraints: ClassVar = [
            models.UniqueConstraint(name="consultation_once_a_day", fields=["day", "kind"]),
            models.CheckConstraint(
                name="consultation_kind_is_known", condition=Q(kind__in=[k.value for k in ConsultationKind])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


@tracked("ServiceNoticeHistory")
class ServiceNotice(models.Model):
    """One row: what every answer of the API says while it is set (`text` empty: nothing)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    text = models.CharField("message", max_length=LONGEST_NOTICE, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    set_at = models.DateTimeField("le")

    class Meta:
        verbose_name = "message de service"
        constraints: ClassVar = [models.CheckConstraint(name="servicenotice_is_one_row", condition=Q(id=1))]
        triggers: ClassVar = [pgtrigger.Protect(name="servicenotice_is_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.text
