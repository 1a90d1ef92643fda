"""The parts of a record, each read by itself: the person, the registration, the two covers."""

import unicodedata
from datetime import date
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from registry.rules.categories import Category, CategoryAlias, CoverKind, Filer, parse_category
from registry.rules.identifiers import parse_email, parse_orias_number, parse_siren
from registry.rules.parsing import parse_amount, parse_boolean, parse_date
from registry.rules.phones import parse_phone
from registry.rules.problems import Problem, Reading, problem
from registry.rules.row_values import CoverCells, Person, RowStatus

T = TypeVar("T")

_STATUSES = {"INSCRIT": RowStatus.REGISTERED, "SUPPRIME": RowStatus.REMOVED, "RADIE": RowStatus.STRUCK_OFF}


class Notes:
    """Gathers problems and warnings while a part is read; a default stands in for each refused value."""

    __slots__ = ("problems", "warnings")

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def take(self, outcome: T | Problem, default: T) -> T:
        if isinstance(outcome, Problem):
            self.problems.append(outcome)
            return default
        return outcome

    def keep(self, outcome: Reading[T] | Problem, default: T) -> T:
        if isinstance(outcome, Problem):
            self.problems.append(outcome)
            return default
        if outcome.warning is not None:
            self.warnings.append(outcome.warning)
        return outcome.value

    def need(self, field: str, text: str) -> bool:
        """Note an empty cell that must be filled."""
        if not text:
            self.refuse(field, "required", text, "la valeur manque. La colonne est obligatoire.")
        return bool(text)

    def refuse(self, field: str, code: str, text: str, template: str) -> None:
        self.problems.append(problem(field, code, text, template))

    def warn(self, field: str, code: str, text: str, template: str) -> None:
        self.warnings.append(problem(field, code, text, template))

    def about(self, value: T) -> "Part[T]":
        return Part(value, tuple(self.problems), tuple(self.warnings))


class Part(NamedTuple, Generic[T]):
    """A part of a record as read; where there are problems, the value is a mere stand-in."""

    value: T
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


# Of a person only the last is kept: the rows of one intermediary mostly follow one another. The larger caches hold what
# repeats by the thousand: dates, amounts, and what goes with them.


@lru_cache(maxsize=1)
def read_person(cells: tuple[str, ...]) -> Part[Person]:
    """Read ``numero_orias`` to ``forme_juridique`` and ``email`` to ``ville``, ten cells."""
    number, siren, name, trade_name, legal_form, email, phone, address, postcode, town = cells
    notes = Notes()
    orias_number = notes.take(parse_orias_number(number), "")
    kept_siren = notes.keep(parse_siren(siren, orias_number), "")
    notes.need("denomination", name)
    kept_email = notes.keep(parse_email(email), "")
    e164, key = notes.keep(parse_phone(phone), None) or ("", "")
    return notes.about(
        Person(
            orias_number,
            kept_siren,
            name,
            trade_name,
            legal_form,
            kept_email,
            e164,
            key,
            address,
            postcode,
            town,
            phone,
        )
    )


class Standing(NamedTuple):
    """What a row says of the registration."""

    category: Category
    filer: Filer
    principal_bears_liability: bool
    status: RowStatus
    registered_on: date
    removed_on: date | None
    holds_client_funds: bool


@lru_cache(maxsize=16384)
def read_standing(category: str, status: str, registered: str, removed: str, funds: str) -> Part[Standing]:
    """Read ``categorie`` to ``encaissement_fonds``."""
    notes = Notes()
    alias = _category(category, notes)
    known_status = _status(status, notes)
    registered_on = notes.take(parse_date(registered, "date_inscription"), None)
    notes.need("date_inscription", registered)
    removed_on = _removal(known_status, registered_on, removed, notes)
    holds_funds = _holds_funds(alias, funds, notes)
    return notes.about(
        Standing(
            alias.category,
            alias.filer,
            alias.principal_bears_liability,
            known_status or RowStatus.REGISTERED,
            registered_on or date.min,
            removed_on,
            holds_funds,
        )
    )


_NO_CATEGORY = CategoryAlias(Category.COA, Filer.SELF, principal_bears_liability=False)


def _category(text: str, notes: Notes) -> CategoryAlias:
    alias = parse_category(text)
    if alias is None and notes.need("categorie", text):
        template = (
            "« {value} » n’est pas une catégorie connue. Écrire COA, IOB (ou COBSP, MOBSP, MOBSPL, MIOBSP) ou CIF."
        )
        notes.refuse("categorie", "category_unknown", text, template)
    return alias or _NO_CATEGORY


