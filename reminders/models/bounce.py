"""What came back about a mail, and what it says of an address."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.models import Intermediary
from registry.models.triggers import kept
from reminders.models.notice import Notice
from reminders.rules.bounces import BounceKind

_KINDS = [choice for choice in BounceKind.choices() if choice[0] != BounceKind.NOT_A_REPORT.value]


class Bounce(models.Model):
    """Rejet: one report that came to the bounce mailbox, stored once, for ever.

    `notice` is empty where it names no mail of ours. `recipient`, `reporter`, `status` and `diagnostic` are the
    report's own words: shown to people, never used to find whom it is about. `reported_at` is the report's date,
    never later than `stored_at`.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="bounces", null=True, verbose_name="relance")
    kind = models.CharField("nature", max_length=12, choices=_KINDS)
    recipient = models.CharField("destinataire annoncé", max_length=254, blank=True)
    status = models.CharField("code", max_length=20, blank=True)
    diagnostic = models.CharField("diagnostic", max_length=500, blank=True)
    reporter = models.CharField("serveur", max_length=254, blank=True)
    reported_at = models.DateTimeField("daté du")
    stored_at = models.DateTimeField("lu le")
    message_id = models.CharField("identifiant du rapport", max_length=255, blank=True, db_collation="C")
    digest = models.CharField("empreinte", max_length=64, unique=True, db_collation="C")

    class Meta:
        verbose_name = "rejet"
        constraints: ClassVar = [
            # With its notice: a forged report, which names none of ours, cannot take the place of the true one.
            models.UniqueConstraint(
                name="bounce_once", fields=["message_id", "notice"], condition=~Q(message_id=""), nulls_distinct=False
            ),
        ]
        triggers: ClassVar = [
            kept("bounce_is_kept", pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reported_at:%Y-%m-%d}"


class AddressTroubleRow(models.Model):
    """A view: whose *present* address has sent mail back, by reports and by refusals at the door.

    `hard` counts clear words that it does not work, `soft_days` the days on which mail came back for now. What is
    older than the latest confirmation of that address does not count; an address that was changed has no row.
    """

    intermediary = models.OneToOneField(
        Intermediary, models.DO_NOTHING, primary_key=True, related_name="+", verbose_name="intermédiaire"
    )
    email = models.CharField("adresse", max_length=254)
    hard = models.IntegerField("retours définitifs")
    soft_days = models.IntegerField("jours de retours passagers")
    first_at = models.DateTimeField("depuis")
    last_at = models.DateTimeField("dernier retour")

    class Meta:
        managed = False
        db_table = "reminders_addresstrouble"
        verbose_name = "adresse en défaut"
        verbose_name_plural = "adresses en défaut"

    def __str__(self) -> str:
        return self.email


class AddressConfirmation(models.Model):
    """Somebody has made sure that an address works: what came back before no longer counts against it."""

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="+", verbose_name="intermédiaire")
    email = models.CharField("adresse", max_length=254)
    reason = models.CharField("motif", max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "adresse confirmée"
        verbose_name_plural = "adresses confirmées"
        constraints: ClassVar = [
            models.CheckConstraint(name="addressconfirmation_says_why", condition=~Q(reason="") & ~Q(email="")),
        ]
        triggers: ClassVar = [
            kept("addressconfirmation_is_kept", pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return self.email
