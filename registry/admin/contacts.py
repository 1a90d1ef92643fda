"""Contacts, confirmed addresses, merges and dismissed pairs: to look at."""

from __future__ import annotations

from django.contrib import admin

from registry.admin_base import IntermediarySearch, ReadOnlyAdmin
from registry.models import AddressCheck, Contact, DuplicateDismissal, IntermediaryMerge


@admin.register(Contact)
class ContactAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Whom to reach."""

    list_display = ("intermediary", "role", "name", "email", "phone_e164")
    list_filter = ("role",)
    list_select_related = ("intermediary",)


@admin.register(AddressCheck)
class AddressCheckAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Who confirmed an address, and when."""

    list_display = ("intermediary", "email", "checked_on", "source", "checked_by")
    list_filter = ("source",)
    list_select_related = ("intermediary", "checked_by")


@admin.register(IntermediaryMerge)
class IntermediaryMergeAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Numbers made one."""

    intermediary_path = "drop"
    list_display = ("keep", "drop", "merged_at", "signed_by", "approved_by", "undone_at")
    list_select_related = ("keep", "drop", "signed_by", "approved_by")


@admin.register(DuplicateDismissal)
class DuplicateDismissalAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Pairs that are two persons."""

    intermediary_path = "first"
    list_display = ("first", "second", "reason", "dismissed_by", "dismissed_at")
    list_select_related = ("first", "second", "dismissed_by")
