"""Webhooks: who is told of changes, where, and how far each has been told."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from api.event_types import EventType
from registry.models.triggers import stays_as_it_was
from registry.rules.labels import LabelledEnum

LONGEST_URL = 500


class WebhookState(LabelledEnum):
    """Whether a subscription is told."""

    ACTIVE = "ACTIVE", "En service", "Active"
    FAILING = "FAILING", "Arrêté après plusieurs jours d’échec", "Switched off after days of failure"
    GONE = "GONE", "Arrêté à la demande du destinataire (410)", "Switched off by its receiver (410)"


class WebhookSubscription(models.Model):
    """An address of an account that is told of changes one after the other, each until it is taken.

    `after` is the place in the feed up to which it has been told; `failures` are those of the next message, tried again
    at `next_at`. Secrets are not kept: they follow from `salt` and the site's own key. `lease_until` and `fence`: the
    worker that has it now. `test_id`: a test that waits (empty: none).
    """

    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="webhooks", verbose_name="compte")
    url = models.CharField("adresse", max_length=LONGEST_URL)
    types = ArrayField(
        models.CharField(max_length=20, choices=EventType.choices()), verbose_name="genres", default=list, blank=True
    )
    created_at = models.DateTimeField("créé le")
    salt = models.CharField("sel du secret", max_length=32)
    old_salt = models.CharField("sel précédent", max_length=32, blank=True, db_default="", default="")
    old_until = models.DateTimeField("valable jusqu’au", null=True, blank=True)
    state = models.CharField(
        "état",
        max_length=7,
        choices=WebhookState.choices(),
        db_default=WebhookState.ACTIVE.value,
        default=WebhookState.ACTIVE.value,
    )
    state_since = models.DateTimeField("depuis")
    after = models.BigIntegerField("averti jusqu’à")
    failures = models.PositiveSmallIntegerField("échecs", db_default=0, default=0)
    next_at = models.DateTimeField("prochain essai")
    last_at = models.DateTimeField("dernier essai", null=True, blank=True)
    last_status = models.PositiveSmallIntegerField("réponse", null=True, blank=True)
    last_error = models.CharField("erreur", max_length=200, blank=True, db_default="", default="")
    test_id = models.CharField("essai demandé", max_length=40, blank=True, db_default="", default="")
    lease_until = models.DateTimeField("pris jusqu’à", null=True, blank=True)
    fence = models.BigIntegerField("tour", db_default=0, default=0)

    class Meta:
        verbose_name = "webhook"
        constraints: ClassVar = [
            models.UniqueConstraint(name="webhook_once_per_address", fields=["holder", "url"]),
            models.CheckConstraint(
                name="webhook_state_is_known", condition=Q(state__in=[s.value for s in WebhookState])
            ),
            models.CheckConstraint(
                name="webhook_types_are_known", condition=Q(types__contained_by=[t.value for t in EventType])
            ),
            models.CheckConstraint(
                name="webhook_old_secret_ends",
                condition=Q(old_salt="", old_until__isnull=True) | ~Q(old_salt="") & Q(old_until__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="webhook_to_be_told", fields=["next_at"], condition=Q(state=WebhookState.ACTIVE.value)),
        ]
        triggers: ClassVar = [stays_as_it_was("webhook_stays_where_it_is", ("holder_id", "url", "created_at"))]

    def __str__(self) -> str:
        return f"{self.pk} {self.url}"
