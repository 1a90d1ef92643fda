"""Keys in the Authorization header: `Bearer orl_<id>_<secret>`, in the sandbox `Bearer orl_test_<id>_<secret>`."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from drf_spectacular.authentication import SessionScheme as OfLibrary
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as SessionOfBrowser
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.instants import now_of
from api.keys import find_key
from api.models import ApiKey
from api.problems import ProblemCode, Refused

USED_AGAIN = timedelta(minutes=1)
"""The last use is written so often at most."""


class KeyAuthentication(BaseAuthentication):
    """A live key, used from a network that it allows. A key that is shown and refused is never taken for nobody."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The account and its key; None where no key is shown. Raises Refused."""
        kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        key = find_key(token.strip())
        if key is None or not key.holder.is_active:
            raise Refused(ProblemCode.INVALID_KEY)
        now = now_of(request._request)
        address = address_of(request)
        require_usable(key, now, address)
        _note_use(key, now, address)
        return key.holder, key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class SessionAuthentication(SessionOfBrowser):
    """A session of the site's own pages; who lacks their token is told that, and not that the account may not."""

    def enforce_csrf(self, request: Request) -> None:
        """Raises Refused."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise Refused(ProblemCode.CSRF_FAILED) from None


def address_of(request: Request | HttpRequest) -> str:
    """Where a call comes from, as far as the proxy in front is believed; empty where the socket does not say."""
    return (BaseThrottle().get_ident(request) or "").partition(",")[0].strip()  # type: ignore[arg-type]


def require_usable(key: ApiKey, now: datetime, address: str) -> None:
    """Let a live key pass, from a network that it allows. Raises Refused."""
    if key.revoked_at is not None:
        raise Refused(ProblemCode.KEY_REVOKED)
    if key.expires_at <= now:
        raise Refused(ProblemCode.KEY_EXPIRED)
    if key.networks and not _is_within(address, key.networks):
        raise Refused(ProblemCode.NETWORK_NOT_ALLOWED)


def _is_within(address: str, networks: list[str]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in ip_network(network) for network in networks)


def _note_use(key: ApiKey, now: datetime, address: str) -> None:
    """Not at each call: a busy key would write its row a hundred times a second."""
    if key.last_used_at is not None and now - key.last_used_at < USED_AGAIN:
        return
    try:
        seen: str | None = str(ip_address(address))
    except ValueError:
        seen = None
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=now, last_used_from=seen)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI description names it."""

    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Bearer."""
        return {"type": "http", "scheme": "bearer", "description": "Clé d’API\u00a0: orl_<identifiant>_<secret>."}


class SessionScheme(OfLibrary):  # type: ignore[no-untyped-call]
    """As the library's own."""

    target_class = SessionAuthentication  # type: ignore[assignment]
