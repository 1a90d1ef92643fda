"""A fictional register of any size, in the register's file format, the same on every run.

It tells the story of the February in which the wrong people were reminded, in two files of the same
people: `Stage.BEFORE`, the register of the autumn, when everybody's cover ends with February of the
campaign's year, and `Stage.AFTER`, the register of late February, when three in four have renewed. A row
has room for one RC Pro period, so importing the second file after the first puts the new cover *beside*
the old one: a job that asks "which covers end this month?" then finds the complete files too.

Out of every 200 people, in any such stretch of the register (`SHARES`):

- 150 COMPLETE: renewed for a year by February, guarantee included.
- 36 due: 30 STILL_DUE (nothing renewed), 4 PARTLY_DUE (several categories, only the first one renewed)
  and 2 GUARANTEE_DUE (RC Pro renewed, a guarantee not).
- 4 REMOVED the year before.
- 3 REGISTERED_LATE, in January or February of the campaign's year: not in the campaign, nor in the
  autumn's file.
- 2 NO_EMAIL: nothing renewed, and no address to be reminded at.
- 3 OTHER_TERM: with covers that end in the summer.
- 1 BELOW_MINIMUM, with amounts below the legal ones; 1 LAPSED, with covers that ended the year before.

Registrations stand as in 2014, about 10,000 COA : 3,500 IOB : 4,500 CIF, at 1.4 a person. A quarter of
the COA and a fifth of the IOB hold client funds and have a guarantee, one in seven of them from summer to
summer; a CIF never does (CMF L541-6). IOB and CIF are registered since 2013. Decisions are dated on
Fridays.

Numbers are unique by construction (a permuted counter), and leading zeros occur. A SIREN that passes
Luhn's check can happen to be a real firm's, as a surname is somebody's; mail domains and telephone
numbers are nobody's.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from registry.intake.fiction_calendar import FIRST_YEAR, Calendar, Span
from registry.intake.fiction_words import (
    COMPANY_FORMS,
    FIRST_NAMES,
    GUARANTORS,
    INSURERS,
    PHONE_RANGES,
    SOLE_TRADER,
    STREETS,
    SURNAMES,
    TOWNS,
    Dice,
    company_name,
    with_luhn_digit,
)
from registry.rules.categories import Category
from registry.rules.labels import LabelledEnum
from registry.rules.rows import COLUMNS

MAX_PEOPLE = 1_000_000
"""The number's last six digits tell people apart; its first two are a year."""


class Stage(LabelledEnum):
    """Which of the two files."""

    BEFORE = "BEFORE", "registre de l’automne", "the autumn's register"
    AFTER = "AFTER", "registre de fin février", "the register of late February"


class Fate(LabelledEnum):
    """What becomes of a person's file in the campaign; see the module's account of the shares."""

    COMPLETE = "COMPLETE", "dossier complet, couverture renouvelée", "complete, cover renewed"
    STILL_DUE = "STILL_DUE", "renouvellement attendu", "renewal still due"
    PARTLY_DUE = (
        "PARTLY_DUE",
        "une catégorie renouvelée, pas les autres",
        "one category renewed, not the others",
    )
    GUARANTEE_DUE = (
        "GUARANTEE_DUE",
        "RC Pro renouvelée, garantie financière attendue",
        "indemnity insurance renewed, financial guarantee due",
    )
    REMOVED = "REMOVED", "inscription supprimée", "removed"
    REGISTERED_LATE = (
        "REGISTERED_LATE",
        "inscription en janvier ou février, hors campagne",
        "registered in January or February, not in the campaign",
    )
    NO_EMAIL = (
        "NO_EMAIL",
        "renouvellement attendu, sans adresse électronique",
        "renewal due, without an e-mail address",
    )
    OTHER_TERM = "OTHER_TERM", "couverture expirant un autre mois", "cover ends in another month"
    BELOW_MINIMUM = "BELOW_MINIMUM", "montants inférieurs au minimum", "amounts below the minimum"
    LAPSED = "LAPSED", "couverture expirée l’année précédente", "cover lapsed the year before"

    @classmethod
    def due(cls) -> frozenset["Fate"]:
        """Those who have something to renew and an address to be reminded at."""
        return frozenset({cls.STILL_DUE, cls.PARTLY_DUE, cls.GUARANTEE_DUE})


SHARES: dict[Fate, int] = {
    Fate.COMPLETE: 150,
    Fate.STILL_DUE: 30,
    Fate.PARTLY_DUE: 4,
    Fate.GUARANTEE_DUE: 2,
    Fate.REMOVED: 4,
    Fate.REGISTERED_LATE: 3,
    Fate.NO_EMAIL: 2,
    Fate.OTHER_TERM: 3,
    Fate.BELOW_MINIMUM: 1,
    Fate.LAPSED: 1,
}
"""People out of 200."""

_FATES = tuple(fate for fate, people in SHARES.items() for _ in range(people))
_SETTLED = frozenset({Fate.REMOVED, Fate.OTHER_TERM, Fate.LAPSED})

