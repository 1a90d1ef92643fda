"""For what an intermediary is registered, and the decisions that said so."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from registry.models.intermediary import Intermediary
from registry.models.triggers import bumps_facts_version, stays_out_of_merged, takes_its_findings_along, tracked
from registry.rules.categories import Category, Filer
from registry.rules.labels import LabelledEnum


@tracked("RegistrationHistory")
class Registration(models.Model):
    """Inscription: one per category. Removed only by a decision on record (I11)."""

    # No index of its own: that of `registration_once_per_category` begins with it.
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="registrations", db_index=False)
    category = models.CharField("catégorie", max_length=3, choices=Category.choices())
    filer = models.CharField("dépose", max_length=11, choices=Filer.choices(), default=Filer.SELF.value)
    holds_client_funds = models.BooleanField("encaisse des fonds", default=False)
    funds_mandate = models.BooleanField("mandat écrit d’encaissement", default=False)
    principal_bears_liability = models.BooleanField("le mandant répond de l’activité", default=False)
    registered_on = models.DateField("inscrit le")
    removed_on = models.DateField("supprimé le", null=True, blank=True)
    suspended_on = models.DateField("suspendu le", null=True, blank=True)
    suspended_until = models.DateField("suspendu jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "inscription"
        constraints: ClassVar = [
            models.UniqueConstraint(name="registration_once_per_category", fields=["intermediary", "category"]),
            models.CheckConstraint(
                name="registration_category_is_known", condition=Q(category__in=[c.value for c in Category])
            ),
            models.CheckConstraint(name="registration_filer_is_known", condition=Q(filer__in=[f.value for f in Filer])),
            models.CheckConstraint(
                name="registration_cif_holds_no_funds",
                condition=~Q(category=Category.CIF.value, holds_client_funds=True),
                violation_error_message="Un CIF ne peut pas recevoir de fonds de ses clients (CMF L541-6).",
            ),
            models.CheckConstraint(
                name="registration_suspension_has_a_start",
                condition=Q(suspended_until__isnull=True)
                | Q(suspended_on__isnull=False, suspended_on__lte=F("suspended_until")),
                violation_error_message="La fin de suspension demande un début qui la précède.",
            ),
        ]
        triggers: ClassVar = [
            *bumps_facts_version(),
            *stays_out_of_merged("n.removed_on IS NULL", updates=True),
            takes_its_findings_along(),
            # Deferred to the commit: the decision may be written after the row that it removes.
            pgtrigger.Trigger(
                name="removal_needs_a_decision",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__removed_on__isnull=False),
                func="""
                    IF NOT EXISTS (
                        SELECT FROM registry_decision d
                        WHERE d.intermediary_id = NEW.intermediary_id AND d.decided_on = NEW.removed_on
                          AND (d.registration_id = NEW.id AND d.kind = 'REMOVAL' OR d.kind = 'STRIKING_OFF')
                    ) THEN
                        RAISE EXCEPTION 'registration % is removed on % without a decision', NEW.id, NEW.removed_on
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_removal_needs_a_decision';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} ({self.intermediary_id})"


class DecisionKind(LabelledEnum):
    """What was decided (CA R512-5, CMF R546-3)."""

    REGISTRATION = "REGISTRATION", "Inscription", "Registration"
    REMOVAL = "REMOVAL", "Suppression de l’inscription", "Removal of a registration"
    STRIKING_OFF = "STRIKING_OFF", "Radiation", "Striking off of the person"
    SUSPENSION = "SUSPENSION", "Suspension", "Suspension"


class Authority(LabelledEnum):
    """Who decided."""

    COMMISSION = "COMMISSION", "Commission d’immatriculation", "Registration commission"
    ACPR = "ACPR", "ACPR", "ACPR"
    AMF = "AMF", "AMF", "AMF"


@tracked("DecisionHistory")
class Decision(models.Model):
    """An act: who decided what, when, by which document. Never computed from a date."""

    # No index of its own: that of `decision_is_recorded_once` begins with it.
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="decisions", db_index=False)
    registration = models.ForeignKey(Registration, models.PROTECT, related_name="decisions", null=True, blank=True)
    kind = models.CharField("acte", max_length=12, choices=DecisionKind.choices())
    authority = models.CharField("autorité", max_length=10, choices=Authority.choices())
    decided_on = models.DateField("décidé le")
    act_reference = models.CharField("référence de l’acte", max_length=120)
    reason = models.CharField("motif", max_length=500, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    recorded_at = models.DateTimeField("enregistré le", db_default=Now(), editable=False)

    class Meta:
        verbose_name = "décision"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="decision_names_its_act",
                condition=~Q(act_reference=""),
                violation_error_message="Une décision cite l’acte dont elle procède.",
            ),
            models.CheckConstraint(
                name="decision_removal_names_a_registration",
                condition=~Q(kind="REMOVAL") | Q(registration__isnull=False),
                violation_error_message="Une suppression porte sur une inscription.",
            ),
            models.UniqueConstraint(
                name="decision_is_recorded_once",
                fields=["intermediary", "registration", "kind", "decided_on"],
                nulls_distinct=False,
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="decision_is_kept", operation=pgtrigger.Delete | pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.kind} {self.decided_on}"
