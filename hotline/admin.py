"""The administration's pages for the hotline: to look at; its own actions write."""

from __future__ import annotations

from django.contrib import admin

from hotline.models import (
    Call,
    Complaint,
    ComplaintCounter,
    ExtraAgent,
    Incident,
    IncidentUpdate,
    LineCall,
    LookUp,
    WhyReading,
)
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


@admin.register(Call)
class CallAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Calls as agents logged them."""

    list_display = ("id", "started_at", "intermediary", "caller_key", "reason", "outcome", "agent", "call_back_by")
    list_filter = ("reason", "outcome")
    list_select_related = ("intermediary", "agent")


@admin.register(LineCall)
class LineCallAdmin(ReadOnlyAdmin):
    """Calls as the telephone system told of them."""

    list_display = ("line_id", "caller_key", "agent", "rang_at", "answered_at", "hung_up_at")
    list_select_related = ("agent",)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """Incidents."""

    list_display = ("id", "state", "message", "declared_at", "declared_by", "next_update_at", "resolved_at")
    list_filter = ("state",)
    list_select_related = ("declared_by",)


@admin.register(IncidentUpdate)
class IncidentUpdateAdmin(ReadOnlyAdmin):
    """Every word about them."""

    list_display = ("id", "incident", "state", "message", "at", "by")
    list_select_related = ("incident", "by")


@admin.register(LookUp)
class LookUpAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Who opened whose file, when, why."""

    list_display = ("id", "at", "agent", "intermediary", "purpose", "way", "checked_at", "proofs", "call")
    list_filter = ("purpose", "way")
    list_select_related = ("agent", "intermediary", "call")


@admin.register(WhyReading)
class WhyReadingAdmin(ReadOnlyAdmin):
    """When the page of a message was first opened; of whom, nothing more is known."""

    list_display = ("id", "notice", "opened_at")
    list_select_related = ("notice",)


@admin.register(ExtraAgent)
class ExtraAgentAdmin(ReadOnlyAdmin):
    """Roles for a few days."""

    list_display = ("id", "account", "role", "granted_at", "granted_by", "ends_at", "ended_at", "ended_by")
    list_select_related = ("account", "role", "granted_by", "ended_by")
