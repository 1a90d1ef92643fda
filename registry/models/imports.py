"""Which register files were applied, by whom, with which result."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, F, Func, Q
from django.db.models.fields.json import KeyTransform

CURRENT_TRANSACTION = Func(template="(pg_current_xact_id()::text)", output_field=models.CharField())
"""The number of the transaction that writes a row: what it alone may do is told by it."""
COUNTED = ("new", "changed", "removed", "error")
"""What every row tells the number of; the import tells more."""


def _is_counted(key: str) -> Func:
    """That `counts` holds a number under this key: false, and not unknown, where there is none."""
    template = "coalesce((%(expressions)s)::text ~ '^[0-9]{1,9}$', false)"
    return Func(KeyTransform(key, F("counts")), template=template, output_field=BooleanField())


class RegisterImport(models.Model):
    """One applied register file. `sha256` is of the file's bytes; the decisions it reports are written with it.

    `prepared_by`: who compared it and signed the comparison that another person then applied; none by the command.
    """

    file_name = models.CharField("fichier", max_length=255)
    sha256 = models.CharField("empreinte", max_length=64)
    applied_at = models.DateTimeField("appliqué le")
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="préparé par"
    )
    counts = models.JSONField("décompte")
    written_in = models.CharField("transaction", max_length=20, db_default=CURRENT_TRANSACTION, editable=False)

    class Meta:
        verbose_name = "import du registre"
        verbose_name_plural = "imports du registre"
        permissions: ClassVar = [("approve_registerimport", "Peut appliquer le fichier qu’un autre a préparé")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="import_has_two_people",
                condition=Q(prepared_by__isnull=True) | Q(applied_by__isnull=False) & ~Q(applied_by=F("prepared_by")),
                violation_error_message="Un fichier est appliqué par une autre personne que celle qui l’a préparé.",
            ),
            models.CheckConstraint(
                name="import_is_counted",
                condition=Q(*map(_is_counted, COUNTED)),
                violation_error_message="Le décompte donne les nombres new, changed, removed et error.",
            ),
        ]
        indexes: ClassVar = [models.Index(name="import_latest", fields=["-applied_at"])]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.applied_at:%Y-%m-%d})"
