"""Whether more people call than usual."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from hotline.desk import line_facts
from hotline.management.shared import HotlineCommand
from hotline.rules.calls import judge_line
from registry import clock
from registry.management.console import add_json
from registry.rules.french import grouped


class Command(HotlineCommand):
    """`surge`: the line against its usual load."""

    help = (
        "Compare the calls of the last five minutes with the same five on this weekday in the last four weeks, and "
        "the callers about each recent batch with its size: over three times the usual, or over 0.5 % of a batch, "
        "the lead should ask whether to declare an incident. Also gives the measured calls per mail of each batch, "
        "for CALLS_PER_MAIL, and how many read the page that tells why and have not called since."
    )
    examples = "  manage.py surge\n  manage.py surge --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """The form."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge, tell."""
        facts = line_facts(clock.now())
        found = judge_line(facts)
        if options["json"]:
            rows = [asdict(one) | {"calls_per_mail": one.calls_per_mail, "spared": one.spared} for one in facts.batches]
            self.print_json(asdict(found) | {"prompts": found.prompts, "by_batch": rows})
            return
        usual = f"{found.usual:.1f}".replace(".", ",")
        self.stdout.write(f"Appels depuis cinq minutes\u00a0: {found.calls}\u00a0; d’habitude\u00a0: {usual}.")
        for one in facts.batches:
            share = f"{one.calls_per_mail:.4f}".replace(".", ",")
            told = f"{grouped(one.callers)} sur {grouped(one.mailed)} ont appelé, {share} appel par message"
            read = f"{grouped(one.readers)} ont lu pourquoi, dont {grouped(one.spared)} sans appeler depuis"
            self.stdout.write(f"Lot {one.batch}\u00a0: {told}\u00a0; {read}.")
        if found.prompts:
            self.stdout.write(
                "Bien plus d’appels que d’habitude\u00a0: faut-il déclarer un incident (declare_incident)\u00a0?"
            )
