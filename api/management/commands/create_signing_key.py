"""Make the key that signs the daily files of the public register."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from api.open_data import create_signing_key, public_pem
from registry.management.console import RegisterCommand


class Command(RegisterCommand):
    """`create_signing_key`."""

    help = (
        "Make the private key (Ed25519) that signs the daily files, in OPEN_DATA_KEY_FILE, for its owner alone, and "
        "print the public one. A key that is there is never overwritten: put it away first, and publish with the new "
        "one from then on; each day's file keeps the public key it was signed with."
    )
    examples = "  manage.py create_signing_key > cle-publique.pem"

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, show the public one."""
        key = create_signing_key()
        self.stderr.write(f"Clé privée écrite\u00a0: {settings.OPEN_DATA_KEY_FILE}")
        self.stdout.write(public_pem(key).decode(), ending="")
