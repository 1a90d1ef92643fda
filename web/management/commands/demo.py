"""The demonstration: the night of February 2014 on a fictional register, then the site."""

from __future__ import annotations

import shutil
import signal
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import RegisterCommand, WrongUse, whole_number
from registry.models import Intermediary
from settings import env
from settings.embedded import BASE_DIR
from settings.mail import parse_smtp_url
from web.demo.accounts import CAST, PASSWORD, PERSON, open_accounts, open_person
from web.demo.database import fresh_database
from web.demo.errors import DemoError
from web.demo.mailbox import MailboxError, MailboxProcess
from web.demo.papers import fill_the_queue
from web.demo.serving import PORT, Site
from web.demo.stage import AUTUMN, Stage
from web.demo.story import tell_the_night
from web.demo.telling import Teller

PEOPLE = 24_000
FEWEST, MOST = 200, 1_000_000


class Command(RegisterCommand):
    """Tell it, then serve."""

    expected_errors: ClassVar[tuple[type[Exception], ...]] = (DemoError, MailboxError)
    help = (
        "Load a fictional register into an empty database of the demonstration's own, tell the night of "
        "February 2014 on it with the real commands, then serve the site on 127.0.0.1:8000 until Ctrl-C. "
        "SERVE=0 ends before serving."
    )
    examples = """
  make demo
  make demo SERVE=0
  DJANGO_SETTINGS_MODULE=settings.demo manage.py demo --people 2000
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, and where to keep the files."""
        parser.add_argument(
            "--people", type=whole_number(FEWEST, MOST), default=PEOPLE, help=f"intermediaries (default: {PEOPLE})"
        )
        parser.add_argument(
            "--dir", type=Path, default=Path("var/demo"), help="for register files and mails (default: var/demo)"
        )

    def handle(self, *args: Any, people: int, dir: Path, **options: Any) -> None:  # noqa: A002
        """Set up, tell, serve."""
        serve = getattr(settings, "SERVE", None)
        if serve is None:
            raise WrongUse("La démonstration a ses propres réglages, et une base qu’elle peut vider\u00a0: make demo")
        # Told to end from outside, everything is closed in order as after Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with ExitStack() as closing:
            site = _site(closing) if serve else None
            tell = Teller()
            tell.scene("mise en place", "La nuit du 24 février")
            stage = _stage(tell, people, dir, closing)
            tell_the_night(stage)
            whose = open_person(by=stage.users["alice"], now=clock.now())
            fill_the_queue(by=stage.users["alice"], person=whose, now=clock.now())
            if site:
                _serve(site, tell, whose)


def _stage(tell: Teller, people: int, folder: Path, closing: ExitStack) -> Stage:
    """An empty register, an empty mailbox that listens, and everybody's account."""
    fresh_database()
    kept = BASE_DIR / folder / "mailbox"
    shutil.rmtree(kept, ignore_errors=True)
    mailbox = closing.enter_context(MailboxProcess(kept))
    settings.SMTP = parse_smtp_url(mailbox.smtp_url)
    env.SMTP_URL.hand_down(mailbox.smtp_url)
    stand_at(AUTUMN)
    return Stage(tell, people, folder, mailbox, open_accounts(), stand_at)


def _site(closing: ExitStack) -> Site:
    site = Site()
    closing.callback(site.close)
    if site.is_elsewhere:
        settings.SITE_URL = site.url
        env.SITE_URL.hand_down(site.url)
    return site


PAGES = {
    "Accueil": "/",
    "Espace intermédiaire": "/mon-espace/",
    "Espace du personnel": "/espace/",
    "Assistance": "/assistance/",
    "Administration": "/admin/",
    "API": "/api/v1/docs/",
}


def _serve(site: Site, tell: Teller, whose: Intermediary | None) -> None:
    tell.scene("site", "Le site")
    if site.is_elsewhere:
        tell.say(f"Le port {PORT} est pris\u00a0: le site est au {site.url.rpartition(':')[2]}.", style="yellow")
    for label, path in PAGES.items():
        tell.verbatim(f"{label:<20} {site.url}{path}", style="bold")
    tell.say(f"Comptes, tous avec le mot de passe {PASSWORD}\u00a0:")
    tell.verbatim("\n".join(f"{name:<8} {role.label}" for name, role in CAST.items()))
    if whose:
        tell.say(
            f"Pour l’espace intermédiaire ({whose.orias_number} {whose.name})\u00a0: {PERSON}. Le code s’affiche ici."
        )
    tell.say("Ctrl-C termine.", style="dim")
    site.serve()


def stand_at(instant: datetime) -> None:
    """Set the register's clock, here and in the processes started from here; it runs on from `instant`."""
    settings.REGISTER_NOW = instant
    settings.REGISTER_NOW = instant - (clock.now() - instant)
    env.REGISTER_NOW.hand_down(instant.isoformat())
