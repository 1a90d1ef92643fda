"""Who may open a page of an intermediary: a person signed in, for the files that a mandate gives; any other is 404."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from api.access import Reach, rights_of, visible_files
from api.problems import said
from registry.actions import RegisterError
from registry.models import Intermediary, ReferenceVersion

View = Callable[..., HttpResponse]


def files_of(user: User, day: date) -> QuerySet[Intermediary]:
    """The files that this person acts for on `day`, as the API finds them (I14); with the version of what is common."""
    version = ReferenceVersion.objects.filter(id=1).values("version")
    mine = visible_files(rights_of(user, None), Reach.MANDATED, day)
    return mine.annotate(reference_version=Subquery(version))


def signed_in(view: View) -> View:
    """A page for people signed in; nobody's browser keeps it. Staff have pages of their own."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            back = request.get_full_path() if request.method == "GET" else reverse("web:mine")
            return redirect_to_login(back, login_url=reverse("account_login"))
        if user.is_staff or user.is_superuser:
            return HttpResponseRedirect(reverse("web:work"))
        return view(request, *args, **kwargs)

    guarded.for_people = True  # type: ignore[attr-defined]
    return guarded


def find_file(request: HttpRequest, orias_number: str, day: date) -> Intermediary:
    """The file of that number, if this person acts for it. Raises Http404 as for one that does not exist (I14)."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - for the types: `signed_in` has let it in
    found = files_of(user, day).select_related("merged_into").filter(orias_number=orias_number).first()
    if found is None:
        raise Http404
    return found


def require_unmerged(whose: Intermediary) -> None:
    """Nothing is written under a number given up. Raises RegisterError."""
    if whose.merged_into is not None:
        raise RegisterError(
            said(
                f"Ce numéro a été fusionné avec {whose.merged_into} : écrivez à celui-là.",
                f"This number was merged into {whose.merged_into}: write to that one.",
            )
        )
