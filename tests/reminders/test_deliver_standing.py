"""manage.py deliver tells what holds the rest back, waits for a worker that died, and starts no useless process."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from registry import clock
from registry.management.console import Failed
from reminders.management import senders
from reminders.management.commands.deliver import MOST_PROCESSES, _useful
from reminders.models import Batch, StopSwitch
from reminders.models.batch import PauseReason
from reminders.planning.approval import cancel_batch, hold_batch, pause_batch
from reminders.planning.switch import stop_sending
from reminders.planning.watch import raise_alarm
from reminders.rules.states import NoticeState
from reminders.rules.watch import smtp_down
from reminders.sending.deliver import CHUNK
from reminders.sending.standing import holds, leases, may_leave
from settings.mail import SmtpSettings
from tests.factories import NOW
from tests.reminders.scenes import approved_batch, due_file, lose_the_row, person, planned_batch, released_batch, states
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A mail server that the command is told of, and the instant of the scenes."""
    settings.SEND_WINDOW = "always"
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with SmtpServer() as server:
        settings.SMTP = SmtpSettings(server.host, server.port)
        yield server


def report(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("deliver", *arguments, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def words(*arguments: str) -> str:
    """What it says to a person, all spaces made ordinary ones."""
    out = StringIO()
    call_command("deliver", *arguments, stdout=out)
    return " ".join(out.getvalue().split())


# --- what people hold ----------------------------------------------------------------------------------------


def by_a_person() -> Batch:
    batch = released_batch(2)
    pause_batch(batch_id=batch.pk, by=person("planner"), detail="un doute")
    return batch


def by_its_step() -> Batch:
    return released_batch(3, release_steps=(1,))


def by_the_mail_server() -> Batch:
    batch = released_batch(2)
    hold_batch(batch_id=batch.pk, reason=PauseReason.SMTP_DOWN, detail="connexion : refusée")
    return batch


def by_the_switch() -> Batch:
    batch = released_batch(2)
    stop_sending(reason="des dossiers complets", by=None, now=NOW)
    return batch


def by_a_switch_that_is_gone() -> Batch:
    batch = released_batch(2)
    lose_the_row(StopSwitch)
    return batch


HELD: dict[str, tuple[Callable[[], Batch], str, str, str]] = {
    "person": (by_a_person, "PERSON", "Lot {} en pause : à la demande d’une personne (un doute)", "resume_batch {}"),
    "step": (by_its_step, "STEP_DONE", "Lot {} en pause : palier terminé", "resume_batch {}"),
    "server": (by_the_mail_server, "SMTP_DOWN", "Lot {} en pause : serveur de messagerie", "resume_batch {}"),
    "switch": (by_the_switch, "STOPPED", "Envois arrêtés : des dossiers complets", "resume_sending"),
    "no switch": (by_a_switch_that_is_gone, "STOPPED", "l’arrêt d’urgence manque", "resume_sending"),
}


@pytest.mark.parametrize("kind", HELD)
def test_i7_what_is_held_is_told_with_its_batch_its_reason_and_the_way_out(kind: str) -> None:
    """Fails without `holds`: the halt was null, and nothing said why nothing left."""
    make, reason, said, remedy = HELD[kind]
    batch = make()
    told = report("--until-empty", "--batch", str(batch.pk))
    assert (told["halt"], told["waiting"]) == ("HELD", 2)
    [hold] = told["held"]
    assert hold["reason"] == reason
    assert hold["batch"] in (batch.pk, None)
    assert hold["remedy"] == f"manage.py {remedy.format(batch.pk)} --by NOM"
    assert hold["remedy"] in told["detail"]
    shown = words()
    assert said.format(batch.pk) in shown
    assert hold["remedy"] in shown
    assert "Arrêt" not in shown


def test_over_an_alarm_the_way_out_names_the_reason_that_is_asked_for() -> None:
    """Fails without `--reason` in the remedy: the command it named was refused."""
    batch = by_the_mail_server()
    raise_alarm(batch_id=batch.pk, alert=smtp_down("421"), now=NOW)
    [hold] = holds(batch.pk)
    assert hold.remedy == f"manage.py resume_batch {batch.pk} --by NOM --reason MOTIF"


def test_another_batch_that_is_held_is_not_told_of_the_one_that_is_named() -> None:
    by_a_person()
    named = released_batch(1)
    told = report("--batch", str(named.pk))
    assert (told["accepted"], told["halt"], told["held"]) == (1, None, [])


@pytest.mark.parametrize(
    ("make", "remedy"), [(planned_batch, "show_batch"), (approved_batch, "release_batch")], ids=["draft", "approved"]
)
def test_a_named_batch_that_is_not_released_is_told_with_the_next_step(make: Callable[[], Batch], remedy: str) -> None:
    due_file()
    batch = make()
    told = report("--batch", str(batch.pk))
    assert told["halt"] == "HELD"
    assert f"{remedy} {batch.pk}" in words("--batch", str(batch.pk))


def test_a_named_batch_that_is_over_is_told() -> None:
    batch = released_batch(1)
    cancel_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    assert words("--batch", str(batch.pk)) == f"Rien à envoyer ; 0 en attente. Lot {batch.pk} : annulé."


# --- what a dead worker holds --------------------------------------------------------------------------------


def left_by_a_dead_worker(seconds: float) -> Batch:
    """Three notices: one was being sent, one was claimed, and one is free; the leases run out so many seconds on."""
    batch = released_batch(3)
    batch.notices.filter(rank__lte=2).update(state="CLAIMED", lease_until=NOW, worker="dead")
    batch.notices.filter(rank=1).update(state="SENDING")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_notice SET lease_until = clock_timestamp() + make_interval(secs => %s) WHERE rank <= 2",
            [seconds],
        )
    return batch


def test_i4_what_may_have_left_with_a_dead_worker_is_counted_as_uncertain() -> None:
    """Fails where deliver() forgets what the reaper found."""
    batch = left_by_a_dead_worker(-1)
    told = report()
    assert (told["uncertain"], told["accepted"], told["waiting"]) == (1, 2, 0)
    assert states(batch) == {"UNCERTAIN": 1, "ACCEPTED": 2}


def test_what_a_silent_worker_holds_is_told_with_the_instant_it_is_free() -> None:
    left_by_a_dead_worker(60)
    told = report()
    assert (told["accepted"], told["waiting"], told["held_by_workers"]) == (1, 2, 2)
    until = leases().until
    assert until
    assert told["held_until"] == until.isoformat()
    shown = words()
    assert "2 relances sont aux mains d’un autre exécutant : s’il ne répond plus" in shown
    assert f"{until.astimezone(clock.PARIS):%H:%M:%S}" in shown


def test_i4_until_empty_waits_for_the_lease_and_settles_what_a_dead_worker_held(server: SmtpServer) -> None:
    """Fails without `_await_a_lease`: it ended at once, with two notices in nobody's hands."""
    batch = left_by_a_dead_worker(1.5)
    begun = time.monotonic()
    told = report("--until-empty")
    assert time.monotonic() - begun < 30
    assert (told["uncertain"], told["accepted"], told["waiting"], told["held_by_workers"]) == (1, 2, 0, 0)
    assert states(batch) == {"UNCERTAIN": 1, "ACCEPTED": 2}
    assert len(server.mails) == 2
    assert Batch.objects.get().state == "COMPLETED"


# --- how many processes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "leaving", "number"),
    [
        (None, 0, 1),
        (None, 499, 1),
        (None, 500, 2),
        (1, 5000, 1),
        (4, 0, 1),
        (4, CHUNK, 1),
        (4, CHUNK + 1, 2),
        (MOST_PROCESSES, 100_000, MOST_PROCESSES),
    ],
)
def test_no_more_processes_are_started_than_find_something_to_do(wanted: int | None, leaving: int, number: int) -> None:
    assert _useful(wanted, leaving) == number


