"""The files of a person, and the home of one: what is to be done, by when, and one button for the next thing."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from api.webhook_models import WebhookState, WebhookSubscription
from registry import clock
from registry.rules.renewals import ItemKind
from registry.rules.tasks import Task
from web.announcements import announcements
from web.people.access import files_of, find_file, signed_in
from web.people.home import by_category, kind_of, standing_of

MOST_FILES = 200


@require_safe
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """The files that this person acts for; where it is one, that one."""
    assert isinstance(request.user, User)  # noqa: S101 - for the types
    day = clock.local_day(clock.now())
    found = list(files_of(request.user, day).order_by("orias_number")[: MOST_FILES + 1])
    if len(found) == 1:
        return HttpResponseRedirect(reverse("web:my_file", args=[found[0].orias_number]))
    context = {"section": "mine", "files": found[:MOST_FILES], "more": len(found) > MOST_FILES, "most": MOST_FILES}
    return render(request, "web/people/mine.html", context)


@require_safe
@signed_in
def my_file(request: HttpRequest, orias_number: str) -> HttpResponse:
    """Where it stands, as a list of tasks."""
    day = clock.local_day(clock.now())
    whose = find_file(request, orias_number, day)
    standing = standing_of(whose, day)
    context: dict[str, Any] = {
        "section": "my_file",
        "file": whose,
        "day": day,
        "standing": standing,
        "groups": by_category(standing.list.tasks),
        "next_address": _address(standing.list.next_task, orias_number),
        "announcements": announcements(day),
        "stopped_webhooks": _stopped_webhooks(request),
    }
    return render(request, "web/people/home.html", context)


def _stopped_webhooks(request: HttpRequest) -> int:
    """How many of this account's are switched off: nobody is mailed about one."""
    mine = WebhookSubscription.objects.filter(holder=request.user.pk)
    return mine.exclude(state=WebhookState.ACTIVE.value).count()


def _address(task: Task | None, orias_number: str) -> str:
    """Where the next thing is done; "" where it is not done here: the fee is paid elsewhere."""
    if task is None or task.item.kind is ItemKind.FEE:
        return ""
    if task.item.kind is ItemKind.REQUEST:
        return reverse("web:my_renewal", args=[orias_number])
    kind = kind_of(task)
    return f"{reverse('web:my_deposit', args=[orias_number])}?piece={kind.value if kind else ''}"
