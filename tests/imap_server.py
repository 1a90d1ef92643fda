"""A small IMAP server for tests: one folder, the few commands that reading bounces needs, and what is asked of it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass
class ImapServer:
    """`mails` by number, `seen` the numbers marked as read; `asked` every command, without its tag."""

    mails: dict[int, bytes]
    port: int = 0
    seen: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    password: str = "secret"
    refuses_to_mark: bool = False

    def answer(self, command: str) -> tuple[bytes, str]:
        """What is said before the last line, and the last line."""
        self.asked.append(command)
        before, last = b"", "OK done"
        match command.split(" ", 2):
            case ["LOGIN", _, password] if password.strip('"') != self.password:
                last = "NO wrong user or password"
            case ["SELECT", folder] if folder != '"INBOX"':
                last = "NO no such folder"
            case ["UID", "SEARCH", asked]:
                found = [n for n in self.mails if asked == "ALL" or n not in self.seen]
                before = f"* SEARCH {' '.join(map(str, found))}\r\n".encode()
            case ["UID", "FETCH", asked]:
                before = self._fetch(asked)
            case ["UID", "STORE", asked]:
                last = self._store(asked)
            case ["LOGOUT"]:
                before = b"* BYE\r\n"
            case ["CAPABILITY"]:
                before = b"* CAPABILITY IMAP4rev1\r\n"
        return before, last

    def _fetch(self, asked: str) -> bytes:
        found = re.fullmatch(r"(\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", asked)
        assert found, asked
        raw = self.mails[int(found[1])][: int(found[2])]
        return b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n" % (found[1].encode(), len(raw)) + raw + b")\r\n"

    def _store(self, asked: str) -> str:
        if self.refuses_to_mark:
            return "NO read only"
        self.seen.add(int(asked.split(" ", maxsplit=1)[0]))
        return "OK done"


@contextmanager
def imap_server(*mails: bytes) -> Iterator[ImapServer]:
    """Serve these mails, numbered from 1, one client after another."""
    server = ImapServer(dict(enumerate(mails, 1)))
    with socket.create_server((HOST, 0)) as listening:
        server.port = listening.getsockname()[1]
        threading.Thread(target=_serve, args=(server, listening), daemon=True).start()
        try:
            yield server
        finally:
            # Closing alone would leave the thread waiting for one more client.
            listening.shutdown(socket.SHUT_RDWR)


def _serve(server: ImapServer, listening: socket.socket) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        with client, suppress(OSError):
            _talk(server, client)


def _talk(server: ImapServer, client: socket.socket) -> None:
    client.sendall(b"* OK ready\r\n")
    for line in client.makefile("rb"):
        tag, _, command = line.decode("ascii", "replace").strip().partition(" ")
        before, last = server.answer(command)
        client.sendall(before + f"{tag} {last}\r\n".encode())
