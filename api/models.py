"""Who calls the API and for whom: keys, mandates, and the answers kept so that a call repeated acts once (I15)."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from api.feed_models import ChangeEvent, FeedState
from api.scopes import Scope
from api.service_models import Consultation, ServiceNotice
from api.webhook_models import WebhookState, WebhookSubscription
from registry.models import Intermediary, Issuer
from registry.models.triggers import kept, stays_as_it_was, tracked

__all__ = [
    "ApiKey",
    "ChangeEvent",
    "Consultation",
    "FeedState",
    "IssuerMandate",
    "KeptAnswer",
    "Mandate",
    "ServiceNotice",
    "WebhookState",
    "WebhookSubscription",
]

LONGEST_LIFE = timedelta(days=365)
LONGEST_KEY_NAME = 60
"""A key lives so long at most."""

_MADE = ("key_id", "digest", "holder_id", "name", "scopes", "networks", "created_at", "created_by_id", "expires_at")


class ApiKey(models.Model):
    """A key of an account. Of its secret (256 random bits) only the SHA-256 is kept; `key_id` is what is shown of it.

    `networks`: from where it may be used (CIDR; none: from anywhere). `last_used_at` is written once a minute at most.
    """

    key_id = models.CharField("identifiant", max_length=12, unique=True)
    digest = models.CharField("SHA-256 du secret", max_length=64)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_keys", verbose_name="compte")
    name = models.CharField("nom", max_length=LONGEST_KEY_NAME)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices()), verbose_name="droits")
    networks = ArrayField(models.CharField(max_length=43), verbose_name="réseaux admis", default=list, blank=True)
    created_at = models.DateTimeField("créée le")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="créée par")
    expires_at = models.DateTimeField("expire le")
    revoked_at = models.DateTimeField("révoquée le", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="révoquée par"
    )
    last_used_at = models.DateTimeField("dernier usage", null=True, blank=True)
    last_used_from = models.GenericIPAddressField("depuis", null=True, blank=True)
    holder_permissions: frozenset[str] | None = None
    """Those of its account as staff, where they were read with it (`api.keys.find_key`)."""

    class Meta:
        verbose_name = "clé d’API"
        verbose_name_plural = "clés d’API"
        permissions: ClassVar = [("manage_keys", "Peut créer et révoquer des clés et des mandats")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="apikey_lives_a_year_at_most",
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + LONGEST_LIFE),
                violation_error_message="Une clé expire au plus un an après sa création.",
            ),
            models.CheckConstraint(
                name="apikey_scopes_are_known",
                condition=Q(scopes__len__gte=1) & Q(scopes__contained_by=[s.value for s in Scope]),
            ),
            models.CheckConstraint(name="apikey_keeps_a_sha256", condition=Q(digest__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="apikey_revocation_is_paired",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            stays_as_it_was("apikey_stays_as_made", _MADE),
            pgtrigger.Trigger(
                name="apikey_revoked_for_good",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.revoked_at IS NOT NULL AND (OLD.revoked_at, OLD.revoked_by_id)"
                    " IS DISTINCT FROM (NEW.revoked_at, NEW.revoked_by_id)"
                ),
                func="RAISE EXCEPTION 'key % is revoked for good', OLD.key_id;",
            ),
            pgtrigger.Protect(name="apikey_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"orl_{self.key_id} ({self.name})"


@tracked("MandateHistory")
class Mandate(models.Model):
    """An account acts for an intermediary, from one day until another (both included; none: until it is ended).

    One that was taken back on its first day ends on the day before it: it holds no more.
    """

    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mandates", verbose_name="compte")
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="+", verbose_name="intermédiaire")
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour", null=True, blank=True)

    class Meta:
        verbose_name = "mandat"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="mandate_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on") - timedelta(days=1)),
                violation_error_message="Le dernier jour ne peut pas précéder le premier.",
            ),
            models.UniqueConstraint(
                name="mandate_open_once", fields=["holder", "intermediary"], condition=Q(ends_on__isnull=True)
            ),
        ]
        triggers: ClassVar = [
            stays_as_it_was("mandate_stays_of_its_parties", ("holder_id", "intermediary_id", "starts_on")),
            kept("mandate_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_id} → {self.intermediary_id} du {self.starts_on}"


@tracked("IssuerMandateHistory")
class IssuerMandate(models.Model):
    """An account acts as an insurer or guarantor, from one day until another (included; none: until it is ended)."""

    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="issuer_mandates", verbose_name="compte"
    )
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="+", verbose_name="assureur ou garant")
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour", null=True, blank=True)

    class Meta:
        verbose_name = "mandat d’assureur ou de garant"
        verbose_name_plural = "mandats d’assureurs et de garants"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="issuermandate_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            # One account, one issuer: which one speaks is never a question.
            models.UniqueConstraint(name="issuermandate_open_once", fields=["holder"], condition=Q(ends_on=None)),
        ]
        triggers: ClassVar = [
            stays_as_it_was("issuermandate_stays_of_its_parties", ("holder_id", "issuer_id", "starts_on")),
            pgtrigger.Protect(name="issuermandate_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.holder_id} → {self.issuer_id} du {self.starts_on}"


class KeptAnswer(models.Model):
    """The answer of a call that took effect, in the transaction of that effect: the same call again is given it."""

    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="compte")
    key = models.CharField("Idempotency-Key", max_length=255)
    fingerprint = models.CharField("SHA-256 de la requête", max_length=64)
    status = models.SmallIntegerField("statut HTTP")
    headers = models.JSONField("en-têtes", default=dict)
    body = models.TextField("réponse", blank=True)
    kept_at = models.DateTimeField("gardée le", db_default=Now())

    class Meta:
        verbose_name = "réponse gardée"
        verbose_name_plural = "réponses gardées"
        constraints: ClassVar = [
            models.UniqueConstraint(name="keptanswer_once", fields=["holder", "key"]),
            models.CheckConstraint(name="keptanswer_is_of_an_effect", condition=Q(status__range=(200, 299))),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="keptanswer_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.key} {self.status}"
