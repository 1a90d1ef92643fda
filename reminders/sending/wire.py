"""An SMTP connection, byte by byte: smtplib's commands over reads and writes that each end in time.

smtplib waits per packet, so a server that dribbles could hold a worker for hours, and it believes whatever is
in its buffer to be the answer to the command just sent. Here a reply has one deadline, and what a server said
unasked is noticed.
"""

import re
import select
import smtplib
import socket
import ssl
from functools import cache
from time import monotonic

LONGEST_LINE = 8192
MOST_LINES = 128
SHORTEST_WAIT = 0.001
"""A timeout of zero would mean "do not wait at all" to a socket."""
LEEWAY = 0.05
"""A socket's timeout, in seconds, is left as it is where it is wrong by no more than this: setting it is a system call
for each of a message's dozen reads and writes."""

_MORE = getattr(socket, "MSG_MORE", 0)

_REPLY_LINE = re.compile(rb"\d{3}(?:[ -].*)?\r?", re.DOTALL)


class UnreadableReplyError(OSError):
    """What the server said is no SMTP reply."""


class Wire(smtplib.SMTP):
    """One connection. ``patience``: how many seconds smtplib's own commands wait for a reply."""

    sock: socket.socket | None

    def __init__(self, local_hostname: str, patience: float) -> None:
        """Make it, not yet connected."""
        super().__init__(local_hostname=local_hostname)
        self.patience = patience
        self._unread = b""
        self._watched: socket.socket | None = None
        self._watch = select.poll()

    def open(self, host: str, port: int, seconds: float) -> None:
        """Connect. Writes leave at once: the final dot must not wait for an acknowledgement of the body."""
        self.sock = socket.create_connection((host, port), seconds)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Turn to TLS. What was said in clear and not yet read may be an attacker's (RFC 3207): it is
        refused."""
        if self._unread:
            raise UnreadableReplyError("the server spoke before encryption began")
        connected = self._connected()
        connected.settimeout(self.patience)
        self.sock = context.wrap_socket(connected, server_hostname=host)
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}

    def send(self, s: str | bytes) -> None:  # type: ignore[override]
        """Write a command of smtplib's."""
        self.write(s.encode("ascii") if isinstance(s, str) else s, self.patience)

    def write(self, data: bytes, seconds: float, *, more: bool = False) -> None:
        """Hand data to the kernel, all of it within so many seconds.

        ``more`` lets the kernel keep it for a moment and send it along with the next write.
        """
        connected = self._connected()
        _wait_at_most(connected, seconds)
        connected.sendall(data, _MORE if more and not isinstance(connected, ssl.SSLSocket) else 0)

    def getreply(self) -> tuple[int, bytes]:
        """Read the reply to a command of smtplib's."""
        return self.read_reply(self.patience)

    def read_reply(self, seconds: float) -> tuple[int, bytes]:
        """Return code and text of one reply, whole within so many seconds.

        ``TimeoutError`` when it is not, ``OSError`` when the connection ends or what is said is no reply.
        """
        until = monotonic() + seconds
        texts: list[bytes] = []
        while len(texts) < MOST_LINES:
            line = self._read_line(until)
            if _REPLY_LINE.fullmatch(line) is None:
                raise UnreadableReplyError(f"not an SMTP reply: {line[:80]!r}")
            texts.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(texts)
        raise UnreadableReplyError(f"a reply of more than {MOST_LINES} lines")

    def unasked(self) -> bool:
        """Tell whether the server has said something, or hung up, without having been asked anything."""
        if self._unread:
            return True
        connected = self._connected()
        decrypted = isinstance(connected, ssl.SSLSocket) and connected.pending()
        if not decrypted and not self._arrivals(connected).poll(0):
            return False
        connected.settimeout(0)
        try:
            self._unread = connected.recv(LONGEST_LINE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        return True

    def _arrivals(self, connected: socket.socket) -> select.poll:
        """What tells whether something has arrived: asked twice a message, made once a connection."""
        if self._watched is not connected:
            self._watched, self._watch = connected, select.poll()
            self._watch.register(connected, select.POLLIN)
        return self._watch

    def _read_line(self, until: float) -> bytes:
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) > LONGEST_LINE:
                raise UnreadableReplyError(f"a reply line of more than {LONGEST_LINE} characters")
            self._unread += self._receive(until)
        line, self._unread = self._unread[:end], self._unread[end + 1 :]
        return line

    def _receive(self, until: float) -> bytes:
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        connected = self._connected()
        _wait_at_most(connected, left)
        data = connected.recv(LONGEST_LINE)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        return data

    def _connected(self) -> socket.socket:
        if self.sock is None:
            raise ConnectionError("not connected")
        return self.sock


def _wait_at_most(connected: socket.socket, seconds: float) -> None:
    wanted = max(seconds, SHORTEST_WAIT)
    current = connected.gettimeout()
    if not current or abs(current - wanted) > min(LEEWAY, wanted / 10):
        connected.settimeout(wanted)


@cache
def tls_context(verify: bool) -> ssl.SSLContext:
    """How to encrypt, and whether the server must prove who it is."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
