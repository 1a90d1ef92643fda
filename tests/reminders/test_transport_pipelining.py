"""RFC 2920: MAIL, RCPT and DATA in one write, and what follows when some are refused and DATA is not."""

from collections.abc import Iterator

import pytest

from reminders.rules.smtp_replies import SmtpReply, Stage, Verdict, classify
from reminders.sending.transport import SmtpSession, Timeouts
from settings.mail import SmtpSettings
from tests.smtp_server import Drop, Hang, Reply, SmtpServer

MESSAGE = b"Subject: essai\r\n\r\nBonjour\r\n"
GO_AHEAD = Reply("354 go ahead all the same")
NO_SUCH_USER = Reply("550 5.1.1 no such user")


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


@pytest.fixture
def session(server: SmtpServer) -> Iterator[SmtpSession]:
    timeouts = Timeouts(connect=1.0, command=0.3, body=1.0, dot=0.3)
    with SmtpSession(SmtpSettings(server.host, server.port), timeouts, local_hostname="client.example") as opened:
        yield opened


def send(session: SmtpSession) -> SmtpReply:
    return session.send("registre@registre.example", "contact@cabinet.example", MESSAGE)


@pytest.mark.parametrize(("refused", "stage"), [("MAIL", Stage.MAIL), ("RCPT", Stage.RCPT)])
def test_data_accepted_after_a_refusal_gets_a_lone_dot_and_no_message(
    server: SmtpServer, session: SmtpSession, refused: str, stage: Stage
) -> None:
    server.on(refused, NO_SUCH_USER)
    server.on("DATA", GO_AHEAD)
    assert send(session) == SmtpReply(stage, 550, "5.1.1", "5.1.1 no such user")
    assert server.empty_messages == 1
    assert server.mails == []
    assert send(session).code == 250
    assert len(server.dialogues) == 1


def test_the_first_refusal_decides_and_not_what_follows_from_it(server: SmtpServer, session: SmtpSession) -> None:
    server.on("MAIL", Reply("451 4.3.0 try later"))
    server.on("RCPT", Reply("503 5.5.1 MAIL first"))
    assert send(session) == SmtpReply(Stage.MAIL, 451, "4.3.0", "4.3.0 try later")


@pytest.mark.parametrize("fault", [Drop(), Hang()])
def test_a_refusal_already_read_stands_when_the_rest_is_lost(
    server: SmtpServer, session: SmtpSession, fault: Drop | Hang
) -> None:
    server.on("RCPT", NO_SUCH_USER)
    server.on("DATA", fault)
    assert classify(send(session)) is Verdict.REFUSED_ADDRESS
    assert send(session).code == 250
    assert len(server.dialogues) == 2


def test_a_connection_that_still_owes_a_reply_is_not_used_again(server: SmtpServer, session: SmtpSession) -> None:
    server.on("RCPT", NO_SUCH_USER)
    server.on("DATA", Reply("503 too late", delay=0.5))
    assert send(session).code == 550
    assert send(session).code == 250
    server.wait_for_end_of(server.dialogues[0])
    assert server.dialogues[0].commands[-1] == "DATA"


def test_a_connection_lost_at_the_lone_dot_is_simply_left(server: SmtpServer, session: SmtpSession) -> None:
    server.on("RCPT", NO_SUCH_USER)
    server.on("DATA", Drop("354 go ahead"))
    assert send(session).code == 550
    assert send(session).code == 250
    assert len(server.dialogues) == 2


def test_an_acceptance_of_the_empty_message_is_no_acceptance_of_ours(server: SmtpServer, session: SmtpSession) -> None:
    server.on("RCPT", NO_SUCH_USER)
    server.on("DATA", GO_AHEAD)
    assert classify(send(session)) is Verdict.REFUSED_ADDRESS
    assert [mail.accepted for mail in server.mails] == []
