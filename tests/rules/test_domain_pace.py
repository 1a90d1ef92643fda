"""Which "not now" is a whole domain's word about our pace."""

from __future__ import annotations

from itertools import pairwise

import pytest

from reminders.rules.domain_pace import HOLDS, slows_domain
from reminders.rules.retries import DELAYS
from reminders.rules.smtp_replies import SmtpReply, Stage, parse_enhanced


def reply(text: str, stage: Stage = Stage.RCPT) -> SmtpReply:
    code = int(text[:3])
    return SmtpReply(stage, code, parse_enhanced(code, text[4:]), text[4:])


@pytest.mark.parametrize(
    "text",
    [
        "421 4.7.0 try again later, too many connections",
        "450 4.7.1 OFR_506 [506]",
        "451 4.7.1 temporarily refused",
        "452 4.7.28 unusual rate of unsolicited mail",
        "421 service not available",
        "450 too many messages, slow down",
        "451 you are being throttled",
        "452 rate limited",
    ],
)
@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA, Stage.DOT])
def test_a_domain_that_says_slow_down_is_heard(text: str, stage: Stage) -> None:
    assert slows_domain(reply(text, stage))


@pytest.mark.parametrize(
    "text",
    [
        "450 4.2.0 greylisted",
        "451 4.7.1 Greylisting in action, please come back later",
        "451 4.7.1 grey-listed",
        "452 4.2.2 mailbox full",
        "450 4.1.1 unknown for now",
        "452 4.3.1 queue full",
        "451 local error in processing",
        "454 4.7.0 temporary authentication failure",
        "550 5.7.1 blocked",
        "250 2.0.0 queued",
    ],
)
def test_what_is_about_one_recipient_or_about_us_holds_no_domain(text: str) -> None:
    assert not slows_domain(reply(text))


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.GREETING, Stage.MAIL, Stage.BODY])
def test_before_the_recipient_is_named_it_is_not_the_recipients_domain_that_speaks(stage: Stage) -> None:
    assert not slows_domain(reply("421 4.7.0 too many connections", stage))


def test_holds_grow_and_the_first_is_shorter_than_any_retry() -> None:
    assert all(a < b for a, b in pairwise(HOLDS))
    assert HOLDS[0] * 1.25 < DELAYS[0]
