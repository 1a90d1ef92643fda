"""The small pieces of a key beside a picture."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from web.pictures import block, swatch

register = template.Library()


@register.simple_tag
def block_key(style: str) -> SafeString:
    """A piece of an area of that class."""
    return block(style)


@register.simple_tag
def line_key(style: str) -> SafeString:
    """A piece of a line of that class."""
    return swatch(style)
