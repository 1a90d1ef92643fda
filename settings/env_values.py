"""The values of environment variables, read from their text. Each reader raises ValueError with what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import getaddresses
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from registry.rules.working_days import ALSACE, MOSELLE
from reminders.messages.addresses import wire_address
from reminders.rules.send_window import parse_window
from settings.addresses import split_address

MOST_CALLS_PER_MAIL = 10
LONGEST_COUNT = 9
"""Digits; what is larger means nothing here, and a column of the database could not hold it."""
YEARS = range(2000, 2200)
"""Those in which the register can stand; calendars run out elsewhere."""


def readable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("ses octets ne sont pas de l’UTF-8") from None
    return text


def parse_module(text: str) -> str:
    try:
        found = find_spec(text)
    except (ImportError, TypeError, ValueError):
        found = None
    if found is None:
        raise ValueError("ce module n’existe pas")
    return text


def parse_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ValueError("elle ne nomme rien")
    return names


def parse_site(text: str) -> str:
    parts = split_address(text)
    if parts.scheme not in {"http", "https"} or " " in text or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("ce n’est pas l’adresse d’un site")
    return text.rstrip("/")


def parse_sender(text: str) -> str:
    """A name and an address, or an address alone; given back as it is."""
    try:
        ((_, address),) = getaddresses([text])
        wire_address(address)
    except ValueError:
        raise ValueError("aucun message ne peut porter cette adresse") from None
    return text


def parse_send_window(text: str) -> str:
    """What the rule of the send window will be able to read; given back as it is."""
    try:
        parse_window(text)
    except ValueError:
        raise ValueError("ce n’est pas une plage d’envoi") from None
    return text


def parse_count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_COUNT:
        raise ValueError(f"ce n’est pas un nombre entier de {LONGEST_COUNT} chiffres au plus")
    return int(text)


def parse_positive(text: str) -> int:
    if not (number := parse_count(text)):
        raise ValueError("elle vaut 0, et rien ne se calcule avec")
    return number


def parse_rate(text: str) -> float:
    """``0.056`` -> 0.056; more than nothing, and no more than 10."""
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]+)?", text, re.ASCII):
        raise ValueError("ce n’est pas un nombre simple, à point décimal")
    if not 0 < float(text) <= MOST_CALLS_PER_MAIL:
        raise ValueError("elle n’est pas entre 0 et 10, 0 exclu")
    return float(text)


def parse_steps(text: str) -> tuple[int, ...]:
    """``25,250,2500`` -> (25, 250, 2500), ``none`` -> ()."""
    if text.lower() == "none":
        return ()
    steps = tuple(parse_count(step.strip()) for step in text.split(","))
    if any(later <= earlier for earlier, later in zip((0, *steps), steps, strict=False)):
        raise ValueError("chaque palier doit dépasser le précédent, et le premier dépasser 0")
    return steps


def parse_percentages(text: str) -> dict[str, float]:
    """``bounced=5,refused=5,uncertain=1`` -> {"bounced": 0.05, …}; what is not named keeps its default."""
    known = dict(MOST_PERCENT_DEFAULT)
    for part in text.split(","):
        name, _, percent = (word.strip() for word in part.partition("="))
        if name not in known:
            raise ValueError(f"elle nomme «\u00a0{name}\u00a0», qui n’est pas parmi {', '.join(known)}")
        known[name] = _share(percent)
    return known


def _share(percent: str) -> float:
    try:
        share = float(percent) / 100
    except ValueError:
        raise ValueError(f"«\u00a0{percent}\u00a0» n’est pas un nombre") from None
    if not 0 <= share <= 1:
        raise ValueError(f"{percent} n’est pas entre 0 et 100")
    return share


MOST_PERCENT_DEFAULT: Mapping[str, float] = MappingProxyType({"bounced": 0.05, "refused": 0.05, "uncertain": 0.01})


def parse_instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("ce n’est pas un instant") from None
    if instant.tzinfo is None:
        raise ValueError("elle ne dit pas l’écart avec UTC")
    if instant.year not in YEARS:
        raise ValueError(f"l’année doit être entre {YEARS[0]} et {YEARS[-1]}")
    return instant


LONGEST_WORDS = 1000


def parse_words(text: str) -> str:
    """Sentences, given back as they are."""
    if len(text) > LONGEST_WORDS:
        raise ValueError(f"elle dépasse {LONGEST_WORDS} caractères")
    return text


def parse_holidays(text: str) -> str | None:
    """``alsace`` -> the subdivision by which holidays are looked up."""
    known = {"none": None, "alsace": ALSACE, "moselle": MOSELLE}
    if text.lower() not in known:
        raise ValueError("ces jours fériés ne sont pas connus")
    return known[text.lower()]


def parse_path(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("elle dépend du dossier d’où l’on part")
    return path


def parse_yes_no(text: str) -> bool:
    known = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
    if text.lower() not in known:
        raise ValueError("ce n’est ni oui ni non")
    return known[text.lower()]
