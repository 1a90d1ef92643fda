"""The only writers of the register: keyword-only, one transaction each, `by` and `why` in the history.

Each brings the stored findings up to date in the same transaction. Sets from outside come in by `registry.intake`.
Removals have writers of their own: `cases`, `sessions`, `orders`, `letters`, and `purging` for what is destroyed.
"""

from registry.actions.covers import (
    accept_cover,
    record_cover,
    record_cover_event,
    refuse_cover,
    withdraw_cover,
)
from registry.actions.deadlines import freeze_deadlines, revert_decision, shift_campaign
from registry.actions.files import change_contact, record_intermediary, record_registration
from registry.actions.recording import RegisterError, recording
from registry.actions.renewal_fees import record_fee, record_fee_notice
from registry.actions.renewals import (
    confirm_paper,
    file_renewal,
    file_renewals,
    open_renewals,
    send_back_paper,
)

__all__ = [
    "RegisterError",
    "accept_cover",
    "change_contact",
    "confirm_paper",
    "file_renewal",
    "file_renewals",
    "freeze_deadlines",
    "open_renewals",
    "record_cover",
    "record_cover_event",
    "record_fee",
    "record_fee_notice",
    "record_intermediary",
    "record_registration",
    "recording",
    "refuse_cover",
    "revert_decision",
    "send_back_paper",
    "shift_campaign",
    "withdraw_cover",
]
