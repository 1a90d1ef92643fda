"""Who may open a page of the staff: a session, and one permission a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError
from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from api.errors import refused_by_the_database
from hotline.desk import Told, open_incidents_column, tell_incidents, told_incidents
from registry import clock
from reminders.models import StopSwitch

View = Callable[..., HttpResponse]
logger = logging.getLogger(__name__)

SEE_BATCHES = "reminders.view_batch"
PLAN = "reminders.plan_batch"
APPROVE = "reminders.approve_batch"
RELEASE = "reminders.release_batch"
STOP = "reminders.stop_sending"
SEE_FILES = "registry.view_intermediary"
SEE_PAPERS = "registry.view_cover"
REVIEW = "registry.change_cover"
SEE_NOTICES = "reminders.view_notice"
LOG_CALLS = "hotline.add_call"
SEE_CALLS = "hotline.view_call"
CALL_BACK = "hotline.change_call"
SEE_COMPLAINTS = "hotline.view_complaint"
TAKE_COMPLAINTS = "hotline.add_complaint"
ANSWER_COMPLAINTS = "hotline.change_complaint"
SEE_INCIDENTS = "hotline.view_incident"
LEAD = "hotline.add_incident"
SEE_LOOK_UPS = "hotline.view_lookup"
GIVE_EXTRA = "hotline.add_extraagent"


_HELD = """
ARRAY(
    SELECT t.app_label || '.' || p.codename
    FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
    WHERE p.id IN (
        SELECT permission_id FROM auth_user_user_permissions WHERE user_id = %s
        UNION
        SELECT permission_id FROM auth_group_permissions WHERE group_id IN (
            SELECT group_id FROM auth_user_groups WHERE user_id = %s
            UNION
            SELECT role_id FROM hotline_extraagent WHERE account_id = %s AND ended_at IS NULL AND ends_at > %s
        )
    )
)
"""


def _held_column(user: User, now: datetime) -> RawSQL:
    """The names of the permissions that an account holds at this instant, as a column. In SQL, since each page asks."""
    return RawSQL(_HELD, (user.pk, user.pk, user.pk, now), output_field=ArrayField(TextField()))  # noqa: S611


def _held_alone(user: User, now: datetime) -> Iterable[str]:
    told = User.objects.filter(pk=user.pk).values_list(_held_column(user, now)).first()
    return told[0] if told else ()


class Rights:
    """What an account may do at this instant, read once a request: one query, where Django asks two.

    What an extra agent was given counts until its end, without anybody taking it back.
    """

    def __init__(self, user: User, now: datetime, held: Iterable[str] | None = None) -> None:
        self.user, self.all = user, user.is_superuser
        self.held = frozenset(() if self.all else _held_alone(user, now) if held is None else held)

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

    @property
    def logs_calls(self) -> bool:
        """May check callers and log their calls."""
        return LOG_CALLS in self

    @property
    def takes_complaints(self) -> bool:
        """May enter a complaint."""
        return TAKE_COMPLAINTS in self

    @property
    def answers_complaints(self) -> bool:
        """May acknowledge, answer and close complaints."""
        return ANSWER_COMPLAINTS in self

    @property
    def sees_complaints(self) -> bool:
        """May read complaints."""
        return SEE_COMPLAINTS in self

    @property
    def sees_line(self) -> bool:
        """May look at the line: calls, load, incidents."""
        return SEE_INCIDENTS in self

    @property
    def leads(self) -> bool:
        """May declare incidents and follow them."""
        return LEAD in self

    @property
    def sees_look_ups(self) -> bool:
        """May see who looked at whose file."""
        return SEE_LOOK_UPS in self

    @property
    def gives_extra(self) -> bool:
        """May make extra agents."""
        return GIVE_EXTRA in self


def staff(*needs: str) -> Callable[[View], View]:
    """A page of the staff, for those with every one of these permissions; nobody's browser keeps it.

    Who is not signed in is sent to do so, a person of an intermediary to its own pages; who may not is told by a page.
    The view finds `request.rights`.
    """

    def guard(view: View) -> View:
        @wraps(view)
        @never_cache
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if user.is_authenticated and not user.is_staff:
                return redirect("web:mine")
            if not (user.is_authenticated and user.is_active):
                return redirect_to_login(request.get_full_path() if request.method == "GET" else "/espace/")
            rights = _read_rights(request, user, clock.now())
            if not all(need in rights for need in needs):
                return page(request, "web/staff/forbidden.html", {}, rights=rights, status=403)
            request.rights = rights  # type: ignore[attr-defined]
            return _unless_refused(request, lambda: view(request, *args, **kwargs))

        guarded.needs = needs  # type: ignore[attr-defined]
        return guarded

    return guard


def _unless_refused(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """What the view answers; where the database refuses an act that no check before it foresaw, as of two presses at
    once, that it does: the writer's transaction has undone it."""
    try:
        return view()
    except DatabaseError as error:
        if request.method != "POST" or not refused_by_the_database(error):
            raise
        logger.exception("Refused by the database, %s", request.path)
        return page(request, "web/staff/refused.html", {}, status=409)


def _read_rights(request: HttpRequest, user: User, now: datetime) -> Rights:
    """The rights, and with them in one query the head of the page; alone where there is no switch to read."""
    heads = StopSwitch.objects.select_related("changed_by")
    switch = heads.annotate(incidents=open_incidents_column(), held=_held_column(user, now)).first()
    if switch is None:
        return Rights(user, now)
    request.__dict__["head"] = (switch, told_incidents(switch.incidents))
    return Rights(user, now, switch.held)


Head = tuple[StopSwitch | None, tuple[Told, ...]]


def head_of(request: HttpRequest) -> Head:
    """What the head of every page of the staff tells: the stop switch and the open incidents, read once a request with
    the rights."""
    kept: Head | None = request.__dict__.get("head")
    if kept is None:
        kept = request.__dict__["head"] = (None, tell_incidents())
    return kept


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, rights: Rights | None = None, status: int = 200
) -> HttpResponse:
    """A staff page: with the rights, and the stop switch that every one of them shows."""
    switch, incidents = head_of(request)
    shared = {
        "rights": rights or request.rights,  # type: ignore[attr-defined]
        "switch": switch,
        "stopped": switch is None or switch.stopped,
        "incidents": incidents,
    }
    return render(request, template, shared | context, status=status)
