"""What all admin pages share: read-only, quick on large tables, searched by shape, with history."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property

from registry.actions import recording
from registry.admin_history import MOST_CHANGES, changes_of
from registry.models import Intermediary
from registry.search import Query, Shape, read_staff_query

PAGE_SIZE = 50
COUNTED = 10_000
"""Rows are counted up to here; a COUNT(*) of a million costs more than the page itself."""
FEW = 100


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most `COUNTED` rows. Beyond, a whole table is estimated by the planner's statistics, and of a
    search only the first `COUNTED` rows are paged through: it should be narrowed."""

    @cached_property
    def count(self) -> int:
        """The number of rows, exact up to `COUNTED`."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        counted = rows.order_by().values("pk")[: COUNTED + 1].count()
        if counted <= COUNTED:
            return counted
        return COUNTED if rows.query.where else max(counted, _estimated(rows))


def _estimated(rows: QuerySet[Any]) -> int:
    with connections[rows.db].cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table])
        return int(cursor.fetchone()[0])


class QuickAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that stays quick at a million rows, and a history page that shows what the triggers recorded."""

    list_per_page = PAGE_SIZE
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    # Each other column would be sorted without an index.
    sortable_by: ClassVar[tuple[str, ...]] = ()
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing of the register is deleted here."""
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed what, when and why, as the database recorded it; else Django's own page."""
        if not hasattr(self.model, "history"):
            return super().history_view(request, object_id, extra_context)
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "title": f"Historique\u00a0: {obj}",
            "object": obj,
            "opts": self.opts,
            "changes": changes_of(obj),
            "limit": MOST_CHANGES,
        }
        return TemplateResponse(request, "registry/admin_history.html", context | (extra_context or {}))


class ReadOnlyAdmin(QuickAdmin):
    """Shows, changes nothing: the register's own actions write facts, the engine alone writes the ledger."""

    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody, a superuser included."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody, a superuser included."""
        return False


class IntermediarySearch(QuickAdmin):
    """Searched by whom it concerns; `intermediary_path` leads to the intermediary ("": the model itself)."""

    intermediary_path: ClassVar[str] = "intermediary"
    search_fields: ClassVar[tuple[str, ...]] = ("pk",)
    search_help_text = "Numéro ORIAS, SIREN, téléphone, adresse électronique ou nom (trois lettres au moins)"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows of the intermediaries that the term means, by its shape."""
        query = read_staff_query(search_term)
        if query.shape is Shape.NOTHING:
            return queryset, False
        if not query.finds:
            return queryset.none(), False
        if not self.intermediary_path:
            return queryset.filter(query.condition), False
        return queryset.filter(**{f"{self.intermediary_path}__in": _found(query)}), False


def _found(query: Query) -> QuerySet[Intermediary] | list[int]:
    """Whom it means: their keys where they are few, since a plan for keys is good without statistics."""
    found = Intermediary.objects.filter(query.condition)
    keys = list(found.values_list("pk", flat=True)[: FEW + 1])
    return keys if len(keys) <= FEW else found


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    """A few rows that belong to the object shown."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False


class ReasonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A change that must say why; the reason goes into the history."""

    why = forms.CharField(label="Motif de la modification", max_length=300)


class ReasonedAdmin(QuickAdmin):
    """Rows that rules are read from: changed with a reason, recorded with who and why."""

    form = ReasonForm
    actions = None

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """All fields; without the reason for those who may only look."""
        fields = super().get_fields(request, obj)
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return fields if may_write else [name for name in fields if name != "why"]

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save with who and why in the history."""
        with recording(by=cast(User, request.user), why=form.cleaned_data["why"]):
            super().save_model(request, obj, form, change)
