"""Which register files were applied, by whom, with which result."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class RegisterImport(models.Model):
    """One applied register file. `sha256` is of the file's bytes."""

    file_name = models.CharField("fichier", max_length=255)
    sha256 = models.CharField("empreinte", max_length=64)
    applied_at = models.DateTimeField("appliqué le")
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    counts = models.JSONField("décompte")

    class Meta:
        verbose_name = "import du registre"
        verbose_name_plural = "imports du registre"
        indexes: ClassVar = [models.Index(name="import_latest", fields=["-applied_at"])]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.applied_at:%Y-%m-%d})"
