"""How django-allauth behaves here: no sign-up, one step to sign in, nobody of the staff, our words and our mail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from api.authentication import address_of
from api.problems import in_english
from web.people.accounts import is_person
from web.people.backend import PERSON_BACKEND
from web.people.mail import code_message, send_soon

SESSION_SECONDS = 12 * 3600
CODE_MAIL = "account/email/login_code"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts of intermediaries' people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: see web.people.accounts."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our pages say what is to be said, in both languages."""

    def get_login_stages(self) -> list[str]:
        """A code or a passkey suffices, each by itself: who has a passkey may still come by a code."""
        return ["allauth.account.stages.LoginByCodeStage"]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Home."""
        return reverse("web:mine")

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Stop at the door whoever is of staff, or closed."""
        return None if is_person(user) else self.respond_user_inactive(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """As if there were no such account."""
        clear_login(request)
        return HttpResponseRedirect(reverse("account_login"))

    def get_client_ip(self, request: HttpRequest) -> str:
        """As everywhere here: what the proxy in front tells, or the peer."""
        return address_of(request)

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin a session that finds no account of staff, ever, and ends with the working day."""
        login(request, user, backend=PERSON_BACKEND)
        request.session.set_expiry(SESSION_SECONDS)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send the code; there is no other mail that we let it send."""
        if template_prefix != CODE_MAIL:
            raise NotImplementedError(template_prefix)
        send_soon(code_message(email, context["code"]))


class PasskeyAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys of the same people."""

    def _get_site_name(self) -> str:
        return settings.SITE_NAME

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002
        """What a passkey is called that was given no name."""
        return "Passkey" if in_english() else "Clé d’accès"
