"""What every public page tells at its top: deadlines that were extended after an outage of ours."""

from __future__ import annotations

from datetime import date

from registry.public import freezes_told
from registry.rules.deadlines import freeze_in_words
from web.templatetags.words import speaks_english


def announcements(day: date) -> list[str]:
    """The lines, in the page's language: one query."""
    language = "en" if speaks_english() else "fr"
    return [freeze_in_words(freeze, language) for freeze in freezes_told(day)]
