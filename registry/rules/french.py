"""Numbers and days in French sentences."""

from datetime import date
from functools import lru_cache

NARROW = "\u202f"
"""The space within a number and after « n° » that no line breaks at."""
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@lru_cache(maxsize=1024)
def day_in_words(day: date) -> str:
    """Return "1er mars 2027"."""
    return f"{day_and_month(day)} {day.year}"


def day_and_month(day: date) -> str:
    """Return "1er mars", "28 février"."""
    return f"{day.day}{'er' if day.day == 1 else ''} {MONTHS[day.month - 1]}"


def grouped(number: int) -> str:
    """Return "18 000": thousands apart by a narrow no-break space."""
    return f"{number:,}".replace(",", NARROW)


def counted(number: int, one: str, many: str = "") -> str:
    """Return "1 dossier", "2 dossiers", "0 dossier"; ``many`` where the plural is not ``one`` with an s."""
    return f"{grouped(number)} {one if abs(number) < 2 else many or one + 's'}"  # noqa: PLR2004 - French counts as one below two
