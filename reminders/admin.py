"""The administration's pages for the ledger and the controls: to look at, save for the waves."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.admin_base import IntermediarySearch, ReadOnlyAdmin, ReadOnlyInline, ReasonedAdmin
from reminders.messages.tokens import read_mail_token
from reminders.models import (
    AddressConfirmation,
    AddressTroubleRow,
    Alarm,
    Attempt,
    Batch,
    Bounce,
    DomainPace,
    IncidentNote,
    JournalMark,
    LeftOut,
    Notice,
    NoticeItem,
    Pace,
    Reconciliation,
    SenderIdentity,
    SendingMachine,
    Settlement,
    StopSwitch,
    Tick,
    Watch,
    Wave,
    WrongReport,
)
from reminders.rules.bounces import AddressTrouble, is_dead

_KEY = re.compile(r"[0-9a-f]{9,40}")
"""Nine digits or more may begin an identity; eight are an ORIAS number."""


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """Lots."""

    list_display = (
        "id",
        "state",
        "as_of",
        "waves",
        "planned",
        "ceiling",
        "author",
        "approved_by",
        "created_at",
    )
    list_filter = ("state",)
    list_select_related = ("author", "approved_by")
    readonly_fields = ("rows",)

    @admin.display(description="liste")
    def rows(self, batch: Batch) -> SafeString:
        """Links to the notices and to those left out."""
        query = f"?batch__id__exact={batch.pk}"
        notices = reverse("admin:reminders_notice_changelist") + query
        left_out = reverse("admin:reminders_leftout_changelist") + query
        return format_html('<a href="{}">relances</a>, <a href="{}">écartés</a>', notices, left_out)


class ItemInline(ReadOnlyInline):
    """What a notice discharges."""

    model = NoticeItem
    fields = ("kind", "term", "wave", "held")
    ordering = ("kind", "term")


class AttemptInline(ReadOnlyInline):
    """The tries at the mail server."""

    model = Attempt
    fields = ("number", "started_at", "finished_at", "verdict", "stage", "code", "reply")
    ordering = ("number",)


class BounceInline(ReadOnlyInline):
    """What came back about a mail."""

    model = Bounce
    fields = ("reported_at", "kind", "status", "diagnostic")
    ordering = ("id",)


class SettlementInline(ReadOnlyInline):
    """How an uncertain notice was settled."""

    model = Settlement
    fields = ("decision", "evidence", "reason", "by", "at")


@admin.register(Notice)
class NoticeAdmin(IntermediarySearch, ReadOnlyAdmin):
    """The ledger."""

    list_display = ("id", "batch", "rank", "intermediary", "state", "reason", "email", "settled_at")
    list_filter = ("state",)
    list_select_related = ("batch", "intermediary")
    inlines: ClassVar[list[type[Any]]] = [ItemInline, AttemptInline, SettlementInline, BounceInline]
    search_help_text = (
        f"{IntermediarySearch.search_help_text}, identité de la relance (neuf caractères au moins) ou son Message-ID"
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By whom it concerns, or by what is written in the mail (X-Reminder-Key, Message-ID)."""
        left = search_term.strip().strip("<>").partition("@")[0]
        key = read_mail_token(left) or left.lower()
        if _KEY.fullmatch(key) and not key.isdigit():
            return queryset.filter(key__startswith=key), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(NoticeItem)
class NoticeItemAdmin(IntermediarySearch, ReadOnlyAdmin):
    """What was discharged, once (I2)."""

    list_display = ("id", "intermediary", "kind", "term", "wave", "held", "notice")
    list_filter = ("kind", "held")
    list_select_related = ("intermediary", "notice")


@admin.register(Attempt)
class AttemptAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Tries at the mail server."""

    intermediary_path = "notice__intermediary"
    list_display = ("id", "notice", "number", "started_at", "verdict", "stage", "code", "reply")
    list_filter = ("verdict",)
    list_select_related = ("notice",)


@admin.register(Bounce)
class BounceAdmin(IntermediarySearch, ReadOnlyAdmin):
    """What came back; without a notice, a report that names no mail of ours."""

    intermediary_path = "notice__intermediary"
    list_display = ("id", "reported_at", "kind", "notice", "recipient", "status", "diagnostic")
    list_filter = ("kind", ("notice", admin.EmptyFieldListFilter))
    list_select_related = ("notice",)


@admin.register(AddressTroubleRow)
class AddressTroubleAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Addresses that sent mail back: whom to call."""

    list_display = ("intermediary", "email", "dead", "hard", "soft_days", "first_at", "last_at")
    list_select_related = ("intermediary",)

    @admin.display(description="hors d’usage", boolean=True)
    def dead(self, row: AddressTroubleRow) -> bool:
        """Whether it is not written to any more."""
        trouble = AddressTrouble(row.email, row.hard, row.soft_days)
        return is_dead(trouble, row.email, settings.SOFT_DAYS_MAKE_DEAD)


