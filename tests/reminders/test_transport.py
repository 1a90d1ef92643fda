"""The transport over a real socket: each fault at each stage comes back as what it is."""

import time
from collections.abc import Callable, Iterator

import pytest

from reminders.rules.smtp_replies import SmtpReply, Stage, Verdict, classify
from reminders.sending.transport import SmtpSession, Timeouts
from reminders.sending.wire import Wire
from settings.mail import SmtpSettings
from tests.smtp_server import Dribble, Drop, Hang, Reply, SmtpServer

SENDER, RECIPIENT = "registre@registre.example", "contact@cabinet.example"
MESSAGE = b"Subject: essai\r\n\r\nBonjour\r\n"
SHORT = Timeouts(connect=1.0, command=0.3, body=1.0, dot=0.3)

Connect = Callable[..., SmtpSession]


@pytest.fixture(params=[("PIPELINING",), ()], ids=["pipelined", "in turn"])
def server(request: pytest.FixtureRequest) -> Iterator[SmtpServer]:
    with SmtpServer(extensions=request.param) as running:
        yield running


@pytest.fixture
def connect(server: SmtpServer) -> Iterator[Connect]:
    sessions: list[SmtpSession] = []

    def connect(max_messages: int = 20, timeouts: Timeouts = SHORT, **settings: object) -> SmtpSession:
        smtp = SmtpSettings(**({"host": server.host, "port": server.port} | settings))  # type: ignore[arg-type]
        sessions.append(SmtpSession(smtp, timeouts, max_messages, "client.example"))
        return sessions[-1]

    yield connect
    for session in sessions:
        session.close()


def send(session: SmtpSession, message: bytes = MESSAGE, deadline: float | None = None) -> SmtpReply:
    return session.send(SENDER, RECIPIENT, message, deadline)


def test_a_message_is_accepted_with_the_servers_own_words(server: SmtpServer, connect: Connect) -> None:
    server.on("DOT", Reply("250-2.0.0 queued\r\n250 2.0.0 as 4F1A"))
    assert send(connect()) == SmtpReply(Stage.DOT, 250, "2.0.0", "2.0.0 queued\n2.0.0 as 4F1A")
    (mail,) = server.mails
    assert (mail.sender, mail.recipient, mail.data) == (SENDER, RECIPIENT, MESSAGE)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b".\r\n..\r\n.a\r\n", b".\r\n..\r\n.a\r\n"),
        (b"a\r\n.\r\nMAIL FROM:<x@y>\r\n", b"a\r\n.\r\nMAIL FROM:<x@y>\r\n"),
        (b"no end", b"no end\r\n"),
        (b"a\n.\nb\r.\rc\r\n", b"a\r\n.\r\nb\r\n.\r\nc\r\n"),
        (b"a\r\r\n.\r\n\n", b"a\r\n\r\n.\r\n\r\n"),
    ],
    ids=["dots", "a dot that would end it", "no line end", "lone CR and LF", "mixed"],
)
def test_dots_and_odd_line_ends_arrive_as_one_message(
    server: SmtpServer, connect: Connect, message: bytes, expected: bytes
) -> None:
    assert send(connect(), message).code == 250
    assert [mail.data for mail in server.mails] == [expected]


@pytest.mark.parametrize("code", [450, 550])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_refusal_names_its_stage_and_the_connection_serves_the_next(
    server: SmtpServer, connect: Connect, stage: str, code: int
) -> None:
    session = connect()
    server.on(stage, Reply(f"{code} {code // 100}.7.1 no"))
    assert send(session) == SmtpReply(Stage[stage], code, f"{code // 100}.7.1", f"{code // 100}.7.1 no")
    assert send(session).code == 250
    assert [mail.accepted for mail in server.mails] == ([False, True] if stage == "DOT" else [True])
    assert len(server.dialogues) == 1
    assert ("rset" in server.dialogues[0].commands) == (stage != "DOT")


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "BODY"])
def test_a_connection_lost_before_the_dot_was_surely_not_a_delivery(
    server: SmtpServer, connect: Connect, stage: str
) -> None:
    server.on(stage, Drop())
    reply = send(connect(), MESSAGE + b"x" * 10_000_000)
    assert (reply.stage, reply.code) == (Stage[stage], None)
    assert classify(reply) is Verdict.DEFERRED
    assert server.mails == []


@pytest.mark.parametrize("fault", [Drop(), Hang(), Reply("250 too late", delay=0.6), Reply("yes!")])
def test_no_readable_reply_to_the_dot_in_time_is_uncertain_and_the_message_went_once(
    server: SmtpServer, connect: Connect, fault: Drop | Hang | Reply
) -> None:
    session = connect()
    server.on("DOT", fault)
    reply = send(session)
    assert (reply.stage, reply.code) == (Stage.DOT, None)
    assert classify(reply) is Verdict.UNCERTAIN
    assert len(server.mails) == 1
    assert send(session).code == 250
    assert len(server.mails) == len(server.dialogues) == 2


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_is_left_in_time(server: SmtpServer, connect: Connect, stage: str) -> None:
    server.on(stage, Hang())
    began = time.monotonic()
    reply = send(connect())
    assert time.monotonic() - began < 2
    assert (reply.stage, reply.code) == (Stage[stage], None)
    assert server.mails == []


