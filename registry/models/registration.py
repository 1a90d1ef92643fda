"""For what an intermediary is registered, and the decisions that said so."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from registry.models.imports import RegisterImport
from registry.models.intermediary import Intermediary
from registry.models.triggers import bumps_facts_version, kept, stays_out_of_merged, takes_its_findings_along, tracked
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
                        WHERE d.intermediary_id = NEW.intermediary_id
                          AND coalesce(d.effective_on, d.decided_on) = NEW.removed_on
                          AND (d.registration_id = NEW.id AND d.kind = 'REMOVAL' OR d.kind = 'STRIKING_OFF')
                    ) THEN
                        RAISE EXCEPTION 'registration % is removed on % without a decision', NEW.id, NEW.removed_on
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_removal_needs_a_decision';
                    END IF;
                    RETURN NULL;
                """,
            ),
            # No document and no file undoes an order: after a removal only a registration decided anew.
            pgtrigger.Trigger(
                name="order_stands",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition(
                    "((OLD.removed_on, OLD.suspended_on, OLD.suspended_until)"
                    " IS DISTINCT FROM (NEW.removed_on, NEW.suspended_on, NEW.suspended_until))"
                ),
                func="""
                    IF registry_order_broken(NEW.id) THEN
                        RAISE EXCEPTION 'an order of the ACPR or the AMF stands on registration %', NEW.id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_order_stands';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="registration_of_no_purged_file",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func="""
                    IF EXISTS (SELECT FROM registry_purgedfile WHERE intermediary_id IN
                               (SELECT intermediary_id FROM new_rows)) THEN
                        RAISE EXCEPTION 'the file was purged: its number is not given again'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_of_no_purged_file';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="registration_period_is_remembered",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.removed_on IS NOT NULL AND NEW.registered_on > OLD.removed_on"),
                func="""
                    INSERT INTO registry_pastregistration (registration_id, registered_on, removed_on)
                    VALUES (OLD.id, OLD.registered_on, OLD.removed_on) ON CONFLICT DO NOTHING;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} ({self.intermediary_id})"


@tracked("PastRegistrationHistory")
class PastRegistration(models.Model):
    """A period of a registration that ended and was followed by another (CA R512-4: the number stays).

    Written by trigger when a removed registration begins anew, whoever writes it. A period that a correction takes back
    (the same first day) is none.
    """

    registration = models.ForeignKey(
        Registration, models.PROTECT, related_name="past", db_index=False, verbose_name="inscription"
    )
    registered_on = models.DateField("inscrit le")
    removed_on = models.DateField("supprimé le")

    class Meta:
        verbose_name = "période passée"
        verbose_name_plural = "périodes passées"
        constraints: ClassVar = [
            models.UniqueConstraint(name="pastregistration_once", fields=["registration", "registered_on"]),
        ]
        triggers: ClassVar = [kept("pastregistration_is_kept", pgtrigger.Delete | pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.registered_on} – {self.removed_on}"


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


ADVERSE = ("REMOVAL", "STRIKING_OFF", "SUSPENSION")
_BY_A_CASE = Q(case__isnull=False, order__isnull=True, register_import__isnull=True)
_BY_AN_ORDER = Q(case__isnull=True, order__isnull=False, register_import__isnull=True)
_BY_A_FILE = Q(case__isnull=True, order__isnull=True, register_import__isnull=False)


@tracked("DecisionHistory")
class Decision(models.Model):
    """An act: who decided what, when, by which document. Never computed from a date.

    An adverse one comes by one of three ways, and names it: a removal case proved step by step, an order of the ACPR or
    the AMF confirmed by a second person, or the file of a register that is being applied and reports what was decided
    elsewhere. It counts from `effective_on`; none: from the day of the decision.
    """

    # No index of its own: that of `decision_is_recorded_once` begins with it.
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="decisions", db_index=False)
    registration = models.ForeignKey(Registration, models.PROTECT, related_name="decisions", null=True, blank=True)
    kind = models.CharField("acte", max_length=12, choices=DecisionKind.choices())
    authority = models.CharField("autorité", max_length=10, choices=Authority.choices())
    decided_on = models.DateField("décidé le")
    effective_on = models.DateField("prend effet le", null=True, blank=True)
    case = models.ForeignKey(
        "registry.RemovalCase",
        models.PROTECT,
        related_name="decisions",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="affaire",
    )
    order = models.ForeignKey(
        "registry.AuthorityOrder",
        models.PROTECT,
        related_name="decisions",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="ordre",
    )
    register_import = models.ForeignKey(
        RegisterImport, models.PROTECT, related_name="+", null=True, blank=True, db_index=False, verbose_name="import"
    )
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
            models.CheckConstraint(
                name="decision_adverse_names_its_way",
                condition=~Q(kind__in=ADVERSE) | _BY_A_CASE | _BY_AN_ORDER | _BY_A_FILE,
                violation_error_message="Une suppression procède d’une affaire, d’un ordre ou d’un fichier.",
            ),
            models.CheckConstraint(
                name="decision_does_not_act_backwards",
                condition=Q(effective_on__isnull=True) | Q(effective_on__gte=F("decided_on")),
            ),
        ]
        triggers: ClassVar = [
            kept("decision_is_kept", pgtrigger.Delete | pgtrigger.Update),
            # Set by set: the import writes the removals of a whole register at once.
            pgtrigger.Trigger(
                name="decision_comes_by_its_way",
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
                func="""
                    IF EXISTS (
                        SELECT FROM new_rows d JOIN registry_registerimport f ON f.id = d.register_import_id
                        WHERE f.written_in <> pg_current_xact_id()::text
                    ) THEN
                        RAISE EXCEPTION 'a register file reports decisions in the transaction that applies it alone'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_of_a_file_being_applied';
                    END IF;
                    IF EXISTS (
                        SELECT FROM new_rows d JOIN registry_authorityorder o ON o.id = d.order_id
                        WHERE o.confirmed_by_id IS NULL OR o.intermediary_id <> d.intermediary_id OR o.kind <> d.kind
                           OR o.registration_id IS DISTINCT FROM d.registration_id OR o.authority <> d.authority
                           OR o.effective_on <> coalesce(d.effective_on, d.decided_on)
                    ) THEN
                        RAISE EXCEPTION 'a decision by order is that order, confirmed by a second person'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_of_a_confirmed_order';
                    END IF;
                    IF EXISTS (
                        SELECT FROM new_rows d JOIN registry_removalcase c ON c.id = d.case_id
                        WHERE c.intermediary_id <> d.intermediary_id OR c.kind <> d.kind
                           OR c.registration_id IS DISTINCT FROM d.registration_id
                           OR d.authority <> 'COMMISSION' OR c.since_on IS DISTINCT FROM d.effective_on
                           OR c.state <> 'PUBLISHED' OR registry_case_refused(c.id) IS NOT NULL
                    ) THEN
                        RAISE EXCEPTION 'a removal takes effect by a case that is published and proved step by step'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_of_a_proved_case';
                    END IF;
                    IF EXISTS (
                        SELECT FROM new_rows d JOIN registry_authorityorder o ON o.intermediary_id = d.intermediary_id
                        WHERE d.kind = 'REGISTRATION' AND o.confirmed_by_id IS NOT NULL
                          AND o.barred_until >= d.decided_on
                          AND (o.registration_id IS NULL OR o.registration_id = d.registration_id)
                    ) THEN
                        RAISE EXCEPTION 'an order of the ACPR or the AMF bars this registration'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_is_not_barred';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.decided_on}"