_FIRST_IOB_AND_CIF = 2013

_COA, _IOB, _CIF = Category.COA, Category.IOB, Category.CIF
_MIX: dict[tuple[Category, ...], int] = {
    (_COA,): 229,
    (_IOB,): 31,
    (_CIF,): 60,
    (_COA, _IOB): 65,
    (_COA, _CIF): 75,
    (_IOB, _CIF): 20,
    (_COA, _IOB, _CIF): 20,
}
_ANY_MIX = tuple(mix for mix, people in _MIX.items() for _ in range(people))
_SEVERAL = tuple(mix for mix in _ANY_MIX if len(mix) > 1)
_WITH_COA = tuple(mix for mix in _ANY_MIX if _COA in mix)

_MINIMUM = {_COA: ("1564610", "2315610"), _IOB: ("500000", "800000"), _CIF: ("150000", "150000")}
_TOO_LOW = {_COA: ("1500000", "2000000"), _IOB: ("400000", "700000"), _CIF: ("100000", "100000")}
_FUNDS_PER_HUNDRED = {_COA: 25, _IOB: 20, _CIF: 0}
_GUARANTEES = ("115000", "115000", "150000", "230000", "400000")
_NO_GUARANTEE = ("",) * 5


class Registration(NamedTuple):
    """One registration with its papers; ISO dates, first and last days inclusive, amounts in euros."""

    category: Category
    registered_on: str
    removed_on: str
    indemnity: tuple[str, ...]
    guarantee: tuple[str, ...]


class Person(NamedTuple):
    """One intermediary of the fictional register, as the file of one stage shows it."""

    rank: int
    fate: Fate
    orias_number: str
    siren: str
    name: str
    trade_name: str
    legal_form: str
    email: str
    phone: str
    address: str
    postcode: str
    town: str
    registrations: tuple[Registration, ...]

    def rows(self) -> Iterator[list[str]]:
        """The person's rows of the file, one a registration, cells in the order of the format's columns."""
        for category, registered_on, removed_on, indemnity, guarantee in self.registrations:
            status = "SUPPRIME" if removed_on else "INSCRIT"
            funds = "OUI" if guarantee[0] else "NON"
            yield [
                self.orias_number, self.siren, self.name, self.trade_name, self.legal_form,
                category.value, status, registered_on, removed_on, funds,
                self.email, self.phone, self.address, self.postcode, self.town,
                *indemnity, *guarantee,
            ]  # fmt: skip


def profile(index: int) -> Fate:
    """The fate of the person at `index` (from 0), the same for every size, seed and year.

    A walk in steps of 73 through 200 places: any 200 people in a row hold exactly `SHARES`.
    """
    return _FATES[index * 73 % len(_FATES)]


def fictional_people(
    people: int, *, campaign_year: int = 2026, seed: int = 2014, stage: Stage = Stage.AFTER
) -> Iterator[Person]:
    """Draw the people one by one; memory stays flat. The autumn's register lacks those registered after it.

    Raises ValueError above `MAX_PEOPLE`.
    """
    if people > MAX_PEOPLE:
        raise ValueError(f"people={people}: the register has numbers for {MAX_PEOPLE} at most; ask for fewer.")
    author = _Author(Calendar.of(campaign_year), seed, stage)
    for index in range(people):
        fate = profile(index)
        if stage is Stage.AFTER or fate is not Fate.REGISTERED_LATE:
            yield author.person(index, fate)


def fictional_rows(
    people: int, *, campaign_year: int = 2026, seed: int = 2014, stage: Stage = Stage.AFTER
) -> Iterator[list[str]]:
    """The rows of the file without its header; see `fictional_people`."""
    for person in fictional_people(people, campaign_year=campaign_year, seed=seed, stage=stage):
        yield from person.rows()


