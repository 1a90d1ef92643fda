"""Send what is released, with or without the queue: the same delivery as the workers'."""

from __future__ import annotations

import math
import signal
import time
from argparse import SUPPRESS
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db.models import Q

from registry import clock
from registry.management.console import Failed, add_json, progress, whole_number
from registry.rules.french import counted, grouped
from reminders.config import EngineSettings, engine_settings
from reminders.management.senders import TOLD, Account, deliver_in_processes, ends_with
from reminders.management.shared import BatchCommand, batch_number, pause_in_words, told_of
from reminders.models import Alarm
from reminders.models.batch import PauseReason
from reminders.planning.preview import find_batch
from reminders.planning.watch import Watched, lookout, watch_releases, watch_report
from reminders.rules.brakes import BrakeLevel
from reminders.rules.send_window import next_opening
from reminders.rules.states import BATCH_TRANSITIONS, BatchState
from reminders.sending.deliver import CHUNK, Delivery, Halt, deliver
from reminders.sending.standing import Hold, Leases, holds, leases, may_leave, waiting
from reminders.sending.transport import SmtpSession
from reminders.sending.worker import worker_name
from settings.garbage import keep_what_is_loaded

ONE_ROUND = timedelta(seconds=30)
WORTH_A_SECOND_PROCESS = 500
MOST_PROCESSES = 16
"""More would only wait for one another on a database and a mail server of any size we know."""
LOOK_AGAIN_SECONDS = 0.5

Look = Callable[..., None]
"""Called now and then while mails leave: the watch."""


