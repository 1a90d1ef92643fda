"""What every view of the API shares: problems instead of pages, who may do what, limits, ETags, the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.exceptions import NotAuthenticated, NotFound
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from api.access import Need, Reach, Rights, rights_of, visible_files
from api.authentication import KeyAuthentication, SessionAuthentication
from api.conditions import etag_of
from api.deprecation import deprecation_of
from api.errors import answer_problem
from api.instants import drawn_at, mark, now_of, request_id
from api.keys import WARNED_BEFORE
from api.models import ApiKey
from api.numbers import number_meant, what_is_no_number
from api.parameters import require_known_parameters
from api.problems import ProblemCode, Refused, said
from api.sandbox import force_outcome, require_this_world
from api.scopes import Scope
from api.service_notice import notice_header
from api.throttling import (
    PUBLIC_READS,
    READS,
    WRITES,
    Budget,
    ByBudget,
    give_back,
    limit_headers,
    standings,
)
from registry import clock
from registry.actions import RegisterError
from registry.models import Intermediary

logger = logging.getLogger("api.requests")

LARGEST_BODY = 256 * 1024
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def has_no_length(request: HttpRequest) -> bool:
    """Whether its body comes in chunks (WSGI has no end for it: it would be read as empty)."""
    return bool(request.META.get("HTTP_TRANSFER_ENCODING")) and not request.META.get("CONTENT_LENGTH")


class ProblemsMixin:
    """Errors as RFC 9457 tells them, one `now` and one number for each request, and a line in the log."""

    if_version: str = ""
    """The version of what is answered, where it has one: the beginning of its ETag."""
    largest_body: ClassVar[int] = LARGEST_BODY
    too_large: ClassVar[ProblemCode] = ProblemCode.BODY_TOO_LARGE
    parameters_beside: ClassVar[frozenset[str]] = frozenset()
    """Parameters that are read besides those that the description declares."""

    def preparing(self, request: Request) -> AbstractContextManager[None]:
        """What an act needs that no transaction should wait for; entered before it by `acts_once`."""
        return nullcontext()

    def get_exception_handler(self) -> Callable[..., Any]:
        """Answer exceptions by `api.errors`."""
        return answer_problem

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Read the clock, once; take the number that a proxy has given, or make one."""
        now = clock.now()
        mark(request, now, clock.unmoved() if settings.SANDBOX else now)
        made: Request = super().initialize_request(request, *args, **kwargs)  # type: ignore[misc]
        return made

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what is too long, or does not say how long it is, before a byte of it is read, what is meant for the
        other world, and parameters that nobody here reads."""
        if has_no_length(request._request):
            raise Refused(ProblemCode.LENGTH_REQUIRED)
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.largest_body:
            raise Refused(self.too_large)
        require_this_world(request._request)
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        force_outcome(kwargs)
        require_known_parameters(request, self)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Put the ETag and the headers on, and write the line."""
        finished = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        http = request._request
        answer = _conditional(http, finished, self.if_version)
        given_back = give_back(http, drawn_at(http)) if answer is not finished else 0
        for name, value in limit_headers(standings(http), given_back=given_back).items():
            answer.headers[name] = value
        answer.headers["X-Request-Id"] = request_id(http)
        if ending := deprecation_of(self, http.method):
            for name, value in ending.headers(reverse("api:docs", request=request)).items():
                answer.headers[name] = value
        if notice := notice_header():
            answer.headers["X-Service-Notice"] = notice
        _log(request, answer.status_code)
        return answer


def _conditional(request: HttpRequest, response: Any, version: str) -> Any:
    """The answer with its ETag; 304 where the caller has it already."""
    read = request.method in ("GET", "HEAD") and response.status_code == HTTPStatus.OK
    if not read:
        return response
    if isinstance(response, Response):
        response.render()
        response.headers["ETag"] = etag_of(response.content, version)
    etag = response.headers.get("ETag")
    if etag is None:
        return response
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag, response=response)
    if answer is None or answer is response:
        return response
    if isinstance(response, FileResponse) and response.file_to_stream:
        # Not the response itself: closing that ends the request.
        response.file_to_stream.close()
    # What may be kept, and for whom, is told again; and that the key ends.
    for name in ("Cache-Control", "Vary", "X-Key-Expires"):
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer


def _log(request: Request, status: int) -> None:
    """Who asked what: never the query, which may hold a name or an address."""
    http = request._request
    auth = getattr(request, "_auth", None)
    key = auth.key_id if isinstance(auth, ApiKey) else "-"
    logger.info("%s %s %s request_id=%s key=%s", http.method, http.path, status, request_id(http), key)


class PublicView(ProblemsMixin, APIView):
    """Anyone's view: no session is read, so the answer is the same for all, and may be kept a minute."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes: Sequence[type[BaseThrottle]] = (ByBudget,)
    budget: ClassVar[Budget] = PUBLIC_READS
    cache_control: ClassVar[str] = "public, max-age=60"

    def budget_of(self, request: Request) -> Budget:
        """What a request draws on."""
        return self.budget

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Say how long the answer may be kept."""
        response.headers.setdefault("Cache-Control", self.cache_control)
        finished: Response = super().finalize_response(request, response, *args, **kwargs)
        return finished


