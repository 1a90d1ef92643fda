"""I13, I2: a dump, mails, the dump restored: nothing leaves until the journal has been read, and nothing twice."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from reminders.errors import ReminderError
from reminders.models import Batch, Notice, NoticeItem, StopSwitch
from reminders.planning.approval import approve_batch, release_batch
from reminders.planning.plan import plan_reminders
from reminders.sending.arming import Resumed, resume_sending
from reminders.sending.deliver import Delivery, Halt, deliver
from reminders.sending.identity import examine
from reminders.sending.reconcile import Reconciled, reconcile
from settings.embedded_account import BINARIES
from tests.factories import NOW
from tests.races.processes import accepted_keys, session
from tests.reminders.scenes import (
    DAY,
    approved_batch,
    clock_at,
    due_file,
    engine,
    person,
    released_batch,
    states,
)
from tests.smtp_server import SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def pg(tool: str, *words: str | Path) -> None:
    """One of PostgreSQL's own tools, on the test's database."""
    settings = connection.settings_dict
    place = ("-h", settings["HOST"], "-p", settings["PORT"], "-U", settings["USER"] or "register")
    subprocess.run([BINARIES / tool, *place, *map(str, words)], check=True, capture_output=True, text=True)


def dump(to: Path) -> Path:
    pg("pg_dump", "-Fc", "-f", to, connection.settings_dict["NAME"])
    return to


def restore(dumped: Path) -> None:
    """Put the dump back into the same database, as an operator would."""
    name = connection.settings_dict["NAME"]
    connection.close()
    pg("pg_restore", "--clean", "--if-exists", "--single-transaction", "-d", name, dumped)


def deliver_to(server: SmtpServer) -> Delivery:
    return deliver(worker="w", engine=engine(), transport=session(server), clock=clock_at())


def reconciled() -> Reconciled:
    return reconcile(directory=engine().journal_dir, by=person("planner"), now=NOW, engine=engine())


def resumed() -> Resumed:
    return resume_sending(by=person("planner"), now=NOW, engine=engine())


def plan_again() -> Batch | None:
    """The next plan of the same day, released by two people where it holds anybody."""
    batch = plan_reminders(day=DAY, now=NOW, engine=engine(), by=person("planner")).batch
    if batch:
        approve_batch(batch_id=batch.pk, by=person("approver"), list_hash=batch.hash, count=batch.planned, now=NOW)
        release_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    return batch


def nothing_before_the_dump() -> None:
    for _ in range(60):
        due_file()


def a_released_list_before_the_dump() -> None:
    released_batch(60)


@pytest.mark.parametrize("before", [nothing_before_the_dump, a_released_list_before_the_dump])
def test_i13_i2_a_restored_dump_sends_nothing_until_reconciled_and_then_nobody_twice(
    before: Callable[[], None], tmp_path: Path
) -> None:
    """Fails without `take_identity` at the head of deliver() (60 mails a second time before the reconciliation), and
    without `bring_forward` (60 after it)."""
    before()
    dumped = dump(tmp_path / "register.dump")
    with SmtpServer() as server:
        if not Batch.objects.exists():
            release_batch(batch_id=approved_batch().pk, by=person("planner"), now=NOW)
        deliver_to(server)
        assert len(server.mails) == 60
        restore(dumped)
        assert Notice.objects.filter(state="ACCEPTED").count() == 0

        refused = deliver_to(server)
        assert refused.halt is Halt.IDENTITY
        assert "reconcile_journal" in refused.detail
        assert StopSwitch.objects.get().stopped
        with pytest.raises(ReminderError, match="reconcile_journal"):
            resumed()

        done = reconciled()
        assert done.brought.states == {"ACCEPTED": 60}
        assert resumed() is Resumed.ARMED
        assert examine(engine()) is None

        due_file("09999999")
        batch = plan_again()
        assert batch is not None
        assert batch.planned == 1, "only the one who got nothing"
        deliver_to(server)
    assert len(server.mails) == 61
    assert set(accepted_keys(server).values()) == {1}
    assert set(NoticeItem.objects.values_list("held", flat=True)) == {True}
    assert states(batch) == {"ACCEPTED": 1}
    assert not Batch.objects.filter(state="DRAFT").exists()
