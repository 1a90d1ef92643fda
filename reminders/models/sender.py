"""The sender's identity, and how far its journal is known here (I13)."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.models.triggers import tracked


@tracked("SenderIdentityHistory")
class SenderIdentity(models.Model):
    """Identité de l’expéditeur: one row; without it, or where it is not this database's, nothing leaves.

    The migration arms a new register by itself; `armed_by` is empty then.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    epoch = models.UUIDField("époque")
    system_identifier = models.BigIntegerField("serveur (identifiant système)")
    database_oid = models.BigIntegerField("base (numéro)")
    timeline = models.IntegerField("ligne de temps")
    armed_at = models.DateTimeField("armé le")
    armed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="armé par"
    )

    class Meta:
        verbose_name = "identité de l’expéditeur"
        verbose_name_plural = "identité de l’expéditeur"
        constraints: ClassVar = [models.CheckConstraint(name="senderidentity_is_one_row", condition=Q(id=1))]
        triggers: ClassVar = [pgtrigger.Protect(name="senderidentity_is_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.epoch)


class JournalMark(models.Model):
    """How far one sender's journal is known here: the last entry that was written or reconciled."""

    sender = models.CharField("expéditeur", max_length=80, unique=True)
    file = models.CharField("fichier", max_length=100)
    sequence = models.BigIntegerField("écriture")
    hash = models.CharField("empreinte", max_length=64)
    recorded_at = models.DateTimeField("relevé le")

    class Meta:
        verbose_name = "relevé du journal"
        verbose_name_plural = "relevés du journal"

    def __str__(self) -> str:
        return f"{self.file}#{self.sequence}"


class SendingMachine(models.Model):
    """How often a machine has begun to send from this database: its own file says the same, and a database that has
    gone back in time says less. `refusal`: why it sends nothing by itself, since when."""

    machine = models.CharField("machine", max_length=32, unique=True)
    host = models.CharField("nom", max_length=64, blank=True)
    passes = models.BigIntegerField("passages")
    passed_at = models.DateTimeField("dernier passage", null=True, blank=True)
    refusal = models.TextField("motif du refus", blank=True)
    refused_at = models.DateTimeField("refus le", null=True, blank=True)

    class Meta:
        verbose_name = "machine qui envoie"
        verbose_name_plural = "machines qui envoient"

    def __str__(self) -> str:
        return f"{self.host or self.machine} ({self.passes})"


class Reconciliation(models.Model):
    """Rapprochement: the ledger brought forward to the journal, by whom, and what it changed."""

    made_at = models.DateTimeField("fait le")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="fait par")
    lost_reason = models.CharField("motif de la perte du journal", max_length=300, blank=True)
    report = models.JSONField("compte rendu")

    class Meta:
        verbose_name = "rapprochement avec le journal"
        verbose_name_plural = "rapprochements avec le journal"
        triggers: ClassVar = [
            pgtrigger.Protect(name="reconciliation_is_kept", operation=pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"
