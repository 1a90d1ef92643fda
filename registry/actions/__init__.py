"""The only writers of the register: keyword-only, one transaction each, `by` and `why` in the history.

Each brings the stored findings up to date in the same transaction. Sets from outside come in by `registry.intake`.
"""

from registry.actions.cases import (
    hold_case,
    notify_by_mail,
    open_case,
    publish_case,
    record_letter_proof,
    resume_case,
    send_step,
    withdraw_case,
)
from registry.actions.covers import (
    accept_cover,
    record_cover,
    record_cover_event,
    refuse_cover,
    withdraw_cover,
)
from registry.actions.deadlines import freeze_deadlines, revert_decision, shift_campaign
from registry.actions.files import change_contact, record_intermediary, record_registration
from registry.actions.orders import confirm_order, record_order, record_reentry
from registry.actions.recording import RegisterError, recording
from registry.actions.renewal_fees import record_fee, record_fee_notice
from registry.actions.renewals import (
    confirm_paper,
    file_renewal,
    file_renewals,
    open_renewals,
    send_back_paper,
)
from registry.actions.sessions import name_member, record_session, sign_session

__all__ = [
    "RegisterError",
    "accept_cover",
    "change_contact",
    "confirm_order",
    "confirm_paper",
    "file_renewal",
    "file_renewals",
    "freeze_deadlines",
    "hold_case",
    "name_member",
    "notify_by_mail",
    "open_case",
    "open_renewals",
    "publish_case",
    "record_cover",
    "record_cover_event",
    "record_fee",
    "record_fee_notice",
    "record_intermediary",
    "record_letter_proof",
    "record_order",
    "record_reentry",
    "record_registration",
    "record_session",
    "recording",
    "refuse_cover",
    "resume_case",
    "revert_decision",
    "send_back_paper",
    "send_step",
    "shift_campaign",
    "sign_session",
    "withdraw_case",
    "withdraw_cover",
]
