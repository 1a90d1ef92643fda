"""Short words for the desk, where three columns share one screen."""

from __future__ import annotations

from django import template

from registry.rules.covers import CoverFinding
from web.timelines import SHORT_NAMES

register = template.Library()


@register.filter
def briefly(finding: CoverFinding) -> str:
    """« RC Pro COA »."""
    return f"{SHORT_NAMES[finding.kind][0]} {finding.category.value}"
