"""Incidents: from the first doubt to the end, always with the hour of the next word."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from registry.rules.labels import LabelledEnum


class IncidentState(LabelledEnum):
    """How far we are."""

    INVESTIGATING = "INVESTIGATING", "Nous cherchons la cause", "Investigating"
    IDENTIFIED = "IDENTIFIED", "Cause trouvée", "Identified"
    MONITORING = "MONITORING", "Corrigé, sous surveillance", "Monitoring"
    RESOLVED = "RESOLVED", "Terminé", "Resolved"


S = IncidentState
INCIDENT_TRANSITIONS: Mapping[IncidentState, frozenset[IncidentState]] = MappingProxyType(
    {
        S.INVESTIGATING: frozenset({S.IDENTIFIED, S.MONITORING, S.RESOLVED}),
        S.IDENTIFIED: frozenset({S.INVESTIGATING, S.MONITORING, S.RESOLVED}),
        S.MONITORING: frozenset({S.INVESTIGATING, S.IDENTIFIED, S.RESOLVED}),
        S.RESOLVED: frozenset(),
    }
)
"""A cause may turn out not to be the one; what is over is over, and what comes again is another incident."""

KNOWN_CAUSE = frozenset({S.IDENTIFIED, S.MONITORING, S.RESOLVED})
"""States that name the cause: « maintenance » for four days tells nobody anything."""


def may_become(current: IncidentState, wanted: IncidentState) -> bool:
    """Whether an update may say so; the same state again is an update as well, but of what is over there is none."""
    return wanted in INCIDENT_TRANSITIONS[current] or (current is wanted and current is not S.RESOLVED)