def write_register(
    path: Path | str, people: int, *, campaign_year: int = 2026, seed: int = 2014, stage: Stage = Stage.AFTER
) -> None:
    """Write the file (`;`, UTF-8, header first), replacing any that is there; see `fictional_people`."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(fictional_rows(people, campaign_year=campaign_year, seed=seed, stage=stage))


class _Author:
    """Writes people for one calendar, seed and stage."""

    def __init__(self, calendar: Calendar, seed: int, stage: Stage) -> None:
        self.calendar = calendar
        self.seed = seed
        self.renewing = stage is Stage.AFTER
        self.shift = Dice(seed, -1).below(MAX_PEOPLE)

    def person(self, index: int, fate: Fate) -> Person:
        dice = Dice(self.seed, index)
        mix = dice.pick(_mixes(fate))
        year = self._first_year(fate, mix, dice)
        # Each multiplier is prime to its modulus: a permutation, so no two people share a number.
        serial = (index * 618_033 + self.shift) % MAX_PEOPLE
        siren = with_luhn_digit(str(10_000_000 + (index * 61_803_397 + self.shift) % 90_000_000))
        name, trade_name, legal_form = _names(dice)
        email = "" if fate is Fate.NO_EMAIL else f"contact{index + 1}@cabinet-{dice.below(9999) + 1}.example"
        phone = f"{PHONE_RANGES[index % 5]}{(index // 5 * 6_181 + self.shift) % 10_000:04d}"
        address = f"{dice.below(180) + 1} {dice.pick(STREETS)}"
        postcode, town = dice.pick(TOWNS)
        return Person(
            index, fate, f"{year % 100:02d}{serial:06d}", siren, name, trade_name, legal_form,
            email, phone, address, postcode, town, self._registrations(fate, mix, year, dice),
        )  # fmt: skip

    def _first_year(self, fate: Fate, mix: tuple[Category, ...], dice: Dice) -> int:
        if fate is Fate.REGISTERED_LATE:
            return self.calendar.year
        last = self._last_year(fate)
        first = min(FIRST_YEAR if _COA in mix else _FIRST_IOB_AND_CIF, last)
        return first + dice.below(last - first + 1)

    def _registrations(self, fate: Fate, mix: tuple[Category, ...], year: int, dice: Dice) -> tuple[Registration, ...]:
        removed_on = dice.pick(self.calendar.removals) if fate is Fate.REMOVED else ""
        unusual = self._unusual_span(fate, dice)
        entries: list[Registration] = []
        for category in mix:
            registered_in = self._later_year(fate, year, dice) if entries else year
            registered_on = dice.pick(self.calendar.fridays[registered_in])
            old = unusual or self._old_span(registered_on)
            insured, guaranteed = self._renewed(old, fate, is_first=not entries)
            indemnity = _indemnity(fate, category, insured, dice)
            guarantee = self._guarantee(fate, category, guaranteed, dice)
            entries.append(Registration(category, registered_on, removed_on, indemnity, guarantee))
        return tuple(entries)

    def _later_year(self, fate: Fate, first: int, dice: Dice) -> int:
        """The year of a second or third category, an IOB or a CIF: up to three years after the first one."""
        years = dice.below(4)
        if fate is Fate.REGISTERED_LATE:
            return first
        return min(max(first + years, _FIRST_IOB_AND_CIF), self._last_year(fate))

    def _last_year(self, fate: Fate) -> int:
        """Those whose cover or removal lies in the past have been registered for longer than that."""
        return self.calendar.year - (3 if fate in _SETTLED else 1)

    def _unusual_span(self, fate: Fate, dice: Dice) -> Span | None:
        if fate is Fate.OTHER_TERM:
            return dice.pick(self.calendar.summers)
        return dice.pick(self.calendar.lapsed) if fate is Fate.LAPSED else None

    def _old_span(self, registered_on: str) -> Span:
        """The cover of the year before: from 1 March, or a beginner's, from registration (CMF R519-16)."""
        start, end = self.calendar.old
        return max(start, registered_on), end

    def _renewed(self, old: Span, fate: Fate, *, is_first: bool) -> tuple[Span, Span]:
        """The periods of RC Pro and guarantee in this stage."""
        if not self.renewing:
            return old, old
        if fate is Fate.COMPLETE or (fate is Fate.PARTLY_DUE and is_first):
            return self.calendar.new, self.calendar.new
        return (self.calendar.new if fate is Fate.GUARANTEE_DUE else old), old

    def _guarantee(self, fate: Fate, category: Category, span: Span, dice: Dice) -> tuple[str, ...]:
        due = fate is Fate.GUARANTEE_DUE and category is _COA
        if dice.below(100) >= _FUNDS_PER_HUNDRED[category] and not due:
            return _NO_GUARANTEE
        if dice.below(7) == 0 and not due:
            span = dice.pick(self.calendar.summers)
        number = f"GF{100_000 + dice.below(900_000)}"
        return (dice.pick(GUARANTORS), number, *span, dice.pick(_GUARANTEES))


def _indemnity(fate: Fate, category: Category, span: Span, dice: Dice) -> tuple[str, ...]:
    amounts = (_TOO_LOW if fate is Fate.BELOW_MINIMUM else _MINIMUM)[category]
    return (dice.pick(INSURERS), f"RC{1_000_000 + dice.below(9_000_000)}", *span, *amounts)


def _mixes(fate: Fate) -> tuple[tuple[Category, ...], ...]:
    if fate is Fate.PARTLY_DUE:
        return _SEVERAL
    return _WITH_COA if fate is Fate.GUARANTEE_DUE else _ANY_MIX


def _names(dice: Dice) -> tuple[str, str, str]:
    """Name, trade name (a third have one) and legal form; a sole trader goes by surname and first name."""
    traded = dice.below(3) == 0
    form = dice.below(6)
    if form == len(COMPANY_FORMS):
        surname, first_name = dice.pick(SURNAMES), dice.pick(FIRST_NAMES)
        return f"{surname.upper()} {first_name}", f"{surname} {first_name}" if traded else "", SOLE_TRADER
    name = company_name(dice)
    return name, name if traded else "", COMPANY_FORMS[form]
