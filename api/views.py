"""What every view of the API shares: problems instead of pages, and who may see a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from api.errors import answer_problem
from api.throttling import AnonymousReads, StaffReads


class ProblemsMixin:
    """Errors as RFC 9457 tells them."""

    def get_exception_handler(self) -> Callable[..., Any]:
        """Answer exceptions by `api.errors`."""
        return answer_problem


class PublicView(ProblemsMixin, APIView):
    """Anyone's view: no session is read, so the answer is the same for all, and may be kept a minute."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes: Sequence[type[BaseThrottle]] = (AnonymousReads,)
    cache_control: ClassVar[str] = "public, max-age=60"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Say how long the answer may be kept."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        finished.headers.setdefault("Cache-Control", self.cache_control)
        return finished


class HiddenFromOthers(BasePermission):
    """Staff with the view's `required_permission`; to anyone else the address is absent (I14)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or NotFound."""
        user = request.user
        if user.is_active and user.is_staff and user.has_perm(view.required_permission):
            return True
        raise NotFound


class StaffView(ProblemsMixin, APIView):
    """A view for those who hold `required_permission`; nothing of it is kept by a cache."""

    permission_classes = (HiddenFromOthers,)
    throttle_classes = (StaffReads,)
    required_permission: ClassVar[str] = "registry.view_intermediary"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Forbid caches to keep it."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        finished.headers["Cache-Control"] = "private, no-store"
        return finished


class NotFoundView(PublicView):
    """Every address of the API that nothing else answers."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever the method: there is nothing here."""
        raise NotFound
