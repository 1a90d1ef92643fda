"""Dates as people write them."""

from __future__ import annotations

import re
from datetime import date

from django import template
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language

register = template.Library()
_WRITTEN = re.compile(r"(?<!comme )(?<!exemple )(?<!like )(?<!example )\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
"""A day that the register names; not one that shows how to write a day."""


@register.filter
def day(value: date | None) -> str:
    """« 1er mars 2026 » or “1 March 2026”, by the page's language; nothing for no date."""
    if value is None:
        return ""
    ordinal = "er" if value.day == 1 and get_language() == "fr" else ""
    return f"{value.day}{ordinal}\u00a0{format_date(value, 'F')}\u00a0{value.year}"


@register.filter
def french_days(text: str) -> str:
    """A refusal of the register, its days (2027-03-15) as people write them: « 15 mars 2027 », “15 March 2027”."""
    return _WRITTEN.sub(_in_words, str(text))


def _in_words(found: re.Match[str]) -> str:
    try:
        return day(date.fromisoformat(found[0]))
    except ValueError:
        return found[0]
