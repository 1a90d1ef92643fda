"""Letters on paper: kept as the bytes that were printed, so that a re-issue is the same letter."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q

from registry.models.intermediary import Intermediary
from registry.models.triggers import kept
from registry.rules.letters import LetterKind

_SHA256 = Func(F("pdf"), template="encode(sha256(%(expressions)s), 'hex')", output_field=models.CharField())


class Letter(models.Model):
    """One letter, never changed. `pdf` is what was issued; `verify_code` lets anyone who holds it ask if it is ours."""

    number = models.CharField("numéro", max_length=20, unique=True)
    kind = models.CharField("nature", max_length=6, choices=LetterKind.choices())
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="letters")
    case = models.ForeignKey(
        "registry.RemovalCase", models.PROTECT, related_name="letters", null=True, blank=True, verbose_name="affaire"
    )
    order = models.ForeignKey(
        "registry.AuthorityOrder", models.PROTECT, related_name="letters", null=True, blank=True, verbose_name="ordre"
    )
    request = models.ForeignKey(
        "registry.RenewalRequest", models.PROTECT, related_name="letters", null=True, blank=True, verbose_name="demande"
    )
    dated_on = models.DateField("datée du")
    addressee = models.CharField("destinataire", max_length=300)
    subject = models.CharField("objet", max_length=300)
    verify_code = models.CharField("code de vérification", max_length=19, unique=True)
    pdf = models.BinaryField("PDF")
    sha256 = models.CharField("empreinte", max_length=64)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="émise par")
    issued_at = models.DateTimeField("émise le")

    class Meta:
        verbose_name = "lettre"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="letter_is_the_bytes_it_says",
                condition=Q(sha256=_SHA256),
            ),
            models.CheckConstraint(
                name="letter_belongs_to_an_act",
                condition=Q(kind=LetterKind.ORDER.value, order__isnull=False, case__isnull=True, request__isnull=True)
                | Q(kind=LetterKind.FEE.value, order__isnull=True, case__isnull=True, request__isnull=False)
                | ~Q(kind__in=[LetterKind.ORDER.value, LetterKind.FEE.value])
                & Q(order__isnull=True, case__isnull=False, request__isnull=True),
            ),
            models.UniqueConstraint(
                name="letter_of_a_fee_once", fields=["request"], condition=Q(request__isnull=False)
            ),
        ]
        triggers: ClassVar = [kept("letter_is_kept", pgtrigger.Delete | pgtrigger.Update)]

    def __str__(self) -> str:
        return self.number