class Command(BatchCommand):
    """Deliver in this process, or in several."""

    help = (
        "Send what is released and may leave now. Each recipient is decided again at the moment of sending. "
        "Safe to run beside the workers, twice, or after a crash: what a dead worker held is free again after "
        "two minutes, which --until-empty waits for."
    )
    examples = """
  manage.py deliver --batch 12 --until-empty
  manage.py deliver --until-empty --workers 2 --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which batch, how long, with how many processes."""
        parser.add_argument(
            "--batch", type=batch_number, metavar="ID", help="only this batch (default: all that are released)"
        )
        parser.add_argument(
            "--until-empty",
            action="store_true",
            help="go on until nothing may leave, step after step (default: one round, 30 seconds at most)",
        )
        parser.add_argument(
            "--no-watch", action="store_true", help="leave it to others to judge a step and let the next one go"
        )
        parser.add_argument(
            "--workers",
            type=whole_number(1, MOST_PROCESSES),
            metavar="N",
            help=f"processes at most, 1 to {MOST_PROCESSES} (default: 2 for a long list, else 1)",
        )
        # The process that has started this one and watches for it.
        parser.add_argument("--parent", type=int, help=SUPPRESS)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Deliver, then say what was done, what is left, and what it waits for."""
        if options["batch"]:
            find_batch(options["batch"])
        if self._called_from_command_line:
            # Told to end from outside, everything is put in order as after Ctrl-C, in every process.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            keep_what_is_loaded()
        engine = engine_settings()
        last_alarm = Alarm.objects.order_by("-id").values_list("id", flat=True).first() or 0
        account = self._rounds(options, engine)
        still = _Still(waiting(options["batch"]), holds(options["batch"]), leases(options["batch"]))
        if options["json"]:
            self.print_json(_report(account, still, engine))
        else:
            self._tell(account, still, engine)
            self._tell_batch(options["batch"])
        _require_no_failure(account)
        _fail_where_an_alarm_stands(options, account, last_alarm)

    def _rounds(self, options: dict[str, Any], engine: EngineSettings) -> Account:
        """Deliver; where the watch finds the step good and lets the next one leave, deliver again."""
        total, judged = Account(), list[Watched]()
        look = _lookout(options, engine, judged.extend)
        self._watch(options, engine, judged)
        while True:
            total.add(_deliver(options, engine, look))
            gone_on = self._watch(options, engine, judged)
            if total.lost or not options["until_empty"]:
                return total
            if not (gone_on and total.halt is None) and not _held_no_longer(total.halt, options["batch"]):
                return total

    def _watch(self, options: dict[str, Any], engine: EngineSettings, judged: list[Watched]) -> bool:
        """Have the releases judged, and say which of them go on, those `judged` meanwhile too: whether one does."""
        if options["no_watch"]:
            return False
        judged += watch_releases(engine=engine, now=clock.now(), batch_id=options["batch"])
        gone_on = [w for w in judged if w.went_on]
        judged.clear()
        if not options["json"]:
            for w in gone_on:
                self.stdout.write(
                    f"Lot {w.batch_id}\u00a0: palier jugé bon, l’envoi va jusqu’au rang "
                    f"{grouped(w.ceiling)} sur {grouped(w.planned)}."
                )
        return bool(gone_on)

    def _tell(self, account: Account, still: _Still, engine: EngineSettings) -> None:
        done = ", ".join(told_of(state, n) for state in TOLD.values() if (n := account.counts[state]))
        self.stdout.write(f"{done or 'Rien à envoyer'}\u00a0; {grouped(still.waiting)} en attente.")
        if still.leases.count:
            self.stdout.write(_told_of_leases(still.leases))
        if account.halt and not (account.halt is Halt.HELD and still.holds):
            remedy = _remedy(account.halt, engine)
            told = account.detail[:1].upper() + account.detail[1:]
            self.stdout.write(" ".join(filter(None, (f"Arrêt\u00a0: {account.halt.label}.", told, remedy))))
        for hold in still.holds:
            self.stdout.write(_told_of_hold(hold, engine))

    def _tell_batch(self, batch_id: int | None) -> None:
        """Say so where a batch is over: nothing to send may surprise."""
        state = BatchState(find_batch(batch_id).state) if batch_id else BatchState.RELEASING
        if not BATCH_TRANSITIONS[state]:
            self.stdout.write(f"Lot {batch_id}\u00a0: {state.label.lower()}.")


@dataclass(frozen=True, slots=True)
class _Still:
    """What stands after the delivery: how many wait, what people hold, what other workers hold."""

    waiting: int
    holds: list[Hold]
    leases: Leases


def _held_no_longer(halt: Halt | None, batch_id: int | None) -> bool:
    """Whether what held the workers has been lifted since: the watch judged the step while the last of them ended."""
    held = any(hold.batch is None for hold in holds(batch_id))
    return halt is Halt.HELD and not held and may_leave(batch_id, now=clock.now()) > 0


def _deliver(options: dict[str, Any], engine: EngineSettings, look: Look) -> Account:
    """Round after round while leases of workers that do not answer are waited for."""
    total = _one_round(options, engine, look)
    while options["until_empty"] and total.halt is None and not total.lost and leases(options["batch"]).count:
        _await_a_lease(options["batch"], look)
        total.add(_one_round(options, engine, look))
    return total


def _one_round(options: dict[str, Any], engine: EngineSettings, look: Look) -> Account:
    number = _useful(options["workers"], may_leave(options["batch"], now=clock.now()))
    if number > 1:
        return deliver_in_processes(number, look, batch_id=options["batch"], until_empty=options["until_empty"])
    return _in_this_process(options, engine, look)


def _useful(wanted: int | None, leaving: int) -> int:
    """How many processes find something to do: each begins by taking a chunk."""
    if wanted is None:
        return 2 if leaving >= WORTH_A_SECOND_PROCESS else 1
    return min(wanted, max(1, math.ceil(leaving / CHUNK)))


def _await_a_lease(batch_id: int | None, look: Look) -> None:
    """Wait until what another worker holds is given back, or its first lease has run out."""
    held = leases(batch_id)
    with progress(_told_of_leases(held)):
        while held.count and held.first_free_in:
            look()
            time.sleep(min(LOOK_AGAIN_SECONDS, held.first_free_in.total_seconds()))
            held = leases(batch_id)


def _told_of_leases(held: Leases) -> str:
    if held.until is None:
        return "Plus rien n’est aux mains d’un autre exécutant."
    in_hand = counted(held.count, "relance est", "relances sont")
    free_at = f"{held.until.astimezone(clock.PARIS):%H:%M:%S}"
    return f"{in_hand} aux mains d’un autre exécutant\u00a0: s’il ne répond plus, tout est libre à {free_at}."


def _told_of_hold(hold: Hold, engine: EngineSettings) -> str:
    """A paused batch goes on by itself after its watch; else each alarm says what to do, then a person's word."""
    if hold.batch is None or hold.reason not in set(PauseReason):
        return f"{hold.told}. Pour continuer\u00a0: {hold.remedy}"
    batch = find_batch(hold.batch)
    told = watch_report(batch, engine.watch)
    words = pause_in_words(told | {"pause_reason": batch.pause_reason, "pause_detail": batch.pause_detail})
    if told["watch"]["until"]:
        return f"Lot {hold.batch} en pause\u00a0: {words}. Il reprend seul ensuite, ou avant\u00a0: {hold.remedy}"
    remedies = "".join(f"À faire\u00a0: {a['remedy']}. " for a in told["alarms"] if not a["closed_at"])
    return f"Lot {hold.batch} en pause\u00a0: {words}. {remedies}Pour continuer\u00a0: {hold.remedy}"


