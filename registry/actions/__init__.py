"""The only writers of the register: keyword-only, one transaction each, `by` and `why` in the history.

Each brings the stored findings up to date in the same transaction. Sets from outside come in by `registry.intake`.
"""

from registry.actions.contacts import confirm_address, record_contact, remove_contact, revise_contact
from registry.actions.covers import accept_cover, record_cover, record_cover_event, refuse_cover, withdraw_cover
from registry.actions.deadlines import freeze_deadlines, revert_decision, shift_campaign
from registry.actions.documents import attach_document, record_check, record_document, record_scan
from registry.actions.files import change_contact, record_intermediary, record_registration
from registry.actions.merges import dismiss_duplicate, merge_intermediaries, undo_merge
from registry.actions.recording import RegisterError, recording
from registry.actions.renewal_fees import (
    record_fee,
    record_fee_letters_posted,
    record_fee_notice,
    write_fee_letters,
)
from registry.actions.renewals import confirm_paper, file_renewal, file_renewals, open_renewals, send_back_paper
from registry.actions.reviews import accept_covers, accept_lot, answer_correction, ask_correction, assign_review

__all__ = [
    "RegisterError",
    "accept_cover",
    "accept_covers",
    "accept_lot",
    "answer_correction",
    "ask_correction",
    "assign_review",
    "attach_document",
    "change_contact",
    "confirm_address",
    "confirm_paper",
    "dismiss_duplicate",
    "file_renewal",
    "file_renewals",
    "freeze_deadlines",
    "merge_intermediaries",
    "open_renewals",
    "record_check",
    "record_contact",
    "record_cover",
    "record_cover_event",
    "record_document",
    "record_fee",
    "record_fee_letters_posted",
    "record_fee_notice",
    "record_intermediary",
    "record_registration",
    "record_scan",
    "recording",
    "refuse_cover",
    "remove_contact",
    "revert_decision",
    "revise_contact",
    "send_back_paper",
    "shift_campaign",
    "undo_merge",
    "withdraw_cover",
    "write_fee_letters",
]
