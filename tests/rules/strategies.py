"""Facts for tests of the rules: plain builders, and strategies drawn around the days that matter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from itertools import combinations
from typing import Any

from hypothesis import strategies as st

from registry.rules.campaigns import default_campaign
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.covers import CoverFinding, assess_cover
from registry.rules.facts import (
    CoverFacts,
    CoverStatus,
    FileFacts,
    Reference,
    RegistrationFacts,
    Requirement,
)
from reminders.rules.eligibility import LedgerFacts, Policy
from reminders.rules.identity import WaveKey
from reminders.rules.waves import DEFAULT_WAVES

COA, IOB, CIF = Category.COA, Category.IOB, Category.CIF
RC_PRO, GUARANTEE = CoverKind.RC_PRO, CoverKind.FINANCIAL_GUARANTEE
EVERY_CATEGORY = frozenset(Category)
ONE_DAY = timedelta(days=1)
TERM = date(2026, 2, 28)
"""The last day of the covers renewed in the campaign in which most tests take place."""

# The rows a new register starts with, as its migration writes them: one source for the tests of the rules.
_rows: Any = import_module("registry.migrations.0002_reference_rows")

CAMPAIGNS = tuple(default_campaign(year) for year in _rows.CAMPAIGN_YEARS)


def _requirements() -> Iterable[Requirement]:
    for category, kind, valid_from, valid_until, amount, annual, text in _rows.REQUIREMENTS:
        annual_cents = None if annual is None else annual * 100
        yield Requirement(
            Category[category], CoverKind[kind], valid_from, valid_until, amount * 100, annual_cents, text
        )


REQUIREMENTS = tuple(_requirements())
REFERENCE = Reference(REQUIREMENTS, CAMPAIGNS, version=1)
POLICY = Policy(waves=DEFAULT_WAVES)


# --- builders: what a test does not name is in order -------------------------------------------------------


def registration(category: Category = COA, **changes: Any) -> RegistrationFacts:
    """A registration of long standing; a CIF's files by its association."""
    filer = Filer.ASSOCIATION if category is CIF else Filer.SELF
    given: dict[str, Any] = {"registered_on": date(2015, 6, 5), "filer": filer}
    return RegistrationFacts(category, **given | changes)


def rc_pro(starts_on: date, ends_on: date, *categories: Category, **changes: Any) -> CoverFacts:
    """An accepted RC Pro, for every category unless some are named."""
    return CoverFacts(RC_PRO, frozenset(categories) or EVERY_CATEGORY, starts_on, ends_on, **changes)


def guarantee(starts_on: date, ends_on: date, *categories: Category, **changes: Any) -> CoverFacts:
    """An accepted financial guarantee, for every category unless some are named."""
    return CoverFacts(GUARANTEE, frozenset(categories) or EVERY_CATEGORY, starts_on, ends_on, **changes)


def campaign_year(year: int) -> tuple[date, date]:
    """First and last day of the covers that the campaign of `year` renews."""
    return date(year - 1, 3, 1), default_campaign(year).term


def file_of(
    *facts: RegistrationFacts | CoverFacts, email: str = "cabinet@example.org", number: str = "07000001"
) -> FileFacts:
    """A file with these registrations and covers."""
    registrations = tuple(f for f in facts if isinstance(f, RegistrationFacts))
    covers = tuple(f for f in facts if isinstance(f, CoverFacts))
    return FileFacts(number, "Cabinet d’essai", email, "fr", registrations, covers, facts_version=1)


def moved(year: int, **dates: Any) -> Reference:
    """The default reference with some dates of one campaign moved by a decision."""
    campaigns = tuple(replace(c, **dates) if c.year == year else c for c in CAMPAIGNS)
    return replace(REFERENCE, campaigns=campaigns)


def on(text: str) -> date:
    return date.fromisoformat(text)


def find(
    day: date | str,
    *papers: CoverFacts,
    who: RegistrationFacts | None = None,
    kind: CoverKind = RC_PRO,
    reference: Reference = REFERENCE,
) -> CoverFinding:
    """The finding for a COA of long standing, unless another registration is named."""
    day = on(day) if isinstance(day, str) else day
    return assess_cover(who or registration(), kind, papers, reference, day)


# --- strategies --------------------------------------------------------------------------------------------

EDGE_DAYS = tuple(
    date(year, month, day) + timedelta(days=shift)
    for year in (2024, 2025, 2026, 2027, 2028)
    for month, day in ((1, 1), (1, 31), (2, 28), (3, 1), (12, 31))
    for shift in (-1, 0, 1)
)
SUMS = (None, None, None, 11_499_999, 11_500_000, 80_000_000, 156_460_999, 231_561_000)


_EVERY_DAY = tuple(date(2024, 6, 1) + timedelta(n) for n in range(0, 1500, 7))
_DAYS = st.sampled_from((*EDGE_DAYS, *_EVERY_DAY))
_MAYBE_DAY = st.sampled_from((*[None] * 120, *EDGE_DAYS, *_EVERY_DAY[::5]))
_STAY = st.sampled_from((None, None, 0, 1, 27, 28, 60, 365, 400))


def days() -> st.SearchStrategy[date]:
    """Days around the ends of February and of January, the turn of the year, and others."""
    return _DAYS


