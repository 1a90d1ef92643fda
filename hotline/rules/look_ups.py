"""Why somebody opened a file at the desk, by which way it was found, and how long a conversation about it may last."""

from __future__ import annotations

from datetime import timedelta

from registry.rules.labels import LabelledEnum

CONVERSATION = timedelta(minutes=10)
"""The same file opened again by the same agent, nothing else in between, is the same look-up: a page loaded anew."""
RINGING = timedelta(minutes=15)
"""A call told longer ago, and of which no end was told, is over: its end was lost."""


class LookUpPurpose(LabelledEnum):
    """Why."""

    CALLER = "CALLER", "Un appel", "A caller"
    CALL_BACK = "CALL_BACK", "Un rappel promis", "A promised call"
    COMPLAINT = "COMPLAINT", "Une réclamation", "A complaint"
    PROGRAM = "PROGRAM", "Un programme", "A program"
    FILE = "FILE", "La page du dossier", "The page of the file"


OF_NO_CALL = (LookUpPurpose.PROGRAM, LookUpPurpose.FILE)
"""Look-ups that say nothing of how busy the line is."""


class LookUpWay(LabelledEnum):
    """By what it was found."""

    NUMBER = "NUMBER", "Numéro ORIAS", "ORIAS number"
    SIREN = "SIREN", "SIREN", "SIREN"
    PHONE = "PHONE", "Téléphone", "Telephone"
    EMAIL = "EMAIL", "Courriel", "E-mail"
    NAME = "NAME", "Nom", "Name"
    LINE = "LINE", "Appel annoncé par le standard", "Call told by the telephone system"
