"""Who, when, why: the history context of every write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction


class RegisterError(Exception):
    """Something the register refuses, in words for the person who asked: what, where and what to do."""


@contextmanager
def recording(*, by: AbstractBaseUser | None, why: str) -> Iterator[None]:
    """One transaction whose changes carry who (`by`; None: the system) and why in the history."""
    with transaction.atomic(), pghistory.context(user=by.pk if by else None, why=why):
        yield
