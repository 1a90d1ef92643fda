"""The removal case and what proves its steps (CA R512-5, CMF R546-3). The database refuses a step without its proof."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.models.intermediary import Intermediary
from registry.models.letter import Letter
from registry.models.registration import DecisionKind, Registration
from registry.models.triggers import follows, is_one_of, kept, stays_as_it_was, tracked
from registry.rules.removals import (
    CASE_TRANSITIONS,
    LIVE_CASE_STATES,
    PAUSED_CASE_STATES,
    REDONE_FROM,
    CaseState,
    CaseStep,
    Ground,
    ProofKind,
)

_LIVE = sorted(s.value for s in LIVE_CASE_STATES)
_EDGES = [(a.value, b.value) for a, after in CASE_TRANSITIONS.items() for b in sorted(after)]
_PAUSED = sorted(s.value for s in PAUSED_CASE_STATES)
_REDONE = " OR ".join(f"OLD.state = '{a}' AND NEW.resumes_as = '{b}'" for a, b in REDONE_FROM.items())
_KINDS = [DecisionKind.REMOVAL.value, DecisionKind.STRIKING_OFF.value]
_RENEWAL_GROUNDS = [g.value for g in Ground if g.is_of_a_renewal]


class ProcedureTerm(models.Model):
    """How many days old the proof of a step must be before the next act, from when on, by which source."""

    step = models.CharField("étape", max_length=6, choices=CaseStep.choices())
    valid_from = models.DateField("applicable du")
    days = models.PositiveSmallIntegerField("jours")
    source = models.CharField("texte ou source", max_length=300)

    class Meta:
        verbose_name = "délai de procédure"
        verbose_name_plural = "délais de procédure"
        constraints: ClassVar = [
            models.UniqueConstraint(name="procedureterm_starts_once", fields=["step", "valid_from"]),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="procedureterm_is_kept", operation=pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.step}\u00a0: {self.days} jours"


@tracked("RemovalCaseHistory")
class RemovalCase(models.Model):
    """Affaire de suppression: one registration (REMOVAL), or the person (STRIKING_OFF), and one ground.

    `since_on` is the local day of the last step; `resumes_as` the state to which one held, or in error, goes back.
    """

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="removal_cases")
    registration = models.ForeignKey(
        Registration, models.PROTECT, related_name="removal_cases", null=True, blank=True, verbose_name="inscription"
    )
    kind = models.CharField(
        "acte", max_length=12, choices=[c for c in DecisionKind.choices() if c[0] in _KINDS], default=_KINDS[0]
    )
    ground = models.CharField("motif légal", max_length=9, choices=Ground.choices())
    year = models.PositiveSmallIntegerField("campagne", null=True, blank=True)
    reason = models.CharField("exposé", max_length=500)
    state = models.CharField("état", max_length=9, choices=CaseState.choices(), default=CaseState.OPEN.value)
    resumes_as = models.CharField("reprend à", max_length=9, choices=CaseState.choices(), blank=True, db_default="")
    since_on = models.DateField("depuis le")
    opened_on = models.DateField("ouverte le")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="ouverte par"
    )
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="dernière étape par"
    )
    note = models.CharField("dernier motif", max_length=500, blank=True)

    class Meta:
        verbose_name = "affaire de suppression"
        verbose_name_plural = "affaires de suppression"
        permissions: ClassVar = [
            ("sign_removal", "Peut signer une séance, confirmer un ordre et publier une suppression"),
            ("purge_files", "Peut demander et approuver une destruction de dossiers"),
        ]
        constraints: ClassVar = [
            is_one_of("removalcase_state_is_known", "state", CaseState),
            models.CheckConstraint(
                name="removalcase_names_what_it_removes",
                condition=Q(kind="REMOVAL", registration__isnull=False)
                | Q(kind="STRIKING_OFF", registration__isnull=True),
                violation_error_message="Une suppression porte sur une inscription, une radiation sur la personne.",
            ),
            models.CheckConstraint(
                name="removalcase_of_a_renewal_names_its_year",
                condition=Q(ground__in=_RENEWAL_GROUNDS, year__isnull=False)
                | ~Q(ground__in=_RENEWAL_GROUNDS) & Q(year__isnull=True),
            ),
            models.CheckConstraint(
                name="removalcase_paused_knows_where_it_was",
                condition=Q(state__in=_PAUSED) & ~Q(resumes_as="") | ~Q(state__in=_PAUSED) & Q(resumes_as=""),
            ),
            models.CheckConstraint(name="removalcase_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="removalcase_is_moved_after_it_opens", condition=Q(since_on__gte=F("opened_on"))
            ),
            models.UniqueConstraint(
                name="removalcase_one_live",
                fields=["intermediary", "registration"],
                condition=Q(state__in=_LIVE),
                nulls_distinct=False,
            ),
        ]
        triggers: ClassVar = [
            follows("removalcase_transitions", "state", _EDGES),
            stays_as_it_was(
                "removalcase_is_frozen",
                ["intermediary_id", "registration_id", "kind", "ground", "year", "reason", "opened_on", "opened_by_id"],
            ),
            kept("removalcase_is_kept"),
            pgtrigger.Trigger(
                name="removalcase_begins_open",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="""
                    IF NEW.state <> 'OPEN' OR NEW.registration_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM registry_registration r
                        WHERE r.id = NEW.registration_id AND r.intermediary_id = NEW.intermediary_id
                    ) THEN
                        RAISE EXCEPTION 'a case begins open, about a registration of its own person'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'removalcase_begins_open';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="removalcase_time_goes_on",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.since_on < OLD.since_on"),
                func="RAISE EXCEPTION 'a step of case % cannot come before the last one', OLD.id;",
            ),
            pgtrigger.Trigger(
                name="removalcase_goes_back_where_it_was",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.state = 'HELD' AND OLD.state <> 'HELD' AND NEW.resumes_as <> OLD.state"
                    f" OR NEW.state = 'ERROR' AND OLD.state <> 'ERROR' AND NOT ({_REDONE})"
                    " OR NEW.state = OLD.state AND NEW.resumes_as <> OLD.resumes_as"
                    " OR OLD.state IN ('HELD', 'ERROR') AND NEW.state NOT IN (OLD.state, OLD.resumes_as, 'WITHDRAWN')"
                ),
                func="RAISE EXCEPTION 'case % goes back to where it was, and nowhere else', OLD.id;",
            ),
            # I11: what comes before is in the ledger of proofs, and old enough on the day of the act.
            pgtrigger.Trigger(
                name="removalcase_step_is_proved",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.state, NEW.state) IN (('NOTICE', 'FORMAL'), ('FORMAL', 'DECIDED'), ('LETTER', 'PUBLISHED')))"
                ),
                func="""
                    DECLARE
                        refused text DEFAULT registry_step_refused(NEW.id, OLD.state, NEW.since_on);
                    BEGIN
                        IF refused IS NULL AND NEW.state = 'DECIDED' AND NOT registry_removal_carried(NEW.id) THEN
                            refused = 'no signed session has carried it';
                        END IF;
                        IF refused IS NULL AND NEW.state = 'PUBLISHED' AND NEW.moved_by_id = NEW.opened_by_id THEN
                            refused = 'who opened it does not publish it';
                        END IF;
                        IF refused IS NOT NULL THEN
                            RAISE EXCEPTION 'case % may not become %: %', NEW.id, NEW.state, refused
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'removalcase_step_is_proved';
                        END IF;
                        RETURN NEW;
                    END;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Affaire {self.pk}"


@tracked("CaseProofHistory")
class CaseProof(models.Model):
    """What became of a step's letter or mail: added to, never changed. POSTED and MAILED prove that it was sent.

    `mail_key` is the identity of a notice of the reminders' ledger; the database asks that ledger.
    """

    case = models.ForeignKey(RemovalCase, models.PROTECT, related_name="proofs", verbose_name="affaire")
    step = models.CharField("étape", max_length=6, choices=CaseStep.choices())
    kind = models.CharField("preuve", max_length=9, choices=ProofKind.choices())
    letter = models.ForeignKey(
        Letter, models.PROTECT, related_name="proofs", null=True, blank=True, verbose_name="lettre"
    )
    mail_key = models.CharField("identité du courriel", max_length=40, blank=True)
    reference = models.CharField("numéro de recommandé", max_length=40, blank=True)
    happened_on = models.DateField("le")
    recorded_on = models.DateField("enregistrée le")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="enregistrée par"
    )

    class Meta:
        verbose_name = "preuve"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="caseproof_rests_on_something",
                condition=Q(kind="MAILED", step="NOTICE", letter__isnull=True, reference="") & ~Q(mail_key="")
                | ~Q(kind="MAILED") & Q(letter__isnull=False, mail_key=""),
                violation_error_message="Seul l’avis peut être prouvé par un courriel\u202f; le reste par lettre.",
            ),
            models.CheckConstraint(
                name="caseproof_posted_names_its_registered_number",
                condition=~Q(kind="POSTED") | ~Q(reference=""),
                violation_error_message="Un dépôt en recommandé a un numéro.",
            ),
            models.CheckConstraint(
                name="caseproof_is_not_of_the_future", condition=Q(happened_on__lte=F("recorded_on"))
            ),
            models.UniqueConstraint(
                name="caseproof_posted_once", fields=["letter"], condition=Q(kind=ProofKind.POSTED.value)
            ),
        ]
        triggers: ClassVar = [
            kept("caseproof_is_kept", pgtrigger.Delete | pgtrigger.Update),
            pgtrigger.Trigger(
                name="caseproof_is_true",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NEW.letter_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM registry_letter l
                        WHERE l.id = NEW.letter_id AND l.case_id = NEW.case_id AND l.kind = NEW.step
                          AND l.dated_on <= NEW.happened_on
                    ) OR NEW.kind = 'MAILED' AND NOT EXISTS (
                        SELECT FROM registry_removalcase c
                        WHERE c.id = NEW.case_id AND registry_mail_proves(c.id, NEW.mail_key, NEW.happened_on)
                    ) THEN
                        RAISE EXCEPTION 'nothing in the ledger proves step % of case %', NEW.step, NEW.case_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'caseproof_is_true';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.kind} {self.happened_on}"
