"""What every scene of the story needs at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from registry.clock import PARIS
from web.demo.mailbox import KeptMail
from web.demo.telling import Teller, duration

WORTH_TELLING_SECONDS = 1.0

AUTUMN = datetime(2025, 10, 15, 9, 0, tzinfo=PARIS)
AFTERNOON = datetime(2026, 2, 24, 16, 30, tzinfo=PARIS)
EVENING = datetime(2026, 2, 24, 17, 30, tzinfo=PARIS)
LATE = datetime(2026, 2, 24, 23, 12, tzinfo=PARIS)
NIGHT = datetime(2026, 2, 25, 2, 0, tzinfo=PARIS)
EARLY = datetime(2026, 2, 25, 8, 40, tzinfo=PARIS)
MORNING = datetime(2026, 2, 25, 9, 0, tzinfo=PARIS)
AFTERWARDS = datetime(2026, 2, 25, 9, 30, tzinfo=PARIS)


@dataclass(slots=True)
class Stage:
    """The teller, the place of the files, the mailbox, who plays, and how to set the register's clock."""

    tell: Teller
    people: int
    folder: Path
    mailbox: KeptMail
    users: dict[str, User]
    stand_at: Callable[[datetime], None]

    def scene(self, name: str, instant: datetime, heading: str) -> None:
        """Open a scene: the register's clock stands at `instant`."""
        self.stand_at(instant)
        self.tell.scene(name, heading, instant)

    def run(self, *words: str) -> None:
        """Show a command as a person would type it, and run it."""
        self.tell.command(*words)
        begun = self.tell.elapsed
        call_command(*words)
        if (took := self.tell.elapsed - begun) >= WORTH_TELLING_SECONDS:
            self.tell.say(f"({duration(took)})", style="dim")

    def refused(self, *words: str) -> str:
        """Show and run a command that must be refused; return the refusal.

        Raises RuntimeError where it is not: the story would be untrue from here on.
        """
        self.tell.command(*words)
        try:
            call_command(*words)
        except CommandError as error:
            return str(error)
        raise RuntimeError(f"manage.py {' '.join(words)} was not refused")
