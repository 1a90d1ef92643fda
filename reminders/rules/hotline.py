"""What the hotline must carry: calls to expect from mails, agents to answer them, and the pace it can bear.

Agents are counted by Erlang C (A. K. Erlang, 1917): calls come at random, are of random length and wait in one queue
without hanging up. It errs on the safe side; a morning like that of 2014, with callers who ring again, is worse.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

HOUR = 3600
ANSWERED_SHARE, WITHIN_SECONDS = 0.8, 20.0
"""The service aimed at, the usual one of call centres: 80 % of the calls answered in 20 seconds."""

CALLS_PER_MAIL_IN_2014 = 1000 / 18_000
"""What the night of February 2014 drew: about 1,000 calls in an hour for 18,000 mails. The worst seen, not the mean."""


@dataclass(frozen=True, slots=True)
class Hotline:
    """Who answers: agents at work at once, the mean length of a call in seconds, and the calls a mail draws."""

    agents: int = 6
    call_seconds: float = 300.0
    calls_per_mail: float = 0.056


DEFAULT_HOTLINE = Hotline()
"""The six of 2014 and its calls per mail; five minutes a call is nothing but a guess to begin with."""


@dataclass(frozen=True, slots=True)
class CallLoad:
    """What some mails draw: calls in all, and in the busiest hour; the agents which that hour needs, and the share
    of its calls that the agents who are there answer in time."""

    calls: float
    calls_per_hour: float
    agents_needed: int
    answered_share: float


def call_load(mails: int, pace_per_hour: int, hotline: Hotline) -> CallLoad:
    """The calls of `mails` sent at a pace (0: all within an hour), each mail's calls in the hour in which it left."""
    hourly = expected_calls(busiest_hour(mails, pace_per_hour), hotline.calls_per_mail)
    return CallLoad(
        calls=expected_calls(mails, hotline.calls_per_mail),
        calls_per_hour=hourly,
        agents_needed=agents_needed(hourly, hotline.call_seconds),
        answered_share=share_answered(hotline.agents, hourly, hotline.call_seconds),
    )


def busiest_hour(mails: int, pace_per_hour: int) -> int:
    """How many of `mails` leave in the busiest hour at this pace; a pace of 0 sends all in one."""
    return min(mails, pace_per_hour or mails)


def expected_calls(mails: int, calls_per_mail: float) -> float:
    """Calls to expect from `mails`."""
    return mails * calls_per_mail


def mails_per_hour_for(agents: int, mean_call_seconds: float, calls_per_mail: float) -> int:
    """How many mails an hour draw the calls that `agents` can just take, one after the other without a pause.

    At least 1, since a pace of 0 would mean no limit. Raises ValueError for what cannot be (no agent, no length).
    """
    if agents < 1 or mean_call_seconds <= 0 or calls_per_mail <= 0:
        raise ValueError(f"no hotline: {agents} agents, {mean_call_seconds} s a call, {calls_per_mail} calls a mail")
    return max(1, int(agents * HOUR / mean_call_seconds / calls_per_mail))


def pace_within(pace_per_hour: int, hotline: Hotline) -> int:
    """The smaller of a pace (0: no limit) and what the hotline can take."""
    bearable = mails_per_hour_for(hotline.agents, hotline.call_seconds, hotline.calls_per_mail)
    return min(pace_per_hour or bearable, bearable)


def agents_needed(
    calls_per_hour: float,
    mean_call_seconds: float,
    answered_share: float = ANSWERED_SHARE,
    within_seconds: float = WITHIN_SECONDS,
) -> int:
    """The fewest agents who answer `answered_share` of the calls `within_seconds`; 0 where nobody calls.

    Raises ValueError for what `offered_load` refuses, a negative wait, or a share that is not between 0 and 1.
    """
    if within_seconds < 0 or not 0 < answered_share < 1:
        raise ValueError(f"no service to aim at: {answered_share} of the calls in {within_seconds} s")
    erlangs = offered_load(calls_per_hour, mean_call_seconds)
    if erlangs == 0:
        return 0
    patience = within_seconds / mean_call_seconds
    losses = _losses(erlangs)
    return next(n for n, loss in enumerate(losses) if _answered(n, erlangs, loss, patience) >= answered_share)


def share_answered(
    agents: int, calls_per_hour: float, mean_call_seconds: float, within_seconds: float = WITHIN_SECONDS
) -> float:
    """Of the calls, the share that `agents` answer within so many seconds: 0 where the queue grows without end."""
    erlangs = offered_load(calls_per_hour, mean_call_seconds)
    return _answered(agents, erlangs, erlang_b(agents, erlangs), within_seconds / mean_call_seconds)


def offered_load(calls_per_hour: float, mean_call_seconds: float) -> float:
    """The load in erlangs: how many calls are under way at once where nobody waits.

    Raises ValueError for a number of calls that is negative or has no end, and for calls without length.
    """
    if not 0 <= calls_per_hour < math.inf or not 0 < mean_call_seconds < math.inf:
        raise ValueError(f"no call load: {calls_per_hour} calls an hour of {mean_call_seconds} s")
    return calls_per_hour * mean_call_seconds / HOUR


def erlang_b(agents: int, erlangs: float) -> float:
    """Erlang's loss formula: the share of calls that find all agents busy where nobody waits."""
    losses = _losses(erlangs)
    for _ in range(agents):
        next(losses)
    return next(losses)


def erlang_c(agents: int, erlangs: float) -> float:
    """Erlang's delay formula: the share of calls that must wait; all where the load is more than the agents."""
    return _delay(agents, erlangs, erlang_b(agents, erlangs))


def _losses(erlangs: float) -> Iterator[float]:
    """The loss with 0, 1, 2 … agents: each from the one before, always within 0 and 1, so nothing overflows."""
    loss, agents = 1.0, 0
    while True:
        yield loss
        agents += 1
        loss = erlangs * loss / (agents + erlangs * loss)


def _delay(agents: int, erlangs: float, loss: float) -> float:
    if agents <= erlangs:
        return 1.0
    return loss / (1 - erlangs / agents * (1 - loss))


def _answered(agents: int, erlangs: float, loss: float, patience: float) -> float:
    """The share answered within `patience`, counted in mean calls."""
    if agents <= erlangs:
        return 0.0
    return 1 - _delay(agents, erlangs, loss) * math.exp(-(agents - erlangs) * patience)
