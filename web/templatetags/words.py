"""Both languages side by side in one template, and values as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.translation import get_language

from api import english
from registry.clock import PARIS
from registry.rules.french import grouped
from registry.rules.labels import LabelledEnum
from web.templatetags.days import day

register = template.Library()
FRENCH_PLURAL = 2


def speaks_english() -> bool:
    """Whether the page being made is in English."""
    return (get_language() or "fr").startswith("en")


class Pair(template.Node):
    """`{% fr %}…{% en %}…{% endfr %}`: the half that is in the page's language."""

    def __init__(self, french: NodeList, english: NodeList) -> None:
        self.french, self.english = french, english

    def render(self, context: Context) -> str:
        """Render that half alone."""
        return (self.english if speaks_english() else self.french).render(context)


@register.tag("fr")
def pair(parser: Parser, token: Token) -> Pair:
    """Read both halves; a French one without its English one is an error of the template."""
    french = parser.parse(("en",))
    parser.delete_first_token()
    english = parser.parse(("endfr",))
    parser.delete_first_token()
    return Pair(french, english)


@register.filter
def said(value: LabelledEnum) -> str:
    """The label of a code, in the page's language."""
    return value.label_en if speaks_english() else value.label


@register.filter
def told(value: object) -> str:
    """A sentence that the register or the engine says in French, in the page's language where that is known."""
    return english.told(str(value))


@register.filter
def lower_first(value: str) -> str:
    """« En règle » inside a sentence: « en règle »."""
    return value[:1].lower() + value[1:]


@register.filter
def instant(value: datetime | None) -> str:
    """« 25 février 2026 à 9 h 05 » or “25 February 2026 at 09:05”, in Paris; nothing for no instant."""
    if value is None:
        return ""
    local = value.astimezone(PARIS)
    if speaks_english():
        return f"{day(local)} at {local:%H:%M}"
    return f"{day(local)} à {local.hour}\u00a0h\u00a0{local:%M}"


@register.filter
def hour(value: datetime | None) -> str:
    """« 9 h 05 » or “09:05”, in Paris."""
    if value is None:
        return ""
    local = value.astimezone(PARIS)
    if speaks_english():
        return f"{local:%H:%M}"
    return f"{local.hour}\u00a0h\u00a0{local:%M}"


@register.filter
def number(value: float | None) -> str:
    """18000 as French writes it; nothing for no number."""
    return "" if value is None else grouped(round(value))


@register.filter
def pluralize(value: Any, endings: str = "s") -> str:
    """Django's, but French begins the plural at two: « 0 dossier », “0 files”. Of a number or of a list."""
    one, _, many = endings.rpartition(",")
    count = value if isinstance(value, int | float) else len(value or ())
    return many if (count != 1 if speaks_english() else abs(count) >= FRENCH_PLURAL) else one


@register.filter
def euros(cents: int | None) -> str:
    """« 1 564 610 € »; a dash for no sum."""
    if cents is None:
        return "–"
    whole, rest = divmod(cents, 100)
    return f"{grouped(whole)}{f',{rest:02d}' if rest else ''}\u00a0€"


@register.filter
def of(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value under a key that the template holds in a variable."""
    return mapping.get(key)
