"""How many reports one caller may make, counted in Django's cache: by default in each process's own memory."""

from __future__ import annotations

from rest_framework.throttling import AnonRateThrottle


class Reports(AnonRateThrottle):
    """One address of the network saying « mon dossier est complet » : an office has a few mails, not sixty."""

    scope, rate = "wrong-reports", "20/min"
