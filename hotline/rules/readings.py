"""Who has read why a message was sent: what the page « pourquoi ce message » counts, and what it spares the line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opening:
    """How a page was asked for: the method, what the browser says of it (the Fetch Metadata headers, empty where it
    says nothing), and whether a member of the staff is signed in."""

    method: str
    dest: str = ""
    mode: str = ""
    purpose: str = ""
    by_staff: bool = False


def is_reading(opening: Opening) -> bool:
    """Whether somebody it was written to has the page before their eyes.

    A mail program that looks into each link names no document that a person goes to; nor does a browser of before 2023,
    which is not counted either: the count is a lower bound.
    """
    seen = opening.method == "GET" and (opening.dest, opening.mode) == ("document", "navigate")
    return seen and "prefetch" not in opening.purpose and not opening.by_staff
