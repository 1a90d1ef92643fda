"""The addresses under /api/v1/ ; one resource a module."""

from django.urls import path, re_path

from api.v1.batch_acts import (
    BatchApproveView,
    BatchCancelView,
    BatchPauseView,
    BatchRecallView,
    BatchReleaseView,
    BatchResumeView,
)
from api.v1.batches import BatchesView, BatchNoticesView, BatchView
from api.v1.contacts import ContactRemoveView, ContactsView, ContactView
from api.v1.covers import CoverAcceptView, CoverRefuseView, CoversView, CoverView, CoverWithdrawView
from api.v1.docs import DocsView, SchemaView
from api.v1.documents import DocumentContentView, DocumentsView, DocumentView
from api.v1.events import EventsView
from api.v1.exports import (
    ExportChecksumView,
    ExportKeyView,
    ExportSignatureView,
    ExportsView,
    ExportTableView,
)
from api.v1.hotline import HotlineLookupView
from api.v1.hotline_calls import CallsView, TelephoneView
from api.v1.hotline_complaints import ComplaintAcknowledgeView, ComplaintAnswerView, ComplaintsView
from api.v1.hotline_incidents import IncidentsView, IncidentUpdatesView
from api.v1.intermediary import IntermediaryView
from api.v1.intermediary_notices import IntermediaryNoticesView
from api.v1.intermediary_state import IntermediaryStateView
from api.v1.issuer import IssuerCoversView, IssuerEventsView
from api.v1.me import MeView
from api.v1.problem_pages import ProblemListView, ProblemView
from api.v1.register import RegisterEntryView, RegisterView
from api.v1.register_check import RegisterCheckView
from api.v1.removal_acts import (
    RemovalAdvanceView,
    RemovalHoldView,
    RemovalLetterProofView,
    RemovalMailedView,
    RemovalPublishView,
    RemovalResumeView,
    RemovalWithdrawView,
)
from api.v1.removals import RemovalLetterPdfView, RemovalLetterView, RemovalsView, RemovalView
from api.v1.renewal_acts import (
    RenewalConfirmView,
    RenewalFeeNoticeView,
    RenewalFeeView,
    RenewalSendBackView,
)
from api.v1.renewals import RenewalsView, RenewalView
from api.v1.review_lots import ReviewsAcceptView
from api.v1.reviews import CoverAskView, CoverAssignView, CoverCorrectView, ReviewsView
from api.v1.sending import SendingView
from api.v1.sessions import SessionMinutesView, SessionSignView, SessionsView, SessionView
from api.v1.status import StatusView
from api.v1.webhooks import (
    WebhookEnableView,
    WebhookReplayView,
    WebhookRotateView,
    WebhookSecretView,
    WebhooksView,
    WebhookTestView,
    WebhookView,
)
from api.views import NotFoundView

app_name = "api"

