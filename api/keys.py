"""Writers of keys and mandates: keyword-only, one transaction each. Who calls them has asked for the permission."""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from ipaddress import ip_network

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, Q

from api.models import LONGEST_KEY_NAME, LONGEST_LIFE, ApiKey, Mandate
from api.sandbox import key_prefix
from api.scopes import Scope
from registry.actions import RegisterError, recording
from registry.models import Intermediary
from registry.planned import run_planned
from registry.rules.problems import shown

WARNED_BEFORE = timedelta(days=30)
"""From so long before its end a key is said to expire soon."""
LIVE_KEYS = 2
"""Of one name: the one in use, and the one that takes its place."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_TOKEN = re.compile(r"(?P<key_id>[a-z2-7]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
_NO_DIGEST = "0" * 64


def create_key(
    *,
    holder: User,
    name: str,
    scopes: Sequence[Scope],
    networks: Sequence[str] = (),
    days: int = LONGEST_LIFE.days,
    by: User,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Make a key and the token that is shown this once. Raises RegisterError with what stands against it."""
    _require_own_scopes(holder, scopes, by)
    _require_short(name)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=holder.pk)
        _require_room(holder, name, now)
        key = ApiKey.objects.create(
            key_id="".join(secrets.choice(_ALPHABET) for _ in range(12)),
            digest=digest(secret),
            holder=holder,
            name=name,
            scopes=sorted({scope.value for scope in scopes}),
            networks=[_network(text) for text in networks],
            created_at=now,
            created_by=by,
            expires_at=now + timedelta(days=days),
        )
    return key, f"{key_prefix()}{key.key_id}_{secret}"


def revoke_key(*, key_id: str, by: User, now: datetime) -> tuple[ApiKey, bool]:
    """Revoke at once, and whether it was live till now. Raises RegisterError where there is no such key, or where it
    is neither one's own nor staff who asks."""
    # The visible beginning of a token is understood too.
    wanted = key_id.removeprefix(key_prefix()).partition("_")[0]
    mine = ApiKey.objects.filter(key_id=wanted) if by.is_staff else ApiKey.objects.filter(key_id=wanted, holder=by)
    revoked = mine.filter(revoked_at=None).update(revoked_at=now, revoked_by=by)
    key = mine.select_related("holder").first()
    if key is None:
        raise RegisterError(f"Aucune clé «\u00a0{shown(key_id)}\u00a0»\u00a0: voyez list_api_keys.")
    return key, bool(revoked)


def find_key(token: str) -> ApiKey | None:
    """The key of a token, its holder and the holder's permissions with it, in one query; None where the token opens
    nothing: one of the other world (api.sandbox) is not even looked for.

    The secret is compared in constant time, and something is compared where there is no such key as well.
    """
    rest = token.removeprefix(key_prefix())
    found = _TOKEN.fullmatch(rest)
    if found is None or rest == token:
        return None
    key = _load(found["key_id"])
    same = hmac.compare_digest(digest(found["secret"]), key.digest if key else _NO_DIGEST)
    return key if key and same else None


def _load(key_id: str) -> ApiKey | None:
    """The key and its holder. In SQL: each request begins here, and to have it put together costs thrice the asking."""
    with connection.cursor() as cursor:
        run_planned(cursor, _select_key(), [key_id])
        row = cursor.fetchone()
    if row is None:
        return None
    width = len(_columns(ApiKey))
    key = ApiKey.from_db(connection.alias, _columns(ApiKey), row[:width])
    key.holder = User.from_db(connection.alias, _columns(User), row[width:-1])
    key.holder_permissions = frozenset(row[-1] or ())
    return key


@functools.cache
def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@functools.cache
def _select_key() -> str:
    columns = (f'{name}."{column}"' for name, model in (("k", ApiKey), ("u", User)) for column in _columns(model))
    held = f"CASE WHEN u.is_staff THEN {PERMISSIONS} END"
    return (
        f"SELECT {', '.join(columns)}, {held} FROM api_apikey k JOIN auth_user u ON u.id = k.holder_id"  # noqa: S608
        " WHERE k.key_id = %s"
    )


