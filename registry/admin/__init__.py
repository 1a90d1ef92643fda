"""The administration's pages for the register: facts to look at, the rows that rules are read from, accounts.

Facts are written by `registry.actions` and `registry.intake` alone, so nobody changes them here.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest

from registry import clock
from registry.admin import contacts, issuers, names, papers, removals
from registry.admin_base import IntermediarySearch, ReadOnlyAdmin, ReadOnlyInline, ReasonedAdmin
from registry.findings import refresh_findings
from registry.models import (
    Cover,
    CoverEvent,
    DeadlineDecision,
    Decision,
    FeeRate,
    Intermediary,
    ReferenceVersion,
    RegisterImport,
    Registration,
    RenewalCampaign,
    RenewalRequest,
    Requirement,
    StoredFinding,
)

admin.site.site_header = admin.site.site_title = "Registre des intermédiaires"
admin.site.index_title = "Administration"
admin.site.unregister(User)

_SUPERUSERS_ONLY = ("is_superuser", "user_permissions")


class RegistrationInline(ReadOnlyInline):
    """The categories of a file."""

    model = Registration
    fields = (
        "category",
        "registered_on",
        "removed_on",
        "suspended_on",
        "suspended_until",
        "holds_client_funds",
    )
    ordering = ("category",)


class CoverInline(ReadOnlyInline):
    """The certificates of a file, the latest first."""

    model = Cover
    fields = ("kind", "categories", "issuer", "starts_on", "ends_on", "status", "deposited_on")
    ordering = ("-starts_on", "-id")


class DecisionInline(ReadOnlyInline):
    """The acts about a file."""

    model = Decision
    fields = ("kind", "authority", "decided_on", "act_reference")
    ordering = ("-decided_on", "-id")


class DeadlineDecisionInline(ReadOnlyInline):
    """What has moved the dates of a campaign, in the order of signing."""

    model = DeadlineDecision
    fields = ("opens_on", "principals_due_on", "due_on", "tolerated_until", "expires_on", "act_reference", "signed_by")
    ordering = ("id",)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who sees the campaign sees them."""
        return True


@admin.register(Intermediary)
class IntermediaryAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Files, by number."""

    intermediary_path = ""
    list_display = ("orias_number", "name", "trade_name", "siren", "town", "email", "phone_e164")
    sortable_by = ("orias_number",)
    ordering = ("orias_number",)
    inlines: ClassVar[list[type[Any]]] = [RegistrationInline, CoverInline, DecisionInline]


@admin.register(Registration)
class RegistrationAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Inscriptions."""

    list_display = ("intermediary", "category", "registered_on", "removed_on", "holds_client_funds", "filer")
    list_filter = ("category", "holds_client_funds", "filer")
    list_select_related = ("intermediary",)


@admin.register(Decision)
class DecisionAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Acts."""

    list_display = ("intermediary", "kind", "authority", "decided_on", "act_reference", "recorded_by")
    list_filter = ("kind", "authority")
    list_select_related = ("intermediary", "recorded_by")


@admin.register(Cover)
class CoverAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Certificates."""

    list_display = (
        "intermediary",
        "kind",
        "categories",
        "issuer",
        "starts_on",
        "ends_on",
        "status",
        "deposited_on",
    )
    list_filter = ("status", "kind", "channel")
    list_select_related = ("intermediary",)


@admin.register(CoverEvent)
class CoverEventAdmin(IntermediarySearch, ReadOnlyAdmin):
    """What insurers and guarantors said."""

    intermediary_path = "cover__intermediary"
    list_display = ("whose", "cover", "kind", "effective_on", "received_at")
    list_filter = ("kind",)
    list_select_related = ("cover__intermediary",)

    @admin.display(description="intermédiaire")
    def whose(self, event: CoverEvent) -> str:
        """Whom it concerns."""
        return str(event.cover.intermediary)


