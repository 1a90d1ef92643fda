"""A mail server for the demonstration: it keeps every message it is sent, and sends none on.

aiosmtpd speaks SMTP on 127.0.0.1; each message is appended to `mail.mbox` in the folder it is given,
which any mail reader opens (`mutt -f DIR/mail.mbox`). An mbox rather than a Maildir: appending 3 kB takes
3 µs where creating a file took 20 to 440 µs on the same disk, and a demonstration should measure the
sender. One write puts a whole message, so a killed server leaves no half of one. Beside it `mail.index`
has a line for each message: where it begins, its length, a hash of its `X-Reminder-Key` and one of its
recipient. So counting messages and finding a person's are quick, in this process or in any other, now or
after a restart.

Run it on its own with `python -m web.demo.mailbox --dir DIR [--port PORT]`.
"""

from __future__ import annotations

import argparse
import errno
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from asyncio import AbstractServer
from collections.abc import Callable, Coroutine, Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
START_SECONDS = 15
STOP_SECONDS = 5

_ROOT = Path(__file__).resolve().parents[2]
_KEY = re.compile(rb"^X-Reminder-Key:(?:[ \t]|\r?\n[ \t])*(\S+)", re.IGNORECASE | re.MULTILINE)
_NO_KEY = "none"
# An mbox separates messages by lines that begin with "From "; lines of a message that do are quoted (mboxrd).
# The date that must follow tells nothing here: the message's own Date does.
_SEPARATOR = "From {sender} Thu Jan  1 00:00:00 1970\n"
_QUOTE = re.compile(rb"^(>*From )", re.MULTILINE)
_UNQUOTE = re.compile(rb"^>(>*From )", re.MULTILINE)


class MailboxError(Exception):
    """The mail server cannot start; the message says why and what to do."""


class _Entry(NamedTuple):
    """A line of the index."""

    offset: int
    length: int
    key: str
    recipient: str

    @classmethod
    def read(cls, line: str) -> _Entry:
        offset, length, key, recipient = line.split()
        return cls(int(offset), int(length), key, recipient)


class KeptMail:
    """The messages kept in a folder, whoever put them there."""

    def __init__(self, path: Path | str) -> None:
        """Look into the folder at `path`, which need not exist yet."""
        self.path = Path(path).resolve()
        self.mbox = self.path / "mail.mbox"
        self.index = self.path / "mail.index"

    @property
    def received(self) -> int:
        """How many messages there are; one sent to two people counts twice."""
        return sum(1 for _ in self._entries())

    @property
    def duplicates(self) -> int:
        """How many messages repeat the `X-Reminder-Key` of an earlier one; none without a key does."""
        keys = [entry.key for entry in self._entries() if entry.key != _NO_KEY]
        return len(keys) - len(set(keys))

    def sample(self, address: str) -> EmailMessage | None:
        """The last message to `address`, whatever the case of its letters; None where none came."""
        wanted = _hash(address.lower().encode())
        found = [entry for entry in self._entries() if entry.recipient == wanted]
        if not found:
            return None
        with self.mbox.open("rb") as file:
            file.seek(found[-1].offset)
            # Between the separator before it and the blank line after it.
            content = file.read(found[-1].length).partition(b"\n")[2].removesuffix(b"\n")
        return message_from_bytes(_UNQUOTE.sub(rb"\1", content), EmailMessage, policy=policy.default)

    def _entries(self) -> Iterator[_Entry]:
        try:
            lines = self.index.read_text(encoding="ascii").splitlines(keepends=True)
        except FileNotFoundError:
            return
        # The last line may still be being written.
        yield from (_Entry.read(line) for line in lines if line.endswith("\n"))


