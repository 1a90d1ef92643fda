"""The API keys and webhooks of a person's programs, by the same functions as the API and the commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from api.english import told
from api.event_types import EventType
from api.keys import create_key, revoke_key
from api.models import LONGEST_KEY_NAME, ApiKey, WebhookState, WebhookSubscription
from api.problems import said
from api.scopes import Scope
from api.webhook_models import LONGEST_URL
from api.webhooks import ask_for_test, enable, rotate_secret, secrets_of, subscribe
from registry import clock
from registry.actions import RegisterError
from web.people.access import signed_in
from web.people.once import act_once

SCOPES = (Scope.FILE_READ, Scope.FILE_WRITE)
LIVES = (30, 90, 365)
MOST = 100


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of this account; one more, or one in the place of another, whose secret is shown this once."""
    user, now = _person(request), clock.now()
    if request.method != "POST":
        return _keys(request, user, now)
    shown: list[tuple[ApiKey, str]] = []

    def make() -> str:
        shown.append(create_key(holder=user, by=user, now=now, **_asked_key(request, user)))
        return reverse("web:my_keys")

    try:
        answer = act_once(request, user, now, make)
    except RegisterError as error:
        return _keys(request, user, now, error=told(str(error)), status=409)
    return _keys(request, user, now, made=shown[0], status=201) if shown else answer


def _asked_key(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the form asks for. Raises RegisterError; Http404 for the key of somebody else (I14)."""
    if replaced := request.POST.get("replaces", ""):
        old = ApiKey.objects.filter(holder=user, key_id=replaced).first()
        if old is None:
            raise Http404
        return {"name": old.name, "scopes": [Scope(s) for s in old.scopes], "networks": old.networks}
    name, days = request.POST.get("name", "").strip()[:LONGEST_KEY_NAME], request.POST.get("days", "")
    scopes = [scope for scope in SCOPES if scope.value in request.POST.getlist("scopes")]
    if not name or not scopes or days not in map(str, LIVES):
        raise RegisterError(
            said("Donnez un nom, un droit au moins et une durée.", "Give a name, one right at least and a lifetime.")
        )
    return {"name": name, "scopes": scopes, "days": int(days)}


@require_POST
@signed_in
def revoke(request: HttpRequest, key_id: str) -> HttpResponse:
    """Revoke one at once; that of somebody else is as if absent (I14)."""
    user = _person(request)
    if not ApiKey.objects.filter(holder=user, key_id=key_id).exists():
        raise Http404
    revoke_key(key_id=key_id, by=user, now=clock.now())
    return HttpResponseRedirect(reverse("web:my_keys"), status=303)


def _keys(
    request: HttpRequest,
    user: User,
    now: datetime,
    *,
    made: tuple[ApiKey, str] | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    mine = list(ApiKey.objects.filter(holder=user).order_by("-created_at", "-id")[:MOST])
    context = {
        "section": "account",
        "live": [key for key in mine if key.revoked_at is None and key.expires_at > now],
        "over": [key for key in mine if key.revoked_at is not None or key.expires_at <= now],
        "made": made,
        "error": error,
        "scopes": SCOPES,
        "lives": LIVES,
        "typed": {"name": request.POST.get("name", "")[:LONGEST_KEY_NAME]},
        "longest": LONGEST_KEY_NAME,
    }
    return render(request, "web/people/keys.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def webhooks(request: HttpRequest) -> HttpResponse:
    """Where this account's programs are told of changes; one more."""
    user, now = _person(request), clock.now()
    if request.method != "POST":
        return _webhooks(request, user, now)
    types = [kind for kind in EventType if kind.value in request.POST.getlist("types")]

    def make() -> str:
        subscribe(holder=user, url=request.POST.get("url", "").strip()[:LONGEST_URL], types=types, now=now)
        return reverse("web:my_webhooks")

    try:
        return act_once(request, user, now, make)
    except RegisterError as error:
        return _webhooks(request, user, now, told(str(error)), status=409)


def _delete(*, subscription: WebhookSubscription, now: datetime) -> None:
    subscription.delete()


ACTS: dict[str, Callable[..., Any]] = {
    "secret": rotate_secret,
    "essai": ask_for_test,
    "reprendre": enable,
    "supprimer": _delete,
}


@require_POST
@signed_in
def webhook_act(request: HttpRequest, webhook_id: int, act: str) -> HttpResponse:
    """Do something with one, once; that of somebody else is as if absent (I14)."""
    user, now = _person(request), clock.now()
    mine = WebhookSubscription.objects.filter(pk=webhook_id, holder=user).first()
    if act not in ACTS or (mine is None and act != "supprimer"):
        raise Http404

    def do() -> str:
        if mine is None:
            raise Http404
        ACTS[act](subscription=mine, now=now)
        return reverse("web:my_webhooks")

    try:
        return act_once(request, user, now, do)
    except RegisterError as error:
        return _webhooks(request, user, now, told(str(error)), status=409)


def _webhooks(request: HttpRequest, user: User, now: datetime, error: str = "", status: int = 200) -> HttpResponse:
    mine = WebhookSubscription.objects.filter(holder=user).order_by("id")
    shown = [{"hook": one, "state": WebhookState(one.state), "secrets": secrets_of(one, now)} for one in mine]
    context = {
        "section": "account",
        "webhooks": shown,
        "types": list(EventType),
        "error": error,
        "typed": request.POST.get("url", "")[:LONGEST_URL],
        "longest": LONGEST_URL,
    }
    return render(request, "web/people/webhooks.html", context, status=status)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - for the types: `signed_in` has let it in
    return request.user
