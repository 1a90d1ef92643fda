"""Every reply at every stage has one verdict; no doubt is resolved towards "delivered" or "send again"."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.smtp_replies import (
    SESSION_STAGES,
    Said,
    SmtpReply,
    Stage,
    Verdict,
    classify,
    company_of,
    judge_in_company,
    parse_enhanced,
)

MESSAGE_STAGES = [stage for stage in Stage if stage not in SESSION_STAGES]
BEFORE_THE_DOT = [stage for stage in MESSAGE_STAGES if stage is not Stage.DOT]
ODD_CODES = [-1, 0, 1, 25, 100, 199, 300, 334, 354, 399, 600, 999, 2500, 5500]


def reply(stage: Stage, code: int | None, text: str = "") -> SmtpReply:
    return SmtpReply(stage, code, parse_enhanced(code, text), text)


@pytest.mark.parametrize("stage", SESSION_STAGES)
@pytest.mark.parametrize("code", [None, -1, 220, 250, 421, 454, 502, 530, 535, 550, 554])
def test_what_fails_before_any_message_is_named_is_systemic(stage: Stage, code: int | None) -> None:
    assert classify(reply(stage, code)) is Verdict.SYSTEMIC


def test_only_a_2yz_to_the_final_dot_is_an_acceptance() -> None:
    accepted = {
        (stage, code)
        for stage, code in product(Stage, [None, *range(-10, 1000)])
        if classify(reply(stage, code)) is Verdict.ACCEPTED
    }
    assert accepted == {(Stage.DOT, code) for code in range(200, 300)}


@pytest.mark.parametrize("stage", MESSAGE_STAGES)
@pytest.mark.parametrize("code", [400, 421, 450, 451, 452, 454, 499])
def test_a_4yz_is_deferred_wherever_it_comes(stage: Stage, code: int) -> None:
    assert classify(reply(stage, code, "4.2.0 later")) is Verdict.DEFERRED


@pytest.mark.parametrize("stage", BEFORE_THE_DOT)
@pytest.mark.parametrize("code", [None, 200, 250, 251, *ODD_CODES])
def test_a_loss_or_an_odd_reply_before_the_dot_is_deferred(stage: Stage, code: int | None) -> None:
    assert classify(reply(stage, code)) is Verdict.DEFERRED


@pytest.mark.parametrize("code", [None, *ODD_CODES])
def test_a_loss_or_an_odd_reply_after_the_dot_is_uncertain(code: int | None) -> None:
    assert classify(reply(Stage.DOT, code)) is Verdict.UNCERTAIN


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DOT])
@pytest.mark.parametrize(
    "text",
    [
        "5.1.0 Address rejected",
        "5.1.1 User unknown",
        "5.1.1 <a@b.fr>: rejected due to policy, user unknown",
        "5.1.2 Bad destination system",
        "5.1.3 Bad syntax",
        "5.1.6 Mailbox has moved",
        "5.1.10 Null MX",
        "5.2.0 Mailbox not usable",
        "5.2.1 Mailbox disabled",
        "5.2.2 Mailbox full",
    ],
)
def test_a_clear_word_about_the_recipient_is_a_dead_address(stage: Stage, text: str) -> None:
    assert classify(reply(stage, 550, text)) is Verdict.REFUSED_ADDRESS


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DOT])
@pytest.mark.parametrize(
    ("code", "text"),
    [
        (550, "5.7.1 Message rejected as spam"),
        (554, "5.7.1 Relay access denied"),
        (550, "5.7.515 Access denied, sending domain does not meet the required authentication level"),
        (550, "5.1.0 Sender denied"),
        (550, "5.1.7 Bad sender's mailbox syntax"),
        (550, "5.1.8 Bad sender's system"),
        (552, "5.2.3 Message too long for this mailbox"),
        (552, "5.3.4 Message too big for system"),
        (554, "5.4.6 Routing loop"),
        (500, "5.5.2 Syntax error"),
        (554, "5.6.0 Media error"),
        (554, "5.0.0 Undefined"),
        (552, "Exceeded storage allocation"),
        (554, "Transaction failed"),
        (503, "Bad sequence"),
    ],
)
def test_a_refusal_about_sender_content_or_server_is_ours(stage: Stage, code: int, text: str) -> None:
    assert classify(reply(stage, code, text)) is Verdict.REFUSED_OURS


@pytest.mark.parametrize("code", [550, 551, 553, 556])
def test_a_bare_refusal_of_the_recipient_is_a_dead_address(code: int) -> None:
    assert classify(reply(Stage.RCPT, code, "No such user here")) is Verdict.REFUSED_ADDRESS


@pytest.mark.parametrize(
    "text",
    ["blocked by our list", "Listed at a blacklist", "Relaying denied", "policy", "sender unknown", "SPAM"],
)
def test_a_bare_refusal_that_speaks_of_policy_is_ours(text: str) -> None:
    assert classify(reply(Stage.RCPT, 550, text)) is Verdict.REFUSED_OURS


@pytest.mark.parametrize("code", [550, 551, 553, 556])
def test_a_bare_refusal_of_the_message_says_nothing_about_the_address(code: int) -> None:
    assert classify(reply(Stage.DOT, code, "No such user here")) is Verdict.REFUSED_OURS


@pytest.mark.parametrize("stage", [Stage.DATA, Stage.BODY])
def test_a_refusal_before_or_after_the_recipient_is_named_does_not_blame_it(stage: Stage) -> None:
    assert classify(reply(stage, 550, "5.1.1 Address unknown")) is Verdict.REFUSED_OURS


@pytest.mark.parametrize("stage", MESSAGE_STAGES)
@pytest.mark.parametrize("code", [530, 534, 535, 538])
def test_a_demand_to_authenticate_is_systemic_whatever_command_it_answers(stage: Stage, code: int) -> None:
    assert classify(reply(stage, code, "5.7.0 Authentication required")) is Verdict.SYSTEMIC


@pytest.mark.parametrize(
    ("code", "text", "enhanced"),
    [
        (550, "5.1.1 no such user", "5.1.1"),
        (250, "2.0.0", "2.0.0"),
        (450, "4.7.1\ngreylisted", "4.7.1"),
        (550, "5.7.515 not authenticated", "5.7.515"),
        (550, "no such user 5.1.1", None),
        (550, "4.1.1 contradicts its code", None),
        (550, "5.1 incomplete", None),
        (550, "5.1.1234 too long", None),
        (550, "5.1.1x glued", None),
        (354, "3.0.0 no such class", None),
        (None, "5.1.1 without a code", None),
        (250, "", None),
        (550, "5.1.١ not ASCII", None),
    ],
)
def test_the_enhanced_status_is_read_at_the_head_of_the_text(code: int | None, text: str, enhanced: str | None) -> None:
    assert parse_enhanced(code, text) == enhanced


@given(
    stage=st.sampled_from(Stage),
    code=st.none() | st.integers(-1000, 10_000),
    enhanced=st.none() | st.text(max_size=12) | st.from_regex(r"[2-5]\.\d\.\d{1,2}", fullmatch=True),
    text=st.text(max_size=40),
)
def test_no_reply_however_odd_is_unsafe(stage: Stage, code: int | None, enhanced: str | None, text: str) -> None:
    verdict = classify(SmtpReply(stage, code, enhanced, text))
    assert (verdict is Verdict.ACCEPTED) == (stage is Stage.DOT and code is not None and 200 <= code < 300)
    assert verdict is not Verdict.UNCERTAIN or stage is Stage.DOT
    if stage is Stage.DOT and (code is None or not 200 <= code < 600):
        assert verdict is Verdict.UNCERTAIN


@given(code=st.integers(-1000, 10_000), text=st.text(max_size=30))
def test_the_enhanced_parser_never_fails_and_agrees_with_the_code(code: int, text: str) -> None:
    found = parse_enhanced(code, text)
    assert found is None or (text.startswith(found) and found[0] == str(code)[0])


@pytest.mark.parametrize("text", ["5.7.1 Sender denied", "5.1.8 Bad sender", "5.5.2 Syntax error", "no"])
def test_a_refusal_of_our_sender_is_systemic_for_it_is_the_same_for_all(text: str) -> None:
    """Fails without `reply.stage is Stage.MAIL` in `_classify_refusal`: every recipient would be refused in turn."""
    assert classify(reply(Stage.MAIL, 550, text)) is Verdict.SYSTEMIC


TAKEN = Said(Verdict.ACCEPTED, reply(Stage.DOT, 250, "2.0.0 queued"))
REFUSED = Said(Verdict.REFUSED_OURS, reply(Stage.DOT, 550, "5.7.1 by policy"))
DOUBTED = Said(Verdict.DEFERRED, reply(Stage.DOT, 550, "5.7.1 by policy"))
DEAD = Said(Verdict.REFUSED_ADDRESS, reply(Stage.RCPT, 550, "5.1.1 no such user"))
GREYLISTED = Said(Verdict.DEFERRED, reply(Stage.RCPT, 451, "4.7.1 greylisted"), "orange.example")
FULL = Said(Verdict.DEFERRED, reply(Stage.MAIL, 452, "4.3.1 Insufficient system storage"))
LOST = Said(Verdict.DEFERRED, reply(Stage.BODY, None))


def system_at_rcpt(domain: str) -> Said:
    return Said(Verdict.DEFERRED, reply(Stage.RCPT, 451, "4.3.0 temporary lookup failure"), domain)


@pytest.mark.parametrize(
    ("before", "verdict"),
    [
        ([TAKEN], Verdict.REFUSED_OURS),
        ([DEAD, GREYLISTED, TAKEN], Verdict.REFUSED_OURS),
        ([REFUSED, TAKEN], Verdict.DEFERRED),
        ([DOUBTED, DEAD, REFUSED, TAKEN], Verdict.SYSTEMIC),
        ([], Verdict.DEFERRED),
        ([DOUBTED], Verdict.DEFERRED),
        ([DOUBTED, DOUBTED], Verdict.SYSTEMIC),
        ([DOUBTED, TAKEN, DOUBTED], Verdict.DEFERRED),
    ],
)
def test_a_refusal_is_a_messages_own_only_beside_one_that_was_taken(before: list[Said], verdict: Verdict) -> None:
    assert judge_in_company(REFUSED, company_of(before)) is verdict


@pytest.mark.parametrize("said", [FULL, LOST, Said(Verdict.DEFERRED, reply(Stage.DATA, 451, "later"))])
@pytest.mark.parametrize(
    ("before", "verdict"),
    [
        ([], Verdict.DEFERRED),
        ([FULL, LOST, FULL], Verdict.DEFERRED),
        ([FULL, LOST, FULL, LOST], Verdict.SYSTEMIC),
        ([FULL, DEAD, LOST, GREYLISTED, FULL, LOST, TAKEN], Verdict.SYSTEMIC),
        ([FULL, LOST, TAKEN, FULL, LOST], Verdict.DEFERRED),
        ([GREYLISTED] * 9, Verdict.DEFERRED),
    ],
)
def test_the_fifth_put_off_running_by_the_servers_own_trouble_is_systemic(
    said: Said, before: list[Said], verdict: Verdict
) -> None:
    assert judge_in_company(said, company_of(before)) is verdict


def test_what_is_told_of_the_system_to_one_domain_counts_once() -> None:
    """A relay may pass on the words of that domain's own server."""
    one_domain = [system_at_rcpt("orange.example")] * 9
    assert judge_in_company(one_domain[0], company_of(one_domain)) is Verdict.DEFERRED
    several = [system_at_rcpt(f"d{n}.example") for n in range(5)]
    assert judge_in_company(several[0], company_of(several[1:])) is Verdict.SYSTEMIC
    assert judge_in_company(several[0], company_of([*several[1:4], FULL])) is Verdict.SYSTEMIC
    assert judge_in_company(several[0], company_of(several[:4])) is Verdict.DEFERRED


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DOT])
@pytest.mark.parametrize("text", ["4.7.1 greylisted", "4.2.2 mailbox full", "try again later"])
def test_greylisting_says_nothing_of_the_server(stage: Stage, text: str) -> None:
    said = Said(Verdict.DEFERRED, reply(stage, 451, text), "orange.example")
    others = [Said(Verdict.DEFERRED, said.reply, f"d{n}.example") for n in range(9)]
    assert judge_in_company(said, company_of(others)) is Verdict.DEFERRED
    assert judge_in_company(said, company_of([FULL] * 9)) is Verdict.DEFERRED


@pytest.mark.parametrize("verdict", [v for v in Verdict if v not in (Verdict.REFUSED_OURS, Verdict.DEFERRED)])
def test_company_changes_no_other_verdict(verdict: Verdict) -> None:
    said = Said(verdict, FULL.reply)
    assert judge_in_company(said, company_of([FULL, REFUSED] * 9)) is verdict
