"""Tell the subscribers of webhooks what has changed."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser

from api.models import WebhookSubscription
from api.tasks import BUDGET
from api.webhook_delivery import deliver_webhooks
from api.webhook_transport import post
from registry.management.console import RegisterCommand, add_json


class Command(RegisterCommand):
    """`deliver_webhooks`."""

    help = (
        "Tell the subscribers of webhooks what has changed, for a minute at most. The workers do it each minute; this "
        "is for those without. A message that is not taken is tried again later: three days long."
    )
    examples = "  manage.py deliver_webhooks --until-empty --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """How long."""
        parser.add_argument("--until-empty", action="store_true", help="go on until nothing more can be told now")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Real time, whatever the register's clock says: a receiver compares it with its own."""
        if self._called_from_command_line:
            # Told to end from outside, it gives back what it has in hand, as after Ctrl-C.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        until = time.monotonic() + BUDGET.total_seconds()
        told = deliver_webhooks(
            clock=lambda: datetime.now(UTC),
            post=post,
            is_over=lambda: not options["until_empty"] and time.monotonic() >= until,
        )
        failing = WebhookSubscription.objects.filter(failures__gt=0).count()
        held = WebhookSubscription.objects.filter(lease_until__gt=datetime.now(UTC)).count()
        if options["json"]:
            off = {"switched_off": told.switched_off, "failing": failing, "held": held}
            self.print_json({"taken": told.taken, "failed": told.failed} | off)
            return
        self.stdout.write(f"Messages reçus\u00a0: {told.taken}\u00a0; non reçus\u00a0: {told.failed}.")
        if held:
            self.stdout.write(f"Webhooks qu’un autre envoi tient, cinq minutes au plus\u00a0: {held}.")
        if failing:
            self.stdout.write(f"Webhooks en échec\u00a0: {failing} (list_webhooks --failing).")
