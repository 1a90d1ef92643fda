"""How many requests one caller may make, by kind of work, counted in Django's cache: by default in each process's own
memory. The proxy in front sets the limit that holds over all processes; this one keeps a caller from filling one.

All keys together draw on one more budget besides their own: what people at the hotline ask, by their sessions, is
never counted there, so that programs cannot starve them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, NamedTuple

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.instants import drawn_at
from api.models import ApiKey


class Budget(NamedTuple):
    """So many requests (`quota`) in so many seconds (`window`), which begin with the first."""

    name: str
    quota: int
    window: int = 60


READS = Budget("read", 120)
WRITES = Budget("write", 30)
UPLOADS = Budget("upload", 10)
"""Each is checked by a process of its own."""
PREPARATIONS = Budget("prepare", 10)
"""A plan or a recall goes through the whole register."""
LOOKUPS = Budget("lookup", 120)
KEYS_TOGETHER = Budget("keys", 1200)
"""Of what a key's own budget lets pass: who is refused takes nothing from the others."""
UNCHANGED = 4
"""How many times a budget is given back for answers that say 304."""
PUBLIC_READS = Budget("public-read", 60)
PUBLIC_SEARCHES = Budget("public-search", 30)
PUBLIC_CHECKS = Budget("public-check", 10)
PUBLIC_DOWNLOADS = Budget("public-download", 20)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one budget, what is left (`left` < 0: it is spent) and in how many seconds it is whole again."""

    budget: Budget
    who: str
    cache_key: str
    left: int
    seconds: int


def draw(budget: Budget, who: str, now: datetime) -> Standing:
    """Take one request from a caller's budget."""
    place = f"api:{budget.name}:{who}"
    instant = now.timestamp()
    cache.add(place, instant, budget.window)
    began: float = cache.get(place, instant)
    if instant - began >= budget.window:
        # The cache's clock is not ours: where ours has passed the window, it is over.
        cache.set(place, instant, budget.window)
        began = instant
    counter = f"{place}:{began}"
    cache.add(counter, 0, budget.window)
    try:
        spent = cache.incr(counter)
    except ValueError:
        spent = 1
    return Standing(budget, who, counter, budget.quota - spent, max(1, ceil(began + budget.window - instant)))


def draw_with_all_keys(budget: Budget, who: str, now: datetime) -> list[Standing]:
    """Take one request from a key's budget and, if that lets it pass, from that of all keys together."""
    own = draw(budget, who, now)
    return [own, draw(KEYS_TOGETHER, "all", now)] if own.left >= 0 else [own]


def give_back(request: HttpRequest, now: datetime) -> int:
    """A 304 costs nothing, to whoever names what it has: how many requests are given back of each budget. It is the
    database's work all the same, so that each budget gives back UNCHANGED times its quota and no more."""
    drawn = standings(request)
    if request.headers.get("If-None-Match", "").strip() == "*" or not all(_may_give_back(one, now) for one in drawn):
        return 0
    for standing in drawn:
        try:
            cache.decr(standing.cache_key)
        except ValueError:
            continue
    return 1


def _may_give_back(standing: Standing, now: datetime) -> bool:
    name, quota, window = standing.budget
    free = Budget(f"{name}-unchanged", UNCHANGED * quota, window)
    return draw(free, standing.who, now).left >= 0


def standings(request: HttpRequest) -> list[Standing]:
    """What this request has drawn on."""
    drawn: list[Standing] = request.__dict__.get("standings", [])
    return drawn


def limit_headers(drawn: Iterable[Standing], given_back: int = 0) -> dict[str, str]:
    """`RateLimit` and `RateLimit-Policy` as draft-ietf-httpapi-ratelimit-headers writes them."""
    told = list(drawn)
    if not told:
        return {}
    return {
        "RateLimit-Policy": ", ".join(f'"{s.budget.name}";q={s.budget.quota};w={s.budget.window}' for s in told),
        "RateLimit": ", ".join(f'"{s.budget.name}";r={max(0, s.left + given_back)};t={s.seconds}' for s in told),
    }


class ByBudget(BaseThrottle):
    """Draws on the budgets that the view names for this request, each by its caller."""

    _spent: Standing | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether none of them is spent."""
        now = drawn_at(request._request)
        caller = f"user-{request.user.pk}" if request.user and request.user.pk else self.get_ident(request)
        budget = view.budget_of(request)
        by_key = isinstance(request.auth, ApiKey)
        drawn = draw_with_all_keys(budget, caller, now) if by_key else [draw(budget, caller, now)]
        request._request.__dict__["standings"] = drawn
        self._spent = next((standing for standing in drawn if standing.left < 0), None)
        return self._spent is None

    def wait(self) -> float | None:
        """Until the spent one is whole again."""
        return float(self._spent.seconds) if self._spent else None