def test_a_server_that_never_ends_its_reply_does_not_hold_a_worker(server: SmtpServer, connect: Connect) -> None:
    server.on("DOT", Dribble("250-still busy", every=0.1))
    began = time.monotonic()
    reply = send(connect())
    assert (reply.stage, reply.code) == (Stage.DOT, None)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("stage", "fault", "at", "code"),
    [
        ("CONNECT", Drop(), Stage.GREETING, None),
        ("GREETING", Reply("421 4.3.2 too busy"), Stage.GREETING, 421),
        ("GREETING", Reply("554 5.3.2 no mail here"), Stage.GREETING, 554),
        ("GREETING", Hang(), Stage.GREETING, None),
        ("EHLO", Drop("421 4.3.2 going down"), Stage.HELLO, None),
        ("EHLO", Hang(), Stage.HELLO, None),
    ],
)
def test_a_session_that_cannot_begin_is_systemic(
    server: SmtpServer, connect: Connect, stage: str, fault: Drop | Hang | Reply, at: Stage, code: int | None
) -> None:
    session = connect()
    server.on(stage, fault)
    reply = send(session)
    assert (reply.stage, reply.code) == (at, code)
    assert classify(reply) is Verdict.SYSTEMIC
    assert send(session).code == 250


def test_nobody_listening_is_systemic(connect: Connect) -> None:
    reply = send(connect(port=1))
    assert (reply.stage, reply.code) == (Stage.CONNECT, None)
    assert "refused" in reply.text
    assert classify(reply) is Verdict.SYSTEMIC


def test_a_server_that_speaks_only_helo_is_understood(server: SmtpServer, connect: Connect) -> None:
    server.on("EHLO", Reply("502 5.5.1 what?"), Reply("250 test"))
    assert send(connect()).code == 250
    server.on("EHLO", Reply("502 5.5.1 what?"), Reply("550 5.7.1 no"))
    assert send(connect()) == SmtpReply(Stage.HELLO, 550, "5.7.1", "5.7.1 no")


# -- reuse ---------------------------------------------------------------------------------------------------


def test_a_connection_is_renewed_after_so_many_messages(server: SmtpServer, connect: Connect) -> None:
    session = connect(max_messages=2)
    assert [send(session).code for _ in range(5)] == [250] * 5
    verbs = [[command.split()[0] for command in each.commands] for each in server.dialogues]
    assert [each.count("MAIL") for each in verbs] == [2, 2, 1]
    assert [each[-1] for each in verbs[:2]] == ["QUIT", "QUIT"]


@pytest.mark.parametrize("farewell", [Drop(), Drop("421 4.4.2 idle for too long")])
def test_an_old_connection_that_ends_at_mail_is_replaced_and_the_message_goes_once(
    server: SmtpServer, connect: Connect, farewell: Drop
) -> None:
    session = connect()
    send(session)
    server.on("MAIL", farewell)
    assert send(session).code == 250
    assert len(server.mails) == len(server.dialogues) == 2


@pytest.mark.parametrize(("farewell", "code"), [(Drop(), None), (Drop("421 4.4.2 bye"), 421)])
def test_a_new_connection_that_ends_at_mail_is_not_tried_again(
    server: SmtpServer, connect: Connect, farewell: Drop, code: int | None
) -> None:
    server.on("MAIL", farewell)
    reply = send(connect())
    assert (reply.stage, reply.code) == (Stage.MAIL, code)
    assert len(server.dialogues) == 1


@pytest.mark.parametrize("farewell", [Drop(), Drop("421 4.4.2 bye"), Hang()])
@pytest.mark.parametrize("stage", ["RCPT", "DATA", "DOT"])
def test_an_old_connection_that_ends_later_than_mail_is_never_a_reason_to_send_again(
    server: SmtpServer, connect: Connect, stage: str, farewell: Drop | Hang
) -> None:
    session = connect()
    send(session)
    server.on(stage, farewell)
    reply = send(session)
    assert reply.stage is Stage[stage]
    assert reply.code in {None, 421}
    assert len(server.dialogues) == 1
    assert len(server.mails) == (2 if stage == "DOT" else 1)


def test_a_reply_nobody_asked_for_is_never_taken_for_an_answer(server: SmtpServer, connect: Connect) -> None:
    session = connect()
    server.on("DOT", Reply("250 2.0.0 queued\r\n250 2.0.0 queued again"))
    assert send(session).code == 250
    server.on("DOT", Reply("550 5.7.1 this one is refused"))
    assert send(session).code == 550
    assert len(server.dialogues) == 2


