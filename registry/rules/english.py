"""Days in English sentences."""

from datetime import date
from functools import lru_cache

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@lru_cache(maxsize=1024)
def day_in_words(day: date) -> str:
    """Return "1 March 2027"."""
    return f"{day_and_month(day)} {day.year}"


def day_and_month(day: date) -> str:
    """Return "1 March", "28 February"."""
    return f"{day.day} {MONTHS[day.month - 1]}"
