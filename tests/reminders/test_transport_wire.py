"""The connection itself: a reply is read whole, in time and within bounds, or not at all."""

import socket
import ssl
from collections.abc import Iterator

import pytest

from reminders.sending.wire import LONGEST_LINE, MOST_LINES, UnreadableReplyError, Wire


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    ours, theirs = socket.socketpair()
    wire = Wire("client.example", patience=0.2)
    wire.sock = ours
    yield wire, theirs
    wire.close()
    theirs.close()


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (b"250 ok\r\n", (250, b"ok")),
        (b"250\r\n", (250, b"")),
        (b"250 ok\n", (250, b"ok")),
        (b"250-one\r\n250-two\r\n250 three\r\n", (250, b"one\ntwo\nthree")),
        (b"999 odd but a reply\r\n", (999, b"odd but a reply")),
    ],
)
def test_a_reply_is_read_with_all_its_lines(
    ends: tuple[Wire, socket.socket], said: bytes, reply: tuple[int, bytes]
) -> None:
    wire, server = ends
    server.sendall(said + b"354 next\r\n")
    assert wire.read_reply(1.0) == reply
    assert wire.getreply() == (354, b"next")


@pytest.mark.parametrize(
    "said",
    [b"\r\n", b"ok\r\n", b"25 ok\r\n", b"+25 ok\r\n", b"2500 ok\r\n", b"250_ok\r\n", "٢٥٠ ok\r\n".encode()],
)
def test_what_is_no_reply_is_never_given_a_code(ends: tuple[Wire, socket.socket], said: bytes) -> None:
    wire, server = ends
    server.sendall(said)
    with pytest.raises(UnreadableReplyError, match="not an SMTP reply"):
        wire.read_reply(1.0)


def test_a_line_without_end_is_given_up(ends: tuple[Wire, socket.socket]) -> None:
    wire, server = ends
    server.sendall(b"250 " + b"x" * (LONGEST_LINE + 1))
    with pytest.raises(UnreadableReplyError, match="characters"):
        wire.read_reply(1.0)


def test_lines_without_end_are_given_up(ends: tuple[Wire, socket.socket]) -> None:
    wire, server = ends
    server.sendall(b"250-x\r\n" * MOST_LINES)
    with pytest.raises(UnreadableReplyError, match="lines"):
        wire.read_reply(1.0)


@pytest.mark.parametrize("seconds", [0.05, 0.0, -1.0])
def test_silence_ends_in_time(ends: tuple[Wire, socket.socket], seconds: float) -> None:
    with pytest.raises(TimeoutError):
        ends[0].read_reply(seconds)


def test_the_end_of_the_connection_is_told_from_silence(ends: tuple[Wire, socket.socket]) -> None:
    wire, server = ends
    assert not wire.unasked()
    server.shutdown(socket.SHUT_WR)
    assert wire.unasked()
    with pytest.raises(ConnectionResetError):
        wire.read_reply(1.0)


def test_what_came_unasked_is_kept_and_told_again(ends: tuple[Wire, socket.socket]) -> None:
    wire, server = ends
    server.sendall(b"421 bye\r\n")
    assert wire.unasked()
    assert wire.unasked()
    assert wire.read_reply(1.0) == (421, b"bye")


def test_nothing_is_read_or_written_before_a_connection() -> None:
    wire = Wire("client.example", patience=0.2)
    for use in (wire.getreply, wire.unasked, lambda: wire.send("NOOP\r\n")):
        with pytest.raises(ConnectionError, match="not connected"):
            use()


def test_encryption_does_not_begin_over_words_not_yet_read(ends: tuple[Wire, socket.socket]) -> None:
    wire, server = ends
    server.sendall(b"220 go\r\n250 injected\r\n")
    assert wire.read_reply(1.0)[0] == 220
    with pytest.raises(UnreadableReplyError, match="before encryption"):
        wire.encrypt(ssl.create_default_context(), "localhost")
