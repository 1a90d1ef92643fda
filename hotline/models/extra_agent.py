"""Extra agents: a role for a few days, which ends by itself."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q

from hotline.rules.extra_agents import LONGEST_GRANT
from registry.models.triggers import stays_as_it_was, tracked


@tracked("ExtraAgentHistory")
class ExtraAgent(models.Model):
    """Renfort: what `role` allows, to `account`, until `ends_at`; nothing need be done for it to end."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="extra_grants", verbose_name="compte"
    )
    role = models.ForeignKey(Group, models.PROTECT, related_name="extra_grants", verbose_name="rôle")
    granted_at = models.DateTimeField("donné le")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="donné par")
    ends_at = models.DateTimeField("jusqu’au")
    ended_at = models.DateTimeField("retiré le", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="retiré par"
    )

    class Meta:
        verbose_name = "renfort"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="extraagent_is_dated",
                condition=Q(ends_at__gt=F("granted_at")) & Q(ends_at__lte=F("granted_at") + LONGEST_GRANT),
                violation_error_message="Un renfort a une fin, dans les trente et un jours.",
            ),
            models.CheckConstraint(name="extraagent_is_given_by_another", condition=~Q(account=F("granted_by"))),
            models.CheckConstraint(
                name="extraagent_end_is_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            stays_as_it_was(
                "extraagent_as_given_stays", ["account_id", "role_id", "granted_at", "granted_by_id", "ends_at"]
            ),
            pgtrigger.Trigger(
                name="extraagent_ends_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
                func="RAISE EXCEPTION 'extra agent %: what was ended stays ended', OLD.id;",
            ),
            pgtrigger.Protect(name="extraagent_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.ends_at:%Y-%m-%d %H:%M}"