class AsNeeded(BasePermission):
    """Whoever meets the view's need; to those who may not even see it, the address is absent (I14). Whoever shows
    nothing is asked for a key, whatever the address names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or NotAuthenticated, NotFound, Refused: one who may see is told that the act is not allowed."""
        if not request.user.is_authenticated:
            raise NotAuthenticated
        view.rights = rights_of(request.user, request.auth if isinstance(request.auth, ApiKey) else None)
        need: Need = view.needs.get(request.method, view.visible)
        reach = view.rights.reach(need)
        if isinstance(reach, Reach):
            view.reach = reach
            return True
        if reach is ProblemCode.NOT_FOUND and isinstance(view.rights.reach(view.visible), Reach):
            raise Refused(ProblemCode.PERMISSION_DENIED)
        if reach is ProblemCode.NOT_FOUND:
            raise NotFound
        scope = need.scope if view.rights.is_staff else need.file_scope or need.scope
        raise Refused(reach, scope=scope.value)


class CallerView(ProblemsMixin, APIView):
    """A view for those who show a key or a session; nothing of it is kept by a cache.

    `visible` is what it takes to know that there is something here, `needs` what each unsafe method takes.
    """

    authentication_classes = (KeyAuthentication, SessionAuthentication)
    permission_classes: Sequence[type[BasePermission]] = (AsNeeded,)
    throttle_classes = (ByBudget,)
    visible: ClassVar[Need] = Need("registry.view_intermediary", Scope.STAFF_READ)
    needs: ClassVar[Mapping[str, Need]] = {}
    budgets: ClassVar[Mapping[str, Budget]] = {}
    rights: Rights
    reach: Reach

    @property
    def now(self) -> datetime:
        """The instant of this request."""
        return now_of(self.request._request)

    @property
    def unmoved(self) -> datetime:
        """The same, by the clock that nobody moves: for what is told and retried by it, such as webhooks."""
        return drawn_at(self.request._request)

    @property
    def day(self) -> date:
        """The legal day of this request."""
        return clock.local_day(self.now)

    @property
    def by(self) -> Any:
        """The account that answers for what is done."""
        return self.request.user

    def why(self, act: str) -> str:
        """What the history says of an act done here: the act, and the key if it was a key."""
        key = self.rights.key
        return f"{act}, par l’API (clé {key.key_id})" if key else f"{act}, par l’API"

    def budget_of(self, request: Request) -> Budget:
        """What a request draws on."""
        return self.budgets.get(str(request.method), READS if request.method in SAFE else WRITES)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Forbid caches to keep it; warn of a key that expires soon."""
        response.headers["Cache-Control"] = "private, no-store"
        patch_vary_headers(response, ["Authorization"])
        key = getattr(request, "_auth", None)
        if isinstance(key, ApiKey) and key.expires_at - now_of(request._request) < WARNED_BEFORE:
            response.headers["X-Key-Expires"] = key.expires_at.astimezone(clock.PARIS).isoformat()
        finished: Response = super().finalize_response(request, response, *args, **kwargs)
        return finished


FILES = Need("registry.view_intermediary", Scope.STAFF_READ, Scope.FILE_READ)
"""To see a file: staff, or its own intermediary."""


class FileView(CallerView):
    """A view of one file, found before anything else is asked: any other is as if absent (I14)."""

    visible: ClassVar[Need] = FILES
    whose: Intermediary

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the file among those that this caller sees."""
        super().initial(request, *args, **kwargs)
        found = self.find(kwargs["orias_number"])
        if found is None:
            raise NotFound
        self.whose = found
        if found.merged_into_id is not None and request.method not in SAFE:
            raise RegisterError(f"Ce numéro a été fusionné avec {found.merged_into}\u00a0: écrivez à celui-là.")

    def find(self, orias_number: str) -> Intermediary | None:
        """The one of that number among them."""
        return self.files().filter(orias_number=orias_number).first()

    def files(self) -> QuerySet[Intermediary]:
        """Those that this caller sees."""
        return visible_files(self.rights, self.reach, self.day)


class NotFoundView(PublicView):
    """Every address of the API that nothing else answers."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever the method: there is nothing here; whoever looks for a beginning is told of it, and whoever wrote a
        number otherwise than it is, how it is written."""
        if request.path_info == "/api/v1/":
            place = reverse("api:docs", request=request)
            raise Refused(ProblemCode.NOT_FOUND, reason=said(f"L’API est décrite ici : {place}", f"The API: {place}"))
        if written := number_meant(request.path_info):
            raise Refused(ProblemCode.NOT_FOUND, reason=what_is_no_number(written))
        raise NotFound
