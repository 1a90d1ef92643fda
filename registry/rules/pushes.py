"""What becomes of a row that an insurer or guarantor hands in: a certificate, its word about one, or an answer.

Facts in, a decision out: the same for a file and for the API, for a comparison and for the real run. Only what the
register holds in this issuer's own name comes in: another's policy is decided on as if it were not there (I14).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from registry.rules.categories import Category, CoverKind
from registry.rules.cover_events import Said, days_lost, earliest_end, lifted_on
from registry.rules.facts import CoverEventKind, CoverFacts, CoverStatus, Reference
from registry.rules.labels import LabelledEnum
from registry.rules.periods import Period
from registry.rules.problems import Problem, problem

MOST_OF_ONE_POLICY = 12
"""Rows of one policy in one lot: more is a mistake, and each costs a round."""


class Fate(LabelledEnum):
    """What became of a row."""

    NEW = "NEW", "enregistrée", "recorded"
    CHANGED = "CHANGED", "modifiée", "changed"
    UNCHANGED = "UNCHANGED", "déjà connue", "known already"
    DUPLICATE = "DUPLICATE", "en double", "duplicate"
    IGNORED = "IGNORED", "sans rien à faire", "nothing to do"
    REFUSED = "REFUSED", "refusée", "refused"


@dataclass(frozen=True, slots=True)
class PushedCover:
    """A certificate as its issuer states it: days included, sums in euro cents. `continues`: it is the next year of a
    policy that must be on record."""

    orias_number: str
    kind: CoverKind
    policy: str
    policy_key: str
    categories: frozenset[Category]
    starts_on: date
    ends_on: date
    amount_cents: int | None = None
    annual_cents: int | None = None
    continues: bool = False

    @property
    def terms(self) -> tuple[object, ...]:
        """What makes two statements of one certificate the same."""
        return (self.categories, self.ends_on, self.amount_cents, self.annual_cents)


@dataclass(frozen=True, slots=True)
class PushedEvent:
    """An issuer's word about one of its policies; `effective_on` is the first day without cover, or with it again."""

    orias_number: str
    kind: CoverKind
    policy: str
    policy_key: str
    event: CoverEventKind
    effective_on: date


@dataclass(frozen=True, slots=True)
class UnknownPolicy:
    """An issuer's answer that a policy on record in its name is none of its own."""

    orias_number: str
    kind: CoverKind
    policy: str
    policy_key: str


Pushed = PushedCover | PushedEvent | UnknownPolicy


