"""What can be found in a certificate without a person: its period, sums, categories and issuer, and whether the text of
the document says the same. A finding helps the reviewer and never decides by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from registry.rules.campaigns import CampaignDates, last_of_february
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import assess_cover
from registry.rules.facts import CoverFacts, Reference, RegistrationFacts
from registry.rules.labels import LabelledEnum
from registry.rules.paper_text import PaperText
from registry.rules.periods import ONE_DAY, Period


class PaperLevel(LabelledEnum):
    """How much a finding weighs with the reviewer."""

    GOOD = "GOOD", "conforme", "as it should be"
    UNKNOWN = "UNKNOWN", "non vérifiable", "cannot be checked"
    DOUBT = "DOUBT", "à regarder", "to be looked at"
    WRONG = "WRONG", "non conforme", "not as it should be"


class PaperCode(LabelledEnum):
    """What was found; `{…}` are the facts of the finding."""

    PERIOD_WHOLE = (
        "PERIOD_WHOLE",
        "couvre toute la période du {wanted_from} au {wanted_until}",
        "covers the whole period from {wanted_from} to {wanted_until}",
    )
    PERIOD_OLD = (
        "PERIOD_OLD",
        "ancienne période\u00a0: l’attestation s’arrête au {ends_on}, or c’est la période du {wanted_from} au "
        "{wanted_until} qui est à couvrir. Demandez la nouvelle attestation à votre assureur ou garant",
        "old period: the certificate ends on {ends_on}, whereas the period from {wanted_from} to {wanted_until} is to "
        "be covered. Ask your insurer or guarantor for the new certificate",
    )
    PERIOD_PARTIAL = (
        "PERIOD_PARTIAL",
        "ne couvre pas toute la période du {wanted_from} au {wanted_until}",
        "does not cover the whole period from {wanted_from} to {wanted_until}",
    )
    AMOUNTS_MET = "AMOUNTS_MET", "montants au moins égaux au minimum", "amounts reach the minimum"
    AMOUNTS_UNKNOWN = "AMOUNTS_UNKNOWN", "montants non indiqués", "amounts not stated"
    AMOUNTS_BELOW = (
        "AMOUNTS_BELOW",
        "montants inférieurs au minimum pour {category} ({minimum}\u00a0; {legal_text})",
        "amounts below the minimum for {category} ({minimum}; {legal_text})",
    )
    CATEGORIES_COVERED = (
        "CATEGORIES_COVERED",
        "cite toutes les catégories qui l’exigent",
        "names every category that requires it",
    )
    CATEGORY_MISSING = (
        "CATEGORY_MISSING",
        "ne cite pas {categories}, qui l’exige aussi",
        "does not name {categories}, which requires it too",
    )
    CATEGORY_FOREIGN = (
        "CATEGORY_FOREIGN",
        "cite {categories}, sans inscription",
        "names {categories}, without a registration",
    )
    ISSUER_KNOWN = "ISSUER_KNOWN", "émetteur connu du registre", "issuer known to the register"
    ISSUER_UNKNOWN = (
        "ISSUER_UNKNOWN",
        "émetteur inconnu du registre\u00a0: «\u00a0{issuer}\u00a0»",
        "issuer unknown to the register: “{issuer}”",
    )
    NO_DOCUMENT = "NO_DOCUMENT", "aucun document joint", "no document attached"
    NO_TEXT = "NO_TEXT", "document sans texte lisible (numérisation)", "document without readable text (a scan)"
    TEXT_AGREES = (
        "TEXT_AGREES",
        "le texte du document confirme\u00a0: {what}",
        "the document's text confirms: {what_en}",
    )
    TEXT_DIFFERS = (
        "TEXT_DIFFERS",
        "absent du texte du document\u00a0: {what}",
        "not found in the document's text: {what_en}",
    )
    TEXT_OLD_PERIOD = (
        "TEXT_OLD_PERIOD",
        "les dates du document ne dépassent pas le {latest}\u00a0: c’est sans doute l’attestation de l’ancienne "
        "période. Demandez celle du {wanted_from} au {wanted_until}",
        "no date in the document is after {latest}: this is probably the certificate of the old period. Ask for that "
        "from {wanted_from} to {wanted_until}",
    )


_C = PaperCode
LEVELS: Mapping[PaperCode, PaperLevel] = {
    _C.PERIOD_WHOLE: PaperLevel.GOOD,
    _C.PERIOD_OLD: PaperLevel.WRONG,
    _C.PERIOD_PARTIAL: PaperLevel.WRONG,
    _C.AMOUNTS_MET: PaperLevel.GOOD,
    _C.AMOUNTS_UNKNOWN: PaperLevel.UNKNOWN,
    _C.AMOUNTS_BELOW: PaperLevel.WRONG,
    _C.CATEGORIES_COVERED: PaperLevel.GOOD,
    _C.CATEGORY_MISSING: PaperLevel.DOUBT,
    _C.CATEGORY_FOREIGN: PaperLevel.WRONG,
    _C.ISSUER_KNOWN: PaperLevel.GOOD,
    _C.ISSUER_UNKNOWN: PaperLevel.DOUBT,
    _C.NO_DOCUMENT: PaperLevel.DOUBT,
    _C.NO_TEXT: PaperLevel.UNKNOWN,
    _C.TEXT_AGREES: PaperLevel.GOOD,
    _C.TEXT_DIFFERS: PaperLevel.DOUBT,
    _C.TEXT_OLD_PERIOD: PaperLevel.DOUBT,
}


@dataclass(frozen=True, slots=True)
class PaperFinding:
    """One thing found, with the facts that it is told with."""

    code: PaperCode
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def level(self) -> PaperLevel:
        """How much it weighs."""
        return LEVELS[self.code]

    @property
    def in_words(self) -> tuple[str, str]:
        """In French and in English."""
        return self.code.label.format(**self.facts), self.code.label_en.format(**self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """A certificate as it was entered, with what is known beside it.

    `text` is what the document says (None: no document); `issuer_known` whether the register holds an accepted
    certificate of that issuer.
    """

    cover: CoverFacts
    issuer: str
    policy: str
    issuer_known: bool
    text: PaperText | None


def wanted_period(day: date, campaigns: tuple[CampaignDates, ...]) -> Period:
    """The year, from 1 March to the end of February, that a certificate deposited on `day` is to cover.

    That of the campaign once it is open; before, the year that runs (CA R512-14: effect on 1 March, for 12 months).
    """
    year = day.year if day <= last_of_february(day.year) else day.year + 1
    campaign = next((c for c in campaigns if c.year == year), None)
    is_open = campaign is not None and campaign.opens_on <= day
    first = date(year, 3, 1) if is_open else date(year - 1, 3, 1)
    return Period(first, _next_year(first))


def assess_paper(
    paper: PaperFacts,
    orias_number: str,
    registrations: tuple[RegistrationFacts, ...],
    reference: Reference,
    day: date,
) -> tuple[PaperFinding, ...]:
    """Everything found in a certificate of this file, deposited on `day`."""
    wanted = wanted_period(day, reference.campaigns)
    active = tuple(r for r in registrations if not r.is_removed(day))
    return (
        _period(paper.cover, active, wanted, is_early=wanted.start <= day),
        _amounts(paper.cover, wanted, reference),
        *_categories(paper.cover, active, reference, day),
        _issuer(paper),
        *_document(paper, orias_number, wanted),
    )


def assess_text(text: PaperText, orias_number: str, day: date, reference: Reference) -> tuple[PaperFinding, ...]:
    """What a document says by itself, before any certificate is filed with it."""
    if not text.has_words:
        return (PaperFinding(_C.NO_TEXT),)
    number = _C.TEXT_AGREES if text.has_number(orias_number) else _C.TEXT_DIFFERS
    found = [PaperFinding(number, _what("numéro", "number", orias_number))]
    if old := _old_text(text, wanted_period(day, reference.campaigns)):
        found.append(old)
    return tuple(found)


def worst(findings: tuple[PaperFinding, ...]) -> PaperLevel:
    """The gravest level among them."""
    order = list(PaperLevel)
    return max((f.level for f in findings), key=order.index, default=PaperLevel.GOOD)


def _told(period: Period) -> dict[str, str]:
    return {"wanted_from": f"{period.start:%d/%m/%Y}", "wanted_until": f"{period.last_day:%d/%m/%Y}"}


def _period(
    cover: CoverFacts, registrations: tuple[RegistrationFacts, ...], wanted: Period, is_early: bool
) -> PaperFinding:
    """Whoever registered within the year is to be covered from that day on. Before the campaign opens, the period of
    the year after is as good: issuers make it out from the autumn on."""
    stated = Period.of_days(cover.starts_on, cover.ends_on)
    mine = [r.registered_on for r in registrations if r.category in cover.categories]
    first = max(wanted.start, min(mine)) if mine else wanted.start
    if stated.end <= wanted.start or stated.end <= first:
        return PaperFinding(_C.PERIOD_OLD, _told(wanted) | {"ends_on": f"{cover.ends_on:%d/%m/%Y}"})
    whole = _covers(stated, first, wanted.end) or (is_early and _covers(stated, wanted.end, _next_year(wanted.end)))
    return PaperFinding(_C.PERIOD_WHOLE if whole else _C.PERIOD_PARTIAL, _told(wanted))


def _covers(stated: Period, first: date, end: date) -> bool:
    return stated.start <= first and end <= stated.end


def _next_year(day: date) -> date:
    return day.replace(year=day.year + 1)


def _amounts(cover: CoverFacts, wanted: Period, reference: Reference) -> PaperFinding:
    """Against the row that binds each category named at the beginning of the stated period, or of the wanted one."""
    on = max(cover.starts_on, wanted.start)
    rows = [r for c in sorted(cover.categories) if (r := reference.requirement(c, cover.kind, on))]
    if short := next((row for row in rows if not row.is_met_by(cover)), None):
        minimum = " / ".join(_euros(cents) for cents in (short.amount_cents, short.annual_cents) if cents)
        facts = {"category": short.category.value, "minimum": minimum, "legal_text": short.legal_text}
        return PaperFinding(_C.AMOUNTS_BELOW, facts)
    silent = cover.amount_cents is None or (cover.kind is CoverKind.RC_PRO and cover.annual_cents is None)
    return PaperFinding(_C.AMOUNTS_UNKNOWN if silent else _C.AMOUNTS_MET)


def _euros(cents: int) -> str:
    return f"{cents // 100:,} €".replace(",", "\u202f").replace(" €", "\u00a0€")


def _categories(
    cover: CoverFacts, registrations: tuple[RegistrationFacts, ...], reference: Reference, day: date
) -> Iterator[PaperFinding]:
    held = {r.category for r in registrations}
    if foreign := cover.categories - held:
        yield PaperFinding(_C.CATEGORY_FOREIGN, {"categories": _names(foreign)})
    asked = {r.category for r in registrations if _requires(r, cover.kind, reference, day)}
    if missing := asked - cover.categories:
        yield PaperFinding(_C.CATEGORY_MISSING, {"categories": _names(missing)})
    if not foreign and not missing:
        yield PaperFinding(_C.CATEGORIES_COVERED)


def _requires(registration: RegistrationFacts, kind: CoverKind, reference: Reference, day: date) -> bool:
    return assess_cover(registration, kind, (), reference, day).state != "NOT_REQUIRED"


def _names(categories: frozenset[Category] | set[Category]) -> str:
    return ", ".join(sorted(c.value for c in categories))


def _issuer(paper: PaperFacts) -> PaperFinding:
    if paper.issuer_known:
        return PaperFinding(_C.ISSUER_KNOWN)
    return PaperFinding(_C.ISSUER_UNKNOWN, {"issuer": paper.issuer})


def _document(paper: PaperFacts, orias_number: str, wanted: Period) -> Iterator[PaperFinding]:
    text = paper.text
    if text is None:
        yield PaperFinding(_C.NO_DOCUMENT)
        return
    if not text.has_words:
        yield PaperFinding(_C.NO_TEXT)
        return
    for what, there in _comparisons(paper, text, orias_number):
        yield PaperFinding(_C.TEXT_AGREES if there else _C.TEXT_DIFFERS, what)
    if old := _old_text(text, wanted):
        yield old


def _comparisons(paper: PaperFacts, text: PaperText, orias_number: str) -> Iterator[tuple[dict[str, str], bool]]:
    cover = paper.cover
    yield _what("numéro", "number", orias_number), text.has_number(orias_number)
    yield _what("émetteur", "issuer", paper.issuer), text.has_words_of(paper.issuer)
    if paper.policy:
        yield _what("police", "policy", paper.policy), text.has_code(paper.policy)
    for day in (cover.starts_on, cover.ends_on):
        yield _what("date", "date", f"{day:%d/%m/%Y}"), not text.days.isdisjoint((day, _near(day)))
    for cents in (cover.amount_cents, cover.annual_cents):
        if cents is not None:
            yield _what("montant", "amount", _euros(cents)), cents // 100 in text.sums


def _what(french: str, english: str, value: str) -> dict[str, str]:
    return {"what": f"{french} {value}", "what_en": f"{english} {value}"}


def _near(day: date) -> date:
    """Another way to write the last day of February: the 28th in a leap year, or 1 March."""
    last = Period.of_days(day, day).last_day
    is_last = last == last_of_february(last.year)
    return last if last != day else (last + ONE_DAY if is_last else day)


def _old_text(text: PaperText, wanted: Period) -> PaperFinding | None:
    """The classic error: every period that the document speaks of ends before the one to be covered begins."""
    if not text.days or max(text.days) > wanted.start:
        return None
    return PaperFinding(_C.TEXT_OLD_PERIOD, _told(wanted) | {"latest": f"{max(text.days):%d/%m/%Y}"})