class Mailbox(KeptMail):
    """The mail server in a thread of this process, from `with` to the end of its block."""

    def __init__(self, path: Path | str, port: int = 0) -> None:
        """Keep messages in `path` and listen on `port`; 0 takes a free one, known once the block begins."""
        super().__init__(path)
        self.port = port

    @property
    def smtp_url(self) -> str:
        """Where to send mail, as `SMTP_URL` has it."""
        return f"smtp://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        """Start to listen; raises MailboxError where the port is taken."""
        listener = _listen(self.port)
        self.port = listener.getsockname()[1]
        self._keeper = _Keeper(self)
        self._controller = _Controller(self._keeper, listener)
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
        self._keeper.close()


class MailboxProcess(KeptMail):
    """The mail server in a process of its own, so that it does not share the sender's interpreter.

    It ends with the block, and by itself if this process dies.
    """

    def __init__(self, path: Path | str, port: int = 0) -> None:
        """Keep messages in `path` and listen on `port`; 0 takes a free one."""
        super().__init__(path)
        self.port = port
        self.smtp_url = ""

    def __enter__(self) -> Self:
        """Start the process and wait until it listens; raises MailboxError where it does not."""
        command = [sys.executable, "-m", "web.demo.mailbox", "--until-stdin-closes"]
        # A session of its own: Ctrl-C reaches the sender first, which ends this one in order.
        self._process = subprocess.Popen(  # noqa: S603
            [*command, "--port", str(self.port), "--dir", str(self.path)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            self.smtp_url = self._first_line()
        except BaseException:
            self._end()
            raise
        self.port = int(self.smtp_url.rpartition(":")[2])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def _first_line(self) -> str:
        output = self._process.stdout
        if output is not None and select.select([output], [], [], START_SECONDS)[0]:
            line = output.readline().strip()
            if line:
                return line
        raise MailboxError(f"The demo's mail server did not start on port {self.port}: see its message above.")

    def _end(self) -> None:
        with self._process as process:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


class _Keeper:
    """Writes each message it is handed to disk, then says yes."""

    def __init__(self, mail: KeptMail) -> None:
        mail.path.mkdir(parents=True, exist_ok=True)
        self._mbox = _open_to_append(mail.mbox)
        self._index = _open_to_append(mail.index)

    def close(self) -> None:
        os.close(self._mbox)
        os.close(self._index)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message once for each recipient; called by aiosmtpd at the final dot."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            for recipient in envelope.rcpt_tos:
                self._keep(content, envelope.mail_from or "", recipient)
        except OSError as error:
            return f"452 4.3.1 cannot write to the mailbox: {error.strerror}"
        return "250 2.0.0 kept"

    def _keep(self, content: bytes, sender: str, recipient: str) -> None:
        trace = _SEPARATOR.format(sender=sender or "MAILER-DAEMON") + f"Delivered-To: {recipient}\n"
        message = trace.encode() + _QUOTE.sub(rb">\1", content.replace(b"\r\n", b"\n")) + b"\n"
        end = _append(self._mbox, message)
        line = f"{end - len(message)} {len(message)} {_key(content)} {_hash(recipient.lower().encode())}\n"
        _append(self._index, line.encode())


class _Controller(Controller):
    """aiosmtpd on a socket that listens already, so that a free port is taken and known without a race."""

    def __init__(self, keeper: _Keeper, listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        super().__init__(keeper, hostname=HOST, port=port, server_hostname="localhost", ident="demo")
        self._listener = listener

    def _create_server(self) -> Coroutine[Any, Any, AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)


def _listen(port: int) -> socket.socket:
    try:
        listener = socket.create_server((HOST, port), backlog=100)
        # Inherited by each connection. asyncio leaves it off for a socket it did not make, and an answer of
        # several lines then waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise MailboxError(
            f"Cannot listen on {HOST}:{port} ({error.strerror}). Choose another port, or 0 for any free one."
        ) from error


def _open_to_append(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


def _append(file: int, data: bytes) -> int:
    """Write all of `data` at the end of the file and return where it ends now."""
    written = os.write(file, data)
    end = os.lseek(file, 0, os.SEEK_CUR)
    if written < len(data):
        os.ftruncate(file, end - written)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return end


def _key(content: bytes) -> str:
    """A hash of the reminder's key, or the word that says there is none."""
    found = _KEY.search(content[: content.find(b"\r\n\r\n") + 2])
    return _hash(found[1]) if found else _NO_KEY


def _hash(text: bytes) -> str:
    return blake2b(text, digest_size=10).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mail server until interrupted; print its URL once it listens. Exit code 1: it cannot listen."""
    parser = argparse.ArgumentParser(prog="python -m web.demo.mailbox", description="Keep mail, send none.")
    parser.add_argument("--dir", type=Path, required=True, help="the folder to keep messages in")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0: a free one")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the starting process")
    options = parser.parse_args(arguments)
    # Before anybody is told that it listens, and may end it.
    wait = sys.stdin.read if options.until_stdin_closes else _signals()
    try:
        with Mailbox(options.dir, options.port) as box:
            sys.stdout.write(f"{box.smtp_url}\n")
            sys.stdout.flush()
            wait()
    except MailboxError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _signals() -> Callable[[], object]:
    """What waits for one, from now on."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop.wait


if __name__ == "__main__":
    sys.exit(main())
