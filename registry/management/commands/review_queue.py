"""Show the certificates that wait for our review, those with the least time left first."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from registry import clock
from registry.management.console import RegisterCommand, Terminal, acting_user, add_json, whole_number
from registry.management.reviews import plain_row, time_left, troubles
from registry.reviews import Queue, review_queue
from registry.rules.documents import DocumentState
from registry.rules.french import counted


class Command(RegisterCommand):
    """Show them."""

    help = (
        "Show the certificates that wait for our review, late ones first: how much of the statutory two months is "
        "left, who has it, what was found without a person. --returned shows those sent back, whose time stands still."
    )
    examples = """
  manage.py review_queue --unassigned
  manage.py review_queue --mine alice --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which part, how many."""
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--mine", metavar="USER", help="only those assigned to USER")
        whose.add_argument("--unassigned", action="store_true", help="only those assigned to nobody")
        parser.add_argument("--returned", action="store_true", help="those for which we wait for a correction")
        parser.add_argument("--limit", type=whole_number(1, 500), default=50, metavar="N", help="rows (default: 50)")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, look, tell."""
        queue = review_queue(
            day=clock.local_day(clock.now()),
            of=acting_user(options["mine"]) if options["mine"] else None,
            unassigned=options["unassigned"],
            returned=options["returned"],
            limit=options["limit"],
        )
        if options["json"]:
            rows = [plain_row(row) for row in queue.rows]
            self.print_json({"waiting": queue.waiting, "late": queue.late, "rows": rows})
            return
        self._tell(queue)

    def _tell(self, queue: Queue) -> None:
        self.stdout.write(f"{counted(queue.waiting, 'attestation')} dans cette file, dont {queue.late} en retard.")
        if not queue.rows:
            return
        table = Table("n°", "numéro", "nature", "déposée", "reste", "confiée à", "document", "constats")
        for row in queue.rows:
            state = DocumentState(row.document.state).label if row.document else "aucun"
            number, kind = row.cover.intermediary.orias_number, row.cover.kind
            deposited = str(row.cover.deposited_on)
            table.add_row(
                str(row.cover.pk), number, kind, deposited, time_left(row), row.assigned_to, state, troubles(row)
            )
        Terminal(file=self.stdout, width=160).print(table)
