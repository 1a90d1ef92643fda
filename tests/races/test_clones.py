"""I2, I13: a clone of the database's disks beside the original, one journal for both: nobody is written to twice."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from reminders.errors import ReminderError
from reminders.models import Batch
from reminders.planning.approval import resume_batch
from reminders.sending import arming, identity
from reminders.sending import deliver as engine_module
from reminders.sending.arming import resume_sending
from reminders.sending.claim import reap
from reminders.sending.reconcile import reconcile
from tests.factories import NOW
from tests.races.seams import watched
from tests.reminders.scenes import RecordingTransport, engine, person, released_batch, send

identity_sign = identity.sign
FILES = 8
WALKS = 8
ACTS = 15


class Walk:
    """Two databases that no sign of place tells apart, each with a machine of its own and careless people."""

    def __init__(self, seed: int, epochs: dict[str, Path]) -> None:
        self.chance, self.epochs = random.Random(seed), epochs
        self.taken: Counter[str] = Counter()
        self.told: list[tuple[str, str, str]] = []

    def act(self) -> None:
        """Something happens at one of the two."""
        database = self.chance.choice(list(self.epochs))
        what = self.chance.choice([self.tick] * 2 + [self.tick_while_the_other_ticks] * 3 + [self.reconcile, self.arm])
        elsewhere(database, lambda: what(database))
        assert max(self.taken.values(), default=0) <= 1, self.told

    def tick(self, database: str) -> None:
        """A delivery of one message; whatever is held is resumed before."""
        for batch in Batch.objects.filter(state="PAUSED"):
            with suppress(ReminderError):
                resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
        transport = RecordingTransport()
        done = send(transport, worker=f"{database}:1", epoch_file=self.epochs[database])
        self.taken.update(mail.key for mail in transport.sent)
        self.told.append((database, f"sent {len(transport.sent)}", done.detail))

    def tick_while_the_other_ticks(self, database: str) -> None:
        """The other one's whole delivery falls between this one's look at its identity and its first message."""
        (other,) = self.epochs.keys() - {database}
        may_arm = self.chance.random() < 1 / 2
        meanwhile = [lambda: self.arm(other)] * may_arm + [lambda: self.tick(other)]

        def after_the_other(**values: Any) -> int:
            while meanwhile:
                elsewhere(other, meanwhile.pop(0))
            return reap(**values)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine_module, "reap", after_the_other)
            self.tick(database)

    def reconcile(self, database: str) -> None:
        """The journal is read at this one."""
        own = engine(epoch_file=self.epochs[database])
        with suppress(ReminderError):
            reconcile(directory=own.journal_dir, by=person("planner"), now=NOW, engine=own)
            self.told.append((database, "reconciled", ""))

    def arm(self, database: str) -> None:
        """Somebody has this one send."""
        self.reconcile(database)
        with suppress(ReminderError):
            own = engine(epoch_file=self.epochs[database])
            self.told.append((database, resume_sending(by=person("planner"), now=NOW, engine=own).value, ""))


def taken_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """As clones of a cluster's disks are."""
    place = identity.this_place()
    for module in (identity, arming):
        monkeypatch.setattr(module, "this_place", lambda: place)


def elsewhere(database: str, act: Callable[[], None]) -> None:
    """Do it in a thread, and at a connection to that database, of its own."""
    failed: list[BaseException] = []

    def work() -> None:
        connection.settings_dict["NAME"] = database
        try:
            act()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


@contextmanager
def a_clone() -> Iterator[tuple[str, str]]:
    """The names of both."""
    name = str(connection.settings_dict["NAME"])
    with dropped_at_the_end(name):
        yield name, cloned(name)


