"""Dates as people write them."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language

register = template.Library()


@register.filter
def day(value: date | None) -> str:
    """« 1er mars 2026 » or “1 March 2026”, by the page's language; nothing for no date."""
    if value is None:
        return ""
    ordinal = "er" if value.day == 1 and get_language() == "fr" else ""
    return f"{value.day}{ordinal}\u00a0{format_date(value, 'F')}\u00a0{value.year}"