def _fail_where_an_alarm_stands(options: dict[str, Any], account: Account, last_alarm: int) -> None:
    """Fail where an alarm was raised meanwhile, or where one of before kept this run from doing anything: the same
    command again does not end well because it was refused before."""
    new, holding = Q(id__gt=last_alarm), Q(batch__state=BatchState.PAUSED.value)
    which = new if +account.counts else new | holding
    standing = Alarm.objects.filter(which, level=BrakeLevel.RED.value, closed_at=None).order_by("id")
    if options["batch"]:
        standing = standing.filter(batch=options["batch"])
    for alarm in standing:
        raise Failed(
            f"Lot {alarm.batch_id} arrêté par l’alarme {alarm.code}\u00a0: {alarm.message}. Voyez show_batch "
            f"{alarm.batch_id}."
        )


def _report(account: Account, still: _Still, engine: EngineSettings) -> dict[str, Any]:
    halt, detail = account.halt, account.detail
    if still.holds and halt in (None, Halt.HELD):
        halt, detail = Halt.HELD, " ".join(_told_of_hold(hold, engine) for hold in still.holds)
    return {name: account.counts[state] for name, state in TOLD.items()} | {
        "waiting": still.waiting,
        "halt": halt,
        "detail": detail,
        "held": [{"batch": h.batch, "reason": h.reason, "remedy": h.remedy} for h in still.holds],
        "held_by_workers": still.leases.count,
        "held_until": still.leases.until.isoformat() if still.leases.until else None,
    }


def _remedy(halt: Halt, engine: EngineSettings) -> str:
    if halt is Halt.WINDOW:
        opens = next_opening(engine.window, clock.now()).astimezone(clock.PARIS)
        return f"Elle s’ouvre le {opens:%d/%m/%Y à %H:%M}."
    return "Pour continuer\u00a0: manage.py deliver --until-empty" if halt is Halt.BUDGET else ""


def _require_no_failure(account: Account) -> None:
    if account.lost:
        raise Failed(
            f"Un processus d’envoi s’est arrêté sans rendre compte ({account.lost[0]})\u00a0: relancez deliver, "
            "rien n’est perdu."
        )
    if account.halt is Halt.SMTP_DOWN:
        raise Failed(
            f"Le serveur de messagerie ne prend aucun message ({account.detail}). Le lot est en pause, aucun "
            "destinataire n’est perdu\u00a0: rétablissez le serveur, puis resume_batch."
        )
    if account.halt is Halt.IDENTITY:
        raise Failed(f"Rien n’est parti d’ici\u00a0: {account.detail}")
    if account.halt is Halt.LETTERHEAD:
        raise Failed(f"Rien de plus n’est parti d’ici\u00a0: {account.detail}")
    if account.halt is Halt.JOURNAL:
        raise Failed(
            f"Le journal des envois ne peut pas être écrit ({account.detail}). Aucun destinataire n’est perdu\u00a0: "
            "faites de la place ou rétablissez le dossier JOURNAL_DIR, puis relancez deliver."
        )


def _in_this_process(options: dict[str, Any], engine: EngineSettings, look: Look) -> Account:
    with progress("Envoi", total=waiting(options["batch"])) as advance:
        shown = 0

        def show(delivery: Delivery) -> None:
            nonlocal shown
            look()
            done = delivery.counts.total()
            advance(done - shown)
            shown = done

        delivery = deliver(
            worker=worker_name(),
            engine=engine,
            transport=SmtpSession(settings.SMTP, max_messages=settings.SMTP_MESSAGES_PER_CONNECTION),
            clock=clock.now,
            batch_id=options["batch"],
            budget=None if options["until_empty"] else ONE_ROUND,
            on_progress=show,
        )
    return Account(delivery.counts, delivery.halt, delivery.detail)


def _lookout(options: dict[str, Any], engine: EngineSettings, judged: Callable[[list[Watched]], object]) -> Look:
    if options["parent"]:
        return ends_with(options["parent"])
    return (lambda *_: None) if options["no_watch"] else lookout(engine, clock.now, options["batch"], judged)