PERMISSIONS = """ARRAY(
    SELECT t.app_label || '.' || p.codename
    FROM (
        SELECT permission_id FROM auth_user_user_permissions WHERE user_id = u.id
        UNION
        SELECT g.permission_id FROM auth_user_groups m JOIN auth_group_permissions g ON g.group_id = m.group_id
        WHERE m.user_id = u.id
    ) held
    JOIN auth_permission p ON p.id = held.permission_id
    JOIN django_content_type t ON t.id = p.content_type_id
)"""
"""In SQL, the permissions of the account `u`: its own and those of its roles."""


def digest(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits: nobody guesses it, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def grant_mandate(
    *, holder: User, intermediary: Intermediary, starts_on: date, ends_on: date | None, by: User, why: str
) -> Mandate:
    """Let an account act for an intermediary. Raises RegisterError where it does already, or the days are reversed."""
    if holder.is_staff:
        raise RegisterError(f"{holder.get_username()} est du personnel\u00a0: il agit par son rôle, sans mandat.")
    if ends_on is not None and ends_on < starts_on:
        raise RegisterError("Le dernier jour du mandat précède le premier\u00a0: corrigez l’un des deux.")
    try:
        with recording(by=by, why=why):
            return Mandate.objects.create(
                holder=holder, intermediary=intermediary, starts_on=starts_on, ends_on=ends_on
            )
    except IntegrityError:
        raise RegisterError(
            f"{holder.get_username()} a déjà un mandat pour {intermediary.orias_number}\u00a0: "
            "mettez-y fin d’abord avec end_mandate."
        ) from None


def end_mandate(*, holder: User, intermediary: Intermediary, last_day: date, by: User, why: str) -> int:
    """End the mandates in force after `last_day` (the last on which they hold); how many. One that begins on the day
    after it holds no more."""
    with recording(by=by, why=why):
        begun = Q(starts_on__lte=last_day + timedelta(days=1))
        later = Mandate.objects.filter(begun, holder=holder, intermediary=intermediary)
        return later.filter(Q(ends_on=None) | Q(ends_on__gt=last_day)).update(ends_on=last_day)


def _require_own_scopes(holder: User, scopes: Sequence[Scope], by: User) -> None:
    """A key of staff acts in its holder's name, so nobody makes one for somebody else (I6)."""
    if not any(scope.is_for_staff for scope in scopes):
        return
    if not holder.is_staff:
        raise RegisterError(f"{holder.get_username()} n’est pas du personnel\u00a0: pas de droit «\u00a0staff\u00a0».")
    if holder.pk != by.pk:
        raise RegisterError(
            f"Une clé du personnel agit au nom de son titulaire\u00a0: {holder.get_username()} la crée pour soi-même."
        )


def _require_short(name: str) -> None:
    if len(name) > LONGEST_KEY_NAME:
        raise RegisterError(f"Un nom de clé a {LONGEST_KEY_NAME} caractères au plus, celui-ci {len(name)}. Abrégez-le.")


def _require_room(holder: User, name: str, now: datetime) -> None:
    live = ApiKey.objects.filter(holder=holder, name=name, revoked_at=None, expires_at__gt=now)
    if live.count() >= LIVE_KEYS:
        ids = ", ".join(live.order_by("created_at").values_list("key_id", flat=True))
        raise RegisterError(
            f"{holder.get_username()} a déjà {LIVE_KEYS} clés «\u00a0{shown(name)}\u00a0» ({ids})\u00a0: "
            "révoquez-en une."
        )


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip()))
    except ValueError:
        raise RegisterError(
            f"«\u00a0{shown(text)}\u00a0» n’est pas un réseau\u00a0: écrivez-le comme 192.0.2.0/24 ou 2001:db8::/32."
        ) from None
