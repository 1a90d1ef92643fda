"""Every environment variable the project reads: its name, its type, its default, what it means.

Nothing else reads the environment. A value that cannot be used stops the start with a message that names the
variable, the value and the remedy. The same table stands in docs/operations.md, and a test compares the two.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from settings.database import DatabaseUrl, parse_database_url
from settings.mail import LOCAL_SMTP_URL, SmtpSettings, parse_smtp_url

T = TypeVar("T")

MOST_CALLS_PER_MAIL = 10


@dataclass(frozen=True, slots=True)
class Variable(Generic[T]):
    """One variable. ``parse`` raises ValueError with what is wrong; ``shape`` tells what would be right."""

    name: str
    parse: Callable[[str], T]
    default: T
    shape: str
    meaning: str
    secret: bool = False

    def read(self, environ: Mapping[str, str] = os.environ) -> T:
        """Return the value, or the default where it is unset or empty.

        Raises:
            ImproperlyConfigured: it is set to something that cannot be used.
        """
        text = environ.get(self.name, "").strip()
        if not text:
            return self.default
        try:
            return self.parse(text)
        except ValueError as error:
            shown = "(not shown)" if self.secret else repr(text)
            raise ImproperlyConfigured(
                f"The environment variable {self.name} is {shown}: {error}. "
                f"It must be {self.shape}. Correct it, or unset it for the default."
            ) from None

    def require(self, environ: Mapping[str, str] = os.environ) -> T:
        """As ``read``, where no default will do.

        Raises:
            ImproperlyConfigured: it is unset, or set to something that cannot be used.
        """
        if not environ.get(self.name, "").strip():
            raise ImproperlyConfigured(
                f"The environment variable {self.name} is not set, and it must be here. {self.meaning} "
                f"Set it to {self.shape}."
            )
        return self.read(environ)

    def refuse(self, reason: str, environ: Mapping[str, str] = os.environ) -> None:
        """Stop the start where the variable is set at all.

        Raises:
            ImproperlyConfigured: it is set.
        """
        if environ.get(self.name, "").strip():
            raise ImproperlyConfigured(f"The environment variable {self.name} is set, and {reason}. Unset it.")

    def hand_down(self, text: str, environ: MutableMapping[str, str] = os.environ) -> None:
        """Set the variable for the processes started from here; what has been read already stays as it is."""
        environ[self.name] = text


def parse_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ValueError("it names nothing")
    return names


def parse_site(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it is not the address of a site")
    return text.rstrip("/")


def parse_count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError("it is not a whole number from 0 up")
    return int(text)


def parse_positive(text: str) -> int:
    if not (number := parse_count(text)):
        raise ValueError("it is 0, and nothing can be reckoned with that")
    return number


def parse_rate(text: str) -> float:
    """``0.056`` -> 0.056; more than nothing, and no more than 10."""
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]+)?", text, re.ASCII):
        raise ValueError("it is not a plain number with a decimal point")
    if not 0 < float(text) <= MOST_CALLS_PER_MAIL:
        raise ValueError("it is not more than 0 and at most 10")
    return float(text)


def parse_steps(text: str) -> tuple[int, ...]:
    """``25,250,2500`` -> (25, 250, 2500), ``none`` -> ()."""
    if text.lower() == "none":
        return ()
    steps = tuple(parse_count(step.strip()) for step in text.split(","))
    if any(later <= earlier for earlier, later in zip((0, *steps), steps, strict=False)):
        raise ValueError("each step must be larger than the one before, and the first than 0")
    return steps


def parse_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("it does not say how far from UTC it is")
    return instant


def parse_path(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("it depends on the directory one starts in")
    return path


def parse_yes_no(text: str) -> bool:
    known = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
    if text.lower() not in known:
        raise ValueError("it is neither yes nor no")
    return known[text.lower()]


DJANGO_SETTINGS_MODULE = Variable(
    "DJANGO_SETTINGS_MODULE",
    str,
    "settings.local",
    "settings.local, settings.demo, settings.test or settings.production",
    "Which settings are used.",
)
DATABASE_URL: Variable[DatabaseUrl | None] = Variable(
    "DATABASE_URL",
    parse_database_url,
    None,
    "an address such as postgresql://user:password@host:5432/name?sslmode=require",
    "The PostgreSQL server (15 or later). Unset: an embedded one under var/. Production requires it.",
    secret=True,
)
DATABASE_REPLICA_URL: Variable[DatabaseUrl | None] = Variable(
    "DATABASE_REPLICA_URL",
    parse_database_url,
    None,
    "an address such as postgresql://user:password@host:5432/name?sslmode=require",
    "A replica that answers hotline and public reads. Unset: the primary answers them.",
    secret=True,
)
SMTP_URL: Variable[SmtpSettings] = Variable(
    "SMTP_URL",
    parse_smtp_url,
    parse_smtp_url(LOCAL_SMTP_URL),
    "an address such as smtp://user:password@relay.example:587?tls=starttls (tls: none, starttls, tls)",
    f"The relay that takes the mails. Unset: {LOCAL_SMTP_URL}; production requires it.",
    secret=True,
)
SECRET_KEY = Variable(
    "SECRET_KEY",
    str,
    "not-a-secret-development-only-9f2c4b7a61d8e35f0a94c7be2d1683af",
    "50 random characters or more",
    "Signs sessions, links in mails and queued tasks: the same on every machine. Production requires it.",
    secret=True,
)
ALLOWED_HOSTS: Variable[tuple[str, ...]] = Variable(
    "ALLOWED_HOSTS",
    parse_names,
    ("localhost", "127.0.0.1", "[::1]"),
    "host names with commas between, such as registre.example,www.registre.example",
    "The names under which the site answers. Production requires it.",
)
SITE_URL = Variable(
    "SITE_URL",
    parse_site,
    "http://127.0.0.1:8000",
    "the address of the site, such as https://registre.example",
    "Begins every link in a mail. Production requires it, with https.",
)
MAIL_FROM = Variable(
    "MAIL_FROM",
    str,
    "Registre des intermédiaires <ne-pas-repondre@registre.example>",
    "a name and an address, such as Registre <renouvellement@registre.example>",
    "The sender of every mail. Production requires it.",
)
REPLY_TO = Variable(
    "REPLY_TO",
    str,
    "assistance@registre.example",
    "an e-mail address that people read",
    "Where answers to a mail go. Production requires it.",
)
SEND_WINDOW = Variable(
    "SEND_WINDOW",
    str,
    "mon-fri 09:00-17:00",
    "days and hours in Paris, such as mon-fri 09:00-17:00, or always",
    "When mails may leave. Legal holidays in France are never in a window, unless it is always.",
)
PACE_PER_HOUR = Variable(
    "PACE_PER_HOUR",
    parse_count,
    0,
    "a whole number; 0 sets no limit",
    "How many mails may leave in an hour, all machines together.",
)
HOTLINE_AGENTS = Variable(
    "HOTLINE_AGENTS",
    parse_positive,
    6,
    "a whole number from 1 up",
    "How many agents answer the hotline at once. The default is the six of 2014.",
)
HOTLINE_CALL_SECONDS = Variable(
    "HOTLINE_CALL_SECONDS",
    parse_positive,
    300,
    "a whole number from 1 up",
    "The mean length of a call in seconds, notes after it included. The default is a guess, not a fact: measure it.",
)
CALLS_PER_MAIL = Variable(
    "CALLS_PER_MAIL",
    parse_rate,
    0.056,
    "a number over 0 and up to 10, such as 0.056",
    "How many calls a mail draws. The default is the worst seen, 1,000 calls for 18,000 mails in 2014: measure it.",
)
PACE_BY_HOTLINE = Variable(
    "PACE_BY_HOTLINE",
    parse_yes_no,
    False,
    "1 or 0",
    "Whether mails also leave no faster than the hotline can take their calls: "
    "HOTLINE_AGENTS × 3600 / HOTLINE_CALL_SECONDS / CALLS_PER_MAIL an hour.",
)
RELEASE_STEPS: Variable[tuple[int, ...]] = Variable(
    "RELEASE_STEPS",
    parse_steps,
    (25, 250, 2500),
    "growing whole numbers with commas between, such as 25,250,2500, or none",
    "The sizes after which a release waits for a good verdict.",
)
JOURNAL_DIR: Variable[Path | None] = Variable(
    "JOURNAL_DIR",
    parse_path,
    None,
    "an absolute path of a directory outside the database's disk",
    "Where the journal of sent mails is kept, outside the database. Unset: var/journal.",
)
EPOCH_FILE: Variable[Path | None] = Variable(
    "EPOCH_FILE",
    parse_path,
    None,
    "an absolute path of a file that no copy of the database takes along",
    "The sender's identity, which a restored or copied database lacks. Unset: var/epoch.",
)
REGISTER_NOW: Variable[datetime | None] = Variable(
    "REGISTER_NOW",
    parse_instant,
    None,
    "an instant such as 2027-02-24T09:00:00+01:00",
    "The instant at which the process's clock starts, for trials. Refused in production.",
)
SERVE = Variable(
    "SERVE",
    parse_yes_no,
    True,
    "1 or 0",
    "Whether make demo goes on with the site after its job.",
)

VARIABLES: tuple[Variable[Any], ...] = tuple(value for value in list(globals().values()) if isinstance(value, Variable))
