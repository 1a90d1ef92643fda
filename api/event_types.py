"""What the change feed and webhooks tell of."""

from __future__ import annotations

from registry.rules.labels import LabelledEnum


class EventType(LabelledEnum):
    """What has changed, never to what: who may see it reads it. A value is never renamed."""

    REGISTER = "register.changed", "Inscription publique modifiée", "Public entry changed"
    DEADLINES = "deadlines.changed", "Échéances déplacées", "Deadlines moved"
    FILE = "file.changed", "Dossier modifié", "File changed"
    COVER = "cover.changed", "Attestation déposée ou modifiée", "Certificate deposited or changed"
    RENEWAL = "renewal.changed", "Demande de renouvellement modifiée", "Renewal request changed"
    NOTICE = "notice.sent", "Message envoyé", "Message sent"

    @property
    def is_public(self) -> bool:
        """Whether anyone with a key is told."""
        return self in (EventType.REGISTER, EventType.DEADLINES)
