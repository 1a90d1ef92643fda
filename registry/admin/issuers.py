"""Insurers and guarantors, associations and principals, signals: to look at; actions and commands write them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from registry.admin_base import IntermediarySearch, QuickAdmin, ReadOnlyAdmin, ReadOnlyInline
from registry.models import Affiliation, FilingBody, IssuedCover, Issuer, IssuerFile, IssuerLot, IssuerName, Signal


class SeenWithRegistrations(QuickAdmin):
    """Who may see registrations may see it."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As said."""
        return request.user.has_perm("registry.view_registration")


class IssuerNameInline(ReadOnlyInline):
    """The spellings of an issuer."""

    model = IssuerName
    fields = ("name", "key")
    ordering = ("name",)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who sees the issuer sees them."""
        return True


@admin.register(Issuer)
class IssuerAdmin(SeenWithRegistrations, ReadOnlyAdmin):
    """Insurers and guarantors, by code."""

    list_display = ("code", "name")
    search_fields = ("code", "name")
    ordering = ("code",)
    inlines: ClassVar[list[type[Any]]] = [IssuerNameInline]


@admin.register(IssuerName)
class IssuerNameAdmin(SeenWithRegistrations, ReadOnlyAdmin):
    """Spellings of issuers."""

    list_display = ("name", "issuer", "key")
    search_fields = ("key",)
    list_select_related = ("issuer",)


@admin.register(IssuedCover)
class IssuedCoverAdmin(SeenWithRegistrations, IntermediarySearch, ReadOnlyAdmin):
    """Certificates that their issuers pushed."""

    list_display = ("intermediary", "issuer", "kind", "policy_key", "starts_on")
    list_select_related = ("intermediary", "issuer")


@admin.register(IssuerLot)
class IssuerLotAdmin(SeenWithRegistrations, ReadOnlyAdmin):
    """Lots of issuers' files that were applied."""

    list_display = ("file", "number")
    list_select_related = ("file",)


@admin.register(IssuerFile)
class IssuerFileAdmin(SeenWithRegistrations, ReadOnlyAdmin):
    """Files of issuers, the latest first."""

    list_display = ("file_name", "issuer", "content", "begun_at", "begun_by", "finished_at")
    list_filter = ("content",)
    list_select_related = ("issuer", "begun_by")


@admin.register(FilingBody)
class FilingBodyAdmin(SeenWithRegistrations, ReadOnlyAdmin):
    """Associations and principals, by code."""

    list_display = ("code", "name", "kind", "siren")
    list_filter = ("kind",)
    search_fields = ("code", "name")
    ordering = ("code",)


@admin.register(Affiliation)
class AffiliationAdmin(SeenWithRegistrations, IntermediarySearch, ReadOnlyAdmin):
    """Memberships and mandates."""

    intermediary_path = "registration__intermediary"
    list_display = ("whose", "body", "files", "starts_on", "ends_on", "end_told_on")
    list_filter = ("body__kind", "files")
    list_select_related = ("registration__intermediary", "body")

    @admin.display(description="inscription")
    def whose(self, affiliation: Affiliation) -> str:
        """Whose, and for which category."""
        return f"{affiliation.registration.intermediary} {affiliation.registration.category}"


@admin.register(Signal)
class SignalAdmin(SeenWithRegistrations, IntermediarySearch, ReadOnlyAdmin):
    """Signals, the latest first."""

    list_display = ("intermediary", "kind", "told_by", "opened_on", "due_on", "settled_on", "settled_by")
    list_filter = ("kind",)
    list_select_related = ("intermediary", "settled_by")
