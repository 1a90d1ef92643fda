"""What a caller may do: the permissions of its account, narrowed by the scopes of its key; and whose files it sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from api.keys import PERMISSIONS
from api.models import ApiKey, Mandate
from api.problems import ProblemCode
from api.scopes import Scope, allows
from registry.models import Intermediary
from registry.planned import run_planned


@dataclass(frozen=True, slots=True)
class Need:
    """What an act takes: of staff a permission, and of their key a scope (or the `other` one); `file_scope` lets an
    account with a mandate do it to its own files."""

    permission: str
    scope: Scope
    file_scope: Scope | None = None
    other: Scope | None = None


class Reach(Enum):
    """Whose files an act may touch."""

    ALL = auto()
    MANDATED = auto()


@dataclass(frozen=True, slots=True)
class Rights:
    """A caller: the account, the key that it showed (None: a session), and its permissions as staff."""

    user: User | AnonymousUser
    key: ApiKey | None
    permissions: frozenset[str]

    @property
    def is_staff(self) -> bool:
        """Whether the account is an open one of staff."""
        return self.user.is_active and self.user.is_staff

    def reach(self, need: Need) -> Reach | ProblemCode:
        """How far the need is met, or why it is not."""
        if self.is_staff and (self.user.is_superuser or need.permission in self.permissions):
            return Reach.ALL if self._key_allows(need.scope, need.other) else ProblemCode.INSUFFICIENT_SCOPE
        if need.file_scope is None or self.is_staff or not self.user.is_authenticated:
            return ProblemCode.NOT_FOUND
        return Reach.MANDATED if self._key_allows(need.file_scope) else ProblemCode.INSUFFICIENT_SCOPE

    def _key_allows(self, *scopes: Scope | None) -> bool:
        return self.key is None or any(scope and allows(self.key.scopes, scope) for scope in scopes)


def rights_of(user: User | AnonymousUser, key: ApiKey | None) -> Rights:
    """The rights of a caller. Those of staff are asked for in one query, unless they came with the key."""
    if not (user.is_active and user.is_staff and not user.is_superuser):
        return Rights(user, key, frozenset())
    came = key.holder_permissions if key is not None else None
    return Rights(user, key, _permissions(user.pk) if came is None else came)


def _permissions(user: int | None) -> frozenset[str]:
    """Django asks twice, for the account's own and for its groups'; in SQL, since each request of staff asks."""
    with connection.cursor() as cursor:
        run_planned(cursor, f"SELECT {PERMISSIONS} FROM auth_user u WHERE u.id = %s", [user])  # noqa: S608
        row = cursor.fetchone()
    return frozenset(row[0] if row else ())


_VISIBLE = """
SELECT {columns}, (SELECT version FROM registry_referenceversion WHERE id = 1)
FROM registry_intermediary i
WHERE i.orias_number = %s AND (%s OR EXISTS (
    SELECT FROM api_mandate m
    WHERE m.intermediary_id = i.id AND m.holder_id = %s AND m.starts_on <= %s
      AND (m.ends_on IS NULL OR m.ends_on >= %s)
))
"""


def find_visible(rights: Rights, reach: Reach, day: date, orias_number: str) -> Intermediary | None:
    """The one of `visible_files` with that number, and on it `reference_version`, that of the common facts.

    In SQL, for what is asked most: the ORM puts this query together in three times what the database needs for it.
    """
    names = [field.attname for field in Intermediary._meta.concrete_fields]
    columns = ", ".join(f'i."{name}"' for name in names)
    given = (orias_number, reach is Reach.ALL, rights.user.pk, day, day)
    with connection.cursor() as cursor:
        run_planned(cursor, _VISIBLE.format(columns=columns), given)
        row = cursor.fetchone()
    if row is None:
        return None
    found = Intermediary.from_db(connection.alias, names, row[:-1])
    found.reference_version = row[-1]  # type: ignore[attr-defined]
    return found


def visible_files(rights: Rights, reach: Reach, day: date) -> QuerySet[Intermediary]:
    """The files this caller sees on `day`: filtered in the query, so that another's is as if absent (I14)."""
    if reach is Reach.ALL:
        return Intermediary.objects.all()
    held = Mandate.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day),
        intermediary=OuterRef("pk"),
        holder=rights.user.pk,
        starts_on__lte=day,
    )
    return Intermediary.objects.filter(Exists(held))