@admin.register(StoredFinding)
class StoredFindingAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Derived states, with the versions they were derived from."""

    intermediary_path = "registration__intermediary"
    list_display = ("whose", "category", "kind", "state", "covered_until", "due_on", "as_of", "is_fresh")
    list_filter = ("state", "kind")
    list_select_related = ("registration__intermediary",)

    @admin.display(description="intermédiaire")
    def whose(self, finding: StoredFinding) -> str:
        """Whom it concerns."""
        return str(finding.registration.intermediary)

    @admin.display(description="catégorie")
    def category(self, finding: StoredFinding) -> str:
        """Which registration."""
        return finding.registration.category

    @admin.display(description="à jour du dossier", boolean=True)
    def is_fresh(self, finding: StoredFinding) -> bool:
        """Whether the file has not changed since (I9)."""
        return finding.facts_version == finding.registration.intermediary.facts_version


@admin.register(RegisterImport)
class RegisterImportAdmin(ReadOnlyAdmin):
    """Register files that were applied."""

    list_display = ("file_name", "applied_at", "applied_by", "sha256")
    list_select_related = ("applied_by",)


@admin.register(ReferenceVersion)
class ReferenceVersionAdmin(ReadOnlyAdmin):
    """How often requirements and campaigns have changed."""

    list_display = ("id", "version")


class ReferenceAdmin(ReasonedAdmin):
    """Common facts: every stored finding follows a change in the same transaction."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save, with who and why, and bring the stored findings up to date."""
        super().save_model(request, obj, form, change)
        refresh_findings(as_of=clock.local_day(clock.now()))


@admin.register(Requirement)
class RequirementAdmin(ReferenceAdmin):
    """What is required from when, by which text. A new minimum is a new row; the old one gets a last day."""

    list_display = (
        "category",
        "kind",
        "valid_from",
        "valid_until",
        "amount_cents",
        "annual_cents",
        "legal_text",
    )
    ordering = ("category", "kind", "-valid_from")


@admin.register(RenewalCampaign)
class RenewalCampaignAdmin(ReferenceAdmin):
    """The five dates that each year started from; `shift_campaign` moves them, by a signed decision."""

    list_display = ("year", "opens_on", "principals_due_on", "due_on", "tolerated_until", "expires_on")
    ordering = ("-year",)

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[type[Any]]:
        """What has moved it, once it is there."""
        return [DeadlineDecisionInline] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: a campaign is added, and then moved by decisions alone."""
        return False


@admin.register(DeadlineDecision)
class DeadlineDecisionAdmin(ReadOnlyAdmin):
    """Campaign shifts, freezes of deadlines, and their reversals."""

    list_display = (
        "id",
        "kind",
        "campaign",
        "from_on",
        "until_on",
        "act_reference",
        "reverts",
        "signed_by",
        "signed_at",
    )
    list_filter = ("kind",)
    list_select_related = ("campaign", "reverts", "signed_by")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who may see campaigns may see what moves them."""
        return request.user.has_perm("registry.view_renewalcampaign")


@admin.register(FeeRate)
class FeeRateAdmin(ReferenceAdmin):
    """What each category costs. A new amount is a new row; the old one gets a last day."""

    list_display = ("category", "valid_from", "valid_until", "amount_cents", "source", "is_verified")
    ordering = ("category", "-valid_from")

    # Whoever sees, adds and changes requirements does so with these rows of the same nature.
    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As for requirements."""
        return request.user.has_perm("registry.view_requirement")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """As for requirements."""
        return request.user.has_perm("registry.add_requirement")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As for requirements."""
        return request.user.has_perm("registry.change_requirement")


@admin.register(RenewalRequest)
class RenewalRequestAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Renewal requests, their deposits and fees."""

    intermediary_path = "registration__intermediary"
    list_display = ("whose", "category", "campaign", "state", "channel", "filed_on", "entered_on", "paid_on")
    list_filter = ("state", "channel")
    list_select_related = ("registration__intermediary", "campaign")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who may see registrations may see their renewals."""
        return request.user.has_perm("registry.view_registration")

    @admin.display(description="intermédiaire")
    def whose(self, request: RenewalRequest) -> str:
        """Whom it concerns."""
        return str(request.registration.intermediary)

    @admin.display(description="catégorie")
    def category(self, request: RenewalRequest) -> str:
        """Which registration."""
        return request.registration.category


@admin.register(User)
class StaffAdmin(UserAdmin):  # type: ignore[type-arg]
    """Django's, without the two ways by which a permission to change users would become every permission."""

    list_filter = ("is_active", "groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Without superuser and single permissions, unless a superuser asks."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return [(title, options | {"fields": _allowed(options["fields"])}) for title, options in fieldsets]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A superuser's account, its password included, is changed by a superuser only."""
        out_of_reach = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not out_of_reach and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are closed (« actif »), never deleted: the history names them."""
        return False


def _allowed(fields: Any) -> tuple[Any, ...]:
    return tuple(name for name in fields if name not in _SUPERUSERS_ONLY)


__all__ = ["contacts", "issuers", "names", "papers", "removals"]
