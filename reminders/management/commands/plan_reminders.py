"""Plan the reminders of a day: a draft batch to preview. Nothing is sent."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.arguments import iso_day
from registry.management.console import Terminal, acting_user, add_by, add_json, require
from reminders.config import engine_settings
from reminders.desk import plan_report
from reminders.management.shared import BatchCommand, show_report
from reminders.planning.plan import plan_reminders


class Command(BatchCommand):
    """Plan, and show the preview."""

    help = (
        "Plan the reminders of a day as a draft batch and show its preview. Nothing is sent. "
        "Planning twice makes one batch; who is in a live batch is not planned again."
    )
    examples = """
  manage.py plan_reminders --by alice
  manage.py plan_reminders --as-of 2026-02-24 --wave D-7 --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The day, one wave, who plans."""
        parser.add_argument("--as-of", type=iso_day, metavar="DAY", help="plan as of this day (default: today)")
        parser.add_argument("--wave", metavar="W", help="only this wave, such as D-15 (default: all)")
        add_by(parser, required=False)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, show the outcome."""
        now = clock.now()
        engine = engine_settings()
        by = acting_user(options["by"]) if options["by"] is not None else None
        if by:
            require(by, "reminders.plan_batch")
        day = options["as_of"] or clock.local_day(now)
        plan = plan_reminders(day=day, now=now, engine=engine, by=by, only_wave=options["wave"])
        report = plan_report(plan, day.isoformat(), options["wave"], engine)
        if options["json"]:
            self.print_json(report)
            return
        show_report(report, Terminal())
        if plan.batch and plan.batch.as_of > clock.local_day(now):
            self.stdout.write(
                f"Lot d’un jour à venir ({plan.batch.as_of:%d/%m/%Y})\u00a0: il ne réserve personne. Non approuvé, il "
                "sera périmé par le lot de tout autre jour\u00a0; pour prévoir sans rien écrire\u00a0: forecast."
            )
        if plan.batch and not plan.created:
            self.stdout.write(
                f"Ce lot existait déjà\u00a0: rien n’a été préparé une seconde fois (lot {plan.batch.pk})."
            )
