"""The words of a reminder with its person left open: for lists in which thousands of messages differ by nothing else.

A pattern is made by the renderer itself, from a content whose number, name, address and token are marks, and is taken
only where it gives back, to the letter, what the renderer makes of the first person it is for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from reminders.messages.addresses import MAX_LENGTH
from reminders.messages.content import Letterhead, ReminderContent, Rendered, clean
from reminders.messages.message import body_digest, render
from reminders.rules.addresses import is_writable

_NUMBER, _NAME, _TOKEN, _EMAIL = "Q7number7Q", "Q7name7Q", "Q7token7Q", "Q7email7Q@pattern.example"
"""Signs that no escaping changes; an address that can be written to."""

_IN_TEXT = {_NUMBER: "%(number)s", _NAME: "%(name)s", _TOKEN: "%(token)s", _EMAIL: "%(email)s"}
_IN_HTML = _IN_TEXT | {_NAME: "%(name_html)s", _EMAIL: "%(email_html)s"}

Renderer = Callable[[ReminderContent, Letterhead], Rendered]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Subject, text and page in one, as `body_digest` reads them, with places for what differs."""

    words: str

    def digest(self, number: str, name: str, email: str, token: str) -> str:
        """What `body_digest` says of the message rendered for this person, who must be `is_plain`."""
        name = clean(name)
        person = {
            "number": number,
            "name": name,
            "email": email,
            "token": token,
            "name_html": escape(name),
            "email_html": escape(email),
        }
        return hashlib.sha256((self.words % person).encode()).hexdigest()


def is_plain(number: str, email: str) -> bool:
    """Whether number and address stand in a message as they are; of others the renderer must decide."""
    return number.isdigit() and number.isascii() and len(email) <= MAX_LENGTH and is_writable(email)


def pattern_of(content: ReminderContent, letterhead: Letterhead, renderer: Renderer = render) -> Pattern | None:
    """The pattern of all messages that differ from this one by the person only; None where there is none.

    Raises what the renderer raises for facts it has no words for.
    """
    marked = renderer(replace(content, orias_number=_NUMBER, name=_NAME, email=_EMAIL, why_token=_TOKEN), letterhead)
    pattern = Pattern(
        "\0".join(
            (
                _opened(marked.subject, _IN_TEXT),
                _opened(marked.text, _IN_TEXT),
                _opened(marked.html, _IN_HTML),
            )
        )
    )
    if not is_plain(content.orias_number, content.email):
        return None
    told = pattern.digest(content.orias_number, content.name, content.email, content.why_token)
    return pattern if told == body_digest(renderer(content, letterhead)) else None


def _opened(words: str, places: dict[str, str]) -> str:
    words = words.replace("%", "%%")
    for mark, place in places.items():
        words = words.replace(mark, place)
    return words
