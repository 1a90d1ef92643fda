"""What the two commands on deadlines share: preview, apply, revert, and how the outcome is told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from argparse import ArgumentTypeError
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from rich.table import Table

from registry.actions import revert_decision
from registry.management.arguments import iso_day
from registry.management.console import (
    Terminal,
    WrongUse,
    acting_user,
    add_by,
    add_json,
    require,
    require_writable,
    text_up_to,
    whole_number,
)
from registry.management.spreadsheet import write_csv
from registry.rules.deadlines import MOVABLE, DeadlineAct
from registry.rules.french import counted, grouped
from registry.rules.problems import shown
from reminders.config import engine_settings
from reminders.ledger import load_policy
from reminders.management.shared import BatchCommand
from reminders.planning.deadlines import PEOPLE_COLUMNS, Decide, decide_deadlines

PERMISSION = "registry.change_renewalcampaign"
DATE_NAMES = {
    "opens_on": "ouverture",
    "principals_due_on": "échéance des mandants et associations",
    "due_on": "échéance ordinaire",
    "tolerated_until": "tolérance",
    "expires_on": "fin de validité",
}


class DeadlineCommand(BatchCommand, ABC):
    """A decision about deadlines: previewed, or signed with --apply; or the reversal of one."""

    act: ClassVar[DeadlineAct]

    def add_arguments(self, parser: CommandParser) -> None:
        """What both take."""
        number = whole_number(1, 2**63 - 1)
        parser.add_argument("--revert", type=number, metavar="ID", help="sign the reversal of decision ID instead")
        parser.add_argument("--reason", type=text_up_to(500), required=True, metavar="TEXT", help="why, for the record")
        parser.add_argument("--act", default="", metavar="TEXT", help="reference of the act it follows from")
        parser.add_argument("--apply", action="store_true", help="sign it; without this it is only shown")
        parser.add_argument("--csv", type=Path, metavar="OUT", help="write whom it affects, one registration a line")
        add_by(parser)
        add_json(parser)

    @abstractmethod
    def decision(self, by: User, now: datetime, options: Mapping[str, Any]) -> Decide:
        """The decision asked for, ready to be signed."""

    def carry_out(self, now: datetime, options: Mapping[str, Any]) -> None:
        """Make one call, tell the outcome."""
        require_writable(options["csv"])
        by = acting_user(options["by"])
        require(by, PERMISSION)
        decide = self._reversal(by, now, options) if options["revert"] else self.decision(by, now, options)
        policy = load_policy(gap_days=engine_settings().gap_days)
        report = decide_deadlines(decide, now=now, policy=policy, apply=options["apply"])
        if options["csv"]:
            write_csv(options["csv"], report["people"], list(PEOPLE_COLUMNS))
        if options["json"]:
            self.print_json(report)
            return
        _tell(report, Terminal(file=self.stdout))

    def _reversal(self, by: User, now: datetime, options: Mapping[str, Any]) -> Decide:
        return partial(
            revert_decision,
            by=by,
            reason=options["reason"],
            act_reference=options["act"],
            now=now,
            number=options["revert"],
            kind=self.act,
        )


def moved_date(text: str) -> tuple[str, date]:
    """NAME=DAY for argparse: due_on=2027-03-31."""
    name, sign, day = text.partition("=")
    if not sign or name not in MOVABLE:
        raise ArgumentTypeError(
            f"«\u00a0{shown(text)}\u00a0» ne se lit pas NOM=JOUR, comme due_on=2027-03-31. "
            f"Noms\u00a0: {', '.join(MOVABLE)}."
        )
    return name, iso_day(day)


def needs(options: Mapping[str, Any], *names: str) -> None:
    """Ask for what only a reversal goes without. Raises WrongUse."""
    missing = [name for name in names if options[name.lstrip("-").lower()] in (None, [], "")]
    if missing:
        raise WrongUse(f"Il manque {' et '.join(missing)} (ou --revert ID, pour annuler une décision).")


def _tell(report: Mapping[str, Any], console: Terminal) -> None:
    act = DeadlineAct(report["act"]).label
    if report["applied"]:
        console.print(f"{act}\u00a0: décision {report['decision']} signée.", style="bold")
    else:
        console.print(f"{act}\u00a0: aperçu, rien n’est écrit. Pour signer\u00a0: --apply", style="bold")
    for campaign in report["campaigns"]:
        for name, days in campaign.items():
            if name in DATE_NAMES:
                told = f"{days['before']} → {days['after']}"
                console.print(f"  Campagne {campaign['year']}, {DATE_NAMES[name]}\u00a0: {told}")
    affected = ", ".join(f"{grouped(n)} {category}" for category, n in report["affected"].items())
    console.print(f"Inscriptions concernées\u00a0: {affected or 'aucune'}.")
    _tell_waves(report, console)
    if report["published"]:
        console.print(f"À publier\u00a0: {report['published']}")


def _tell_waves(report: Mapping[str, Any], console: Terminal) -> None:
    if report["waves"]:
        table = Table("Vague", "Échéance", "Partirait du … au", "Partira du … au", "À relancer", "Déjà relancés")
        for wave in report["waves"]:
            table.add_row(
                wave["wave"],
                f"{wave['due_before']} → {wave['due_after']}",
                f"{wave['first_day_before']} – {wave['last_day_before']}",
                f"{wave['first_day_after']} – {wave['last_day_after']}",
                str(wave["people"]),
                str(wave["already_reminded"]),
            )
        console.print(table)
    today = report["reminders_today"]
    console.print(f"Relances à prévoir aujourd’hui\u00a0: {today['before']} avant, {today['after']} après.")
    if waiting := report["waiting_notices"]:
        told = counted(waiting, "relance attend", "relances attendent")
        console.print(f"{told} dans un lot en cours\u00a0: chacune sera décidée à nouveau avant son départ.")
