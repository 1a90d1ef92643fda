"""What a key may be used for: each scope narrows what its holder could do anyway, none widens it."""

from __future__ import annotations

from collections.abc import Iterable

from registry.rules.labels import LabelledEnum


class Scope(LabelledEnum):
    """The scopes of a key. A value is never renamed: keys are made with it."""

    FILE_READ = "file:read", "lire les dossiers confiés", "read the files entrusted"
    FILE_WRITE = "file:write", "tenir à jour les dossiers confiés", "keep the files entrusted up to date"
    ISSUER_WRITE = "issuer:write", "déposer en tant qu’assureur ou garant", "file as an insurer or guarantor"
    STAFF_READ = "staff:read", "lire en tant que personnel", "read as staff"
    STAFF_REGISTER = "staff:register", "tenir le registre en tant que personnel", "keep the register as staff"
    STAFF_BATCHES = "staff:batches", "conduire les lots en tant que personnel", "run batches as staff"
    STAFF_SENDING = "staff:sending", "arrêter et rouvrir les envois", "stop and resume sending"
    STAFF_HOTLINE = "staff:hotline", "tenir la ligne téléphonique", "keep the hotline"
    STAFF_ALL = "staff:*", "tout ce que permet le rôle", "all that the role permits"

    @property
    def is_for_staff(self) -> bool:
        """Whether only a member of staff may hold it."""
        return self.value.startswith("staff:")


def allows(held: Iterable[str], wanted: Scope) -> bool:
    """Whether a key that holds these scopes may be used for `wanted`."""
    scopes = set(held)
    return wanted in scopes or (wanted.is_for_staff and Scope.STAFF_ALL in scopes)
