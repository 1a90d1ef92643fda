"""Send what is released, with or without the queue: the same delivery as the workers'."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db.models import F

from registry import clock
from registry.management.console import Failed, add_json, progress
from reminders.config import EngineSettings, engine_settings
from reminders.management.shared import BatchCommand, pause_in_words
from reminders.models import Alarm, Batch, Notice
from reminders.planning.preview import find_batch
from reminders.planning.watch import lookout, watch_releases, watch_report
from reminders.rules.brakes import BrakeLevel
from reminders.rules.states import CLAIMABLE_STATES, NoticeState
from reminders.sending.deliver import Delivery, Halt, deliver, waiting
from reminders.sending.transport import SmtpSession
from reminders.sending.worker import worker_name

ONE_ROUND = timedelta(seconds=30)
WORTH_A_SECOND_PROCESS = 500
Outcome = tuple[Counter[NoticeState], Halt | None, str]

TOLD = {
    "accepted": NoticeState.ACCEPTED,
    "skipped": NoticeState.SKIPPED,
    "refused": NoticeState.REFUSED,
    "uncertain": NoticeState.UNCERTAIN,
    "deferred": NoticeState.DEFERRED,
    "expired": NoticeState.EXPIRED,
    "cancelled": NoticeState.CANCELLED,
}


class Command(BatchCommand):
    """Deliver in this process, or in several."""

    help = (
        "Send what is released and may leave now. Each recipient is decided again at the moment of sending. "
        "Safe to run beside the workers, twice, or after a crash."
    )
    examples = """
  manage.py deliver --batch 12 --until-empty
  manage.py deliver --until-empty --workers 2 --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which batch, how long, with how many processes."""
        parser.add_argument("--batch", type=int, metavar="ID", help="only this batch (default: all that are released)")
        parser.add_argument(
            "--until-empty", action="store_true", help="go on until nothing may leave (default: 30 seconds)"
        )
        parser.add_argument(
            "--no-watch", action="store_true", help="leave it to others to judge a step and let the next one go"
        )
        parser.add_argument("--workers", type=int, metavar="N", help="processes (default: 2 for a long list, else 1)")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Deliver, then say what was done and what is left."""
        if options["batch"]:
            find_batch(options["batch"])
        engine = engine_settings()
        last_alarm = Alarm.objects.order_by("-id").values_list("id", flat=True).first() or 0
        counts, halt, detail = self._rounds(options, engine)
        report: dict[str, Any] = {name: counts[state] for name, state in TOLD.items()}
        report |= {"waiting": waiting(options["batch"]), "halt": halt, "detail": detail}
        if options["json"]:
            self.print_json(report)
        else:
            self._tell(report, halt, detail, engine)
        if halt is Halt.SMTP_DOWN:
            raise Failed(
                f"Le serveur de messagerie ne prend aucun message ({detail}). Le lot est en pause, aucun destinataire "
                "n’est perdu\u00a0: rétablissez le serveur, puis resume_batch."
            )
        _fail_where_an_alarm_was_raised(options, last_alarm)

    def _rounds(self, options: dict[str, Any], engine: EngineSettings) -> Outcome:
        """Deliver; where the watch finds the step good and lets the next one leave, deliver again."""
        total: Counter[NoticeState] = Counter()
        self._watch(options, engine)
        while True:
            workers = options["workers"] or (2 if _releasable(options["batch"]) >= WORTH_A_SECOND_PROCESS else 1)
            run = _in_processes if workers > 1 else _in_this_process
            counts, halt, detail = run(options, engine, workers)
            total.update(counts)
            if halt or not self._watch(options, engine) or not options["until_empty"]:
                return total, halt, detail

    def _watch(self, options: dict[str, Any], engine: EngineSettings) -> bool:
        """Have the releases judged, and say which of them go on: whether one does."""
        if options["no_watch"]:
            return False
        gone_on = [w for w in watch_releases(engine=engine, now=clock.now(), batch_id=options["batch"]) if w.went_on]
        if not options["json"]:
            for w in gone_on:
                self.stdout.write(
                    f"Lot {w.batch_id}\u00a0: palier jugé bon, l’envoi va jusqu’au rang {w.ceiling} sur {w.planned}."
                )
        return bool(gone_on)

    def _tell(self, report: dict[str, Any], halt: Halt | None, detail: str, engine: EngineSettings) -> None:
        labels = {name: state.label.lower() for name, state in TOLD.items()}
        done = ", ".join(f"{report[name]} {labels[name]}" for name in TOLD if report[name])
        self.stdout.write(f"{done or 'Rien à envoyer'}\u00a0; {report['waiting']} en attente.")
        for batch in Batch.objects.filter(state="PAUSED").order_by("id"):
            told = watch_report(batch, engine.watch)
            paused = told | {"pause_reason": batch.pause_reason, "pause_detail": batch.pause_detail}
            self.stdout.write(
                f"Lot {batch.pk} en pause\u00a0: {pause_in_words(paused)}. {_how_to_go_on(batch.pk, told)}"
            )
        if halt:
            self.stdout.write(f"Arrêt\u00a0: {halt.label}. {detail}".strip())


