"""Writers of extra agents: a role for a few days, given and taken back."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, Group, User
from django.core.exceptions import ValidationError

from hotline.errors import HotlineError
from hotline.models import ExtraAgent
from hotline.rules.extra_agents import LONGEST_GRANT
from registry.actions import recording
from registry.roles import Role

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No i, l, o, 0, 1: the password is read from a screen and typed."""
_GROUPS, _GROUP_LENGTH = 5, 5


def grant_extra(*, name: str, ends_at: datetime, by: AbstractBaseUser, now: datetime) -> tuple[ExtraAgent, str]:
    """Make an extra agent of an account of staff, which is opened where there is none.

    Returns the grant, and the password of a new account, kept nowhere; empty for one that was there. Raises
    HotlineError for what cannot be.
    """
    _require_end(ends_at, now)
    with recording(by=by, why="renfort"):
        account, password = _account(name.strip())
        if account.pk == by.pk:
            raise HotlineError("Personne ne se donne un rôle à soi-même\u00a0: demandez-le à un autre responsable.")
        role = Group.objects.get(name=Role.HOTLINE_EXTRA.group)
        values = {"granted_at": now, "granted_by_id": by.pk, "ends_at": ends_at}
        return ExtraAgent.objects.create(account=account, role=role, **values), password


def end_extra(*, grant_id: int, by: AbstractBaseUser, now: datetime) -> ExtraAgent:
    """Take it back before its end. Raises HotlineError where there is nothing to take back."""
    with recording(by=by, why="renfort retiré"):
        grant = ExtraAgent.objects.select_for_update(of=("self",)).filter(pk=grant_id).first()
        if grant is None or grant.ended_at or grant.ends_at <= now:
            raise HotlineError("Ce renfort est déjà terminé.")
        grant.ended_at, grant.ended_by_id = now, by.pk
        grant.save()
    return grant


def _require_end(ends_at: datetime, now: datetime) -> None:
    if not now < ends_at <= now + LONGEST_GRANT:
        raise HotlineError(f"Un renfort prend fin dans les {LONGEST_GRANT.days} jours\u00a0: donnez une date à venir.")


def _account(name: str) -> tuple[User, str]:
    found = User.objects.filter(username=name).first()
    if found is None:
        return _open(name)
    if not (found.is_staff and found.is_active):
        raise HotlineError(f"Le compte {name} n’est pas celui d’un membre du personnel\u00a0: choisissez un autre nom.")
    return found, ""


def _open(name: str) -> tuple[User, str]:
    account = User(username=name, is_staff=True)
    try:
        account.full_clean(exclude=["password"])
    except ValidationError as error:
        raise HotlineError(f"Ce nom de compte ne convient pas\u00a0: {' '.join(error.messages)}") from None
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    password = "-".join(groups)
    account.set_password(password)
    account.save()
    return account, password
