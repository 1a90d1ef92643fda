"""The webhooks: whose, where to, how they go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from rich.table import Table

from api.models import ApiKey, FeedState, WebhookState, WebhookSubscription
from registry.management.console import RegisterCommand, Terminal, add_json


class Command(RegisterCommand):
    """`list_webhooks`."""

    help = "List the webhooks; --failing: those that fail, were switched off or have no live key; call their holders."
    examples = "  manage.py list_webhooks --failing"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        parser.add_argument("--failing", action="store_true", help="those in trouble only")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Show them."""
        live = ApiKey.objects.filter(holder=OuterRef("holder"), revoked_at=None, expires_at__gt=Now())
        rows = WebhookSubscription.objects.select_related("holder").annotate(keyed=Exists(live)).order_by("id")
        if options["failing"]:
            rows = rows.filter(~Q(state=WebhookState.ACTIVE.value) | Q(failures__gt=0) | Q(keyed=False))
        last = FeedState.objects.values_list("numbered_through", flat=True).get()
        told = [_told(row, last) for row in rows]
        if options["json"]:
            self.print_json(told)
            return
        table = Table("N°", "Compte", "Adresse", "État", "Retard", "Échecs", "Dernière erreur")
        for one in told:
            table.add_row(*(str(one[name]) for name in _SHOWN))
        Terminal().print(table if told else "Aucun webhook.")


_SHOWN = ("id", "holder", "url", "state_label", "behind", "failures", "last_error")


_NO_KEY = "aucune clé en cours\u00a0: rien ne part"


def _told(row: Any, last: int) -> dict[str, Any]:
    return {
        "id": row.pk,
        "holder": row.holder.get_username(),
        "url": row.url,
        "state": row.state,
        "state_label": WebhookState(row.state).label,
        "state_since": row.state_since,
        "behind": last - row.after,
        "failures": row.failures,
        "last_at": row.last_at,
        "last_status": row.last_status,
        "keyed": row.keyed,
        "last_error": row.last_error if row.keyed else _NO_KEY,
    }
