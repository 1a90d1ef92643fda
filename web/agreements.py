"""What one person has signed and another is to agree to: exactly that, in an address that nobody can forge.

Nothing is stored until the second person agrees: the writer then binds both names to what was shown, by its hash, so
that an agreement to something that has changed since is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User
from django.core import signing
from django.db.models import Exists, OuterRef, Q

VALID_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, by whom: an account that may still do so."""

    by: User
    said: dict[str, Any]


def sign(what: str, by: User, **said: Any) -> str:
    """The token of what this person signs."""
    return signing.dumps({"by": by.pk, **said}, salt=f"web.agreements.{what}", compress=True)


def read_signed(what: str, token: str, permission: str) -> Signed | None:
    """What a token says; None where it is none of ours, is too old, or its signer may no longer sign."""
    try:
        said = signing.loads(token, salt=f"web.agreements.{what}", max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    app, codename = permission.split(".")
    whose = Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk"))
    held = Permission.objects.filter(whose, content_type__app_label=app, codename=codename)
    may = User.objects.filter(Q(is_superuser=True) | Exists(held), is_active=True, is_staff=True)
    by = may.filter(pk=said.pop("by")).first()
    return Signed(by, said) if by is not None else None
