"""What the pages remember by themselves: how often codes to sign in were asked for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class CodeAsked(models.Model):
    """A code was asked for, for an address (SHA-256 keyed by the site's own secret), from a place of the network.

    Whether anybody has that address is not in it. Rows older than the longest limit are forgotten.
    """

    address_digest = models.CharField("empreinte de l’adresse", max_length=64)
    origin = models.CharField("depuis", max_length=45)
    asked_at = models.DateTimeField("demandé le")

    class Meta:
        verbose_name = "code demandé"
        verbose_name_plural = "codes demandés"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="codeasked_keeps_a_sha256", condition=Q(address_digest__regex=r"^[0-9a-f]{64}$")
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="codeasked_for_an_address", fields=["address_digest", "asked_at"]),
            models.Index(name="codeasked_from_a_place", fields=["origin", "asked_at"]),
            models.Index(name="codeasked_to_forget", fields=["asked_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.asked_at}"