def _status(text: str, notes: Notes) -> RowStatus | None:
    decomposed = unicodedata.normalize("NFD", text.upper())
    status = _STATUSES.get("".join(char for char in decomposed if not unicodedata.combining(char)))
    if status is None and notes.need("statut", text):
        template = "« {value} » n’est pas un statut connu. Écrire INSCRIT, SUPPRIME ou RADIE."
        notes.refuse("statut", "status_unknown", text, template)
    return status


def _removal(status: RowStatus | None, registered_on: date | None, text: str, notes: Notes) -> date | None:
    """A removal is a decision with a date: status and date come together or not at all.

    A removal dated before the registration is kept with a warning: real extracts hold such rows, where an
    older removal stands beside the date of a later registration.
    """
    field = "date_suppression"
    removed_on = notes.take(parse_date(text, field), None)
    if status in (RowStatus.REMOVED, RowStatus.STRUCK_OFF) and not text:
        template = "le statut annonce une suppression, mais la date manque. Écrire la date de la décision."
        notes.refuse(field, "removal_without_date", text, template)
    if removed_on and status is RowStatus.REGISTERED:
        template = "« {value} » est donné alors que le statut est INSCRIT. Corriger le statut ou effacer la date."
        notes.refuse(field, "removal_date_without_removal", text, template)
    if removed_on and registered_on and removed_on < registered_on:
        template = "« {value} » précède l’inscription ; gardée telle quelle. Vérifier les deux dates."
        notes.warn(field, "removed_before_registered", text, template)
    return removed_on


def _holds_funds(alias: CategoryAlias, text: str, notes: Notes) -> bool:
    """A CIF may not receive its clients' funds (CMF L541-6)."""
    field = "encaissement_fonds"
    holds = notes.take(parse_boolean(text, field), None)
    notes.need(field, text)
    if holds and alias.category is Category.CIF:
        template = "un CIF ne peut pas recevoir de fonds de ses clients (CMF, art. L541-6). Écrire NON."
        notes.refuse(field, "cif_holds_funds", text, template)
    return bool(holds)


_NO_COVER: Part[CoverCells | None] = Part(None, (), ())


def read_rc_pro(
    issuer: str, policy: str, starts: str, ends: str, per_claim: str, per_year: str
) -> Part[CoverCells | None]:
    if not (issuer or policy or starts or ends or per_claim or per_year):
        return _NO_COVER
    terms = _terms("rcpro", starts, ends, per_claim, per_year)
    return Part(CoverCells(CoverKind.RC_PRO, issuer, policy, *terms.value), terms.problems, ())


def read_guarantee(
    issuer: str, policy: str, starts: str, ends: str, total: str, *, cif: bool
) -> Part[CoverCells | None]:
    if not (issuer or policy or starts or ends or total):
        return _NO_COVER
    terms = _terms("gf", starts, ends, total, "")
    cover = CoverCells(CoverKind.FINANCIAL_GUARANTEE, issuer, policy, *terms.value)
    if not cif:
        return Part(cover, terms.problems, ())
    template = "une garantie financière est donnée pour un CIF, qui n’en doit pas ; gardée. À vérifier."
    return Part(cover, terms.problems, (problem("gf", "guarantee_not_applicable", "", template),))


_AMOUNTS = {"rcpro": ("rcpro_montant_sinistre", "rcpro_montant_annuel"), "gf": ("gf_montant", "")}

_Terms = tuple[date, date, int | None, int | None]


@lru_cache(maxsize=4096)
def _terms(cover: str, starts: str, ends: str, first: str, second: str) -> Part[_Terms]:
    notes = Notes()
    starts_on, ends_on = _period(cover, starts, ends, notes)
    first_field, second_field = _AMOUNTS[cover]
    amount = notes.take(parse_amount(first, first_field), None)
    return notes.about((starts_on, ends_on, amount, notes.take(parse_amount(second, second_field), None)))


def _period(cover: str, starts: str, ends: str, notes: Notes) -> tuple[date, date]:
    days: list[date | None] = []
    for field, text in ((f"{cover}_debut", starts), (f"{cover}_fin", ends)):
        days.append(notes.take(parse_date(text, field), None))
        if not text:
            template = "la date manque. Donner le début et la fin de la couverture, ou effacer ses autres colonnes."
            notes.refuse(field, "cover_date_missing", text, template)
    starts_on, ends_on = days
    if starts_on and ends_on and ends_on < starts_on:
        template = "la couverture finit ({value}) avant de commencer. Corriger l’une des deux dates."
        notes.refuse(cover, "cover_ends_before_start", f"{starts} – {ends}", template)
    return starts_on or date.min, ends_on or date.min
