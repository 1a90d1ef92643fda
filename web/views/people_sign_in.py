"""How people of an intermediary sign in: by a code in a mail or by a passkey; and the passkeys that they keep."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.account.internal.emailkit import valid_email_or_none
from allauth.account.internal.stagekit import clear_login
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_authentication, begin_registration
from allauth.mfa.webauthn.internal.flows import add_authenticator, remove_authenticator
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django import forms
from django.contrib.auth import logout as end_session
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from api.authentication import address_of
from registry import clock
from web.people.access import signed_in
from web.people.accounts import account_to_sign_in, adopt_files, confirm_addresses
from web.people.codes import letters_of
from web.people.limits import note_code

LATELY_SECONDS = 15 * 60
"""A passkey is added or removed so long after signing in at most: whoever finds an open browser adds none."""
LONGEST_NAME = 60


class AddressForm(RequestLoginCodeForm):  # type: ignore[misc]
    """The address that a code is asked for. What it answers is the same whether anybody has it or not."""

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_email(self) -> str:
        """Count it, then look who has it. Raises ValidationError `too_many`."""
        address = str(self.cleaned_data["email"]).lower()
        now = clock.now()
        assert self._request is not None  # noqa: S101 - for the types
        if valid_email_or_none(address) is None:
            raise forms.ValidationError("", code="invalid")
        if not note_code(address, address_of(self._request), now):
            raise forms.ValidationError("", code="too_many")
        self._user = account_to_sign_in(address, clock.local_day(now))
        return address


class AskCodeView(RequestLoginCodeView):  # type: ignore[misc]
    """The door: an address, or a passkey."""

    form_class = AddressForm
    template_name = "web/people/sign_in.html"

    def get_form_class(self) -> type[AddressForm]:
        """Ours."""
        return AddressForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the request, for where it comes from."""
        return {**super().get_form_kwargs(), "request": self.request}

    def form_invalid(self, form: AddressForm) -> HttpResponse:
        """Say what is wrong: with 429 where it is too many."""
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        fault = "too_many" if "too_many" in codes else "invalid"
        context = self.get_context_data(form=form) | {"fault": fault}
        return render(self.request, self.template_name, context, status=429 if fault == "too_many" else 400)


class CodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code, typed or pasted in whatever dress a mail program gave it."""

    def clean_code(self) -> str:
        """Compare its letters alone. Raises ValidationError where it is another code."""
        self.cleaned_data["code"] = letters_of(self.cleaned_data["code"])
        return str(super().clean_code())


class TypeCodeView(ConfirmLoginCodeView):  # type: ignore[misc]
    """The code, typed. Three wrong ones, and another has to be asked for."""

    template_name = "web/people/type_code.html"

    def get_form_class(self) -> type[CodeForm]:
        """Ours."""
        return CodeForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Let her in, with the files of the address that she has just shown to be hers."""
        response: HttpResponse = super().form_valid(form)
        user = self.request.user
        if isinstance(user, User):
            day = clock.local_day(clock.now())
            adopt_files(user, day)
            confirm_addresses(user, day)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Once more, or back to the door."""
        if self._process.record_invalid_attempt():
            context = self.get_context_data(form=form) | {"fault": "wrong"}
            return render(self.request, self.template_name, context, status=400)
        return HttpResponseRedirect(f"{reverse('account_login')}?trop=1")


class PasskeyView(LoginWebAuthnView):  # type: ignore[misc]
    """A passkey: asked for by the page's script, and shown."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the browser is to sign, for the script; the door for anybody else."""
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"options": begin_authentication(user=None)})
        return HttpResponseRedirect(reverse("account_login"))

    def form_invalid(self, form: Any) -> HttpResponse:
        """Back to the door."""
        return HttpResponseRedirect(f"{reverse('account_login')}?cle=non")


ask_code = AskCodeView.as_view()
type_code = TypeCodeView.as_view()
passkey = PasskeyView.as_view()


@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    """Forget the address for which a code was sent: back to the door."""
    clear_login(request)
    return HttpResponseRedirect(reverse("account_login"), status=303)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    end_session(request)
    return HttpResponseRedirect(reverse("web:home"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def passkeys(request: HttpRequest) -> HttpResponse:
    """The passkeys of this account, and one more."""
    if not _signed_in_lately(request):
        return _shown(request, stale=True, status=403 if request.method == "POST" else 200)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"options": begin_registration(request.user, True)})
    if request.method != "POST":
        return _shown(request)
    given = {"name": request.POST.get("name", "")[:LONGEST_NAME], "passwordless": "on"}
    form = AddWebAuthnForm(given | {"credential": request.POST.get("credential", "")}, user=request.user)
    if not form.is_valid():
        return _shown(request, fault="refused", status=409)
    add_authenticator(request, form.cleaned_data["name"], form.cleaned_data["credential"])
    return HttpResponseRedirect(reverse("web:passkeys"), status=303)


@require_POST
@signed_in
def remove_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    """Take one away; that of somebody else is as if absent (I14)."""
    if not _signed_in_lately(request):
        return _shown(request, stale=True, status=403)
    found = _mine(request).filter(pk=passkey_id).first()
    if found is None:
        raise Http404
    remove_authenticator(request, found)
    return HttpResponseRedirect(reverse("web:passkeys"), status=303)


def _mine(request: HttpRequest) -> Any:
    return Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN).order_by("id")


def _shown(request: HttpRequest, *, stale: bool = False, fault: str = "", status: int = 200) -> HttpResponse:
    kept = [{"pk": one.pk, "name": one.data["name"], "used": one.last_used_at} for one in _mine(request)]
    context = {"section": "account", "passkeys": kept, "stale": stale, "fault": fault, "longest": LONGEST_NAME}
    return render(request, "web/people/passkeys.html", context, status=status)


def _signed_in_lately(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < LATELY_SECONDS for record in records)
