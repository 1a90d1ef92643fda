"""What a caller may do: the permissions of its account, narrowed by the scopes of its key; and whose files it sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from django.contrib.auth.models import AnonymousUser, Permission, User
from django.db.models import Exists, OuterRef, Q, QuerySet

from api.models import ApiKey, Mandate
from api.problems import ProblemCode
from api.scopes import Scope, allows
from registry.models import Intermediary


@dataclass(frozen=True, slots=True)
class Need:
    """What an act takes: of staff a permission, and of their key a scope; `file_scope` lets an account with a mandate
    do it to its own files."""

    permission: str
    scope: Scope
    file_scope: Scope | None = None


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
            return Reach.ALL if self._key_allows(need.scope) else ProblemCode.INSUFFICIENT_SCOPE
        if need.file_scope is None or self.is_staff or not self.user.is_authenticated:
            return ProblemCode.NOT_FOUND
        return Reach.MANDATED if self._key_allows(need.file_scope) else ProblemCode.INSUFFICIENT_SCOPE

    def _key_allows(self, scope: Scope) -> bool:
        return self.key is None or allows(self.key.scopes, scope)


def rights_of(user: User | AnonymousUser, key: ApiKey | None) -> Rights:
    """The rights of a caller; one query for staff, none for others."""
    asked = user.is_active and user.is_staff and not user.is_superuser
    return Rights(user, key, _permissions(user.pk) if asked else frozenset())


def _permissions(user: int | None) -> frozenset[str]:
    """Django asks twice, for the account's own and for its groups'."""
    held = Permission.objects.filter(Q(user=user) | Q(group__user=user)).order_by()
    pairs = held.values_list("content_type__app_label", "codename")
    return frozenset(f"{app_label}.{codename}" for app_label, codename in pairs)


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
