"""The administration's pages for the hotline: to look at; its own actions write."""

from __future__ import annotations

from django.contrib import admin

from hotline.models import Complaint, ComplaintCounter
from registry.admin_base import IntermediarySearch, ReadOnlyAdmin


@admin.register(Complaint)
class ComplaintAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Complaints with their days."""

    list_display = (
        "number",
        "state",
        "complainant",
        "matter",
        "intermediary",
        "batch",
        "sent_on",
        "acknowledged_on",
        "answered_on",
        "outcome",
    )
    list_filter = ("state", "matter", "channel")
    list_select_related = ("intermediary", "batch")


@admin.register(ComplaintCounter)
class ComplaintCounterAdmin(ReadOnlyAdmin):
    """The last number of each year."""

    list_display = ("year", "last")