@dataclass(frozen=True, slots=True)
class HeldCover:
    """A certificate on record in the issuer's name. `pushed`: it came from the issuer itself; `doubted`: the issuer
    has said that it knows no such policy, and staff have not settled that yet."""

    cover_id: int
    kind: CoverKind
    policy_key: str
    categories: frozenset[Category]
    starts_on: date
    ends_on: date
    amount_cents: int | None
    annual_cents: int | None
    status: CoverStatus
    pushed: bool
    said: tuple[Said, ...] = ()
    doubted: bool = False

    @property
    def terms(self) -> tuple[object, ...]:
        """What makes two statements of one certificate the same."""
        return (self.categories, self.ends_on, self.amount_cents, self.annual_cents)

    @property
    def end(self) -> date:
        """The first day after what it states."""
        return Period.of_days(self.starts_on, self.ends_on).end

    @property
    def is_suspended(self) -> bool:
        """Whether a suspension told of it was not lifted yet."""
        said = self.said
        return any(s.kind is CoverEventKind.SUSPENDED and lifted_on(said, n) is None for n, s in enumerate(said))


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register says of the intermediary named: its categories in force, and what it holds of this issuer."""

    categories: frozenset[Category]
    held: tuple[HeldCover, ...]

    def of_policy(self, kind: CoverKind, key: str) -> list[HeldCover]:
        """The certificates of one policy that count or wait for review, in order of time."""
        alive = (CoverStatus.ACCEPTED, CoverStatus.DEPOSITED)
        mine = [c for c in self.held if c.kind is kind and c.policy_key == key and c.status in alive]
        return sorted(mine, key=lambda c: (c.starts_on, c.cover_id))


@dataclass(frozen=True, slots=True)
class Ruling:
    """The fate of a row, and what to write: a certificate to change (`cover_id`), or an event for `targets`."""

    fate: Fate
    problem: Problem | None = None
    warnings: tuple[Problem, ...] = ()
    cover_id: int | None = None
    targets: tuple[int, ...] = ()
    effective_on: date | None = None


REGISTER_BEGAN = date(2007, 1, 1)
"""From this year on the single register is kept (CA R512-3); no policy on it ended, or was suspended, before."""


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def refused(code: str, name: str, value: str, template: str) -> Ruling:
    """A refusal of one row, with what to put right."""
    return Ruling(Fate.REFUSED, problem(name, code, value, template))


def decide(row: Pushed, standing: Standing | None, reference: Reference, told_on: date) -> Ruling:
    """What becomes of a row that arrives on `told_on`; `standing` is None for a number that is not on the register."""
    if isinstance(row, PushedCover):
        return _decide_cover(row, standing, reference, told_on)
    held = standing.of_policy(row.kind, row.policy_key) if standing else []
    if not held:
        return _not_yours(row)
    if isinstance(row, UnknownPolicy):
        fate = Fate.UNCHANGED if any(c.doubted for c in held) else Fate.NEW
        return Ruling(fate, targets=(held[-1].cover_id,))
    if row.effective_on < REGISTER_BEGAN:
        return _before_the_register(row)
    if row.event is CoverEventKind.REINSTATED:
        return _decide_reinstatement(row, held)
    return _decide_ending(row, held, told_on)


def _before_the_register(row: PushedEvent) -> Ruling:
    template = "«\u00a0{value}\u00a0» précède le registre, tenu depuis le {day}. Vérifier la date d’effet."
    given, day = _written(row.effective_on), _written(REGISTER_BEGAN)
    return Ruling(Fate.REFUSED, problem("date_effet", "before_the_register", given, template, day=day))


def _not_yours(row: Pushed) -> Ruling:
    template = "«\u00a0{value}\u00a0» n’est pas une de vos polices au registre pour ce numéro. Vérifier les deux."
    return refused("policy_unknown", "police", row.policy, template)


# --- certificates -------------------------------------------------------------------------------------------


def _decide_cover(row: PushedCover, standing: Standing | None, reference: Reference, told_on: date) -> Ruling:
    if standing is None:
        template = "«\u00a0{value}\u00a0» n’est pas au registre. Vérifier les huit chiffres du numéro."
        return refused("intermediary_unknown", "numero_orias", row.orias_number, template)
    held = standing.of_policy(row.kind, row.policy_key)
    if row.continues and all(c.end != row.starts_on for c in held):
        return _not_yours(row)
    warnings = tuple(_doubts(row, standing, reference, told_on))
    same_start = [c for c in held if c.starts_on == row.starts_on and c.status is CoverStatus.ACCEPTED]
    own = next((c for c in same_start if c.pushed), None)
    alike = next((c for c in same_start if c.terms == row.terms), None)
    if known := own if own and own.terms == row.terms else None if own else alike:
        return Ruling(Fate.UNCHANGED, warnings=warnings + _taken_back(row, known), cover_id=known.cover_id)
    if own:
        return Ruling(Fate.CHANGED, warnings=warnings + _taken_back(row, own), cover_id=own.cover_id)
    return Ruling(Fate.NEW, warnings=warnings)


def _taken_back(row: PushedCover, held: HeldCover) -> tuple[Problem, ...]:
    ended_on, _ = days_lost(held.said)
    if ended_on is None or ended_on >= held.end:
        return ()
    template = (
        "la police «\u00a0{value}\u00a0» ne couvre plus depuis le {day}, d’après votre avis. Pour une"
        " nouvelle garantie, transmettre une attestation avec son propre premier jour."
    )
    return (problem("police", "cover_has_ended", row.policy, template, day=_written(ended_on)),)


def _doubts(row: PushedCover, standing: Standing, reference: Reference, told_on: date) -> Iterable[Problem]:
    facts = CoverFacts(
        row.kind, row.categories, row.starts_on, row.ends_on,
        amount_cents=row.amount_cents, annual_cents=row.annual_cents,
    )  # fmt: skip
    for category in sorted(row.categories):
        if category not in standing.categories:
            template = "pas d’inscription en vigueur pour «\u00a0{value}\u00a0»\u00a0; attestation gardée. À vérifier."
            yield problem("categories", "category_not_registered", category.value, template)
        asked = reference.requirement(category, row.kind, max(told_on, row.starts_on))
        if asked is None:
            template = "aucun texte n’exige cette attestation pour «\u00a0{value}\u00a0»\u00a0; gardée. À vérifier."
            yield problem("categories", "cover_not_required", category.value, template)
        elif not asked.is_met_by(facts):
            template = "inférieur au minimum pour «\u00a0{value}\u00a0» ({law}). L’intermédiaire reste à couvrir."
            yield problem("montant", "amount_below_minimum", category.value, template, law=asked.legal_text)


# --- words --------------------------------------------------------------------------------------------------


def _decide_ending(row: PushedEvent, held: list[HeldCover], told_on: date) -> Ruling:
    if row.event is CoverEventKind.NOT_RENEWED and row.effective_on not in {c.end for c in held}:
        template = "«\u00a0{value}\u00a0» n’est pas le lendemain du terme d’une attestation de cette police ({ends})."
        ends = ", ".join(_written(c.end) for c in held)
        return Ruling(
            Fate.REFUSED, problem("date_effet", "not_at_term", _written(row.effective_on), template, ends=ends)
        )
    earliest = earliest_end(row.kind, told_on)
    effective_on = row.effective_on if earliest is None else max(row.effective_on, earliest)
    reached = [c for c in held if _reaches(c, row.event, row.effective_on)]
    if not reached:
        template = "«\u00a0{value}\u00a0» vient après le dernier jour de toutes les attestations de cette police."
        return refused("policy_over", "date_effet", _written(row.effective_on), template)
    if any(_was_lifted(c, row) for c in reached):
        template = "la suspension du «\u00a0{value}\u00a0» a été levée. Pour une nouvelle, donner un autre jour."
        return refused("suspension_was_lifted", "date_effet", _written(row.effective_on), template)
    to_tell = [c for c in reached if not _is_told(c, row, effective_on)]
    if not to_tell:
        return Ruling(Fate.UNCHANGED, effective_on=effective_on)
    targets = tuple(c.cover_id for c in to_tell)
    return Ruling(Fate.NEW, None, tuple(_about_the_day(row, effective_on, told_on)), None, targets, effective_on)


def _reaches(cover: HeldCover, event: CoverEventKind, day: date) -> bool:
    """Whether a certificate has days from `day` on; one that is not renewed is told of the day after its last."""
    return cover.end >= day if event is CoverEventKind.NOT_RENEWED else cover.end > day


def _is_told(cover: HeldCover, row: PushedEvent, effective_on: date) -> bool:
    """Whether the same was told before, with the effect asked for or the one that the clear days then allowed."""
    return any(s.kind is row.event and row.effective_on <= s.effective_on <= effective_on for s in cover.said)


def _was_lifted(cover: HeldCover, row: PushedEvent) -> bool:
    same = Said(row.event, row.effective_on)
    return same in cover.said and lifted_on(cover.said, cover.said.index(same)) is not None


def _about_the_day(row: PushedEvent, effective_on: date, told_on: date) -> Iterable[Problem]:
    if effective_on > row.effective_on:
        template = (
            "«\u00a0{value}\u00a0» vient moins de trois jours francs après cet avis\u00a0; la garantie prend fin"
            " le {day} (CA R512-17, CMF R519-18)."
        )
        day = _written(effective_on)
        yield problem("date_effet", "put_off_to_three_clear_days", _written(row.effective_on), template, day=day)
    elif effective_on < told_on:
        template = "«\u00a0{value}\u00a0» est déjà passé\u00a0; l’avis compte depuis ce jour. À vérifier."
        yield problem("date_effet", "takes_effect_in_the_past", _written(row.effective_on), template)


def _decide_reinstatement(row: PushedEvent, held: list[HeldCover]) -> Ruling:
    suspended = [c for c in held if c.is_suspended]
    if suspended:
        targets = tuple(c.cover_id for c in suspended)
        return Ruling(Fate.NEW, targets=targets, effective_on=row.effective_on)
    if any(Said(row.event, row.effective_on) in c.said for c in held):
        return Ruling(Fate.UNCHANGED, effective_on=row.effective_on)
    template = "la police «\u00a0{value}\u00a0» n’est pas suspendue au registre\u00a0: rien à remettre en vigueur."
    return refused("nothing_suspended", "police", row.policy, template)


# --- one file or lot ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class LotChecker:
    """Finds rows that repeat or contradict an earlier one of the same file or lot, in two integers a row."""

    _seen: dict[int, int] = field(default_factory=dict)

    def check(self, row: Pushed) -> Ruling | None:
        """A ruling on a row that an earlier one settles already; None where it stands for itself."""
        identity, content = hash(_identity(row)), hash(row)
        before = self._seen.get(identity)
        if before is None:
            self._seen[identity] = content
            return None
        if before == content:
            return Ruling(Fate.DUPLICATE)
        template = (
            "une ligne précédente contredit celle de la police «\u00a0{value}\u00a0». Garder celle qui est vraie."
        )
        return refused("contradicts_an_earlier_row", "police", row.policy, template)


def _identity(row: Pushed) -> tuple[object, ...]:
    """What one file says once: a certificate by its first day, a word by itself, an answer by its policy."""
    named = (type(row).__name__, row.orias_number, row.kind, row.policy_key)
    if isinstance(row, PushedCover):
        return (*named, row.starts_on)
    return (*named, row.event, row.effective_on) if isinstance(row, PushedEvent) else named


def rounds(rows: Sequence[Pushed]) -> tuple[list[list[int]], list[int]]:
    """The places of rows in rounds that hold each policy once, in their order, so that a row finds what the one before
    it has written; and the places beyond MOST_OF_ONE_POLICY."""
    before: Counter[tuple[object, ...]] = Counter()
    found: list[list[int]] = []
    beyond = []
    for place, row in enumerate(rows):
        policy = (row.orias_number, row.kind, row.policy_key)
        turn, before[policy] = before[policy], before[policy] + 1
        if turn == MOST_OF_ONE_POLICY:
            before[policy] = turn
            beyond.append(place)
            continue
        if turn == len(found):
            found.append([])
        found[turn].append(place)
    return found, beyond
