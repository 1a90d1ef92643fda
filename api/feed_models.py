"""The change feed: what has changed, in the order in which it could first be seen."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from api.event_types import EventType
from registry.models import Intermediary

_PUBLIC = [member.value for member in EventType if member.is_public]


class ChangeEvent(models.Model):
    """One change, written by a trigger in its own transaction: of what kind, of whose file, of which row of it.

    `position` is given after the commit by `api_number_events`, one after the other: what is committed late comes
    late, never before what was read. Nothing here says what the change was.
    """

    position = models.BigIntegerField("place", null=True, blank=True, unique=True)
    type = models.CharField("genre", max_length=20, choices=EventType.choices())
    at = models.DateTimeField("le", db_default=Now())
    intermediary = models.ForeignKey(
        Intermediary, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    object_id = models.BigIntegerField("ligne", null=True, blank=True)

    class Meta:
        verbose_name = "changement"
        indexes: ClassVar = [
            models.Index(name="changeevent_waits", fields=["id"], condition=Q(position=None)),
            models.Index(name="changeevent_of_a_file", fields=["intermediary", "position"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="changeevent_type_is_known", condition=Q(type__in=[m.value for m in EventType])
            ),
            models.CheckConstraint(
                name="changeevent_is_of_a_file", condition=Q(intermediary__isnull=False) | Q(type__in=_PUBLIC)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="changeevent_is_numbered_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.position IS NOT NULL OR (OLD.id, OLD.type, OLD.at, OLD.intermediary_id, OLD.object_id)"
                    " IS DISTINCT FROM (NEW.id, NEW.type, NEW.at, NEW.intermediary_id, NEW.object_id)"
                ),
                func="RAISE EXCEPTION 'event % is told as it was', OLD.id;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.type}"


class FeedState(models.Model):
    """One row: the last position given, and the last one forgotten. Whoever numbers holds it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    numbered_through = models.BigIntegerField("numéroté jusqu’à", db_default=0, default=0)
    forgotten_through = models.BigIntegerField("oublié jusqu’à", db_default=0, default=0)

    class Meta:
        verbose_name = "état du flux"
        constraints: ClassVar = [
            models.CheckConstraint(name="feedstate_is_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="feedstate_forgets_what_was_numbered",
                condition=Q(forgotten_through__lte=models.F("numbered_through"), forgotten_through__gte=0),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="feedstate_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="feedstate_goes_on",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.numbered_through < OLD.numbered_through OR NEW.forgotten_through < OLD.forgotten_through"
                ),
                func="RAISE EXCEPTION 'the feed goes on and never back';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.forgotten_through} … {self.numbered_through}"
