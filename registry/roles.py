"""The roles of staff: one group each, whose permissions a migration of `reminders` sets."""

from __future__ import annotations

import re

from registry.rules.labels import LabelledEnum

_SEPARATORS = re.compile(r"[\s_\-]+")


class Role(LabelledEnum):
    """What a member of staff is there for; `group` names the group that carries the permissions."""

    REGISTRY_OFFICER = "REGISTRY_OFFICER", "Gestionnaire du registre", "Registry officer"
    APPROVER = "APPROVER", "Approbateur", "Approver"
    HOTLINE_AGENT = "HOTLINE_AGENT", "Conseiller téléphonique", "Hotline agent"
    HOTLINE_LEAD = "HOTLINE_LEAD", "Responsable de la ligne téléphonique", "Hotline lead"
    HOTLINE_EXTRA = "HOTLINE_EXTRA", "Renfort téléphonique", "Extra hotline agent"
    AUDITOR = "AUDITOR", "Auditeur", "Auditor"
    ADMINISTRATOR = "ADMINISTRATOR", "Administrateur", "Administrator"

    @property
    def group(self) -> str:
        """The name of the group in the database."""
        return self.value.lower()

    @classmethod
    def named(cls, text: str) -> Role | None:
        """The role a person wrote, whatever the case and the separators; None where there is none."""
        return cls.__members__.get(_SEPARATORS.sub("_", text.strip()).upper())
