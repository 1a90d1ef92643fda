"""Delivery reports (RFC 3461): asked for where the server offers them, and tied to their notice by what they name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reminders.messages.tokens import mail_token
from reminders.models import Notice
from reminders.rules.smtp_replies import Stage
from reminders.sending.bounces import record_bounce
from reminders.sending.deliver import deliver
from reminders.sending.envelope import announcements
from reminders.sending.reports import read_report
from reminders.sending.transport import SmtpSession, Timeouts
from settings.mail import SmtpSettings
from tests.factories import NOW
from tests.races.processes import session
from tests.reminders.returned import sample
from tests.reminders.scenes import clock_at, due_file, engine, released_batch, states
from tests.smtp_server import SmtpServer

SHORT = Timeouts(connect=1.0, command=0.5, body=1.0, dot=0.5)
TOKEN = mail_token("0123456789abcdef" * 2 + "01234567")


@pytest.fixture(
    params=[("DSN", "PIPELINING"), ("DSN",), ("PIPELINING",), ()], ids=lambda offered: "+".join(offered) or "none"
)
def server(request: pytest.FixtureRequest) -> Iterator[SmtpServer]:
    with SmtpServer(extensions=request.param) as running:
        yield running


def announced(server: SmtpServer, envelope_id: str) -> list[str]:
    smtp = SmtpSettings(server.host, server.port)
    with SmtpSession(smtp, SHORT, local_hostname="client.example") as opened:
        reply = opened.send("a@b.example", "o'hara+x=y@c.example", b"Subject: x\r\n\r\nx\r\n", None, envelope_id)
    assert reply.code == 250
    return [line for line in server.dialogues[0].commands if line.startswith(("MAIL", "RCPT"))]


def test_reports_are_asked_for_only_where_they_are_offered(server: SmtpServer) -> None:
    """Fails without the look at the extension in `_transact`: who does not know a parameter refuses the command."""
    plain = ["MAIL FROM:<a@b.example>", "RCPT TO:<o'hara+x=y@c.example>"]
    asked = [
        f"MAIL FROM:<a@b.example> RET=HDRS ENVID={TOKEN}",
        "RCPT TO:<o'hara+x=y@c.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;o'hara+2Bx+3Dy@c.example",
    ]
    assert announced(server, TOKEN) == (asked if "DSN" in server.extensions else plain)


def test_without_an_identifier_nothing_is_asked(server: SmtpServer) -> None:
    assert announced(server, "") == ["MAIL FROM:<a@b.example>", "RCPT TO:<o'hara+x=y@c.example>"]


def test_an_identifier_needs_no_encoding_and_the_commands_stay_short() -> None:
    """RFC 3461, 4: an ENVID of at most 100 signs; RFC 5321 and RFC 3461, 4: lines of at most 1,012 octets."""
    assert len(TOKEN) <= 100
    assert TOKEN.replace("-", "").replace("_", "").isalnum()
    longest = "=" * 64 + "@" + "a" * 60 + ".example"
    assert all(len(line) < 1012 for line in announcements(longest, longest, TOKEN)[True].values())
    assert announcements("a@b.example", "c@d.example")[True] == announcements("a@b.example", "c@d.example")[False]
    assert list(announcements("a@b.example", "c@d.example", TOKEN)[True]) == [Stage.MAIL, Stage.RCPT, Stage.DATA]


@pytest.mark.django_db(transaction=True)
def test_the_identifier_a_notice_leaves_with_brings_its_report_home(server: SmtpServer) -> None:
    """Fails without `ready.envelope_id` in `_send`: a relay that rewrites Message-ID would report about nobody."""
    due_file(email="contact@cabinet.example")
    batch = released_batch()
    deliver(worker="w", engine=engine(), transport=session(server), clock=clock_at(NOW))
    (line,) = [said for said in server.dialogues[0].commands if said.startswith("MAIL")]
    assert (states(batch), "ENVID=" in line) == ({"ACCEPTED": 1}, "DSN" in server.extensions)
    if "DSN" in server.extensions:
        envelope_id = line.partition("ENVID=")[2]
        bounce = record_bounce(read_report(sample("postfix_by_envelope_id", envelope_id)), now=NOW)
        assert bounce
        assert (bounce.notice, bounce.kind) == (Notice.objects.get(), "HARD_ADDRESS")