def cloned(name: str) -> str:
    """A clone of a database to which nobody is connected; its name."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        order = sql.SQL("CREATE DATABASE {clone} TEMPLATE {name}")
        cursor.execute(order.format(clone=sql.Identifier(f"{name}_clone"), name=sql.Identifier(name)))
    return f"{name}_clone"


@contextmanager
def dropped_at_the_end(name: str) -> Iterator[None]:
    """Whatever happens inside, the clone is gone after it."""
    try:
        yield
    finally:
        connection.settings_dict["NAME"] = name
        with connection._nodb_cursor() as cursor:
            order = sql.SQL("DROP DATABASE IF EXISTS {clone} WITH (FORCE)")
            cursor.execute(order.format(clone=sql.Identifier(f"{name}_clone")))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(WALKS))
def test_i2_i13_of_two_clones_that_send_at_once_nobody_gets_a_mail_of_each(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where passes are not counted, and the journal does not say whose it is: half of such walks wrote twice."""
    taken_for_each_other(monkeypatch)
    released_batch(FILES, release_steps=(1,) * FILES)
    with a_clone() as (name, clone):
        walk = Walk(seed, {name: engine().epoch_file, clone: tmp_path / "epoch"})
        elsewhere(name, lambda: walk.tick(name))
        for _ in range(ACTS):
            walk.act()
        assert walk.taken.total() > 1, "somebody goes on sending"


class Pass:
    """The original's pass: its database is cloned in the middle of it, and later in it the clone has a pass or two of
    its own, with the same EPOCH_FILE and the same journal."""

    def __init__(self, seed: int) -> None:
        self.chance, self.signature = random.Random(seed), ("", "")
        self.name = str(connection.settings_dict["NAME"])
        self.cloned_at, self.clone = self.chance.randrange(1, FILES), ""
        self.passes = self.chance.choice([1, 2])
        self.late = self.chance.choice([timedelta(0), timedelta(minutes=5)])
        self.taken: Counter[str] = Counter()
        self.told: list[str] = []

    def sign(self, epoch: str, version: str) -> None:
        self.signature = (epoch, version)
        identity_sign(epoch, version)

    def between(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Something that the original does while no transaction is open."""

        def wrapped(*args: Any, **values: Any) -> Any:
            self.cloned_at -= 1
            if self.cloned_at == 0 and not connection.in_atomic_block:
                self.clone = cloned(self.name)
                identity_sign(*self.signature)
            return real(*args, **values)

        return wrapped

    def at(self, seam: str) -> None:
        """The clone's turn: not where the original holds what both wait for."""
        if self.clone and self.passes and not seam.startswith("memory.") and self.chance.random() < 1 / 4:
            self.passes -= 1
            elsewhere(self.clone, self.pass_of_the_clone)

    def pass_of_the_clone(self) -> None:
        transport = RecordingTransport()
        done = send(transport, worker=self.chance.choice(["test-worker", "another"]), clock=lambda: NOW + self.late)
        self.taken.update(mail.key for mail in transport.sent)
        self.told.append(f"the clone sent {len(transport.sent)} {done.detail}")

    def of_the_original(self) -> None:
        transport = RecordingTransport()
        with watched(self.at, self.at):
            done = send(transport)
        self.taken.update(mail.key for mail in transport.sent)
        self.told.append(f"the original sent {len(transport.sent)} {done.detail}")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(WALKS))
def test_i2_i13_a_clone_made_in_the_middle_of_a_pass_sends_nothing_that_the_original_sends(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `_require_alone`, or where who begins does not read the journal again once that can be seen."""
    taken_for_each_other(monkeypatch)
    send(batch=released_batch(1))
    released_batch(FILES)
    middle = Pass(seed)
    monkeypatch.setattr(identity, "sign", middle.sign)
    for name in ("reap", "claim", "make_ready", "step"):
        monkeypatch.setattr(engine_module, name, middle.between(getattr(engine_module, name)))
    with dropped_at_the_end(middle.name):
        middle.of_the_original()
    assert middle.clone, "it was cloned"
    assert max(middle.taken.values(), default=0) <= 1, middle.told
