"""What a report means, and when an address is dead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.bounces import (
    RETURNED_KINDS,
    AddressTrouble,
    BounceKind,
    DeliveryReport,
    RecipientFields,
    ReportForm,
    classify_bounce,
    decisive,
    is_dead,
)

OURS = "contact@cabinet.example"
K = BounceKind


def report(*recipients: RecipientFields, form: ReportForm = ReportForm.DELIVERY) -> DeliveryReport:
    return DeliveryReport(form, "0" * 64, recipients=recipients)


def failed(status: str, diagnostic: str = "", final: str = OURS, action: str = "failed") -> RecipientFields:
    return RecipientFields(action, status, diagnostic, final)


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "kind"),
    [
        ("failed", "5.1.1", "smtp; 550 5.1.1 <contact@cabinet.example>: User unknown", K.HARD_ADDRESS),
        ("Failed", "5.1.1", "", K.HARD_ADDRESS),
        ("failed", "5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found", K.HARD_ADDRESS),
        ("failed", "5.2.1", "smtp; 550 5.2.1 mailbox disabled", K.HARD_ADDRESS),
        ("failed", "5.1.2", "X-Postfix; bad domain", K.HARD_ADDRESS),
        ("failed", "5.4.4", "X-Postfix; Host or domain name not found", K.HARD_ADDRESS),
        ("failed", "5.4.310", "", K.HARD_ADDRESS),
        ("failed", "5.0.0", "smtp; 550 No such user here", K.HARD_ADDRESS),
        ("failed", "", "smtp; 550 mailbox unavailable", K.HARD_ADDRESS),
        ("failed", "5.0.0", "smtp; 550 5.1.1 unknown", K.HARD_ADDRESS),
        # The digit says "for good"; what it is about does not.
        ("failed", "5.2.2", "smtp;554 5.2.2 mailbox full", K.SOFT),
        ("failed", "5.4.7", "", K.SOFT),
        ("failed", "5.4.316", "", K.SOFT),
        ("failed", "4.4.1", "X-Postfix; Connection timed out", K.SOFT),
        ("failed", "5.0.0", "smtp; 451 4.7.1 greylisted", K.SOFT),
        ("failed", "5.0.0", "smtp; 452 no room", K.SOFT),
        ("failed", "4.4.7", "smtp; 550 5.1.1 in the end", K.SOFT),
        # Ours, or nobody knows whose.
        ("failed", "5.7.1", "smtp; 554 5.7.1 rejected by policy", K.HARD_OURS),
        ("failed", "5.1.8", "smtp; 550 5.1.8 bad sender domain", K.HARD_OURS),
        ("failed", "5.2.3", "smtp; 552 5.2.3 too long", K.HARD_OURS),
        ("failed", "5.3.4", "", K.HARD_OURS),
        ("failed", "5.4.1", "smtp; 550 5.4.1 Recipient address rejected: Access denied", K.HARD_OURS),
        ("failed", "5.0.0", "smtp; 550 administrative prohibition", K.HARD_OURS),
        ("failed", "", "", K.HARD_OURS),
        ("failed", "5.1.0", "smtp; 550 5.1.0 sender rejected", K.HARD_OURS),
        # The remote server's own word outweighs that of who wrote the report.
        ("failed", "5.1.1", "smtp; 550 5.7.1 SPF check failed", K.HARD_OURS),
        ("delayed", "4.4.1", "", K.DELAYED),
        ("delivered", "2.0.0", "", K.DELIVERED),
        ("relayed", "2.0.0", "", K.RELAYED),
        ("expanded", "2.0.0", "", K.RELAYED),
        # No action that is known: the status says what it can.
        ("", "5.1.1", "", K.HARD_ADDRESS),
        ("", "4.4.1", "", K.DELAYED),
        ("", "2.0.0", "", K.DELIVERED),
        ("", "", "", K.OTHER),
        ("perhaps", "9.9.9", "", K.OTHER),
    ],
)
def test_a_recipient_is_told_by_action_status_and_the_servers_own_word(
    action: str, status: str, diagnostic: str, kind: BounceKind
) -> None:
    assert classify_bounce(report(RecipientFields(action, status, diagnostic, OURS)), OURS) is kind


@pytest.mark.parametrize(
    ("form", "feedback", "kind"),
    [
        (ReportForm.FEEDBACK, "abuse", K.COMPLAINT),
        (ReportForm.FEEDBACK, "Fraud", K.COMPLAINT),
        (ReportForm.FEEDBACK, "auth-failure", K.OTHER),
        (ReportForm.FEEDBACK, "not-spam", K.OTHER),
        (ReportForm.FEEDBACK, "", K.OTHER),
        (ReportForm.AUTO_REPLY, "", K.AUTO_REPLY),
        (ReportForm.UNKNOWN, "", K.OTHER),
        (ReportForm.NONE, "", K.NOT_A_REPORT),
        (ReportForm.DELIVERY, "", K.OTHER),
    ],
)
def test_each_form_has_its_kinds(form: ReportForm, feedback: str, kind: BounceKind) -> None:
    assert classify_bounce(replace(report(form=form), feedback=feedback)) is kind


# --- whose address ---


def test_an_address_we_never_wrote_to_is_not_ours_that_died() -> None:
    """Fails without `elsewhere`: one colleague who left would silence a whole office."""
    elsewhere = failed("5.1.1", final="partie@ailleurs.example")
    assert classify_bounce(report(elsewhere), OURS) is K.HARD_FORWARD
    assert classify_bounce(report(elsewhere)) is K.HARD_ADDRESS
    assert classify_bounce(report(replace(elsewhere, original=OURS.upper())), OURS) is K.HARD_ADDRESS
    assert classify_bounce(report(replace(elsewhere, final="")), OURS) is K.HARD_ADDRESS
    assert classify_bounce(report(failed("4.4.1", final="x@ailleurs.example")), OURS) is K.SOFT


def test_of_several_recipients_ours_decides_else_the_one_it_went_worst_for() -> None:
    ours, other = failed("2.0.0", action="delivered"), failed("5.1.1", final="autre@ailleurs.example")
    assert classify_bounce(report(other, ours), OURS) is K.DELIVERED
    assert decisive((other, ours), OURS) is ours
    assert decisive((ours, other), None) is other
    soft, delayed = failed("4.4.1"), failed("4.4.1", action="delayed")
    assert classify_bounce(report(delayed, soft, ours), OURS) is K.SOFT
    assert decisive((RecipientFields(),), OURS) is None
    assert decisive((), OURS) is None


FIELDS = st.builds(
    RecipientFields,
    st.sampled_from(["failed", "delayed", "delivered", "relayed", "expanded", "", "x"]) | st.text(max_size=8),
    st.from_regex(r"[245]\.\d{1,2}\.\d{1,3}", fullmatch=True) | st.text(max_size=8),
    st.text(max_size=60) | st.from_regex(r"smtp; [245]\d\d [245]\.\d\.\d .{0,20}", fullmatch=True),
    st.sampled_from([OURS, "", "autre@ailleurs.example"]),
)


@given(st.lists(FIELDS, max_size=4))
def test_every_report_has_a_kind_and_the_order_of_its_recipients_does_not_matter(fields: list[RecipientFields]) -> None:
    kind = classify_bounce(report(*fields), OURS)
    assert kind in set(BounceKind) - {K.NOT_A_REPORT, K.AUTO_REPLY, K.COMPLAINT}
    if len({classify_bounce(report(one), OURS) for one in fields}) == len(fields):
        assert classify_bounce(report(*fields[::-1]), OURS) is kind


@given(FIELDS)
def test_an_address_is_never_called_dead_by_a_report_that_is_not_about_it(one: RecipientFields) -> None:
    elsewhere = replace(one, final="autre@ailleurs.example", original="")
    assert classify_bounce(report(elsewhere), OURS) is not K.HARD_ADDRESS


def test_what_came_back_is_what_did_not_arrive() -> None:
    assert {K.HARD_ADDRESS, K.HARD_FORWARD, K.HARD_OURS, K.SOFT} == RETURNED_KINDS


# --- dead ---


@pytest.mark.parametrize(
    ("hard", "soft_days", "dead"), [(0, 0, False), (0, 2, False), (0, 3, True), (1, 0, True), (5, 9, True)]
)
def test_an_address_is_dead_after_one_clear_word_or_three_days_of_others(hard: int, soft_days: int, dead: bool) -> None:
    assert is_dead(AddressTrouble(OURS, hard, soft_days), OURS, 3) is dead


def test_a_changed_address_has_no_past_but_its_case_is_no_change() -> None:
    trouble = AddressTrouble(OURS, hard=1)
    assert not is_dead(trouble, "nouveau@cabinet.example", 3)
    assert is_dead(trouble, OURS.upper(), 3)
    assert not is_dead(None, OURS, 3)
