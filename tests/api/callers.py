"""Programs that call the API: with a key, for whom, in which role."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django.test import Client

from api.issuers import grant_issuer
from api.keys import create_key, grant_mandate
from api.scopes import Scope
from registry import clock
from registry.models import Intermediary, Issuer
from tests.factories import IssuerFactory, UserFactory


class Keyed(Client):
    """A program that shows a key in each call, and posts JSON with an Idempotency-Key of its own each time."""

    def __init__(self, user: User, *scopes: str, **key: Any) -> None:
        values: dict[str, Any] = {"name": "essai", "by": user, "now": clock.now()} | key
        self.key, self.token = create_key(holder=user, scopes=[Scope(s) for s in scopes], **values)
        super().__init__(headers={"authorization": f"Bearer {self.token}"})

    def act(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """An unsafe call."""
        given = {"Idempotency-Key": uuid4().hex} | {name.replace("_", "-"): value for name, value in headers.items()}
        call = getattr(self, method)
        return call(path, data=body or {}, content_type="application/json", headers=given)


def holder_of(*files: Intermediary, name: str = "logiciel", **mandate: Any) -> User:
    """An account, not of staff, that acts for these intermediaries."""
    user: User = User.objects.filter(username=name).first() or UserFactory(username=name)
    for one in files:
        days = {"starts_on": date(2020, 1, 1), "ends_on": None, "by": user, "why": "essai"} | mandate
        grant_mandate(holder=user, intermediary=one, **days)
    return user


def issuer_account(issuer: Issuer | None = None, name: str = "assureur") -> User:
    """An account that acts as an insurer, one of its own unless named."""
    user: User = UserFactory(username=name)
    grant_issuer(holder=user, issuer=issuer or IssuerFactory(), starts_on=date(2020, 1, 1), by=user, why="essai")
    return user


def staff_in(role: str, name: str | None = None) -> User:
    """A member of staff in a role."""
    user: User = UserFactory(username=name or role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user
