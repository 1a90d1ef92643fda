"""The register's tables, one subject a module. Only `registry.actions` and `registry.intake` write them."""

from registry.models.affiliation import Affiliation, FilingBody, Signal
from registry.models.campaign import RenewalCampaign, Requirement
from registry.models.commission import Ballot, CommissionMember, CommissionSession, Resolution
from registry.models.contact import AddressCheck, Contact
from registry.models.cover import Cover, CoverEvent
from registry.models.deadline import DeadlineDecision
from registry.models.finding import ReferenceVersion, StoredFinding
from registry.models.imports import RegisterImport
from registry.models.intermediary import Intermediary
from registry.models.issuer import IssuedCover, Issuer, IssuerFile, IssuerLot, IssuerName
from registry.models.letter import Letter
from registry.models.merge import DuplicateDismissal, IntermediaryMerge
from registry.models.order import AuthorityOrder
from registry.models.paper import CorrectionRequest, CoverPaper, CoverReview, Document
from registry.models.purge import LegalHold, PurgeCertificate, PurgedFile
from registry.models.registration import Decision, PastRegistration, Registration
from registry.models.removal import CaseProof, ProcedureTerm, RemovalCase
from registry.models.renewal import FeeRate, RenewalRequest

__all__ = [
    "AddressCheck",
    "Affiliation",
    "AuthorityOrder",
    "Ballot",
    "CaseProof",
    "CommissionMember",
    "CommissionSession",
    "Contact",
    "CorrectionRequest",
    "Cover",
    "CoverEvent",
    "CoverPaper",
    "CoverReview",
    "DeadlineDecision",
    "Decision",
    "Document",
    "DuplicateDismissal",
    "FeeRate",
    "FilingBody",
    "Intermediary",
    "IntermediaryMerge",
    "IssuedCover",
    "Issuer",
    "IssuerFile",
    "IssuerLot",
    "IssuerName",
    "LegalHold",
    "Letter",
    "PastRegistration",
    "ProcedureTerm",
    "PurgeCertificate",
    "PurgedFile",
    "ReferenceVersion",
    "RegisterImport",
    "Registration",
    "RemovalCase",
    "RenewalCampaign",
    "RenewalRequest",
    "Requirement",
    "Resolution",
    "Signal",
    "StoredFinding",
]
