"""manage.py deliver: the same delivery without the queue, and the figures that scripts read."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry import clock
from reminders.management.commands import deliver as command
from reminders.management.senders import Account
from reminders.models import Batch
from reminders.planning import watch as watching
from reminders.sending import deliver as delivering
from reminders.sending.deliver import Halt
from settings.mail import SmtpSettings
from tests.factories import NOW
from tests.reminders.scenes import due_file, released_batch, renew, run_leases_out, states
from tests.smtp_server import Drop, Reply, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = {"accepted", "skipped", "refused", "uncertain", "deferred", "expired", "cancelled", "waiting", "halt", "detail"}


@pytest.fixture(autouse=True)
def _the_scenes_instant(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SEND_WINDOW = "always"
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def server(settings: Any) -> Any:
    """A mail server that the command is told of."""
    with SmtpServer() as server:
        settings.SMTP = SmtpSettings(server.host, server.port)
        yield server


def deliver(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("deliver", *arguments, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    assert set(answer) >= KEYS
    return answer


def words() -> str:
    """What it says to a person, all spaces made ordinary ones."""
    out = StringIO()
    call_command("deliver", stdout=out)
    return " ".join(out.getvalue().split())


def test_i8_the_report_adds_up_to_the_plan_whatever_became_of_each(server: SmtpServer) -> None:
    """Fails if a state were left out of `TOLD`, or counted in two of its figures."""
    someone = due_file()
    batch = released_batch(4)
    renew(someone)
    server.on("RCPT", Reply("550 5.1.1 no such user"), Reply("451 4.7.1 later"))
    server.on("DOT", Drop())
    report = deliver("--batch", str(batch.pk), "--until-empty")
    expected = {"accepted": 1, "skipped": 1, "refused": 1, "uncertain": 1, "deferred": 1, "expired": 0, "cancelled": 0}
    assert {k: report[k] for k in expected} == expected
    assert (sum(expected.values()), report["waiting"]) == (batch.planned, 1)
    assert states(batch).total() == batch.planned


def test_a_second_run_finds_nothing_to_do(server: SmtpServer) -> None:
    released_batch(2)
    assert deliver("--until-empty")["accepted"] == 2
    nothing: dict[str, Any] = {"halt": None, "detail": "", "held": [], "held_by_workers": 0, "held_until": None}
    assert deliver("--until-empty") == dict.fromkeys(KEYS, 0) | nothing
    assert len(server.mails) == 2


def test_only_the_batch_that_is_named_is_sent(server: SmtpServer) -> None:
    first = released_batch(1)
    second = released_batch(1)
    assert deliver("--batch", str(second.pk))["accepted"] == 1
    assert (states(first), states(second)) == ({"PLANNED": 1}, {"ACCEPTED": 1})


def test_the_words_say_what_was_done_what_waits_and_why_it_stopped(server: SmtpServer, settings: Any) -> None:
    released_batch(2)
    server.on("RCPT", Reply("451 4.7.1 later"))
    assert words() == "1 acceptée par le serveur, 1 remise à plus tard par le serveur ; 1 en attente."
    settings.SEND_WINDOW = "sun 09:00-10:00"
    closed = "Arrêt : la plage d’envoi est fermée. Elle s’ouvre le 01/02/2026 à 09:00."
    assert words() == f"Rien à envoyer ; 1 en attente. {closed}"


def test_a_run_renews_its_connection_as_often_as_the_relay_asks(server: SmtpServer, settings: Any) -> None:
    """Fails without `max_messages=` in the command."""
    settings.SMTP_MESSAGES_PER_CONNECTION = 2
    released_batch(3)
    deliver("--until-empty")
    assert (len(server.mails), len(server.dialogues)) == (3, 2)


def test_a_server_that_takes_nobody_ends_it_with_exit_code_1_and_says_what_to_do(settings: Any) -> None:
    with SmtpServer() as gone:
        settings.SMTP = SmtpSettings(gone.host, gone.port)
    batch = released_batch(1)
    with pytest.raises(CommandError, match="resume_batch") as failed:
        deliver()
    assert failed.value.returncode == 1
    assert (Batch.objects.get().state, states(batch)) == ("PAUSED", {"PLANNED": 1})


def test_a_machine_with_another_letterhead_ends_with_exit_code_1_and_says_which_setting(
    server: SmtpServer, settings: Any
) -> None:
    batch = released_batch(1)
    settings.REPLY_TO = "autre@registre.example"
    with pytest.raises(CommandError, match=r"REPLY_TO.*autre@registre\.example.*cancel_batch") as failed:
        deliver("--until-empty")
    assert failed.value.returncode == 1
    assert (states(batch), server.mails) == ({"PLANNED": 1}, [])
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("deliver", stdout=out)
    assert "Arrêt\u00a0: le lot a d’autres réglages que cette machine. Le lot " in out.getvalue()


# --- steps and the watch -----------------------------------------------------------------------------------


def test_a_step_that_is_watched_ends_the_run_with_the_hour_until_which(server: SmtpServer) -> None:
    """Fails if `--until-empty` waited for the watch: a terminal that says nothing for half an hour."""
    batch = released_batch(6, release_steps=(1, 2))
    out = StringIO()
    call_command("deliver", "--until-empty", stdout=out)
    told = " ".join(out.getvalue().split())
    assert told.startswith("1 acceptée par le serveur ; 5 en attente.")
    assert f"Lot {batch.pk} en pause : palier terminé, sous surveillance avant le suivant, jusqu’à 11:00" in told
    assert f"resume_batch {batch.pk} --by NOM" in told
    assert len(server.mails) == 1


def test_without_a_watch_time_one_run_goes_from_step_to_step(server: SmtpServer, settings: Any) -> None:
    """Fails without the loop in `_rounds`."""
    settings.STEP_WATCH_MINUTES = 0
    batch = released_batch(6, release_steps=(1, 2))
    out = StringIO()
    call_command("deliver", "--until-empty", stdout=out)
    told = " ".join(out.getvalue().split())
    assert "palier jugé bon, l’envoi va jusqu’au rang 3 sur 6." in told
    assert "palier jugé bon, l’envoi va jusqu’au rang 6 sur 6." in told
    assert told.endswith("6 acceptées par le serveur ; 0 en attente.")
    assert states(batch) == {"ACCEPTED": 6}


@pytest.mark.parametrize("halt", [None, Halt.HELD])
def test_a_step_judged_while_its_last_worker_ends_does_not_end_the_run(
    server: SmtpServer, settings: Any, monkeypatch: pytest.MonkeyPatch, halt: Halt | None
) -> None:
    """Fails without `judged.extend` (None), and without `_held_no_longer` (HELD): the run ended in the middle of a
    released batch and said that it was paused."""
    settings.STEP_WATCH_MINUTES = 0
    monkeypatch.setattr(watching, "EVERY_SECONDS", 0.0)
    really = command._in_this_process

    def judged_before_it_tells(options: Any, engine: Any, look: Any) -> Account:
        account = really(options, engine, lambda *_: None)
        look()
        return Account(account.counts, halt)

    monkeypatch.setattr(command, "_in_this_process", judged_before_it_tells)
    batch = released_batch(6, release_steps=(1, 2))
    out = StringIO()
    call_command("deliver", "--until-empty", stdout=out)
    assert states(batch) == {"ACCEPTED": 6}
    assert out.getvalue().count("palier jugé bon") == 2


def test_a_run_that_leaves_the_watch_to_others_sends_one_step(server: SmtpServer, settings: Any) -> None:
    settings.STEP_WATCH_MINUTES = 0
    released_batch(6, release_steps=(1, 2))
    assert deliver("--until-empty", "--no-watch")["accepted"] == 1


def test_an_alarm_ends_the_run_with_exit_code_1_its_name_and_the_remedy(server: SmtpServer, settings: Any) -> None:
    """Fails without `_fail_where_an_alarm_was_raised`."""
    settings.STEP_WATCH_MINUTES = 0
    batch = released_batch(8, release_steps=(5,))
    server.on("RCPT", *[Reply("550 5.1.1 no such user")] * 3)
    out = StringIO()
    with pytest.raises(CommandError, match="BOUNCED_TOO_MANY.*show_batch") as failed:
        call_command("deliver", "--until-empty", stdout=out)
    assert failed.value.returncode == 1
    assert "vérifiez d’où viennent les adresses" in out.getvalue()
    assert states(batch) == {"ACCEPTED": 2, "REFUSED": 3, "PLANNED": 3}
    with pytest.raises(CommandError, match="BOUNCED_TOO_MANY") as again:
        deliver("--until-empty")
    assert again.value.returncode == 1, "refused again is not done"
    assert states(batch) == {"ACCEPTED": 2, "REFUSED": 3, "PLANNED": 3}


def test_a_run_that_sent_what_it_could_is_not_failed_by_an_alarm_of_before(server: SmtpServer, settings: Any) -> None:
    settings.STEP_WATCH_MINUTES = 0
    bad = released_batch(8, release_steps=(5,))
    server.on("RCPT", *[Reply("550 5.1.1 no such user")] * 3)
    with pytest.raises(CommandError):
        deliver("--batch", str(bad.pk))
    released_batch(1)
    assert deliver()["accepted"] == 1


def test_whoever_sends_looks_round_while_mails_leave(server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `look()` in `_in_this_process`: 40 mails would leave before anybody looks."""
    monkeypatch.setattr(watching, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(delivering, "CHUNK", 4)
    monkeypatch.setattr(delivering, "LARGEST_CHUNK", 4)
    batch = released_batch(40)
    server.on("RCPT", *[Reply("550 5.1.1 no such user")] * 3)
    with pytest.raises(CommandError, match="BOUNCED_TOO_MANY"):
        deliver("--until-empty", "--workers", "1")
    assert states(batch) == {"REFUSED": 3, "ACCEPTED": 1, "PLANNED": 36}


def test_an_alarm_of_another_batch_is_not_this_runs_affair(server: SmtpServer, settings: Any) -> None:
    settings.STEP_WATCH_MINUTES = 0
    bad = released_batch(4)
    server.on("RCPT", *[Reply("550 5.1.1 no such user")] * 3)
    good = released_batch(1)
    with pytest.raises(CommandError, match="BOUNCED_TOO_MANY"):
        deliver("--batch", str(bad.pk))
    assert deliver("--batch", str(good.pk))["accepted"] == 1


def test_a_batch_that_does_not_exist_is_refused_before_anything_is_sent(server: SmtpServer) -> None:
    released_batch(1)
    with pytest.raises(CommandError, match="999"):
        deliver("--batch", "999")
    assert server.mails == []


def test_a_run_settles_what_a_dead_worker_left(server: SmtpServer) -> None:
    batch = released_batch(2)
    batch.notices.update(state="CLAIMED", lease_until=NOW, worker="dead")
    run_leases_out(batch)
    assert deliver("--until-empty")["accepted"] == 2
