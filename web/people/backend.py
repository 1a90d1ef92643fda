"""Sessions that began with an e-mailed code or a passkey."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import User
from django.http import HttpRequest

PERSON_BACKEND = "web.people.backend.PersonBackend"


class PersonBackend(BaseBackend):
    """Finds the account of such a session, and never one of staff: whoever becomes staff signs in by password."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Nobody: there is no password here."""
        return

    def get_user(self, user_id: int) -> User | None:
        """The open account that is not of staff."""
        return User.objects.filter(pk=user_id, is_active=True, is_staff=False, is_superuser=False).first()
