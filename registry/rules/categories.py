"""Categories of registration, kinds of cover, and who files for whom.

Sources: Code des assurances (CA) R511-2; Code monétaire et financier (CMF) L519-3-4, R519-4, L541-1, L541-4.
"""

from dataclasses import dataclass
from functools import lru_cache

from registry.rules.labels import LabelledEnum


class Category(LabelledEnum):
    """What an intermediary is registered as; one registration per category, one number for all (CA R512-4).

    COA: CA R511-2 I 1°. IOB: the whole IOBSP family of CMF R519-4 I. CIF: CMF L541-1.
    """

    COA = "COA", "courtier d’assurance ou de réassurance", "insurance or reinsurance broker"
    IOB = (
        "IOB",
        "intermédiaire en opérations de banque et en services de paiement",
        "intermediary in banking transactions and payment services",
    )
    CIF = "CIF", "conseiller en investissements financiers", "financial investment adviser"


class CoverKind(LabelledEnum):
    """The two papers that are renewed.

    RC_PRO: CA L512-6, CMF L519-3-4 and L541-3. FINANCIAL_GUARANTEE: CA L512-7, CMF L519-4.
    """

    RC_PRO = (
        "RC_PRO",
        "assurance de responsabilité civile professionnelle",
        "professional indemnity insurance",
    )
    FINANCIAL_GUARANTEE = "FINANCIAL_GUARANTEE", "garantie financière", "financial guarantee"


class Filer(LabelledEnum):
    """Who files the renewal.

    SELF by the ordinary date; PRINCIPAL and ASSOCIATION a month earlier (CA A512-2, CMF L541-4).
    """

    SELF = "SELF", "l’intermédiaire lui-même", "the intermediary"
    PRINCIPAL = "PRINCIPAL", "son mandant", "its principal"
    ASSOCIATION = "ASSOCIATION", "son association professionnelle", "its professional association"


@dataclass(frozen=True, slots=True)
class CategoryAlias:
    """What a category code written in a register says: the category, who files, and who answers for
    faults."""

    category: Category
    filer: Filer
    principal_bears_liability: bool


_COA = CategoryAlias(Category.COA, Filer.SELF, principal_bears_liability=False)
_BROKER = CategoryAlias(Category.IOB, Filer.SELF, principal_bears_liability=False)
_AGENT = CategoryAlias(Category.IOB, Filer.PRINCIPAL, principal_bears_liability=True)
_CIF = CategoryAlias(Category.CIF, Filer.ASSOCIATION, principal_bears_liability=False)

ALIASES: dict[str, CategoryAlias] = {
    "COA": _COA,
    "IOB": _BROKER,
    "IOBSP": _BROKER,
    "COBSP": _BROKER,
    "MOBSP": _AGENT,
    "MOBSPL": _AGENT,
    "MIOBSP": _AGENT,
    "CIF": _CIF,
}
"""Accepted codes. A bank agent's principal is liable for it by law (CMF L519-3-4), so it needs no RC Pro of
its own and its principal files; a CIF belongs to an approved association, which files for it (CMF L541-4)."""


@lru_cache(maxsize=1024)
def parse_category(text: str) -> CategoryAlias | None:
    """Read a category code, whatever its case and spacing; ``None`` when it is not one of ``ALIASES``."""
    return ALIASES.get("".join(text.split()).upper())
