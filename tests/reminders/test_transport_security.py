"""Encryption and authentication: what was asked for is had, or nothing is sent."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from reminders.rules.smtp_replies import SmtpReply, Stage, Verdict, classify
from reminders.sending.transport import SmtpSession, Timeouts
from reminders.sending.wire import tls_context
from settings.mail import SmtpSettings
from tests.smtp_server import HOST, Drop, Reply, SmtpServer

TLS_FILES = Path(__file__).parents[1] / "data" / "tls"
MESSAGE = b"Subject: essai\r\n\r\nBonjour\r\n.\r\n"
SHORT = Timeouts(connect=1.0, command=1.0, body=1.0, dot=1.0)


@pytest.fixture(scope="module")
def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS_FILES / "certificate.pem", TLS_FILES / "key.pem")
    return context


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trust the test server's certificate, as an administrator would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS_FILES / "certificate.pem"))
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


def send(server: SmtpServer, **settings: object) -> SmtpReply:
    smtp = SmtpSettings(**({"host": server.host, "port": server.port} | settings))  # type: ignore[arg-type]
    with SmtpSession(smtp, SHORT, local_hostname="client.example") as session:
        return session.send("registre@registre.example", "contact@cabinet.example", MESSAGE)


@pytest.mark.usefixtures("trusted")
def test_starttls_encrypts_and_forgets_what_was_said_in_clear(server_tls: ssl.SSLContext) -> None:
    with SmtpServer(["STARTTLS", "PIPELINING"], tls=server_tls) as server:
        assert send(server, tls="starttls").code == 250
        assert [mail.data for mail in server.mails] == [MESSAGE]
        assert [command.split()[0] for command in server.dialogues[0].commands[:4]] == [
            "ehlo",
            "STARTTLS",
            "ehlo",
            "MAIL",
        ]


def test_a_certificate_nobody_vouches_for_is_refused(server_tls: ssl.SSLContext) -> None:
    tls_context.cache_clear()
    with SmtpServer(["STARTTLS"], tls=server_tls) as server:
        reply = send(server, tls="starttls")
        assert (reply.stage, reply.code) == (Stage.TLS, None)
        assert "CERTIFICATE_VERIFY_FAILED" in reply.text
        assert classify(reply) is Verdict.SYSTEMIC
        assert server.mails == []


def test_a_certificate_is_not_checked_where_the_setting_says_so(server_tls: ssl.SSLContext) -> None:
    with SmtpServer(["STARTTLS"], tls=server_tls) as server:
        assert send(server, tls="starttls", verify=False).code == 250


def test_no_starttls_on_offer_means_no_mail(server_tls: ssl.SSLContext) -> None:
    with SmtpServer(["PIPELINING"]) as server:
        reply = send(server, tls="starttls")
        assert (reply.stage, reply.code) == (Stage.TLS, None)
        assert "STARTTLS" in reply.text
        assert not any(command.startswith("MAIL") for command in server.dialogues[0].commands)


def test_starttls_refused_means_no_mail(server_tls: ssl.SSLContext) -> None:
    with SmtpServer(["STARTTLS"], tls=server_tls) as server:
        server.on("STARTTLS", Reply("454 4.7.0 TLS not available"))
        assert send(server, tls="starttls") == SmtpReply(Stage.TLS, 454, "4.7.0", "4.7.0 TLS not available")


def test_words_slipped_in_before_encryption_are_not_believed(server_tls: ssl.SSLContext) -> None:
    with SmtpServer(["STARTTLS"], tls=server_tls) as server:
        server.on("STARTTLS", Reply("220 go\r\n250 injected"))
        reply = send(server, tls="starttls", verify=False)
        assert (reply.stage, reply.code) == (Stage.TLS, None)
        assert server.mails == []


@pytest.mark.usefixtures("trusted")
def test_implicit_tls_encrypts_from_the_first_byte(server_tls: ssl.SSLContext) -> None:
    with SmtpServer(tls=server_tls, implicit_tls=True) as server:
        assert send(server, tls="tls").code == 250
        assert [mail.data for mail in server.mails] == [MESSAGE]


def test_implicit_tls_to_a_server_in_clear_is_systemic() -> None:
    with SmtpServer() as server:
        reply = send(server, tls="tls")
        assert (reply.stage, reply.code) == (Stage.TLS, None)
        assert classify(reply) is Verdict.SYSTEMIC


def test_authentication_is_done_before_any_mail() -> None:
    with SmtpServer(["AUTH PLAIN", "PIPELINING"]) as server:
        assert send(server, username="user", password="secret").code == 250
        assert server.dialogues[0].commands[1] == "AUTH PLAIN AHVzZXIAc2VjcmV0"


def test_a_password_refused_is_systemic_and_no_mail_goes() -> None:
    with SmtpServer(["AUTH PLAIN"]) as server:
        server.always("AUTH", Reply("535 5.7.8 bad credentials"))
        reply = send(server, username="user", password="wrong")
        assert reply == SmtpReply(Stage.AUTH, 535, "5.7.8", "5.7.8 bad credentials")
        assert classify(reply) is Verdict.SYSTEMIC
        assert server.mails == []


@pytest.mark.parametrize(
    ("extensions", "password", "fault"),
    [([], "secret", None), (["AUTH GSSAPI"], "secret", None), (["AUTH PLAIN"], "secrét", None)]
    + [(["AUTH PLAIN"], "secret", Drop())],
    ids=["no AUTH on offer", "no way we know", "a password smtplib cannot write", "lost"],
)
def test_authentication_that_cannot_be_done_is_systemic(
    extensions: list[str], password: str, fault: Drop | None
) -> None:
    with SmtpServer(extensions) as server:
        if fault is not None:
            server.on("AUTH", fault)
        reply = send(server, username="user", password=password)
        assert (reply.stage, reply.code) == (Stage.AUTH, None)
        assert classify(reply) is Verdict.SYSTEMIC
        assert server.mails == []


def test_another_implementation_of_the_protocol_gets_the_same_message() -> None:
    received: list[bytes] = []

    class Keep:
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
            received.append(envelope.content)  # type: ignore[attr-defined]
            return "250 2.0.0 kept"

    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Keep(), hostname=HOST, port=port)
    controller.start()
    try:
        session = SmtpSession(SmtpSettings(HOST, port), SHORT, local_hostname="client.example")
        with session:
            replies = [session.send("a@b.example", "c@d.example", MESSAGE) for _ in range(3)]
        assert [reply.text for reply in replies] == ["2.0.0 kept"] * 3
        assert received == [MESSAGE] * 3
    finally:
        controller.stop()
