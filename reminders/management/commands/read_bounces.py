"""Read the bounce mailbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from registry import clock
from registry.management.console import WrongUse, add_json, progress
from reminders.management.shared import BatchCommand
from reminders.sending.bounces import Reading, read_bounces
from settings.mailbox import MailboxSettings, parse_mailbox


class Command(BatchCommand):
    """Store each report once, tie it to its notice."""

    help = (
        "Read delivery reports, bounces, complaints and automatic replies: each is stored once, tied to its notice by "
        "our Message-ID alone, and marked as read. What is no report is left as it is."
    )
    examples = """
  manage.py read_bounces /srv/mail/rejets                     # a Maildir, an mbox, or one mail in a file
  manage.py read_bounces imaps://rejets:PASSWORD@imap.registre.example/INBOX
  manage.py read_bounces --json                               # the mailbox of BOUNCES_URL
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Where, how much, in which form."""
        parser.add_argument("source", metavar="SOURCE", nargs="?", help="a path or an imaps:// address (BOUNCES_URL)")
        parser.add_argument("--again", action="store_true", help="also what is marked as read: nothing is stored twice")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, read the mailbox, tell."""
        mailbox = _mailbox(options["source"])
        with progress("Lecture des rejets") as advance:
            reading = read_bounces(mailbox, now=clock.now(), again=options["again"], on_progress=lambda _: advance(1))
        if options["json"]:
            self.print_json(as_json(reading))
            return
        _show(reading, Console(markup=False, emoji=False))


def _mailbox(source: str | None) -> MailboxSettings:
    if source is None:
        if settings.BOUNCES is None:
            raise WrongUse("Indiquez la boîte à lire, ou réglez BOUNCES_URL (docs/operations.md).")
        configured: MailboxSettings = settings.BOUNCES
        return configured
    if not source.strip():
        raise WrongUse("Le nom de la boîte est vide\u00a0: indiquez un chemin ou une adresse imaps://.")
    try:
        mailbox = parse_mailbox(source)
    except ValueError as error:
        raise WrongUse(f"Cette adresse de boîte ne peut pas servir\u00a0: {error}") from None
    if mailbox.path and not mailbox.path.exists():
        raise WrongUse(f"La boîte «\u00a0{mailbox}\u00a0» n’existe pas. Vérifiez le chemin.")
    return mailbox


def as_json(reading: Reading) -> dict[str, Any]:
    """What scripts read."""
    return {
        "read": reading.read,
        "stored": reading.stored,
        "matched": reading.matched,
        "unmatched": reading.stored - reading.matched,
        "known": reading.known,
        "left_alone": reading.left_alone,
        "settled": reading.settled,
        "by_kind": {kind.value: n for kind, n in sorted(reading.by_kind.items())},
    }


def _show(reading: Reading, console: Console) -> None:
    console.print(
        f"Messages lus\u00a0: {reading.read}\u00a0; rapports enregistrés\u00a0: {reading.stored}, "
        f"dont rattachés à une relance\u00a0: {reading.matched}."
    )
    console.print(
        f"Déjà connus\u00a0: {reading.known}\u00a0; laissés en place (pas des rapports)\u00a0: {reading.left_alone}."
    )
    if reading.by_kind:
        table = Table("Rapports", "Nature")
        for kind, n in reading.by_kind.most_common():
            table.add_row(str(n), kind.label)
        console.print(table)
    if reading.settled:
        console.print(f"Relances incertaines réglées par un rapport\u00a0: {reading.settled}.")
