"""What a record of a register file may say: its columns, and the values a row is read into."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.labels import LabelledEnum
from registry.rules.problems import Problem

CODE_LENGTH = 60
"""Greatest length of a cell that is no free text (dates, amounts, codes): ample, yet no novel is ever
parsed."""

LIMITS = {
    "numero_orias": CODE_LENGTH,
    "siren": CODE_LENGTH,
    "denomination": 250,
    "nom_commercial": 250,
    "forme_juridique": 60,
    "categorie": CODE_LENGTH,
    "statut": CODE_LENGTH,
    "date_inscription": CODE_LENGTH,
    "date_suppression": CODE_LENGTH,
    "encaissement_fonds": CODE_LENGTH,
    "email": 300,
    "telephone": CODE_LENGTH,
    "adresse": 250,
    "code_postal": 10,
    "ville": 120,
    "rcpro_assureur": 120,
    "rcpro_police": 60,
    "rcpro_debut": CODE_LENGTH,
    "rcpro_fin": CODE_LENGTH,
    "rcpro_montant_sinistre": CODE_LENGTH,
    "rcpro_montant_annuel": CODE_LENGTH,
    "gf_garant": 120,
    "gf_numero": 60,
    "gf_debut": CODE_LENGTH,
    "gf_fin": CODE_LENGTH,
    "gf_montant": CODE_LENGTH,
}
"""Columns in the order of the format, with the greatest length of each in characters.

Free text is held to what the register stores; an address of 255 to 300 characters is left to the e-mail rule
to refuse.
"""

COLUMNS = tuple(LIMITS)


class Verdict(StrEnum):
    """What becomes of a record; the values are those of the import's JSON report."""

    OK = "ok"
    ERROR = "error"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class RowStatus(LabelledEnum):
    """Statut of a registration: suppression ends one category, radiation strikes off the person (CA
    R512-5)."""

    REGISTERED = "REGISTERED", "inscrit", "registered"
    REMOVED = "REMOVED", "supprimé", "removed"
    STRUCK_OFF = "STRUCK_OFF", "radié", "struck off"


# Tuples, as a file makes millions of these: a frozen dataclass takes six times as long to make.


class Person(NamedTuple):
    """What a row says of the intermediary itself; the same on each row of one number. Absent text is ""."""

    orias_number: str
    siren: str
    name: str
    trade_name: str
    legal_form: str
    email: str
    phone_e164: str
    phone_key: str
    address: str
    postcode: str
    town: str
    phone_raw: str


class CoverCells(NamedTuple):
    """A certificate as the row gives it. Days are inclusive; amounts are euro cents, ``None`` where not
    given.

    ``amount_cents`` is the sum per claim of an RC Pro and the sum of a guarantee; ``annual_cents`` is the RC
    Pro's.
    """

    kind: CoverKind
    issuer: str
    policy: str
    starts_on: date
    ends_on: date
    amount_cents: int | None
    annual_cents: int | None


class RegisterRow(NamedTuple):
    """One registration: a person, a category, the papers that go with it."""

    person: Person
    category: Category
    filer: Filer
    principal_bears_liability: bool
    status: RowStatus
    registered_on: date
    removed_on: date | None
    holds_client_funds: bool
    rc_pro: CoverCells | None
    guarantee: CoverCells | None


class ParsedRow(NamedTuple):
    """A record judged. ``line`` counts records, the header being 1; ``row`` is there only when the verdict is
    OK.

    ``problems`` are all that is wrong, the first being the one to report; ``warnings`` are what was kept with
    a doubt.
    """

    line: int
    orias_number_as_given: str
    verdict: Verdict
    row: RegisterRow | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def reported(self) -> Problem | None:
        """The one problem that a report names."""
        return self.problems[0] if self.problems else None
