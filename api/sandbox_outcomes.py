"""What the numbers of the sandbox stand for, by their endings, and whom its keys stand for."""

from __future__ import annotations

from typing import Any

from registry.models import Intermediary
from registry.rules.labels import LabelledEnum

OFFICER, APPROVER = "officier-du-bac", "approbateur-du-bac"
"""The staff of the sandbox, who act where two people are needed."""


class Outcome(LabelledEnum):
    """What a test number stands for; the value is its ending."""

    COMPLETE = "01", "dossier complet", "a complete file"
    DUE = "02", "RC Pro à renouveler avant la fin de février", "RC Pro due by the end of February"
    AWAITING_REVIEW = "03", "attestation déposée, en attente de contrôle", "certificate deposited, awaiting review"
    RETURNED = "04", "attestation renvoyée pour correction", "certificate sent back for correction"
    LAPSED = "05", "RC Pro échue l’an dernier", "RC Pro lapsed last year"
    MISSING = "06", "aucune attestation", "no certificate at all"
    BELOW_MINIMUM = "07", "montant un centime sous le minimum légal", "amount a cent below the legal minimum"
    GUARANTEE_DUE = "08", "RC Pro renouvelée, garantie financière à renouveler", "guarantee due, RC Pro renewed"
    SUSPENDED = "09", "inscription suspendue", "registration suspended"
    REMOVED = "10", "inscription supprimée", "registration removed"
    GAP = "11", "RC Pro renouvelée, mais interrompue du 1er au 14 mars", "RC Pro renewed, but with a gap, 1 to 14 March"
    RENEWAL_FILED = (
        "12",
        "renouvellement déjà déposé\u00a0: un second dépôt est refusé (409)",
        "renewal filed already: filing it again is refused (409)",
    )
    INFECTED = "13", "tout fichier déposé est infecté", "every file deposited is infected"
    UNREADABLE = "14", "tout fichier déposé est illisible", "every file deposited is unreadable"
    ACCEPTED = (
        "15",
        "toute attestation déposée est acceptée aussitôt",
        "every certificate deposited is accepted at once",
    )
    REFUSED = "16", "toute attestation déposée est refusée aussitôt", "every certificate deposited is refused at once"
    MAIL_REFUSED = "17", "relance refusée par le serveur du destinataire", "reminder refused by the addressee's server"
    MAIL_DEFERRED = "18", "relance remise à plus tard", "reminder deferred"
    MAIL_BOUNCED = "19", "relance revenue\u00a0: l’adresse n’existe plus", "reminder returned: the address is dead"
    NOT_YOURS = "20", "dossier d’un autre\u00a0: 404", "somebody else's file: 404"
    REMOVAL_CASE = "21", "affaire de suppression ouverte", "removal case open"
    TOO_MANY = "90", "429, avec Retry-After", "429 with Retry-After"
    UNAVAILABLE = "91", "503, avec Retry-After", "503 with Retry-After"
    BROKEN = "92", "500", "500"
    RUNNING = (
        "93",
        "409, avec Retry-After\u00a0: la même requête est en cours",
        "409 with Retry-After: the same call is running",
    )


class TestKind(LabelledEnum):
    """Whom a test key stands for."""

    __test__ = False

    INTERMEDIARY = "intermediary", "logiciel d’un intermédiaire", "an intermediary's software"
    ISSUER = "issuer", "assureur ou garant", "insurer or guarantor"
    STAFF = "staff", "outil du personnel", "a tool of staff"


def trials_of(account: Any) -> str:
    """The trade name of an account's test files. It does not tell the account's own: the public register is searched by
    names."""
    return f"Essais {account.pk}"


def numbers_of(account: Any) -> list[dict[str, Any]]:
    """The latest set of numbers made for an account of the sandbox, which are known by their trade name."""
    mine = Intermediary.objects.filter(orias_number__startswith="9", trade_name=trials_of(account))
    numbers = list(mine.order_by("orias_number").values_list("orias_number", flat=True))
    latest = [number for number in numbers if number[:-2] == numbers[-1][:-2]]
    return [{"orias_number": number, "outcome": Outcome(number[-2:])} for number in latest]