def _releasable(batch_id: int | None) -> int:
    """How many notices the steps let leave now."""
    notices = Notice.objects.filter(
        batch__state="RELEASING", state__in=[s.value for s in CLAIMABLE_STATES], rank__lte=F("batch__ceiling")
    )
    return notices.filter(batch=batch_id).count() if batch_id else notices.count()


def _how_to_go_on(pk: int, told: Mapping[str, Any]) -> str:
    """By itself after the watch; else what to do about each alarm, and a person's word."""
    if told["watch"]["until"]:
        return f"Il reprend seul ensuite, ou avant\u00a0: manage.py resume_batch {pk} --by NOM"
    remedies = "".join(f"À faire\u00a0: {a['remedy']}. " for a in told["alarms"] if not a["closed_at"])
    return f"{remedies}Pour continuer\u00a0: manage.py resume_batch {pk} --by NOM"


def _fail_where_an_alarm_was_raised(options: dict[str, Any], last_alarm: int) -> None:
    raised = Alarm.objects.filter(id__gt=last_alarm, level=BrakeLevel.RED.value, closed_at=None).order_by("id")
    if options["batch"]:
        raised = raised.filter(batch=options["batch"])
    for alarm in raised:
        raise Failed(
            f"Lot {alarm.batch_id} arrêté par l’alarme {alarm.code}\u00a0: {alarm.message}. Voyez show_batch "
            f"{alarm.batch_id}."
        )


def _in_this_process(options: dict[str, Any], engine: EngineSettings, workers: int) -> Outcome:
    total = waiting(options["batch"])
    with progress("Envoi", total=total) as advance:
        shown = 0
        look = _lookout(options, engine)

        def show(delivery: Delivery) -> None:
            nonlocal shown
            look()
            done = delivery.counts.total()
            advance(done - shown)
            shown = done

        delivery = deliver(
            worker=worker_name(),
            engine=engine,
            transport=SmtpSession(settings.SMTP),
            clock=clock.now,
            batch_id=options["batch"],
            budget=None if options["until_empty"] else ONE_ROUND,
            on_progress=show,
        )
    return delivery.counts, delivery.halt, delivery.detail


def _in_processes(options: dict[str, Any], engine: EngineSettings, workers: int) -> Outcome:
    """As many processes, each one worker of its own; their sums."""
    command = [sys.executable, sys.argv[0], "deliver", "--workers", "1", "--no-watch", "--json"]
    command += ["--until-empty"] if options["until_empty"] else []
    command += ["--batch", str(options["batch"])] if options["batch"] else []
    total = waiting(options["batch"])
    children = [_start(command) for _ in range(workers)]
    try:
        with progress("Envoi", total=total) as advance:
            left, look = total, _lookout(options, engine)
            while any(child.poll() is None for child in children):
                time.sleep(0.3)
                look()
                now_left = waiting(options["batch"])
                advance(max(0, left - now_left))
                left = min(left, now_left)
        return _sum([child.communicate()[0] for child in children])
    finally:
        for child in children:
            _end(child)


def _lookout(options: dict[str, Any], engine: EngineSettings) -> Callable[..., None]:
    return (lambda *_: None) if options["no_watch"] else lookout(engine, clock.now, options["batch"])


def _start(command: list[str]) -> subprocess.Popen[str]:
    # A session of its own: Ctrl-C reaches this process alone, which then tells each child once.
    return subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )


def _end(child: subprocess.Popen[str]) -> None:
    """Have a child that still runs put its notices in order and end, as after Ctrl-C."""
    with child:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)


def _sum(outputs: list[str]) -> Outcome:
    counts: Counter[NoticeState] = Counter()
    halt, detail = None, ""
    for output in outputs:
        if not output.strip():
            raise Failed(
                "Un processus d’envoi s’est arrêté sans rendre compte\u00a0: relancez deliver, rien n’est perdu."
            )
        report = json.loads(output)
        counts.update({state: report[name] for name, state in TOLD.items()})
        if report["halt"]:
            halt, detail = Halt(report["halt"]), report["detail"]
    return counts, halt, detail
