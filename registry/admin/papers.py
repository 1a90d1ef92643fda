"""Pages on files and reviews: to look at. Files are read by the API alone, once they are clean."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from registry.admin_base import IntermediarySearch, ReadOnlyAdmin
from registry.models import CorrectionRequest, CoverPaper, CoverReview, Document


class _SeenWithCovers(IntermediarySearch, ReadOnlyAdmin):
    """Who may see certificates may see what belongs to their review."""

    intermediary_path = "cover__intermediary"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As for certificates."""
        return request.user.has_perm("registry.view_cover")


@admin.register(Document)
class DocumentAdmin(_SeenWithCovers):
    """Files: what they are, where they stand, why they were refused."""

    intermediary_path = "intermediary"
    list_display = ("id", "intermediary", "name", "kind", "pages", "state", "fault", "signature", "received_at")
    list_filter = ("state", "fault", "kind")
    list_select_related = ("intermediary",)


@admin.register(CoverPaper)
class CoverPaperAdmin(_SeenWithCovers):
    """Which file proves which certificate."""

    list_display = ("cover", "document", "attached_on")
    list_select_related = ("cover", "document")


@admin.register(CorrectionRequest)
class CorrectionRequestAdmin(_SeenWithCovers):
    """What was asked back."""

    list_display = ("cover", "reason", "note", "asked_on", "asked_by", "ended_on")
    list_filter = ("reason",)
    list_select_related = ("cover", "asked_by")


@admin.register(CoverReview)
class CoverReviewAdmin(_SeenWithCovers):
    """Who looks at what, and why it was refused."""

    list_display = ("cover", "assigned_to", "assigned_on", "reason", "note", "refused_on")
    list_filter = ("reason",)
    list_select_related = ("cover", "assigned_to")
