"""Undo a merge of two numbers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import undo_merge
from registry.management.console import (
    RegisterCommand,
    acting_user,
    add_by,
    add_json,
    require,
    text_up_to,
    whole_number,
)
from registry.merges import merge_told

PERMISSION = "registry.change_intermediary"


class Command(RegisterCommand):
    """Undo it."""

    help = (
        "Undo a merge within thirty days: what moved goes back, and the number stands by itself again. Refused where "
        "something has changed since that would make this untrue; it says what."
    )
    examples = "  manage.py undo_merge 12 --reason 'deux cabinets, vu avec eux' --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, why, who."""
        parser.add_argument("merge", type=whole_number(1, 2**63 - 1), metavar="ID", help="number of the merge")
        parser.add_argument("--reason", type=text_up_to(500), required=True, metavar="TEXT", help="why, for the record")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        by, now = acting_user(options["by"]), clock.now()
        require(by, PERMISSION)
        day = clock.local_day(now)
        merge = undo_merge(by=by, why=options["reason"], now=now, day=day, merge_id=options["merge"])
        if options["json"]:
            self.print_json(merge_told(merge, now))
            return
        keep, drop = merge.keep.orias_number, merge.drop.orias_number
        self.stdout.write(f"{drop} est de nouveau séparé de {keep}\u00a0: ce qui avait été déplacé lui est rendu.")
