"""How often Python looks for garbage in cycles: seldom. What nothing names any more is freed at once all the same.

By itself it looks each 700 new objects, and every so often through all there are. Loading Django and the apps makes a
few hundred thousand objects that stay: looking through them took a sixth of a command's start, a tenth of a delivery
and of the tests.
"""

from __future__ import annotations

import gc

SELDOM = (100_000, 50, 100)
"""New objects between two looks, more than a chunk of notices or rows holds at a time; then looks per look at older
ones."""


def look_seldom() -> None:
    """For the whole process: called as it begins."""
    gc.set_threshold(*SELDOM)


def keep_what_is_loaded() -> None:
    """What is there now stays to the end: it is never looked through again, and forked processes share it."""
    gc.collect()
    gc.freeze()