NUMBER = r"(?P<orias_number>[0-9]{8})"
CONTACTS = rf"intermediaries/{NUMBER}/contacts/"
CONTACT = r"(?P<contact_id>[0-9]{1,18})"
COMPLAINT = r"(?P<complaint_number>R-[0-9]{4}-[0-9]{5})"
COVER = r"(?P<cover_id>[0-9]{1,18})"
DOCUMENT = r"(?P<document_id>[0-9]{1,18})"
EXPORT = r"^register/exports/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})/"
LETTER = r"^removals/(?P<case_id>[0-9]{1,9})/letters/(?P<letter_number>[0-9]{4}-[0-9]{6,9})/"
RENEWAL = rf"^intermediaries/{NUMBER}/renewals/(?P<renewal_id>[0-9]{{1,18}})/"
SESSION = r"^sessions/(?P<session_number>CI-[0-9]{4}-[0-9]{6,9})/"
WEBHOOK = r"^webhooks/(?P<webhook_id>[0-9]{1,18})/"

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    path("me/", MeView.as_view(), name="me"),
    path("events/", EventsView.as_view(), name="events"),
    path("webhooks/", WebhooksView.as_view(), name="webhooks"),
    re_path(rf"{WEBHOOK}$", WebhookView.as_view(), name="webhook"),
    re_path(rf"{WEBHOOK}secret/$", WebhookSecretView.as_view(), name="webhook-secret"),
    re_path(rf"{WEBHOOK}rotate/$", WebhookRotateView.as_view(), name="webhook-rotate"),
    re_path(rf"{WEBHOOK}test/$", WebhookTestView.as_view(), name="webhook-test"),
    re_path(rf"{WEBHOOK}enable/$", WebhookEnableView.as_view(), name="webhook-enable"),
    re_path(rf"{WEBHOOK}replay/$", WebhookReplayView.as_view(), name="webhook-replay"),
    path("status/", StatusView.as_view(), name="status"),
    path("problems/", ProblemListView.as_view(), name="problems"),
    path("problems/<slug:code>/", ProblemView.as_view(), name="problem"),
    path("register/", RegisterView.as_view(), name="register"),
    path("register/exports/", ExportsView.as_view(), name="register-exports"),
    re_path(rf"{EXPORT}$", ExportTableView.as_view(), name="register-export"),
    re_path(rf"{EXPORT}checksum/$", ExportChecksumView.as_view(), name="register-export-checksum"),
    re_path(rf"{EXPORT}signature/$", ExportSignatureView.as_view(), name="register-export-signature"),
    re_path(rf"{EXPORT}key/$", ExportKeyView.as_view(), name="register-export-key"),
    re_path(rf"^register/{NUMBER}/$", RegisterEntryView.as_view(), name="register-entry"),
    re_path(rf"^intermediaries/{NUMBER}/$", IntermediaryView.as_view(), name="intermediary"),
    re_path(rf"^intermediaries/{NUMBER}/contacts/$", ContactsView.as_view(), name="contacts"),
    re_path(rf"^intermediaries/{NUMBER}/contacts/{CONTACT}/$", ContactView.as_view(), name="contact"),
    re_path(
        rf"^intermediaries/{NUMBER}/contacts/{CONTACT}/remove/$", ContactRemoveView.as_view(), name="contact-remove"
    ),
    re_path(rf"^intermediaries/{NUMBER}/covers/$", CoversView.as_view(), name="covers"),
    re_path(rf"^intermediaries/{NUMBER}/covers/{COVER}/$", CoverView.as_view(), name="cover"),
    re_path(rf"^intermediaries/{NUMBER}/covers/{COVER}/withdraw/$", CoverWithdrawView.as_view(), name="cover-withdraw"),
    re_path(rf"^intermediaries/{NUMBER}/covers/{COVER}/accept/$", CoverAcceptView.as_view(), name="cover-accept"),
    re_path(rf"^intermediaries/{NUMBER}/covers/{COVER}/refuse/$", CoverRefuseView.as_view(), name="cover-refuse"),
    re_path(rf"^intermediaries/{NUMBER}/renewals/$", RenewalsView.as_view(), name="renewals"),
    re_path(rf"{RENEWAL}$", RenewalView.as_view(), name="renewal"),
    re_path(rf"{RENEWAL}confirm/$", RenewalConfirmView.as_view(), name="renewal-confirm"),
    re_path(rf"{RENEWAL}send-back/$", RenewalSendBackView.as_view(), name="renewal-send-back"),
    re_path(rf"{RENEWAL}fee/$", RenewalFeeView.as_view(), name="renewal-fee"),
    re_path(rf"{RENEWAL}fee-notice/$", RenewalFeeNoticeView.as_view(), name="renewal-fee-notice"),
    re_path(rf"^intermediaries/{NUMBER}/state/$", IntermediaryStateView.as_view(), name="intermediary-state"),
    re_path(rf"^intermediaries/{NUMBER}/notices/$", IntermediaryNoticesView.as_view(), name="intermediary-notices"),
    re_path(rf"^intermediaries/{NUMBER}/covers/{COVER}/ask/$", CoverAskView.as_view(), name="cover-ask"),
    re_path(rf"^intermediaries/{NUMBER}/covers/{COVER}/correct/$", CoverCorrectView.as_view(), name="cover-correct"),
    re_path(rf"^intermediaries/{NUMBER}/covers/{COVER}/assign/$", CoverAssignView.as_view(), name="cover-assign"),
    re_path(rf"^intermediaries/{NUMBER}/documents/$", DocumentsView.as_view(), name="documents"),
    re_path(rf"^intermediaries/{NUMBER}/documents/{DOCUMENT}/$", DocumentView.as_view(), name="document"),
    re_path(
        rf"^intermediaries/{NUMBER}/documents/{DOCUMENT}/content/$",
        DocumentContentView.as_view(),
        name="document-content",
    ),
    path("reviews/accept/", ReviewsAcceptView.as_view(), name="reviews-accept"),
    path("reviews/", ReviewsView.as_view(), name="reviews"),
    path("register/check/", RegisterCheckView.as_view(), name="register-check"),
    path("issuer/covers/", IssuerCoversView.as_view(), name="issuer-covers"),
    path("issuer/events/", IssuerEventsView.as_view(), name="issuer-events"),
    path("batches/", BatchesView.as_view(), name="batches"),
    path("batches/<int:batch_id>/", BatchView.as_view(), name="batch"),
    path("batches/<int:batch_id>/notices/", BatchNoticesView.as_view(), name="batch-notices"),
    path("batches/<int:batch_id>/approve/", BatchApproveView.as_view(), name="batch-approve"),
    path("batches/<int:batch_id>/release/", BatchReleaseView.as_view(), name="batch-release"),
    path("batches/<int:batch_id>/pause/", BatchPauseView.as_view(), name="batch-pause"),
    path("batches/<int:batch_id>/resume/", BatchResumeView.as_view(), name="batch-resume"),
    path("batches/<int:batch_id>/cancel/", BatchCancelView.as_view(), name="batch-cancel"),
    path("batches/<int:batch_id>/recall/", BatchRecallView.as_view(), name="batch-recall"),
    path("removals/", RemovalsView.as_view(), name="removals"),
    path("removals/<int:case_id>/", RemovalView.as_view(), name="removal"),
    path("removals/<int:case_id>/advance/", RemovalAdvanceView.as_view(), name="removal-advance"),
    path("removals/<int:case_id>/mailed/", RemovalMailedView.as_view(), name="removal-mailed"),
    path("removals/<int:case_id>/publish/", RemovalPublishView.as_view(), name="removal-publish"),
    path("removals/<int:case_id>/hold/", RemovalHoldView.as_view(), name="removal-hold"),
    path("removals/<int:case_id>/resume/", RemovalResumeView.as_view(), name="removal-resume"),
    path("removals/<int:case_id>/withdraw/", RemovalWithdrawView.as_view(), name="removal-withdraw"),
    re_path(rf"{LETTER}$", RemovalLetterView.as_view(), name="removal-letter"),
    re_path(rf"{LETTER}pdf/$", RemovalLetterPdfView.as_view(), name="removal-letter-pdf"),
    re_path(rf"{LETTER}proof/$", RemovalLetterProofView.as_view(), name="removal-letter-proof"),
    path("sessions/", SessionsView.as_view(), name="sessions"),
    re_path(rf"{SESSION}$", SessionView.as_view(), name="session"),
    re_path(rf"{SESSION}sign/$", SessionSignView.as_view(), name="session-sign"),
    re_path(rf"{SESSION}minutes/$", SessionMinutesView.as_view(), name="session-minutes"),
    path("sending/", SendingView.as_view(), name="sending"),
    path("hotline/lookup/", HotlineLookupView.as_view(), name="hotline-lookup"),
    path("hotline/complaints/", ComplaintsView.as_view(), name="hotline-complaints"),
    re_path(
        rf"^hotline/complaints/{COMPLAINT}/acknowledge/$",
        ComplaintAcknowledgeView.as_view(),
        name="hotline-complaint-acknowledge",
    ),
    re_path(
        rf"^hotline/complaints/{COMPLAINT}/answer/$", ComplaintAnswerView.as_view(), name="hotline-complaint-answer"
    ),
    path("hotline/calls/", CallsView.as_view(), name="hotline-calls"),
    path("hotline/events/", TelephoneView.as_view(), name="hotline-events"),
    path("hotline/incidents/", IncidentsView.as_view(), name="hotline-incidents"),
    path(
        "hotline/incidents/<int:incident_id>/updates/", IncidentUpdatesView.as_view(), name="hotline-incident-updates"
    ),
    # Only what ends with a slash, so that Django still adds one that was forgotten; a newline is an address too.
    re_path(r"^(?:[\s\S]*/)?\Z", NotFoundView.as_view()),
]