def test_only_what_may_leave_now_counts_for_the_number_of_processes() -> None:
    """Fails where all that waits is counted: a first step of 25 of 18,000 started two processes."""
    batch = released_batch(4, release_steps=(2,))
    assert may_leave(batch.pk, now=NOW) == may_leave(None, now=NOW) == 2
    batch.notices.filter(rank=1).update(state="CLAIMED", lease_until=NOW, worker="x")
    assert may_leave(None, now=NOW) == 1
    batch.notices.filter(rank=2).update(not_before=NOW + timedelta(hours=1))
    assert may_leave(None, now=NOW) == 0
    assert may_leave(None, now=NOW + timedelta(hours=1)) == 1
    pause_batch(batch_id=batch.pk, by=person("planner"))
    assert may_leave(None, now=NOW + timedelta(hours=1)) == 0


def stand_in(place: Path, text: str) -> Path:
    """A program in place of manage.py."""
    path = place / "manage.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_accounts_of_several_processes_are_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = dict.fromkeys(senders.TOLD, 1) | {"halt": "HELD", "detail": "x"}
    monkeypatch.setattr(senders, "MANAGE", stand_in(tmp_path, f"print({json.dumps(json.dumps(account))})"))
    total = senders.deliver_in_processes(2, lambda: None, batch_id=None, until_empty=False)
    assert total.counts == dict.fromkeys(senders.TOLD.values(), 2)
    assert (total.halt, total.detail, total.lost) == ("HELD", "x", [])


def test_i4_a_process_whose_parent_is_gone_ends_between_two_messages_and_gives_back_what_it_has(
    server: SmtpServer,
) -> None:
    """Fails without `ends_with`: nobody watches any more, and it would go on to the end of the list."""
    batch = released_batch(5)
    with pytest.raises(KeyboardInterrupt):
        report("--until-empty", "--workers", "1", "--no-watch", "--parent", str(os.getpid()))
    assert (states(batch), len(server.mails)) == ({"ACCEPTED": 1, "PLANNED": 4}, 1)
    report("--until-empty", "--workers", "1", "--no-watch", "--parent", str(os.getppid()))
    assert states(batch) == {"ACCEPTED": 5}


def test_a_process_is_told_who_its_parent_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import os, sys\nsys.exit(' '.join(sys.argv[-2:]) + f' {os.getppid()}')"
    monkeypatch.setattr(senders, "MANAGE", stand_in(tmp_path, program))
    total = senders.deliver_in_processes(1, lambda: None, batch_id=None, until_empty=False)
    assert total.lost == [f"--parent {os.getpid()} {os.getpid()}"]


def test_a_process_that_gives_no_account_is_told_with_its_last_words_after_the_others_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where its stderr is thrown away, or where the accounts of the others are lost with it."""
    program = "import os, sys\nsys.exit('le disque est plein')"
    monkeypatch.setattr(senders, "MANAGE", stand_in(tmp_path, program))
    monkeypatch.setattr("reminders.management.commands.deliver._useful", lambda wanted, leaving: 2)
    released_batch(1)
    out = StringIO()
    with pytest.raises(Failed, match="le disque est plein"):
        call_command("deliver", "--json", stdout=out)
    assert json.loads(out.getvalue())["waiting"] == 1
    assert NoticeState.PLANNED in states(Batch.objects.get())
