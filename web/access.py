"""Who may open a page of the staff: a session, and one permission a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import Permission, User
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from reminders.models import StopSwitch

View = Callable[..., HttpResponse]

SEE_BATCHES = "reminders.view_batch"
PLAN = "reminders.plan_batch"
APPROVE = "reminders.approve_batch"
RELEASE = "reminders.release_batch"
STOP = "reminders.stop_sending"
SEE_FILES = "registry.view_intermediary"
SEE_PAPERS = "registry.view_cover"
REVIEW = "registry.change_cover"


class Rights:
    """What an account may do, read once a request: one query, where Django asks two."""

    def __init__(self, user: User) -> None:
        self.user, self.all = user, user.is_superuser
        held = Permission.objects.filter(Q(user=user) | Q(group__user=user)).order_by()
        pairs = [] if self.all else held.values_list("content_type__app_label", "codename")
        self.held = frozenset(f"{label}.{codename}" for label, codename in pairs)

    def __contains__(self, permission: str) -> bool:
        return self.all or permission in self.held

    @property
    def sees_batches(self) -> bool:
        """May look at batches and forecasts."""
        return SEE_BATCHES in self

    @property
    def plans(self) -> bool:
        """May prepare a batch or a correction."""
        return PLAN in self

    @property
    def approves(self) -> bool:
        """May approve what another prepared."""
        return APPROVE in self

    @property
    def releases(self) -> bool:
        """May release, pause, resume and cancel."""
        return RELEASE in self

    @property
    def stops(self) -> bool:
        """May stop all sending, and open it again."""
        return STOP in self

    @property
    def sees_files(self) -> bool:
        """May look somebody up."""
        return SEE_FILES in self

    @property
    def sees_papers(self) -> bool:
        """May look at certificates under review."""
        return SEE_PAPERS in self

    @property
    def reviews(self) -> bool:
        """May decide on them."""
        return REVIEW in self


def staff(*needs: str) -> Callable[[View], View]:
    """A page of the staff, for those with every one of these permissions; nobody's browser keeps it.

    Who is not signed in is sent to do so; who may not is told by a page. The view finds `request.rights`.
    """

    def guard(view: View) -> View:
        @wraps(view)
        @never_cache
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not (user.is_authenticated and user.is_active and user.is_staff):
                return redirect_to_login(request.get_full_path() if request.method == "GET" else "/espace/")
            rights = Rights(user)
            if not all(need in rights for need in needs):
                return page(request, "web/staff/forbidden.html", {}, rights=rights, status=403)
            request.rights = rights  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.needs = needs  # type: ignore[attr-defined]
        return guarded

    return guard


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, rights: Rights | None = None, status: int = 200
) -> HttpResponse:
    """A staff page: with the rights, and the stop switch that every one of them shows."""
    switch = StopSwitch.objects.select_related("changed_by").first()
    shared = {
        "rights": rights or request.rights,  # type: ignore[attr-defined]
        "switch": switch,
        "stopped": switch is None or switch.stopped,
    }
    return render(request, template, shared | context, status=status)
