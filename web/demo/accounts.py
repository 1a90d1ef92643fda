"""Who plays in the demonstration: one account a person, one role each, one password for all."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction

from registry.roles import Role

# Known to everybody: the demonstration listens on the loopback interface alone.
PASSWORD = "demonstration-2014"  # noqa: S105

CAST: dict[str, Role] = {
    "alice": Role.REGISTRY_OFFICER,
    "bruno": Role.APPROVER,
    "claire": Role.APPROVER,
    "hugo": Role.HOTLINE_AGENT,
    "lea": Role.HOTLINE_LEAD,
    "ada": Role.AUDITOR,
    "admin": Role.ADMINISTRATOR,
}


@transaction.atomic
def open_accounts() -> dict[str, User]:
    """Make everybody's account. The password is hashed once: it is meant to be slow."""
    hashed = make_password(PASSWORD)
    return {name: _open(name, role, hashed) for name, role in CAST.items()}


def _open(name: str, role: Role, hashed: str) -> User:
    user = User.objects.create(username=name, email=f"{name}@registre.example", password=hashed, is_staff=True)
    user.groups.add(Group.objects.get(name=role.group))
    return user
