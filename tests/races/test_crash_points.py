"""I2, I4, I8: a worker killed by SIGKILL at each arrow of the protocol, alone or beside a second cluster's."""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from reminders.models import Batch, DomainPace, Notice, SenderIdentity
from reminders.planning.approval import resume_batch
from reminders.rules.sender import Owner
from reminders.sending.arming import resume_sending
from reminders.sending.deliver import deliver
from reminders.sending.memory import write_owner
from reminders.sending.reconcile import reconcile
from settings.embedded import BASE_DIR
from tests.factories import NOW
from tests.races.arrows import ARROWS, HARMLESS, Arrow
from tests.races.processes import accepted_keys, running, session, worker_env
from tests.reminders.scenes import (
    clock_at,
    engine,
    person,
    released_batch,
    renew,
    run_leases_out,
    states,
    verdicts,
)
from tests.smtp_server import Reply, SmtpServer

STEP = 2
"""Notices that leave round one kill; with two clusters one more, of which the first claims two."""
SENDING = BASE_DIR / "reminders" / "sending"
DELIVERS = (
    "claim", "deliver", "domain_pace", "identity", "journal", "outcome", "pace", "prepared", "readying", "step",
    "interrupts", "company", "delivery", "telling", "transport", "letterhead", "memory",
)  # fmt: skip
"""The modules of a delivery; `files`, `prepared` and `wire` are what the others write with."""
WRITING_CALLS = frozenset(
    {"execute", "row", "update", "update_or_create", "get_or_create", "create", "save", "delete", "bulk_create",
     "write", "fsync", "ftruncate", "flock", "encrypt", "login", "rset", "quit"}
)  # fmt: skip


# --- a machine of its own ------------------------------------------------------------------------------------------


