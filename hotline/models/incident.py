"""Incidents, and every word said about them."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hotline.rules.days import LONGEST_SILENCE
from hotline.rules.incidents import INCIDENT_TRANSITIONS, KNOWN_CAUSE, IncidentState
from registry.models.triggers import follows, stays_as_it_was, tracked
from reminders.models import Batch

_RESOLVED = IncidentState.RESOLVED.value
_EDGES = [(a.value, b.value) for a, after in INCIDENT_TRANSITIONS.items() for b in sorted(after)]


@tracked("IncidentHistory")
class Incident(models.Model):
    """What is wrong, for everybody to read: `message` and `cause` are public, names are not. While it is open it says
    when the next word will come."""

    state = models.CharField("état", max_length=13, choices=IncidentState.choices())
    message = models.TextField("message public")
    cause = models.TextField("cause", blank=True)
    next_update_at = models.DateTimeField("prochaine information le", null=True, blank=True)
    batch = models.ForeignKey(
        Batch, models.PROTECT, related_name="incidents", null=True, blank=True, verbose_name="lot en cause"
    )
    batch_paused = models.BooleanField("lot mis en pause", default=False)
    sending_stopped = models.BooleanField("envois arrêtés", default=False)
    declared_at = models.DateTimeField("déclaré le")
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="déclaré par"
    )
    updated_at = models.DateTimeField("dernière information le")
    resolved_at = models.DateTimeField("terminé le", null=True, blank=True)

    class Meta:
        verbose_name = "incident"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="incident_state_is_known", condition=Q(state__in=[s.value for s in IncidentState])
            ),
            models.CheckConstraint(name="incident_says_something", condition=~Q(message="")),
            models.CheckConstraint(
                name="incident_names_its_cause",
                condition=~Q(state__in=sorted(s.value for s in KNOWN_CAUSE)) | ~Q(cause=""),
                violation_error_message="Une fois la cause trouvée, elle est dite.",
            ),
            models.CheckConstraint(
                name="incident_says_when_next",
                condition=Q(state=_RESOLVED, next_update_at__isnull=True, resolved_at__isnull=False)
                | ~Q(state=_RESOLVED)
                & Q(next_update_at__isnull=False, next_update_at__gt=F("updated_at"), resolved_at__isnull=True),
                violation_error_message="Un incident ouvert dit quand viendra la prochaine information.",
            ),
            models.CheckConstraint(
                name="incident_next_word_can_be_meant",
                condition=Q(next_update_at__isnull=True) | Q(next_update_at__lte=F("updated_at") + LONGEST_SILENCE),
                violation_error_message="La prochaine information vient dans les sept jours.",
            ),
            models.CheckConstraint(
                name="incident_paused_a_batch", condition=Q(batch_paused=False) | Q(batch__isnull=False)
            ),
        ]
        indexes: ClassVar = [models.Index(name="incident_open", fields=["id"], condition=~Q(state=_RESOLVED))]
        triggers: ClassVar = [
            follows("incident_state_follows", "state", _EDGES),
            stays_as_it_was(
                "incident_as_declared_stays",
                ["batch_id", "batch_paused", "sending_stopped", "declared_at", "declared_by_id"],
            ),
            pgtrigger.Trigger(
                name="incident_that_is_over_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state=_RESOLVED),
                func="RAISE EXCEPTION 'incident % is over and stays as it is', OLD.id;",
            ),
            pgtrigger.Protect(name="incident_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"Incident {self.pk}"


class IncidentUpdate(models.Model):
    """One word about an incident, as it was published."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="updates", verbose_name="incident")
    state = models.CharField("état", max_length=13, choices=IncidentState.choices())
    message = models.TextField("message public")
    next_update_at = models.DateTimeField("prochaine information le", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "information sur un incident"
        verbose_name_plural = "informations sur les incidents"
        triggers: ClassVar = [
            pgtrigger.Protect(name="incidentupdate_is_kept", operation=pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.at:%Y-%m-%d %H:%M}"
