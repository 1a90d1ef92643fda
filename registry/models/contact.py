"""Whom to reach at an intermediary beside its own address, and when that address was last confirmed."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from registry.models.intermediary import Intermediary
from registry.models.triggers import bumps_facts_version, kept, stays_out_of_merged, tracked
from registry.rules.contacts import CheckSource, ContactRole


@tracked("ContactHistory")
class Contact(models.Model):
    """One person or desk to reach. Reminders go to the intermediary's own address alone: its principal one."""

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="contacts")
    role = models.CharField("rôle", max_length=20, choices=ContactRole.choices())
    name = models.CharField("nom", max_length=250, blank=True)
    email = models.CharField("courriel", max_length=254, blank=True)
    phone_e164 = models.CharField("téléphone", max_length=16, blank=True)
    phone_key = models.CharField("clé d’appel (neuf chiffres)", max_length=9, blank=True)

    class Meta:
        verbose_name = "contact"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="contact_role_is_known", condition=Q(role__in=[role.value for role in ContactRole])
            ),
            models.CheckConstraint(
                name="contact_can_be_reached",
                condition=~Q(email="") | ~Q(phone_e164=""),
                violation_error_message="Un contact a une adresse électronique ou un téléphone.",
            ),
            models.CheckConstraint(
                name="contact_email_is_one_address",
                condition=Q(email="") | Q(email__regex=r"^[^@[:cntrl:]]+@[^@[:cntrl:]]+$"),
            ),
            models.CheckConstraint(
                name="contact_phone_has_its_key",
                condition=Q(phone_e164="", phone_key="") | ~Q(phone_e164="") & ~Q(phone_key=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="contact_phone_key", fields=["phone_key"], condition=~Q(phone_key="")),
            models.Index(Lower("email"), name="contact_email", condition=~Q(email="")),
        ]
        triggers: ClassVar = [*bumps_facts_version(), *stays_out_of_merged()]

    def __str__(self) -> str:
        return self.name or self.email or self.phone_e164


@tracked("AddressCheckHistory")
class AddressCheck(models.Model):
    """The principal address, as it then was, confirmed on a day (local) by its holder or by staff. Kept for ever."""

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="address_checks", db_index=False)
    email = models.CharField("courriel", max_length=254)
    checked_on = models.DateField("confirmée le")
    source = models.CharField("par", max_length=5, choices=CheckSource.choices())
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="compte"
    )
    reason = models.CharField("comment", max_length=500)

    class Meta:
        verbose_name = "adresse confirmée"
        verbose_name_plural = "adresses confirmées"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="addresscheck_source_is_known", condition=Q(source__in=[s.value for s in CheckSource])
            ),
            models.CheckConstraint(name="addresscheck_has_an_address", condition=~Q(email="")),
            models.CheckConstraint(name="addresscheck_says_how", condition=~Q(reason="")),
        ]
        indexes: ClassVar = [
            models.Index(name="addresscheck_latest", fields=["intermediary", "-checked_on"]),
        ]
        triggers: ClassVar = [
            kept("addresscheck_is_kept", pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.email} {self.checked_on}"
