"""Removal cases, sessions, orders, letters and destroyed files: looked at here, written by commands alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from registry.admin_base import IntermediarySearch, ReadOnlyAdmin, ReadOnlyInline
from registry.models import (
    AuthorityOrder,
    Ballot,
    CaseProof,
    CommissionMember,
    CommissionSession,
    LegalHold,
    Letter,
    PastRegistration,
    ProcedureTerm,
    PurgeCertificate,
    PurgedFile,
    RemovalCase,
    Resolution,
)


class CaseProofInline(ReadOnlyInline):
    """What proves its steps."""

    model = CaseProof
    fields = ("step", "kind", "letter", "happened_on", "reference", "recorded_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what each row names, in one query."""
        return super().get_queryset(request).select_related("letter", "recorded_by")


@admin.register(RemovalCase)
class RemovalCaseAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Cases; `removal_cases` tells what comes next."""

    list_display = ("id", "intermediary", "registration", "ground", "state", "since_on", "opened_by", "moved_by")
    list_filter = ("state", "ground", "kind")
    list_select_related = ("intermediary", "registration", "opened_by", "moved_by")
    inlines = (CaseProofInline,)


@admin.register(CaseProof)
class CaseProofAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Proofs of what was sent."""

    intermediary_path = "case__intermediary"
    list_display = ("case", "step", "kind", "happened_on", "reference", "recorded_by")
    list_filter = ("step", "kind")
    list_select_related = ("case", "recorded_by")


class _WithoutBytes(ReadOnlyAdmin):
    """Rows with a PDF, which the commands write out: a list does not read it."""

    heavy: ClassVar[str] = "pdf"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the bytes."""
        return super().get_queryset(request).defer(self.heavy)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Neither the bytes."""
        return (self.heavy,)


@admin.register(Letter)
class LetterAdmin(IntermediarySearch, _WithoutBytes):
    """Letters on paper; `letter NUMBER --out FILE` writes one out as it was issued."""

    list_display = ("number", "kind", "intermediary", "dated_on", "subject", "issued_by")
    list_filter = ("kind",)
    list_select_related = ("intermediary", "issued_by")


@admin.register(AuthorityOrder)
class AuthorityOrderAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Orders of the ACPR and the AMF."""

    list_display = (
        "id", "intermediary", "kind", "authority", "act_reference", "effective_on", "barred_until", "confirmed_by",
    )  # fmt: skip
    list_filter = ("authority", "kind")
    list_select_related = ("intermediary", "confirmed_by")


@admin.register(CommissionMember)
class CommissionMemberAdmin(ReadOnlyAdmin):
    """Members; `name_member` names them."""

    list_display = ("code", "name", "named_on", "ends_on")


class ResolutionInline(ReadOnlyInline):
    """The cases on its agenda."""

    model = Resolution


@admin.register(CommissionSession)
class CommissionSessionAdmin(_WithoutBytes):
    """Sessions; `show_session NUMBER --out FILE` writes the minutes out."""

    heavy = "minutes"
    list_display = ("number", "held_on", "seats", "prepared_by", "signed_by", "signed_at")
    list_select_related = ("prepared_by", "signed_by")
    inlines = (ResolutionInline,)


class BallotInline(ReadOnlyInline):
    """Its voices."""

    model = Ballot


@admin.register(Resolution)
class ResolutionAdmin(IntermediarySearch, ReadOnlyAdmin):
    """A case in a session."""

    intermediary_path = "case__intermediary"
    list_display = ("session", "case")
    list_select_related = ("session", "case")
    inlines = (BallotInline,)


@admin.register(Ballot)
class BallotAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Voices."""

    intermediary_path = "resolution__case__intermediary"
    list_display = ("resolution", "member", "choice")
    list_select_related = ("resolution", "member")


@admin.register(ProcedureTerm)
class ProcedureTermAdmin(ReadOnlyAdmin):
    """How old a proof must be."""

    list_display = ("step", "valid_from", "days", "source")


@admin.register(PastRegistration)
class PastRegistrationAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Periods before the present one."""

    intermediary_path = "registration__intermediary"
    list_display = ("registration", "registered_on", "removed_on")
    list_select_related = ("registration",)


@admin.register(LegalHold)
class LegalHoldAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Files kept whatever their age; `legal_hold` places and lifts."""

    list_display = ("intermediary", "reason", "placed_by", "placed_at", "lifted_by", "lifted_at")
    list_select_related = ("intermediary", "placed_by", "lifted_by")


@admin.register(PurgeCertificate)
class PurgeCertificateAdmin(_WithoutBytes):
    """What was destroyed, in counts."""

    list_display = ("number", "as_of", "files", "asked_by", "approved_by", "executed_at")
    list_select_related = ("asked_by", "approved_by")


@admin.register(PurgedFile)
class PurgedFileAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Numbers that are never given again."""

    list_display = ("intermediary", "certificate")
    list_select_related = ("intermediary", "certificate")
