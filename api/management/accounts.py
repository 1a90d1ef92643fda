"""The accounts that programs act by: made beside what they may act for, and without password."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from registry.management.console import WrongUse, acting_user, in_one_line
from registry.rules.problems import shown


def program_account(name: str) -> User:
    """The open account of that name. Raises WrongUse, which says how one is made for a program."""
    if User.objects.filter(username=name).exists():
        return acting_user(name)
    told = shown(name)
    raise WrongUse(
        f"Aucun compte ne s’appelle «\u00a0{told}\u00a0». Celui d’un logiciel se crée avec ce pour quoi il agit\u00a0: "
        f"manage.py grant_mandate {told} NUMÉRO --new --by NOM, ou grant_issuer {told} CODE --new --by NOM\u00a0; "
        "celui d’une personne\u00a0: create_user."
    )


def account_of(name: str) -> User:
    """The open account of that name, made without password where there is none. Raises WrongUse."""
    found = User.objects.filter(username=name).first()
    if found is not None:
        return acting_user(name)
    user = User(username=name)
    user.set_unusable_password()
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        raise WrongUse(f"Compte refusé, rien n’est créé\u00a0: {in_one_line(error)}") from None
    user.save()
    return user
