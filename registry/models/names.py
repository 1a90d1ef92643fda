"""The words of names, kept by triggers for searches that forgive accents and slips. Nothing is decided on them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from registry.models.intermediary import Intermediary


class NameWords(models.Model):
    """The words of one intermediary's names, without accents, in lower case, each once (`registry_words`)."""

    intermediary = models.OneToOneField(
        Intermediary, models.CASCADE, primary_key=True, related_name="name_words", verbose_name="intermédiaire"
    )
    words = ArrayField(models.TextField(), verbose_name="mots")

    class Meta:
        verbose_name = "mots d’un nom"
        verbose_name_plural = "mots des noms"
        indexes: ClassVar = [GinIndex(name="namewords_words", fields=["words"])]

    def __str__(self) -> str:
        return " ".join(self.words)


class NameWord(models.Model):
    """A word that is or was in some name: few enough to be compared with one that is misspelt."""

    word = models.TextField("mot", primary_key=True)

    class Meta:
        verbose_name = "mot"
        indexes: ClassVar = [GinIndex(name="nameword_trigrams", fields=["word"], opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.word
