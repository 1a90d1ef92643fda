"""Associations and principals of registrations, and what somebody outside has told that staff must look at."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.models.cover import Cover
from registry.models.intermediary import Intermediary
from registry.models.registration import Registration
from registry.models.triggers import bumps_facts_version, kept, stays_as_it_was, tracked
from registry.rules.affiliations import BodyKind, SignalKind
from registry.rules.issuers import CODE_PATTERN


@tracked("FilingBodyHistory")
class FilingBody(models.Model):
    """A professional association or a principal (an insurer, a bank, an intermediary). `code` names it for good."""

    code = models.CharField("code", max_length=30, unique=True)
    kind = models.CharField("nature", max_length=11, choices=BodyKind.choices())
    name = models.CharField("dénomination", max_length=250)
    siren = models.CharField("SIREN", max_length=9, blank=True)

    class Meta:
        verbose_name = "association ou mandant"
        verbose_name_plural = "associations et mandants"
        constraints: ClassVar = [
            models.CheckConstraint(name="filingbody_code_is_plain", condition=Q(code__regex=CODE_PATTERN)),
            models.CheckConstraint(
                name="filingbody_kind_is_known", condition=Q(kind__in=[k.value for k in BodyKind]) & ~Q(name="")
            ),
        ]
        triggers: ClassVar = [
            stays_as_it_was("filingbody_stays_what_it_is", ["code", "kind"]),
            pgtrigger.Protect(name="filingbody_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@tracked("AffiliationHistory")
class Affiliation(models.Model):
    """A registration's membership of an association or mandate of a principal; days local and included.

    `files`: the body files the renewal for it. `end_told_on` is the day on which we were told of the end.
    """

    registration = models.ForeignKey(Registration, models.PROTECT, related_name="affiliations")
    body = models.ForeignKey(FilingBody, models.PROTECT, related_name="affiliations", verbose_name="organisme")
    files = models.BooleanField("dépose pour l’inscrit", default=False, db_default=False)
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour", null=True, blank=True)
    end_told_on = models.DateField("fin annoncée le", null=True, blank=True)

    class Meta:
        verbose_name = "adhésion ou mandat"
        verbose_name_plural = "adhésions et mandats"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="affiliation_end_is_told",
                condition=Q(ends_on__isnull=True, end_told_on__isnull=True)
                | Q(ends_on__isnull=False, end_told_on__isnull=False, ends_on__gte=F("starts_on")),
                violation_error_message="Une fin a son jour et celui où elle fut annoncée, et suit le début.",
            ),
            models.UniqueConstraint(
                name="affiliation_open_once", fields=["registration", "body"], condition=Q(ends_on__isnull=True)
            ),
        ]
        triggers: ClassVar = [
            *bumps_facts_version(
                owner="inscription.intermediary_id",
                join="JOIN registry_registration inscription ON inscription.id = changed.registration_id",
            ),
            stays_as_it_was("affiliation_stays_of_its_parties", ["registration_id", "body_id", "starts_on"]),
            kept("affiliation_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id} – {self.body_id} du {self.starts_on}"


@tracked("SignalHistory")
class Signal(models.Model):
    """What an issuer, association or principal told that a person must look at; settled once, with what was done.

    `due_on` is the day by which the intermediary is to have answered; no right changes by it alone (I11).
    """

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="signals")
    kind = models.CharField("objet", max_length=16, choices=SignalKind.choices())
    affiliation = models.ForeignKey(Affiliation, models.PROTECT, related_name="signals", null=True, blank=True)
    cover = models.ForeignKey(Cover, models.PROTECT, related_name="signals", null=True, blank=True)
    told_by = models.CharField("annoncé par", max_length=250)
    opened_on = models.DateField("ouvert le")
    due_on = models.DateField("à régler avant le")
    settled_on = models.DateField("réglé le", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="réglé par"
    )
    outcome = models.CharField("suite donnée", max_length=500, blank=True, db_default="")

    class Meta:
        verbose_name = "signalement"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="signal_names_its_cause",
                condition=Q(kind=SignalKind.POLICY_UNKNOWN.value, cover__isnull=False, affiliation__isnull=True)
                | Q(
                    kind__in=[SignalKind.MEMBERSHIP_ENDED.value, SignalKind.MANDATE_ENDED.value],
                    cover__isnull=True,
                    affiliation__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="signal_settlement_is_whole",
                condition=Q(settled_on__isnull=True, settled_by__isnull=True, outcome="")
                | Q(settled_on__isnull=False, settled_by__isnull=False) & ~Q(outcome=""),
            ),
            models.UniqueConstraint(
                name="signal_open_once",
                fields=["kind", "affiliation", "cover"],
                condition=Q(settled_on__isnull=True),
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="signal_worklist", fields=["due_on"], condition=Q(settled_on__isnull=True))
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="signal_settled_for_good",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__settled_on__isnull=False),
                func="RAISE EXCEPTION 'signal % is settled for good', OLD.id;",
            ),
            kept("signal_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.opened_on}"
