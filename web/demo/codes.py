"""Codes to sign in with, as the demonstration tells them: in the terminal too, since nobody reads its mailbox."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from django.core.mail import EmailMessage

from web.people.smtp import RelayBackend

_CODE = re.compile(r"[A-Z]{4}-[A-Z]{4}")


class ToldBackend(RelayBackend):
    """Says each code before it is mailed."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Say them, then hand them to the demonstration's mailbox."""
        for message in email_messages:
            if found := _CODE.search(str(message.body)):
                sys.stdout.write(f"Code de connexion pour {', '.join(message.to)}\u00a0: {found[0]}\n")
                sys.stdout.flush()
        return super().send_messages(email_messages)
