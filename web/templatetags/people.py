"""What the pages of the intermediaries say everywhere."""

from __future__ import annotations

from django import template
from django.conf import settings

from registry.rules.categories import CoverKind, Filer
from registry.rules.prefill import Answer
from registry.rules.tasks import days_in_words
from web.people.once import new_token
from web.people.words import FIELD_NAMES, REGISTRATION_NAMES
from web.templatetags.words import speaks_english

register = template.Library()


@register.simple_tag
def reply_to() -> str:
    """Where people write to."""
    return settings.REPLY_TO


@register.simple_tag
def once_token() -> str:
    """What keeps a form that is sent twice from acting twice."""
    return new_token()


@register.filter
def away(days: int) -> str:
    """« dans 3 jours », “3 days ago”."""
    return days_in_words(days)[speaks_english()]


@register.filter
def euros(cents: int | None) -> str:
    """« 1 564 610 € »; nothing for no sum."""
    if cents is None:
        return ""
    whole, rest = divmod(cents, 100)
    grouped = f"{whole:,}".replace(",", "\u202f")
    return f"{grouped},{rest:02d}\u00a0€" if rest else f"{grouped}\u00a0€"


@register.filter
def in_page_language(pair: tuple[str, str]) -> str:
    """Of a French and an English text, the one of the page."""
    return pair[speaks_english()]


@register.filter
def field_name(field: str) -> str:
    """What a field of a request is called."""
    return in_page_language((FIELD_NAMES | REGISTRATION_NAMES)[field])  # type: ignore[operator]


@register.filter
def answered(answer: Answer) -> str:
    """What the register says of a field; « (vide) » where it says nothing."""
    return _shown(answer.field, answer.now)


@register.filter
def answered_then(answer: Answer) -> str:
    """What it said when the last request was filed."""
    return _shown(answer.field, answer.then)


def _shown(field: str, value: object) -> str:
    english = speaks_english()
    if isinstance(value, bool):
        return (("non", "no"), ("oui", "yes"))[value][english]
    if field == "filer":
        filer = Filer(str(value))
        return filer.label_en if english else filer.label
    return str(value) or ("(empty)" if english else "(vide)")


@register.filter
def cover_name(code: str) -> str:
    """The name of a kind of cover."""
    kind = CoverKind(code)
    name = kind.label_en if speaks_english() else kind.label
    return name[:1].upper() + name[1:]
