"""Who has opened the page that tells why a message was sent."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models

from registry.models.triggers import kept
from reminders.models import Notice


class WhyReading(models.Model):
    """« Pourquoi ce message » opened: once for each message, when it was first. Nothing else is known of who opened it:
    no address, no browser. It is a history by itself."""

    notice = models.OneToOneField(Notice, models.PROTECT, related_name="reading", verbose_name="message")
    opened_at = models.DateTimeField("ouverte le")

    class Meta:
        verbose_name = "page « pourquoi » ouverte"
        verbose_name_plural = "pages « pourquoi » ouvertes"
        triggers: ClassVar = [kept("whyreading_is_kept", pgtrigger.Delete | pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.opened_at:%Y-%m-%d %H:%M}"
