"""Rows of the files that insurers and guarantors hand in: from cells of text to what they push, or what is wrong."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from registry.rules.categories import Category, CoverKind, parse_category
from registry.rules.facts import CoverEventKind
from registry.rules.identifiers import parse_orias_number
from registry.rules.issuers import issuer_key, policy_key
from registry.rules.labels import LabelledEnum
from registry.rules.parsing import parse_amount, parse_date
from registry.rules.periods import ONE_DAY, Period
from registry.rules.problems import Problem, problem
from registry.rules.pushes import Pushed, PushedCover, PushedEvent, UnknownPolicy
from registry.rules.row_parts import Notes
from registry.rules.row_values import CODE_LENGTH
from registry.rules.text import CellRules, clean_cells

T = TypeVar("T")

POLICY_LENGTH = 60
_SPLIT = re.compile(r"[\s,;+/|]+")
_NO_DAY = date(1900, 1, 1)
"""Stands in for a day that was refused."""

_NAMED = {"numero_orias": CODE_LENGTH, "nature": CODE_LENGTH, "police": POLICY_LENGTH}
_TERMS = dict.fromkeys(("categories", "debut", "fin", "montant", "montant_annuel"), CODE_LENGTH)
COVER_LIMITS = _NAMED | _TERMS
EVENT_LIMITS = _NAMED | dict.fromkeys(("fait", "date_effet"), CODE_LENGTH)
ENQUIRY_LIMITS = {"numero_orias": CODE_LENGTH, "denomination": 250} | _NAMED | _TERMS | {"reponse": CODE_LENGTH}

_KINDS = {
    "rc pro": CoverKind.RC_PRO,
    "rcpro": CoverKind.RC_PRO,
    "rc": CoverKind.RC_PRO,
    "gf": CoverKind.FINANCIAL_GUARANTEE,
    "garantie financiere": CoverKind.FINANCIAL_GUARANTEE,
    "financial guarantee": CoverKind.FINANCIAL_GUARANTEE,
}
_EVENTS = {
    "suspension": CoverEventKind.SUSPENDED,
    "suspended": CoverEventKind.SUSPENDED,
    "denonciation": CoverEventKind.NOT_RENEWED,
    "non renouvellement": CoverEventKind.NOT_RENEWED,
    "not renewed": CoverEventKind.NOT_RENEWED,
    "resiliation": CoverEventKind.TERMINATED,
    "terminated": CoverEventKind.TERMINATED,
    "remise en vigueur": CoverEventKind.REINSTATED,
    "reinstated": CoverEventKind.REINSTATED,
}


class EnquiryAnswer(LabelledEnum):
    """What an issuer answers about one policy of the January enquiry."""

    RENEWED = "RENOUVELEE", "renouvelée au 1er janvier", "renewed on 1 January"
    NOT_RENEWED = "NON_RENOUVELEE", "non renouvelée", "not renewed"
    UNKNOWN = "INCONNUE", "police inconnue", "policy unknown"


_ANSWERS = {
    "renouvelee": EnquiryAnswer.RENEWED,
    "oui": EnquiryAnswer.RENEWED,
    "non renouvelee": EnquiryAnswer.NOT_RENEWED,
    "non": EnquiryAnswer.NOT_RENEWED,
    "inconnue": EnquiryAnswer.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Read:
    """A row read: what it pushes, or what is wrong with it, the first problem being the one to tell. Neither: there is
    nothing to do, as where the January enquiry was left without an answer."""

    orias_number: str
    pushed: Pushed | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class RowFormat:
    """The columns of a kind of file, in their order, and how a record of it is read."""

    limits: dict[str, int]
    rules: CellRules
    read: Callable[[dict[str, str], Notes], Pushed | None]

    @classmethod
    def of(cls, limits: dict[str, int], read: Callable[[dict[str, str], Notes], Pushed | None]) -> RowFormat:
        """The format of these columns, each with its greatest length."""
        return cls(limits, CellRules.of(limits), read)

    @property
    def columns(self) -> tuple[str, ...]:
        """The titles."""
        return tuple(self.limits)

    def parse(self, cells: Sequence[str]) -> Read:
        """Judge one record whose cells stand in the order of the columns. Never raises, whatever the text."""
        if not any(map(str.strip, cells)):
            return Read("")
        if len(cells) != len(self.limits):
            return Read("", problems=(self._wrong_width(cells),))
        texts, unclean = clean_cells(cells, self.rules)
        named = dict(zip(self.limits, texts, strict=True))
        notes = Notes()
        notes.problems.extend(unclean)
        pushed = self.read(named, notes)
        if notes.problems:
            return Read(named["numero_orias"], problems=tuple(notes.problems))
        return Read(named["numero_orias"], pushed)

    def _wrong_width(self, cells: Sequence[str]) -> Problem:
        template = "{found} cellules au lieu de {wanted}. Vérifier les séparateurs et les guillemets."
        return problem("", "wrong_number_of_cells", "", template, found=len(cells), wanted=len(self.limits))


def _name(cells: dict[str, str], notes: Notes) -> tuple[str, CoverKind, str, str]:
    number = notes.take(parse_orias_number(cells["numero_orias"]), "")
    kind = _coded(cells["nature"], "nature", _KINDS, "RC_PRO ou GF", notes) or CoverKind.RC_PRO
    policy = cells["police"]
    if notes.need("police", policy) and not policy_key(policy):
        notes.refuse("police", "policy_format", policy, "« {value} » n’est pas un numéro de police. Le ressaisir.")
    return number, kind, policy, policy_key(policy)


def _coded(text: str, field: str, codes: dict[str, T], wanted: str, notes: Notes) -> T | None:
    found = codes.get(issuer_key(text))
    if found is None and notes.need(field, text):
        notes.refuse(field, f"{field}_unknown", text, f"« {{value}} » n’est pas connu ici. Écrire {wanted}.")
    return found


def _categories(text: str, notes: Notes) -> frozenset[Category]:
    found = set()
    notes.need("categories", text)
    for code in filter(None, _SPLIT.split(text)):
        alias = parse_category(code)
        if alias is None:
            notes.refuse("categories", "category_unknown", code, "« {value} » n’est pas une catégorie connue.")
        else:
            found.add(alias.category)
    return frozenset(found)


def _day(cells: dict[str, str], field: str, notes: Notes) -> date:
    day = notes.take(parse_date(cells[field], field), None)
    notes.need(field, cells[field])
    return day or _NO_DAY


def _cover(cells: dict[str, str], notes: Notes) -> PushedCover:
    named, categories = _name(cells, notes), _categories(cells["categories"], notes)
    starts_on, ends_on = _day(cells, "debut", notes), _day(cells, "fin", notes)
    if ends_on < starts_on and not notes.problems:
        template = "« {value} » précède le premier jour. Corriger l’une des deux dates."
        notes.refuse("fin", "cover_ends_before_start", cells["fin"], template)
    amount = notes.take(parse_amount(cells["montant"], "montant"), None)
    annual = notes.take(parse_amount(cells["montant_annuel"], "montant_annuel"), None)
    return PushedCover(*named, categories, starts_on, ends_on, amount, annual)


def _event(cells: dict[str, str], notes: Notes) -> PushedEvent:
    wanted = "SUSPENSION, DENONCIATION, RESILIATION ou REMISE_EN_VIGUEUR"
    event = _coded(cells["fait"], "fait", _EVENTS, wanted, notes) or CoverEventKind.SUSPENDED
    return PushedEvent(*_name(cells, notes), event, _day(cells, "date_effet", notes))


def next_period(starts_on: date, ends_on: date) -> tuple[date, date]:
    """First and last day of the year for which a cover that ended on `ends_on` is renewed tacitly: twelve months, to
    the end of February where it ended with a February (CA R512-14, R512-15; CMF R519-16, R519-17)."""
    start = Period.of_days(starts_on, ends_on).end
    year = start.year + 1
    return start, date(year, start.month, min(start.day, monthrange(year, start.month)[1])) - ONE_DAY


def _answer(cells: dict[str, str], notes: Notes) -> Pushed | None:
    """An answer as what it means: a certificate for the next year, a word, or a policy that is not known."""
    if not cells["reponse"]:
        return None
    wanted = ", ".join(EnquiryAnswer)
    answer = _coded(cells["reponse"], "reponse", _ANSWERS, wanted, notes)
    cover = _cover(cells, notes)
    named = (cover.orias_number, cover.kind, cover.policy, cover.policy_key)
    if notes.problems:
        return None
    if answer is EnquiryAnswer.UNKNOWN:
        return UnknownPolicy(*named)
    starts_on, ends_on = next_period(cover.starts_on, cover.ends_on)
    if answer is EnquiryAnswer.NOT_RENEWED:
        return PushedEvent(*named, CoverEventKind.NOT_RENEWED, starts_on)
    return PushedCover(
        *named, cover.categories, starts_on, ends_on, cover.amount_cents, cover.annual_cents, continues=True
    )


COVER_ROWS = RowFormat.of(COVER_LIMITS, _cover)
EVENT_ROWS = RowFormat.of(EVENT_LIMITS, _event)
ENQUIRY_ROWS = RowFormat.of(ENQUIRY_LIMITS, _answer)