@admin.register(AddressConfirmation)
class AddressConfirmationAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Addresses that somebody has made sure of; recorded by `dead_addresses --confirm`."""

    list_display = ("id", "intermediary", "email", "reason", "by", "at")
    list_select_related = ("intermediary", "by")


@admin.register(Settlement)
class SettlementAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Uncertain notices that were settled; recorded by `settle_uncertain` and `read_bounces`."""

    intermediary_path = "notice__intermediary"
    list_display = ("id", "notice", "decision", "evidence", "reason", "by", "at")
    list_filter = ("decision", "evidence")
    list_select_related = ("notice", "by")


@admin.register(IncidentNote)
class IncidentNoteAdmin(ReadOnlyAdmin):
    """What people noted about a batch; written by `incident_report --note`."""

    list_display = ("id", "batch", "text", "by", "at")
    list_select_related = ("batch", "by")
    search_fields = ("text",)


@admin.register(LeftOut)
class LeftOutAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Who got nothing, and why."""

    list_display = ("id", "batch", "intermediary", "reason")
    list_filter = ("reason",)
    list_select_related = ("batch", "intermediary")


@admin.register(StopSwitch)
class StopSwitchAdmin(ReadOnlyAdmin):
    """Shown here; turned by `stop_sending` and `resume_sending`."""

    list_display = ("__str__", "reason", "changed_by", "changed_at")
    list_select_related = ("changed_by",)


@admin.register(SenderIdentity)
class SenderIdentityAdmin(ReadOnlyAdmin):
    """Which database sends; armed by `resume_sending`."""

    list_display = ("epoch", "system_identifier", "database_oid", "timeline", "armed_at", "armed_by")
    list_select_related = ("armed_by",)


@admin.register(JournalMark)
class JournalMarkAdmin(ReadOnlyAdmin):
    """How far each sender's journal is known."""

    list_display = ("sender", "file", "sequence", "hash", "recorded_at")


@admin.register(SendingMachine)
class SendingMachineAdmin(ReadOnlyAdmin):
    """How often each machine has begun to send, and why it does not."""

    list_display = ("host", "passes", "passed_at", "refused_at", "refusal")


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    """What was brought forward from the journal, by whom."""

    list_display = ("id", "made_at", "made_by", "lost_reason")
    list_select_related = ("made_by",)


@admin.register(Pace)
class PaceAdmin(ReadOnlyAdmin):
    """When the next message may leave."""

    list_display = ("id", "next_at")


@admin.register(DomainPace)
class DomainPaceAdmin(ReadOnlyAdmin):
    """Mail domains that asked us to slow down."""

    list_display = ("domain", "not_before", "failures", "updated_at")


@admin.register(Watch)
class WatchAdmin(ReadOnlyAdmin):
    """The times of each release."""

    list_display = ("batch", "going_since", "step_ended_at", "judged_since")
    list_select_related = ("batch",)


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    """What stopped a release, and who let it go on."""

    list_display = ("id", "batch", "code", "level", "message", "raised_at", "closed_at", "closed_by")
    list_filter = ("code",)
    list_select_related = ("batch", "closed_by")


@admin.register(WrongReport)
class WrongReportAdmin(IntermediarySearch, ReadOnlyAdmin):
    """Reports that a reminder was wrong, and what the file said."""

    intermediary_path = "notice__intermediary"
    list_display = ("id", "notice", "source", "verdict", "reported_at", "reported_by")
    list_filter = ("verdict", "source")
    list_select_related = ("notice", "reported_by")


@admin.register(Tick)
class TickAdmin(ReadOnlyAdmin):
    """Scheduled instants that were acted on."""

    list_display = ("name", "intended_at", "taken_at", "outcome")


@admin.register(Wave)
class WaveAdmin(ReasonedAdmin):
    """On which days a reminder may go. A code stays as it is: it is part of a reminder's identity (I2)."""

    list_display = ("code", "first_offset", "last_offset", "active")
    ordering = ("first_offset", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Wave | None = None) -> tuple[str, ...]:
        """The code of a wave that exists stays as it is (I2)."""
        return ("code",) if obj else ()
