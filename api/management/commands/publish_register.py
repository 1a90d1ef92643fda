"""Write and sign today's file of the public register."""

from __future__ import annotations

from typing import Any

from api.open_data import as_json, daily_file, publish_register
from registry import clock
from registry.management.console import RegisterCommand, add_json


class Command(RegisterCommand):
    """`publish_register`."""

    help = (
        "Write today's file of the public register with its checksum and signature, where it is not there yet, and "
        "remove those older than OPEN_DATA_DAYS. The workers do it each night (schedule_ticks); create_signing_key "
        "comes first."
    )
    examples = "  manage.py publish_register --json"

    def add_arguments(self, parser: Any) -> None:
        """Nothing but the form of the answer."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, tell where."""
        now = clock.now()
        made = publish_register(now)
        file = made.file if made else daily_file(clock.local_day(now))
        if options["json"]:
            self.print_json((as_json(file) if file else {}) | {"written": made is not None})
        elif made:
            self.stdout.write(f"Écrit et signé\u00a0: {made.file.table} ({made.rows} lignes).")
        else:
            self.stdout.write("Le fichier du jour est déjà là\u00a0: rien n’est réécrit.")