def test_an_acceptance_given_before_the_dot_is_not_believed(server: SmtpServer, connect: Connect) -> None:
    server.on("DATA", Reply("354 go\r\n250 2.0.0 queued already"))
    reply = send(connect())
    assert (reply.stage, reply.code) == (Stage.BODY, 250)
    assert classify(reply) is Verdict.DEFERRED
    assert server.mails == []


def test_a_refusal_in_the_middle_of_the_message_is_read_and_no_dot_sent(server: SmtpServer, connect: Connect) -> None:
    server.on("DATA", Reply("354 go\r\n552 5.3.4 too big"))
    assert send(connect()) == SmtpReply(Stage.BODY, 552, "5.3.4", "5.3.4 too big")
    assert server.mails == []


def test_a_data_command_answered_by_250_is_no_acceptance(server: SmtpServer, connect: Connect) -> None:
    session = connect()
    server.on("DATA", Reply("250 fine"))
    reply = send(session)
    assert (reply.stage, reply.code) == (Stage.DATA, 250)
    assert classify(reply) is Verdict.DEFERRED
    assert send(session).code == 250
    assert len(server.dialogues) == 2


@pytest.mark.parametrize("fault", [Reply("500 what?"), Drop()])
def test_a_server_that_will_not_reset_is_left(server: SmtpServer, connect: Connect, fault: Reply | Drop) -> None:
    session = connect()
    server.on("RCPT", Reply("450 4.2.0 later"))
    server.on("RSET", fault)
    assert send(session).code == 450
    assert send(session).code == 250
    assert len(server.dialogues) == 2


@pytest.mark.parametrize("fault", [Reply("221 bye"), Drop(), Reply("nonsense")])
def test_closing_is_polite_and_never_fails(server: SmtpServer, connect: Connect, fault: Reply | Drop) -> None:
    server.on("QUIT", fault)
    with connect() as session:
        send(session)
    session.close()
    assert server.dialogues[0].commands[-1] == "QUIT"


def test_an_interruption_leaves_no_connection_in_mid_dialogue(
    server: SmtpServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a task's time is over: the exception passes, and the next message starts afresh."""
    session = connect()
    send(session)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Wire, "read_reply", interrupt)
        with pytest.raises(KeyboardInterrupt):
            send(session)
    assert send(session).code == 250
    assert len(server.dialogues) == 2


# -- deadline ------------------------------------------------------------------------------------------------


def test_a_deadline_ahead_changes_nothing(connect: Connect) -> None:
    assert send(connect(), deadline=time.monotonic() + 60).code == 250


def test_a_deadline_that_passes_while_the_body_goes_out_stops_the_dot(
    server: SmtpServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check before the dot is the last thing done: here the time runs out just before it."""
    deadline = time.monotonic() + 0.3

    def unasked(_: Wire) -> bool:
        time.sleep(max(0.0, deadline - time.monotonic()))
        return False

    monkeypatch.setattr(Wire, "unasked", unasked)
    reply = send(connect(), deadline=deadline)
    assert (reply.stage, reply.code) == (Stage.BODY, None)
    assert classify(reply) is Verdict.DEFERRED
    assert server.mails == []


def test_a_deadline_already_past_sends_nothing(server: SmtpServer, connect: Connect) -> None:
    reply = send(connect(), deadline=time.monotonic() - 1)
    assert reply.code is None
    assert classify(reply) is Verdict.DEFERRED
    assert server.mails == []


def test_waiting_for_a_slow_server_ends_with_the_deadline(server: SmtpServer, connect: Connect) -> None:
    server.on("RCPT", Hang())
    began = time.monotonic()
    reply = send(connect(timeouts=Timeouts()), deadline=began + 0.3)
    assert (reply.stage, reply.code) == (Stage.RCPT, None)
    assert time.monotonic() - began < 2


# -- addresses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["a@b.fr>\r\nRCPT TO:<x@y.fr", "a b@c.fr", "", "a@b@c.fr", "é@b.fr", "a@b.fr\n", "<a@b.fr>"]
)
def test_an_address_that_cannot_be_written_never_reaches_the_wire(
    server: SmtpServer, connect: Connect, address: str
) -> None:
    session = connect()
    refused = session.send(SENDER, address.replace("\n", "\nx"), MESSAGE)
    assert (refused.stage, refused.code, refused.enhanced) == (Stage.RCPT, 501, "5.1.3")
    assert classify(refused) is Verdict.REFUSED_ADDRESS
    ours = session.send(address.replace("\n", "\nx"), RECIPIENT, MESSAGE)
    assert (ours.stage, ours.enhanced) == (Stage.MAIL, "5.1.7")
    assert classify(ours) is Verdict.SYSTEMIC
    assert server.dialogues == []


def test_a_domain_with_accents_goes_in_its_ascii_form(server: SmtpServer, connect: Connect) -> None:
    assert connect().send(SENDER, "contact@é.example", MESSAGE).code == 250
    assert server.recipients == ["contact@xn--9ca.example"]
