"""Make the account of a member of staff, in one role."""

from __future__ import annotations

import secrets
import sys
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db import transaction

from registry.management.console import Failed, RegisterCommand, WrongUse, in_one_line
from registry.roles import Role

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No i, l, o, 0, 1: the password is read from a screen and typed."""
_GROUPS, _GROUP_LENGTH = 5, 5
LONGEST_PASSWORD = 1000


class Command(RegisterCommand):
    """`create_user NAME --role R`: a user in one role, staff, never a superuser."""

    help = (
        "Make the account of a member of staff. Without --password-stdin a strong password is made and "
        "printed once: hand it over, and have it changed at the first login. Run again with the same role, "
        "it changes nothing."
    )
    examples = """
  manage.py create_user marie --role registry_officer --email marie@registre.example
  manage.py create_user paul --role approver --password-stdin < password.txt
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """NAME, --role, --email, --password-stdin."""
        roles = ", ".join(role.group for role in Role)
        parser.add_argument("name", metavar="NAME", help="the name to log in with")
        parser.add_argument("--role", required=True, help=f"one of {roles}")
        parser.add_argument("--email", default="", help="the user's e-mail address")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from the first line of stdin"
        )

    def handle(self, *args: Any, name: str, role: str, email: str, password_stdin: bool, **options: Any) -> None:
        """Make the user, or say that it is there."""
        wanted = _role(role)
        existing = User.objects.filter(username=name).first()
        if existing is not None:
            self.stdout.write(_same_or_refuse(existing, wanted))
            return
        user = _checked(User(username=name, email=email, is_staff=True))
        password = _read_password(user) if password_stdin else _make_password()
        create(user, password, wanted)
        self.stdout.write(f"Compte {name} créé, avec le rôle {wanted.group}.")
        if not password_stdin:
            self.stdout.write(f"Mot de passe, affiché cette seule fois\u00a0: {password}")


@transaction.atomic
def create(user: User, password: str, role: Role) -> None:
    """Save the user with the password, in the role's group."""
    user.set_password(password)
    user.save()
    user.groups.add(_group(role))


def _group(role: Role) -> Group:
    group = Group.objects.filter(name=role.group).first()
    if group is None:
        raise Failed(
            f"Le rôle {role.group} n’est pas dans la base de données. Pour l’y mettre\u00a0: manage.py migrate"
        )
    return group


def _role(text: str) -> Role:
    role = Role.named(text)
    if role is None:
        roles = ", ".join(r.group for r in Role)
        raise WrongUse(f"Aucun rôle ne s’appelle «\u00a0{text}\u00a0». Choisissez-en un\u00a0: {roles}.")
    return role


def _same_or_refuse(user: User, role: Role) -> str:
    groups = sorted(user.groups.values_list("name", flat=True))
    page = f"/admin/auth/user/{user.pk}/change/"
    if not user.is_active:
        raise Failed(f"Le compte {user.username} existe déjà, mais il est fermé. Rouvrez-le sur {page}")
    if groups == [role.group]:
        return f"Le compte {user.username} existe déjà, avec le rôle {role.group}\u00a0: rien n’est changé."
    present = f"avec le rôle {' et '.join(groups)}" if groups else "sans rôle"
    raise Failed(
        f"Le compte {user.username} existe déjà, {present}\u00a0: rien n’est changé. "
        f"Choisissez un autre nom, ou changez son rôle sur {page}"
    )


def _checked(user: User) -> User:
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        raise WrongUse(f"Compte refusé, rien n’est créé. {_by_field(error)}") from None
    return user


def _by_field(error: ValidationError) -> str:
    names = {field.name: str(field.verbose_name) for field in User._meta.fields}
    told = (f"{names.get(key, key)}\u00a0: {' '.join(words)}" for key, words in error.message_dict.items())
    return " ".join(told)


def _read_password(user: User) -> str:
    try:
        password = sys.stdin.readline(LONGEST_PASSWORD + 1).rstrip("\r\n")
        password.encode()
    except UnicodeError:
        raise WrongUse("Mot de passe refusé, rien n’est créé\u00a0: il n’est pas en UTF-8.") from None
    if len(password) > LONGEST_PASSWORD or "\0" in password:
        raise WrongUse(f"Mot de passe refusé, rien n’est créé\u00a0: {LONGEST_PASSWORD} caractères au plus, sans NUL.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WrongUse(f"Mot de passe refusé, rien n’est créé\u00a0: {in_one_line(error)}") from None
    return password


def _make_password() -> str:
    """25 letters and digits in groups of five: 123 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