@dataclass
class Machine:
    """A machine that sends: a process that forks workers (tests/races/doomed.py)."""

    process: subprocess.Popen[str]

    def start(self, **job: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()

    def told(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr and self.process.stderr.read()
        told: dict[str, Any] = json.loads(line)
        return told

    def ended(self) -> dict[str, Any]:
        """How its worker ended, and what that told before."""
        told: dict[str, Any] = {}
        while "ended" not in told:
            told |= self.told()
        return told


@contextmanager
def machine(name: str, env: Mapping[str, str], **more: str) -> Iterator[Machine]:
    with running("-m", "tests.races.doomed", name, env={**env, **more}) as process:
        yield Machine(process)


def enrolled(name: str, epoch_file: Path, env: Mapping[str, str]) -> Any:
    """A further sending machine as docs/operations.md has it: the same JOURNAL_DIR, an EPOCH_FILE of its own."""
    resume_sending(by=person("planner"), now=NOW, engine=engine(epoch_file=epoch_file))
    return machine(name, env, EPOCH_FILE=str(epoch_file))


# --- one kill ------------------------------------------------------------------------------------------------------


@dataclass
class Site:
    """Where the killing goes on: a released list whose steps are let through one by one."""

    batch: Batch
    server: SmtpServer
    in_turn: SmtpServer
    doomed: Machine
    other: Machine | None
    killed: int = 0
    uncertain: int = 0
    floor: int = 0
    seen: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)

    def step(self) -> list[Notice]:
        """What leaves round this kill."""
        self.batch.refresh_from_db()
        return list(self.batch.notices.filter(rank__gt=self.floor, rank__lte=self.batch.ceiling).order_by("rank"))

    def prepared(self, scene: str) -> SmtpServer:
        """Bring about what the scene needs; the mail server that its worker is given."""
        first = self.step()[0]
        if scene == "skipped":
            renew(first.intermediary)
        elif scene == "greylisted":
            self.server.for_domain(first.email.partition("@")[2], Reply("450 4.7.1 slow down"))
        elif scene == "first":
            django_settings.EPOCH_FILE.unlink(missing_ok=True)
            write_owner(django_settings.JOURNAL_DIR, None)
        elif scene == "beginning":
            write_owner(django_settings.JOURNAL_DIR, Owner(str(SenderIdentity.objects.get().epoch), begun=False))
        elif scene == "down":
            self.server.always("GREETING", Reply("421 4.3.2 not now"))
        return self.in_turn if scene == "in turn" else self.server

    def run(self, scene: str, effect: str) -> int:
        """Have the doomed worker run, beside another cluster's if there is one: how it ended."""
        port = self.prepared(scene).port
        job = {"scene": scene, "effect": effect, "port": port, "telling": self.other is not None}
        self.doomed.start(**job, **({"chunk": 2} if self.other else {}))
        if self.other:
            started = self.doomed.told()
            self.other.start(scene="plain", effect="", port=port, chunk=2)
            told = self.doomed.ended() if "ended" not in started else started
            assert self.other.ended()["ended"] == 0
        else:
            told = self.doomed.ended()
        self.seen |= set(told.get("seen", ()))
        self.functions |= set(told.get("functions", ()))
        ended: int = told["ended"]
        return ended

    def time_passes(self) -> None:
        """Leases and holds are over, the server is well again, and somebody has looked at an alarm."""
        self.server.always("GREETING", Reply("220 test ESMTP"))
        for notice in self.step():
            self.server.for_domain(notice.email.partition("@")[2], None)
        run_leases_out(self.batch)
        Notice.objects.filter(batch=self.batch, not_before__isnull=False, live=True).update(not_before=NOW)
        DomainPace.objects.update(not_before=NOW)
        if self.batch.state == "PAUSED" and self.batch.pause_reason == "SMTP_DOWN":
            self.resume()

    def resume(self) -> None:
        resume_batch(batch_id=self.batch.pk, by=person("planner"), now=NOW, reason="essai")
        self.batch.refresh_from_db()

    def finish(self) -> None:
        """Another worker brings the step to its end."""
        deliver(worker="heir", engine=engine(), transport=session(self.server), clock=clock_at())
        self.batch.refresh_from_db()
        assert self.batch.state in ("PAUSED", "COMPLETED"), self.batch.state

    def check(self, ended: int, doubt: bool) -> None:
        """Nobody twice, nobody lost, uncertain only where the mail may have left, and the ledger's sum."""
        at_sink = accepted_keys(self.server) + accepted_keys(self.in_turn)
        assert set(at_sink.values()) <= {1}, "somebody was written to twice"
        found = {notice.key: notice.state for notice in self.step()}
        assert set(found.values()) <= {"ACCEPTED", "SKIPPED", "UNCERTAIN"}, found
        uncertain = [key for key, state in found.items() if state == "UNCERTAIN"]
        assert len(uncertain) == (1 if ended and doubt else 0), found
        assert {key for key, state in found.items() if state == "ACCEPTED"} <= set(at_sink), "lost"
        assert not {key for key, state in found.items() if state == "SKIPPED"} & set(at_sink)
        self.killed, self.uncertain = self.killed + bool(ended), self.uncertain + len(uncertain)


def killed_at(site: Site, arrow: Arrow) -> None:
    site.floor = site.batch.ceiling if site.batch.state == "PAUSED" else 0
    if site.floor:
        site.resume()
    ended = site.run(arrow.scene, arrow.effect)
    if arrow.scene == "first":
        assert ended == -9, f"not killed: {ended}"
        assert accepted_keys(site.server) == {}
        return
    # A second cluster may be the one that ends the step, or meets the fault.
    raced = site.other and (arrow.at_the_end or arrow.scene == "down")
    assert ended == -9 or (raced and ended == 0), f"not killed: {ended}"
    site.batch.refresh_from_db()
    site.time_passes()
    site.finish()
    site.check(ended, arrow.doubt)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize("clusters", [1, 2])
def test_i4_i2_i8_a_worker_killed_at_any_arrow_loses_nobody_and_writes_to_nobody_twice(
    clusters: int, database_env: dict[str, str], tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """Fails where `reap` gives SENDING back (somebody twice), where it does not exist (somebody lost), or where an
    intent is committed after the first word to the server (nobody knows)."""
    arrows = [arrow for arrow in ARROWS if clusters == 1 or arrow.scene not in ("first", "beginning")]
    size = STEP if clusters == 1 else STEP + 1
    steps = sum(1 for arrow in arrows if arrow.scene != "first")
    with SmtpServer() as server, SmtpServer(extensions=()) as in_turn, ExitStack() as stack:
        env = worker_env(database_env, server)
        if clusters == 2:
            resume_sending(by=person("planner"), now=NOW, engine=engine())
        # They start while the list is made.
        doomed = stack.enter_context(machine("a", env))
        other = stack.enter_context(enrolled("b", tmp_path / "epoch", env)) if clusters == 2 else None
        batch = released_batch(size * steps, release_steps=(size,) * steps)
        site = Site(batch, server, in_turn, doomed, other)
        for arrow in arrows:
            with subtests.test(killed_after=arrow.name):
                killed_at(site, arrow)
    at_the_end(site, steps * size)


def at_the_end(site: Site, planned: int) -> None:
    """The whole list, after all kills; and the journal has nothing to tell that the ledger does not know."""
    found = states(site.batch)
    assert found.total() == planned == site.batch.planned
    assert found["UNCERTAIN"] == site.uncertain == verdicts(site.batch)[""] <= site.killed
    assert site.batch.state == "COMPLETED"
    told = reconcile(directory=django_settings.JOURNAL_DIR, by=person("planner"), now=NOW, engine=engine())
    assert (told.brought.states, told.brought.written, told.brought.unknown) == ({}, 0, [])


# --- the list of arrows --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_i4_every_effect_of_a_delivery_has_its_crash_point(database_env: dict[str, str]) -> None:
    """Fails where the engine comes to write, commit or say something that no line of ARROWS names, or no longer does
    what one names; and where a function that writes is met by no scene."""
    scenes = list(dict.fromkeys(arrow.scene for arrow in ARROWS))
    with ExitStack() as stack:
        server = stack.enter_context(SmtpServer())
        in_turn = stack.enter_context(SmtpServer(extensions=()))
        doomed = stack.enter_context(machine("a", worker_env(database_env, server)))
        batch = released_batch(STEP * len(scenes), release_steps=(STEP,) * len(scenes))
        site = Site(batch, server, in_turn, doomed, None)
        for scene in scenes:
            site.floor = site.batch.ceiling if site.batch.state == "PAUSED" else 0
            if site.floor:
                site.resume()
            assert site.run(scene, "") == 0
            site.batch.refresh_from_db()
            site.time_passes()
            site.finish()
    named = {arrow.effect.partition(",")[0] for arrow in ARROWS}
    missing = functions_that_write() - site.functions
    assert (sorted(site.seen - named), sorted(named - site.seen)) == ([], []), "(without a line, without an effect)"
    assert (sorted(missing - set(HARMLESS)), sorted(set(HARMLESS) - missing)) == ([], [])


def functions_that_write() -> set[str]:
    """The functions of a delivery that hand something to the database, the disk or the mail server."""
    return {name for module in DELIVERS if module != "prepared" for name in _writers(module)}


def _writers(module: str) -> Iterator[str]:
    tree = ast.parse((SENDING / f"{module}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from (f"{module}.{node.name}.{name}" for name in _writing(node.body))
    yield from (f"{module}.{name}" for name in _writing(tree.body))


def _writing(body: list[ast.stmt]) -> Iterator[str]:
    functions = (node for node in body if isinstance(node, ast.FunctionDef))
    yield from (f.name for f in functions if any(_is_writing_call(node) for node in ast.walk(f)))


def _is_writing_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITING_CALLS


def test_every_module_that_a_delivery_imports_is_looked_into() -> None:
    """Fails where deliver() is given a new module of sending/ whose effects nobody would see."""
    known: set[str] = set()
    new = {"deliver"}
    while new - known:
        module = (new - known).pop()
        known.add(module)
        text = (SENDING / f"{module}.py").read_text(encoding="utf-8")
        found = {
            (node.module or "").rpartition(".")[2]
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reminders.sending.")
        }
        new |= found
    assert known == {*DELIVERS, "envelope", "files", "wire"}


def test_the_arrows_are_named_once() -> None:
    """Fails where two points of one name or one effect would hide that one is missing."""
    assert len({arrow.name for arrow in ARROWS}) == len({arrow.effect for arrow in ARROWS}) == len(ARROWS)