def maybe_day() -> st.SearchStrategy[date | None]:
    """None, more often than a day."""
    return _MAYBE_DAY


def registrations(category: Category | None = None) -> st.SearchStrategy[RegistrationFacts]:
    """A registration whose dates are in order, like the database's."""
    return st.builds(
        _registration,
        st.sampled_from(Category) if category is None else st.just(category),
        st.sampled_from((date(2012, 5, 4), date(2019, 9, 6), *EDGE_DAYS)),
        st.tuples(_STAY, _MAYBE_DAY, _STAY),
        st.integers(0, 7),
        st.sampled_from(Filer),
    )


def _registration(
    category: Category,
    since: date,
    stays: tuple[int | None, date | None, int | None],
    bits: int,
    filer: Filer,
) -> RegistrationFacts:
    kept, suspended_on, away = stays
    return RegistrationFacts(
        category=category,
        registered_on=since,
        removed_on=_after(since, kept),
        suspended_on=suspended_on,
        suspended_until=suspended_on and _after(suspended_on, away),
        holds_client_funds=bool(bits & 1),
        funds_mandate=bool(bits & 2),
        filer=filer,
        principal_bears_liability=bool(bits & 4),
    )


def _after(day: date, stay: int | None) -> date | None:
    return None if stay is None else day + timedelta(stay)


_YEARS = st.sampled_from([campaign_year(year) for year in range(2024, 2029)])
_SPANS = st.builds(lambda first, n: (first, first + timedelta(n)), _DAYS, st.integers(0, 500))
_CATEGORIES = st.sampled_from([frozenset(chosen) for n in (1, 2, 3) for chosen in combinations(Category, n)])


def covers() -> st.SearchStrategy[CoverFacts]:
    """A cover of a campaign's year or of any days, in any status, with any sums, ended early or not."""
    return st.builds(
        lambda kind, categories, span, status, sums, ended_on: CoverFacts(
            kind, categories, span[0], span[1], status, sums[0], sums[1], ended_on
        ),
        st.sampled_from(CoverKind),
        _CATEGORIES,
        _YEARS | _SPANS,
        st.sampled_from([*CoverStatus, CoverStatus.ACCEPTED, CoverStatus.ACCEPTED]),
        st.tuples(st.sampled_from(SUMS), st.sampled_from(SUMS)),
        _MAYBE_DAY,
    )


def usual_registrations() -> st.SearchStrategy[RegistrationFacts]:
    """A registration of long standing, in force; with funds or not."""
    return st.builds(
        lambda category, funds: registration(category, holds_client_funds=funds),
        st.sampled_from(Category),
        st.booleans(),
    )


def usual_covers() -> st.SearchStrategy[CoverFacts]:
    """A cover of one year or of several, around the campaign of 2026: mostly accepted, sometimes too low."""
    first = st.sampled_from([date(2024, 3, 1), date(2025, 3, 1), date(2025, 3, 1), date(2026, 3, 1)])
    return st.builds(
        lambda kind, categories, start, years, status, amount: CoverFacts(
            kind, categories, start, default_campaign(start.year + years).term, status, amount
        ),
        st.sampled_from(CoverKind),
        _CATEGORIES,
        first,
        st.sampled_from([1, 1, 1, 2, 3]),
        st.sampled_from([CoverStatus.ACCEPTED] * 4 + [CoverStatus.DEPOSITED]),
        st.sampled_from([None, None, None, 100]),
    )


def files() -> st.SearchStrategy[FileFacts]:
    """A file of up to three registrations, one per category, and some covers: usual ones, or any at all."""
    return _files(usual_registrations(), usual_covers()) | _files(registrations(), covers())


def _files(
    one: st.SearchStrategy[RegistrationFacts], paper: st.SearchStrategy[CoverFacts]
) -> st.SearchStrategy[FileFacts]:
    return st.builds(
        lambda mine, papers, email: file_of(*mine, *papers, email=email),
        st.lists(one, min_size=1, max_size=3, unique_by=lambda r: r.category),
        st.lists(paper, max_size=5),
        st.sampled_from(["cabinet@example.org", "cabinet@example.org", ""]),
    )


def campaign_days() -> st.SearchStrategy[date]:
    """Days from the first wave of the campaign of 2026 to its last; any other one time in four."""
    inside = st.sampled_from([date(2025, 12, 10) + timedelta(n) for n in range(100)])
    return st.one_of(inside, inside, inside, _DAYS)


def wave_keys() -> st.SearchStrategy[WaveKey]:
    """Keys that reminders of the drawn files could have."""
    codes = st.sampled_from([wave.code for wave in DEFAULT_WAVES])
    terms = st.sampled_from([c.term for c in CAMPAIGNS]) | days()
    return st.builds(WaveKey, st.sampled_from(CoverKind), terms, codes)


def ledgers() -> st.SearchStrategy[LedgerFacts]:
    """What has been sent already: mostly nothing."""
    return st.builds(
        LedgerFacts,
        held=st.frozensets(wave_keys(), max_size=4),
        live_notice=st.sampled_from([None, None, None, 7]),
        last_mailed_on=_MAYBE_DAY,
    )
