"""An SMTP server for tests, over a real socket, that does at each stage what a test tells it to.

    with SmtpServer() as server:
        server.on("RCPT", Reply("550 5.1.1 no such user"))
        …
        assert [mail.recipient for mail in server.mails] == […]

Each ``on`` is for one visit of that stage, the next ones queue behind it; ``always`` is for all visits.
Stages: CONNECT (hang up before the greeting), GREETING, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, BODY (after
the first line of the message), DOT (the whole message has come), RSET, QUIT.
"""

import asyncio
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"

DEFAULTS = {
    "GREETING": "220 test ESMTP",
    "STARTTLS": "220 2.0.0 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 sender ok",
    "RCPT": "250 2.1.5 recipient ok",
    "DATA": "354 end with a dot",
    "DOT": "250 2.0.0 queued",
    "RSET": "250 2.0.0 reset",
    "QUIT": "221 2.0.0 bye",
}


@dataclass(frozen=True)
class Reply:
    """Answer so, after ``delay`` seconds; lines of a longer reply are separated by ``\\r\\n``."""

    text: str
    delay: float = 0.0


@dataclass(frozen=True)
class Drop:
    """Hang up, with or without a last word."""

    last_word: str = ""


@dataclass(frozen=True)
class Hang:
    """Say nothing more until the client goes away."""


@dataclass(frozen=True)
class Dribble:
    """Say the same line again and again, until the client goes away."""

    text: str
    every: float


Action = Reply | Drop | Hang | Dribble


@dataclass(frozen=True)
class Mail:
    """One message whose final dot came; ``answered`` is what the server did about it."""

    sender: str
    recipient: str
    data: bytes
    answered: Action

    @property
    def accepted(self) -> bool:
        return isinstance(self.answered, Reply) and self.answered.text.startswith("2")


@dataclass
class Dialogue:
    """What the client wrote on one connection, command by command."""

    commands: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


class _HangUpError(Exception):
    pass


class SmtpServer:
    """See the module. ``mails`` keeps every message whose final dot came, whatever was answered."""

    def __init__(
        self,
        extensions: Iterable[str] = ("PIPELINING",),
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:
        self.extensions = list(extensions)
        self.tls = tls
        self.implicit_tls = implicit_tls
        self.port = 0
        self.mails: list[Mail] = []
        self.dialogues: list[Dialogue] = []
        self.empty_messages = 0
        self._once: dict[str, deque[Action]] = defaultdict(deque)
        self._always: dict[str, Action] = {stage: Reply(text) for stage, text in DEFAULTS.items()}
        self._domains: dict[str, Reply] = {}
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def host(self) -> str:
        return HOST

    @property
    def recipients(self) -> list[str]:
        return [mail.recipient for mail in self.mails]

    def on(self, stage: str, *actions: Action) -> None:
        """Do these, one each at the next visits of a stage."""
        self._once[stage].extend(actions)

    def always(self, stage: str, action: Action) -> None:
        """Do this at every visit of a stage for which nothing else is queued."""
        self._always[stage] = action

    def for_domain(self, domain: str, action: Reply | None) -> None:
        """Answer RCPT so for every address of a domain; None: as for all others again."""
        if action:
            self._domains[domain] = action
        else:
            self._domains.pop(domain, None)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._started.wait(5):
            raise RuntimeError("the test server did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(
            self._accept, HOST, 0, limit=2**22, ssl=self.tls if self.implicit_tls else None
        )
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        dialogue = Dialogue()
        self.dialogues.append(dialogue)
        try:
            await _Conversation(self, dialogue, reader, writer).hold()
        except (_HangUpError, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            dialogue.ended.set()
            self._tasks.discard(task)
            writer.close()

    def wait_for_end_of(self, dialogue: Dialogue) -> None:
        """Wait until the server, too, is done with a connection."""
        if not dialogue.ended.wait(20):
            raise RuntimeError("the connection did not end")

    def is_told(self, stage: str) -> bool:
        """Tell whether something is queued for the next visit of a stage."""
        return bool(self._once[stage])

    def next_action(self, stage: str) -> Action | None:
        queue = self._once[stage]
        return queue.popleft() if queue else self._always.get(stage)


class _Conversation:
    def __init__(
        self,
        server: SmtpServer,
        dialogue: Dialogue,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.server, self.dialogue, self.reader, self.writer = server, dialogue, reader, writer
        self.envelope = {"MAIL": "", "RCPT": ""}

    async def hold(self) -> None:
        await self.act("CONNECT")
        await self.act("GREETING")
        while True:
            line = (await self.line()).decode("latin-1").strip()
            self.dialogue.commands.append(line)
            await self.answer(line)

    async def answer(self, line: str) -> None:
        verb = line.partition(" ")[0].upper()
        match verb:
            case "EHLO" | "HELO":
                await self.hello()
            case "MAIL" | "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                special = self.server._domains.get(address.rpartition("@")[2]) if verb == "RCPT" else None
                told = await (self.do(special) if special else self.act(verb))
                self.envelope[verb] = address if told == "2" else ""
            case "DATA":
                await self.data()
            case "STARTTLS":
                await self.act(verb)
                await self.writer.start_tls(self.server.tls)  # type: ignore[arg-type]
            case "QUIT":
                await self.act(verb)
                raise _HangUpError
            case "AUTH" | "RSET":
                await self.act(verb)
            case _:
                await self.say("502 5.5.1 what?")

    async def hello(self) -> None:
        if (action := self.server.next_action("EHLO")) is not None:
            await self.do(action)
            return
        *others, last = ["test", *self.server.extensions]
        await self.say("\r\n".join([*(f"250-{line}" for line in others), f"250 {last}"]))

    async def data(self) -> None:
        """Answer DATA: without a recipient 503, unless the test wants a server that says 354 all the same."""
        if not self.envelope["RCPT"] and not self.server.is_told("DATA"):
            await self.say("503 5.5.1 no valid recipients")
        elif await self.act("DATA") == "3":
            await self.message()

    async def message(self) -> None:
        lines = [await self.line()]
        if lines == [b".\r\n"]:
            self.server.empty_messages += 1
            await self.say("554 5.5.1 no valid recipients")
            return
        await self.act("BODY")
        while lines[-1] != b".\r\n":
            lines.append(await self.line())
        action = self.server.next_action("DOT")
        assert action is not None
        self.server.mails.append(Mail(self.envelope["MAIL"], self.envelope["RCPT"], _unstuffed(lines[:-1]), action))
        self.envelope = {"MAIL": "", "RCPT": ""}
        await self.do(action)

    async def act(self, stage: str) -> str:
        """Do what is told for a stage; return the first digit of what was said."""
        action = self.server.next_action(stage)
        return await self.do(action) if action is not None else ""

    async def do(self, action: Action) -> str:
        match action:
            case Hang():
                await self.reader.read()
                raise _HangUpError
            case Dribble(text, every):
                while not self.writer.is_closing():
                    await self.say(text)
                    await asyncio.sleep(every)
                raise _HangUpError
            case Drop(last_word):
                if last_word:
                    await self.say(last_word)
                raise _HangUpError
            case Reply(text, delay):
                await asyncio.sleep(delay)
                await self.say(text)
                return text[:1]

    async def line(self) -> bytes:
        return await self.reader.readuntil(b"\n")

    async def say(self, text: str) -> None:
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()


def _unstuffed(lines: list[bytes]) -> bytes:
    return b"".join(line.removeprefix(b".") for line in lines)
