"""The register's tables, one subject a module. Only `registry.actions` and `registry.intake` write them."""

from registry.models.campaign import RenewalCampaign, Requirement
from registry.models.contact import AddressCheck, Contact
from registry.models.cover import Cover, CoverEvent
from registry.models.deadline import DeadlineDecision
from registry.models.finding import ReferenceVersion, StoredFinding
from registry.models.imports import RegisterImport
from registry.models.intermediary import Intermediary
from registry.models.merge import DuplicateDismissal, IntermediaryMerge
from registry.models.names import NameWord, NameWords
from registry.models.registration import Decision, Registration
from registry.models.renewal import FeeRate, RenewalRequest

__all__ = [
    "AddressCheck",
    "Contact",
    "Cover",
    "CoverEvent",
    "DeadlineDecision",
    "Decision",
    "DuplicateDismissal",
    "FeeRate",
    "Intermediary",
    "IntermediaryMerge",
    "NameWord",
    "NameWords",
    "ReferenceVersion",
    "RegisterImport",
    "Registration",
    "RenewalCampaign",
    "RenewalRequest",
    "Requirement",
    "StoredFinding",
]
