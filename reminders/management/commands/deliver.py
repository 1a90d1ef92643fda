"""Send what is released, with or without the queue: the same delivery as the workers'."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import Failed, add_json, progress
from reminders.config import EngineSettings, engine_settings
from reminders.management.shared import BatchCommand
from reminders.models import Batch
from reminders.models.batch import PauseReason
from reminders.planning.preview import find_batch
from reminders.rules.states import NoticeState
from reminders.sending.deliver import Delivery, Halt, deliver, waiting
from reminders.sending.transport import SmtpSession
from reminders.sending.worker import worker_name

ONE_ROUND = timedelta(seconds=30)
WORTH_A_SECOND_PROCESS = 500
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
        parser.add_argument("--workers", type=int, metavar="N", help="processes (default: 2 for a long list, else 1)")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Deliver, then say what was done and what is left."""
        if options["batch"]:
            find_batch(options["batch"])
        engine = engine_settings()
        workers = options["workers"] or (2 if waiting(options["batch"]) >= WORTH_A_SECOND_PROCESS else 1)
        run = _in_processes if workers > 1 else _in_this_process
        counts, halt, detail = run(options, engine, workers)
        report: dict[str, Any] = {name: counts[state] for name, state in TOLD.items()}
        report |= {"waiting": waiting(options["batch"]), "halt": halt, "detail": detail}
        if options["json"]:
            self.print_json(report)
        else:
            self._tell(report, halt, detail)
        if halt is Halt.SMTP_DOWN:
            raise Failed(
                f"Le serveur de messagerie ne prend aucun message ({detail}). Le lot est en pause, aucun destinataire "
                "n’est perdu\u00a0: rétablissez le serveur, puis resume_batch."
            )
        if halt is Halt.IDENTITY:
            raise Failed(f"Rien n’est parti d’ici\u00a0: {detail}")
        if halt is Halt.JOURNAL:
            raise Failed(
                f"Le journal des envois ne peut pas être écrit ({detail}). Aucun destinataire n’est perdu\u00a0: "
                "faites de la place ou rétablissez le dossier JOURNAL_DIR, puis relancez deliver."
            )

    def _tell(self, report: dict[str, Any], halt: Halt | None, detail: str) -> None:
        labels = {name: state.label.lower() for name, state in TOLD.items()}
        done = ", ".join(f"{report[name]} {labels[name]}" for name in TOLD if report[name])
        self.stdout.write(f"{done or 'Rien à envoyer'}\u00a0; {report['waiting']} en attente.")
        for pk, reason in Batch.objects.filter(state="PAUSED").order_by("id").values_list("id", "pause_reason"):
            why = PauseReason(reason).label
            self.stdout.write(
                f"Lot {pk} en pause\u00a0: {why}. Pour continuer\u00a0: manage.py resume_batch {pk} --by NOM"
            )
        if halt:
            self.stdout.write(f"Arrêt\u00a0: {halt.label}. {detail}".strip())


Outcome = tuple[Counter[NoticeState], Halt | None, str]


def _in_this_process(options: dict[str, Any], engine: EngineSettings, workers: int) -> Outcome:
    total = waiting(options["batch"])
    with progress("Envoi", total=total) as advance:
        shown = 0

        def show(delivery: Delivery) -> None:
            nonlocal shown
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
    command = [sys.executable, sys.argv[0], "deliver", "--workers", "1", "--json"]
    command += ["--until-empty"] if options["until_empty"] else []
    command += ["--batch", str(options["batch"])] if options["batch"] else []
    total = waiting(options["batch"])
    children = [_start(command) for _ in range(workers)]
    try:
        with progress("Envoi", total=total) as advance:
            left = total
            while any(child.poll() is None for child in children):
                time.sleep(0.3)
                now_left = waiting(options["batch"])
                advance(max(0, left - now_left))
                left = min(left, now_left)
        return _sum([child.communicate()[0] for child in children])
    finally:
        for child in children:
            _end(child)


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
