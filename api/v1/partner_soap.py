"""/ws/service/ : the partner web service in SOAP, for clients that exist; the same answers as register/check/."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import ValidationError

from api.authentication import address_of, require_usable
from api.consultations import COUNTS
from api.instants import numbered
from api.keys import find_key
from api.models import ApiKey
from api.problems import TEXTS, Refused, said
from api.sandbox import CLOCK_WORDS, force_outcome, require_own_key, require_this_world
from api.service_models import ConsultationKind
from api.service_notice import notice_header
from api.soap import Search, SoapFaultError, read_search, write_answer, write_fault
from api.throttling import PUBLIC_CHECKS, draw_with_all_keys, limit_headers
from api.views import LARGEST_BODY, has_no_length
from registry import clock
from registry.public import PublicEntry, principals_of, published_by_number, published_by_siren

logger = logging.getLogger("api.requests")

FAULT = 500
"""SOAP 1.1 over HTTP asks for it, whoever is at fault."""
LATER = (
    "Le service est momentanément indisponible. Réessayez dans trente secondes.",
    "The service is temporarily unavailable. Try again in thirty seconds.",
)


@method_decorator(csrf_exempt, name="dispatch")
class PartnerSoapView(View):
    """The service and its description."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer the WSDL, whatever the query."""
        location = {"location": request.build_absolute_uri(request.path)}
        answer = render(request, "api/partner.wsdl", location, content_type="text/xml; charset=utf-8")
        for name, value in _notices().items():
            answer.headers[name] = value
        return answer

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer a search."""
        number, headers = numbered(request), dict[str, str]()
        try:
            answer = HttpResponse(_answer(request, clock.now(), headers))
        except SoapFaultError as fault:
            told = write_fault(said(*fault.in_words), ours=fault.ours, request_id=number)
            answer = HttpResponse(told, status=FAULT)
            # A caller's mistake is no error of the site, though SOAP gives it the status of one: Django logs none.
            answer._has_been_logged = not fault.ours  # type: ignore[attr-defined]
        except (OperationalError, InterfaceError):
            logger.warning("The database does not answer, request_id=%s", number, exc_info=True)
            told = write_fault(said(*LATER), ours=True, request_id=number)
            answer = HttpResponse(told, status=FAULT, headers={"Retry-After": "30"})
        own = {"Content-Type": "text/xml; charset=utf-8", "Cache-Control": "private, no-store", "X-Request-Id": number}
        for name, value in (own | headers | _notices()).items():
            answer.headers[name] = value
        logger.info("POST %s %s request_id=%s", request.path, answer.status_code, number)
        return answer


def _notices() -> dict[str, str]:
    return {"X-Service-Notice": notice} if (notice := notice_header()) else {}


def _answer(request: HttpRequest, now: datetime, headers: dict[str, str]) -> str:
    _require_this_world(request)
    search = read_search(_body(request))
    key = _key(search.user, request, now)
    _draw(key, clock.unmoved() if settings.SANDBOX else now, headers)
    _force(search, headers)
    found = _found(search, now)
    shown = sum(entry is not None for entry in found)
    COUNTS.note(ConsultationKind.SOAP, clock.local_day(now), shown)
    principals = principals_of((entry.orias_number for entry in found if entry), clock.local_day(now))
    return write_answer(search, found, principals)


def _require_this_world(request: HttpRequest) -> None:
    """As the rest of the API asks it: Sandbox-Now is heard in the sandbox, and refused elsewhere or unreadable."""
    try:
        require_this_world(request)
    except Refused as refused:
        raise _fault_of(refused) from None
    except ValidationError:
        raise SoapFaultError(*CLOCK_WORDS) from None


def _fault_of(refused: Refused, *, ours: bool = False) -> SoapFaultError:
    text = TEXTS[refused.code]
    return SoapFaultError(text.detail, text.detail_en, ours=ours)


def _force(search: Search, headers: dict[str, str]) -> None:
    """In the sandbox, answer as the first number that forces an outcome says. Raises SoapFaultError."""
    for one in search.asked:
        try:
            force_outcome({"orias_number": one.number})
        except Refused as refused:
            headers |= refused.headers
            raise _fault_of(refused, ours=True) from None


def _body(request: HttpRequest) -> bytes:
    if has_no_length(request):
        raise SoapFaultError(
            "Le message arrive sans sa longueur. Envoyez-le d’un bloc, avec Content-Length.",
            "The message comes without its length. Send it whole, with Content-Length.",
        )
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) <= LARGEST_BODY:
            return request.body
    except RequestDataTooBig:
        pass
    raise SoapFaultError(
        "Le message dépasse 256 Ko. Demandez moins d’intermédiaires à la fois.",
        "The message is larger than 256 kB. Ask for fewer intermediaries at a time.",
    )


def _key(token: str, request: HttpRequest, now: datetime) -> ApiKey:
    """The caller's key, which this service takes in `user`. Raises SoapFaultError."""
    try:
        require_own_key(token)
    except Refused as refused:
        raise _fault_of(refused) from None
    key = find_key(token)
    if key is None or not key.holder.is_active:
        raise SoapFaultError(
            "La clé donnée dans user n’ouvre rien. Vérifiez qu’elle est entière.",
            "The key given in user opens nothing. Check that it is whole.",
        )
    try:
        require_usable(key, now, address_of(request))
    except Refused as refused:
        raise _fault_of(refused) from None
    return key


def _draw(key: ApiKey, now: datetime, headers: dict[str, str]) -> None:
    drawn = draw_with_all_keys(PUBLIC_CHECKS, f"user-{key.holder_id}", now)
    headers |= limit_headers(drawn)
    if spent := next((one for one in drawn if one.left < 0), None):
        headers["Retry-After"] = str(spent.seconds)
        raise SoapFaultError(
            f"Trop de demandes. Réessayez dans {spent.seconds} secondes.",
            f"Too many requests. Try again in {spent.seconds} seconds.",
            ours=True,
        )


def _found(search: Search, now: datetime) -> list[PublicEntry | None]:
    day = clock.local_day(now)
    by_number = published_by_number({one.number for one in search.asked if one.number}, day)
    by_siren = published_by_siren({one.siren for one in search.asked if one.siren}, day)
    return [by_number.get(one.number) if one.number else by_siren.get(one.siren) for one in search.asked]
