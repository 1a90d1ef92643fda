"""What the hotline refuses, in words for the person who asked."""

from __future__ import annotations


class HotlineError(Exception):
    """A refused act: what, where and what to do. Nothing was changed."""
