"""The registration commission: its members, its sessions, and each one's voice on each case (CA R512-3)."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.models.removal import RemovalCase
from registry.models.triggers import kept, stays_as_it_was, tracked
from registry.rules.commission import Choice


@tracked("CommissionMemberHistory")
class CommissionMember(models.Model):
    """A member in office from one day to another, both included: named for five years (CA R512-3)."""

    code = models.SlugField("code", max_length=30, unique=True)
    name = models.CharField("nom", max_length=150)
    named_on = models.DateField("nommé le")
    ends_on = models.DateField("jusqu’au")

    class Meta:
        verbose_name = "membre de la commission"
        verbose_name_plural = "membres de la commission"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="commissionmember_ends_after_it_starts",
                condition=Q(ends_on__gte=F("named_on")),
                violation_error_message="Le mandat finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@tracked("CommissionSessionHistory")
class CommissionSession(models.Model):
    """A session: prepared with its votes by one person, signed by another on the SHA-256 of what it says.

    `seats` counts the members in office on that day, present or not. `minutes` is the signed procès-verbal.
    """

    number = models.CharField("numéro", max_length=20, unique=True)
    held_on = models.DateField("tenue le")
    seats = models.PositiveSmallIntegerField("membres en fonction")
    digest = models.CharField("empreinte des votes", max_length=64)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="préparée par"
    )
    prepared_at = models.DateTimeField("préparée le")
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="signée par"
    )
    signed_at = models.DateTimeField("signée le", null=True, blank=True)
    minutes = models.BinaryField("procès-verbal", default=b"")
    minutes_sha256 = models.CharField("empreinte du procès-verbal", max_length=64, blank=True)

    class Meta:
        verbose_name = "séance"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="commissionsession_has_two_people",
                condition=Q(signed_by__isnull=True, signed_at__isnull=True, minutes_sha256="")
                | Q(signed_by__isnull=False, signed_at__isnull=False)
                & ~Q(minutes_sha256="")
                & ~Q(signed_by=F("prepared_by")),
                violation_error_message="Une séance est signée par une autre personne que celle qui l’a préparée.",
            ),
        ]
        triggers: ClassVar = [
            stays_as_it_was(
                "commissionsession_is_frozen",
                ["number", "held_on", "seats", "digest", "prepared_by_id", "prepared_at"],
            ),
            pgtrigger.Protect(name="commissionsession_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="commissionsession_counts_its_seats",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NEW.signed_by_id IS NOT NULL OR NEW.seats <> (
                        SELECT count(*) FROM registry_commissionmember m
                        WHERE NEW.held_on BETWEEN m.named_on AND m.ends_on
                    ) THEN
                        RAISE EXCEPTION 'a session is prepared first, with as many seats as members in office'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'commissionsession_counts_its_seats';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="commissionsession_is_signed_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.signed_by_id IS NOT NULL THEN
                        RAISE EXCEPTION 'session % is signed and stays as it is', OLD.number;
                    END IF;
                    IF EXISTS (
                        SELECT FROM registry_resolution r JOIN registry_removalcase c ON c.id = r.case_id
                        WHERE r.session_id = NEW.id AND c.opened_by_id = NEW.signed_by_id
                    ) THEN
                        RAISE EXCEPTION 'who opened a case does not sign its decision'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'commissionsession_has_two_people';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


def _until_signed(name: str, session: str) -> pgtrigger.Trigger:
    """A trigger that refuses what is added to a session once it is signed."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF EXISTS (SELECT FROM registry_commissionsession WHERE id = {session} AND signed_by_id IS NOT NULL) THEN
                RAISE EXCEPTION 'a signed session takes nothing more';
            END IF;
            RETURN NEW;
        """,
    )


@tracked("ResolutionHistory")
class Resolution(models.Model):
    """A case on a session's agenda."""

    session = models.ForeignKey(
        CommissionSession, models.PROTECT, related_name="resolutions", db_index=False, verbose_name="séance"
    )
    case = models.ForeignKey(RemovalCase, models.PROTECT, related_name="resolutions", verbose_name="affaire")

    class Meta:
        verbose_name = "délibération"
        constraints: ClassVar = [models.UniqueConstraint(name="resolution_once", fields=["session", "case"])]
        triggers: ClassVar = [
            kept("resolution_is_kept", pgtrigger.Delete | pgtrigger.Update),
            _until_signed("resolution_comes_before_the_signature", "NEW.session_id"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.case_id}"


@tracked("BallotHistory")
class Ballot(models.Model):
    """The voice of a member who was present, on one case; a declared interest is no voice, and is minuted."""

    resolution = models.ForeignKey(
        Resolution, models.PROTECT, related_name="ballots", db_index=False, verbose_name="délibération"
    )
    member = models.ForeignKey(CommissionMember, models.PROTECT, related_name="ballots", verbose_name="membre")
    choice = models.CharField("voix", max_length=9, choices=Choice.choices())

    class Meta:
        verbose_name = "voix"
        verbose_name_plural = "voix"
        constraints: ClassVar = [
            models.UniqueConstraint(name="ballot_once", fields=["resolution", "member"]),
            models.CheckConstraint(name="ballot_choice_is_known", condition=Q(choice__in=[c.value for c in Choice])),
        ]
        triggers: ClassVar = [
            kept("ballot_is_kept", pgtrigger.Delete | pgtrigger.Update),
            _until_signed(
                "ballot_comes_before_the_signature",
                "(SELECT r.session_id FROM registry_resolution r WHERE r.id = NEW.resolution_id)",
            ),
            pgtrigger.Trigger(
                name="ballot_is_of_a_member_in_office",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM registry_resolution r JOIN registry_commissionsession s ON s.id = r.session_id
                        JOIN registry_commissionmember m ON s.held_on BETWEEN m.named_on AND m.ends_on
                        WHERE r.id = NEW.resolution_id AND m.id = NEW.member_id
                    ) THEN
                        RAISE EXCEPTION 'who is not in office on the day of a session has no voice there'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_is_of_a_member_in_office';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.choice}"
