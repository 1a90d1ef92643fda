"""Settle notices that may have left."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from registry import clock
from registry.clock import PARIS
from registry.management.console import WrongUse, acting_user, add_by, add_json, require, require_readable
from reminders.management.shared import BatchCommand
from reminders.models.settlement import Decision, Settlement
from reminders.planning.settling import describe, settle, settle_by_relay_log, uncertain
from reminders.rules.smtp_replies import Stage


class Command(BatchCommand):
    """List them, settle them by the relay's log, or by a person's decision."""

    help = (
        "Settle uncertain notices: by the log of our own relay, or by a person who says why. Reports settle them by "
        "themselves (read_bounces). The notice stays uncertain in the ledger; --send-again lets the next plan make a "
        "new one of its waves, or recall_batch, asked again, a new correction."
    )
    examples = """
  manage.py settle_uncertain --list
  manage.py settle_uncertain --relay-log /var/log/mail.log --by alice
  manage.py settle_uncertain 4012 --as-sent --reason 'le cabinet confirme au téléphone' --by alice
  manage.py settle_uncertain 4012 --send-again --reason 'absent du journal complet du relais' --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The worklist, the log, or one notice and a decision."""
        parser.add_argument("notice", type=int, nargs="?", metavar="NOTICE", help="number of the notice (--list)")
        parser.add_argument("--list", action="store_true", help="show what is still to be settled")
        parser.add_argument("--relay-log", type=Path, metavar="FILE", help="the log of our own relay (Postfix)")
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument("--as-sent", action="store_true", help="treat the notice as sent")
        decision.add_argument("--send-again", action="store_true", help="let the next plan, or recall, make a new one")
        parser.add_argument("--reason", default="", help="on what the decision rests, in words that others will read")
        add_by(parser, required=False)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """One of the three."""
        decides = options["notice"] is not None and (options["as_sent"] or options["send_again"])
        if [options["list"], bool(options["relay_log"]), decides].count(True) != 1:
            raise WrongUse("Choisissez\u00a0: --list, ou --relay-log FILE, ou NOTICE avec --as-sent ou --send-again.")
        if options["list"]:
            self._list(options["json"])
        elif options["relay_log"]:
            self._by_log(options)
        else:
            self._decide(options)

    def _list(self, as_json: bool) -> None:
        rows = [describe(notice) for notice in uncertain()]
        if as_json:
            self.print_json({"uncertain": rows})
        else:
            _show(rows, Console(markup=False, emoji=False))

    def _by_log(self, options: dict[str, Any]) -> None:
        by = _who(options)
        require_readable(options["relay_log"])
        with options["relay_log"].open(encoding="utf-8", errors="replace") as log:
            words = settle_by_relay_log(log, by=by, now=clock.now())
        left = uncertain().count()
        if options["json"]:
            told = [{"notice": pk, "fate": word.fate, "line": word.line} for pk, word in words.items()]
            self.print_json({"settled": told, "left": left})
            return
        for pk, word in words.items():
            self.stdout.write(f"Relance {pk}\u00a0: {word.fate.label}, tenue pour envoyée.")
        self.stdout.write(f"Réglées par le journal\u00a0: {len(words)}\u00a0; encore incertaines\u00a0: {left}.")
        if left:
            self.stdout.write(
                "L’absence d’un journal ne prouve rien s’il n’est pas complet\u00a0: une personne décide."
            )

    def _decide(self, options: dict[str, Any]) -> None:
        by = _who(options)
        decision = Decision.SEND_AGAIN if options["send_again"] else Decision.AS_SENT
        done = settle(notice_id=options["notice"], decision=decision, reason=options["reason"], by=by, now=clock.now())
        if options["json"]:
            self.print_json({"notice": done.notice_id, "decision": decision, "at": done.at})
            return
        self.stdout.write(f"Relance {done.notice_id}\u00a0: {decision.label}{_by_what(done)}.")


def _who(options: dict[str, Any]) -> Any:
    if not options["by"]:
        raise WrongUse("Dites qui en répond\u00a0: --by NOM.")
    by = acting_user(options["by"])
    require(by, "reminders.add_settlement")
    return by


def _by_what(done: Settlement) -> str:
    """What plans it again; nothing of one that is treated as sent."""
    if done.decision != Decision.SEND_AGAIN:
        return ""
    corrected = done.notice.corrects
    return f", par recall_batch {corrected.batch_id}" if corrected else ", par plan_reminders si elle est encore due"


def _show(rows: list[dict[str, Any]], console: Console) -> None:
    if not rows:
        console.print("Aucune relance incertaine à régler.")
        return
    table = Table("Relance", "Lot", "Numéro", "Adresse", "Depuis (Paris)", "Étape")
    for row in rows:
        stage = Stage(row["stage"]).label if row["stage"] else "sans réponse connue"
        since = datetime.fromisoformat(row["since"]).astimezone(PARIS) if row["since"] else None
        at = f"{since:%d/%m/%Y %H:%M}" if since else ""
        table.add_row(str(row["notice"]), str(row["batch"]), row["orias_number"], row["email"], at, stage)
    for column in table.columns:
        column.overflow = "fold"
    console.print(table)
    # Each on one line, whatever the terminal's width: they are copied into a search of the relay's log.
    console.print("À chercher dans le journal du relais\u00a0:")
    for row in rows:
        console.print(f"{row['notice']}  {row['message_id']}", soft_wrap=True)
    console.print(f"À régler\u00a0: {len(rows)}.")
