"""The two state machines, as data: which state may follow which, and what each is called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from registry.rules.labels import LabelledEnum


class BatchState(LabelledEnum):
    """Where a batch (lot) stands."""

    DRAFT = "DRAFT", "Projet", "Draft"
    APPROVED = "APPROVED", "Approuvé", "Approved"
    RELEASING = "RELEASING", "En cours d’envoi", "Being sent"
    PAUSED = "PAUSED", "En pause", "Paused"
    COMPLETED = "COMPLETED", "Terminé", "Completed"
    CANCELLED = "CANCELLED", "Annulé", "Cancelled"
    STALE = "STALE", "Périmé", "Stale"


class NoticeState(LabelledEnum):
    """Where a notice stands. SENDING may have left: it is never claimed again."""

    PLANNED = "PLANNED", "Prévu", "Planned"
    CLAIMED = "CLAIMED", "Pris en charge", "Claimed"
    SENDING = "SENDING", "Envoi en cours", "Sending"
    DEFERRED = "DEFERRED", "Remis à plus tard par le serveur", "Deferred by the server"
    ACCEPTED = "ACCEPTED", "Accepté par le serveur", "Accepted by the server"
    UNCERTAIN = "UNCERTAIN", "Incertain", "Uncertain"
    REFUSED = "REFUSED", "Refusé par le serveur", "Refused by the server"
    SKIPPED = "SKIPPED", "Écarté", "Skipped"
    EXPIRED = "EXPIRED", "Trop tard", "Too late"
    CANCELLED = "CANCELLED", "Annulé", "Cancelled"


B, N = BatchState, NoticeState
State = TypeVar("State", BatchState, NoticeState)

BATCH_TRANSITIONS: Mapping[BatchState, frozenset[BatchState]] = MappingProxyType(
    {
        B.DRAFT: frozenset({B.APPROVED, B.CANCELLED, B.STALE}),
        B.APPROVED: frozenset({B.RELEASING, B.CANCELLED, B.STALE}),
        B.RELEASING: frozenset({B.PAUSED, B.COMPLETED, B.CANCELLED}),
        B.PAUSED: frozenset({B.RELEASING, B.COMPLETED, B.CANCELLED}),
        B.COMPLETED: frozenset(),
        B.CANCELLED: frozenset(),
        B.STALE: frozenset(),
    }
)

NOTICE_TRANSITIONS: Mapping[NoticeState, frozenset[NoticeState]] = MappingProxyType(
    {
        N.PLANNED: frozenset({N.CLAIMED, N.EXPIRED, N.CANCELLED}),
        N.CLAIMED: frozenset({N.PLANNED, N.SENDING, N.SKIPPED, N.EXPIRED, N.CANCELLED}),
        N.SENDING: frozenset({N.ACCEPTED, N.UNCERTAIN, N.REFUSED, N.DEFERRED, N.EXPIRED, N.PLANNED}),
        N.DEFERRED: frozenset({N.CLAIMED, N.EXPIRED, N.CANCELLED}),
        N.ACCEPTED: frozenset(),
        N.UNCERTAIN: frozenset(),
        N.REFUSED: frozenset(),
        N.SKIPPED: frozenset(),
        N.EXPIRED: frozenset(),
        N.CANCELLED: frozenset(),
    }
)
"""SENDING -> PLANNED and DEFERRED only on proof that nothing left: a server's answer, or a connection lost before
the final dot."""

LIVE_BATCH_STATES = frozenset({B.DRAFT, B.APPROVED, B.RELEASING, B.PAUSED})
WAITING_STATES = frozenset({N.PLANNED, N.CLAIMED, N.SENDING, N.DEFERRED})
CLAIMABLE_STATES = frozenset({N.PLANNED, N.DEFERRED})
MAILED_STATES = frozenset({N.ACCEPTED, N.UNCERTAIN})
UNSENT_STATES = frozenset({N.SKIPPED, N.EXPIRED, N.CANCELLED})
"""Final states in which nothing left: the waves of such a notice may be planned again."""
TROUBLED_STATES = frozenset({N.REFUSED, N.UNCERTAIN})
"""Final states that somebody has to look at."""


class ForbiddenTransition(ValueError):
    """A state was asked to become one that may not follow it."""

    def __init__(self, current: LabelledEnum, wanted: LabelledEnum) -> None:
        super().__init__(f"{type(current).__name__} {current} cannot become {wanted}")
        self.current, self.wanted = current, wanted


def require_batch_transition(current: BatchState, wanted: BatchState) -> None:
    """Raise ForbiddenTransition unless a batch in `current` may become `wanted`."""
    if wanted not in BATCH_TRANSITIONS[current]:
        raise ForbiddenTransition(current, wanted)


def edges(transitions: Mapping[State, frozenset[State]]) -> tuple[tuple[str, str], ...]:
    """Every allowed (from, to) pair, sorted: what the database's trigger is given."""
    return tuple(sorted((str(a), str(b)) for a, after in transitions.items() for b in after))
