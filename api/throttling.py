"""How many requests one caller may make, counted in Django's cache: by default in each process's own memory.

The proxy in front sets the limit that holds over all processes; this one keeps a caller from filling one.
"""

from __future__ import annotations

from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class AnonymousReads(AnonRateThrottle):
    """One address of the network reading public data."""

    scope, rate = "anonymous-reads", "60/min"


class AnonymousSearches(AnonRateThrottle):
    """One address of the network searching: the costliest public request, and the way to copy it all."""

    scope, rate = "anonymous-searches", "30/min"


class StaffReads(UserRateThrottle):
    """One account reading files."""

    scope, rate = "staff-reads", "120/min"
