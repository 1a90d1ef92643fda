"""How much two numbers look like one person, with what says so."""

from __future__ import annotations

from dataclasses import dataclass

from registry.rules.labels import LabelledEnum

LIKELY, WORTH_A_LOOK = 80, 40
"""Points from which a pair is likely to be one person, and from which it is suggested at all."""
CLOSE_NAME = 0.55
"""Share of trigrams in common from which two names are close."""
SAME_NAME = 0.95


class Evidence(LabelledEnum):
    """What two numbers have in common, or what speaks against them being one."""

    SAME_EMAIL = "SAME_EMAIL", "même adresse électronique", "same e-mail address"
    SAME_PHONE = "SAME_PHONE", "même téléphone", "same telephone"
    SAME_NAME = "SAME_NAME", "même nom", "same name"
    CLOSE_NAME = "CLOSE_NAME", "nom proche", "close name"
    SAME_PLACE = "SAME_PLACE", "même code postal", "same postcode"
    SIREN_NEARLY_SAME = "SIREN_NEARLY_SAME", "SIREN à une faute de frappe près", "SIREN but for a slip of the keys"
    ONE_SIREN_ONLY = "ONE_SIREN_ONLY", "un seul des deux a un SIREN", "only one of them has a SIREN"
    OTHER_SIREN = "OTHER_SIREN", "SIREN différents", "different SIREN"
    SAME_CATEGORY = "SAME_CATEGORY", "inscrits tous deux dans une catégorie", "both registered in one category"


POINTS = {
    Evidence.SAME_EMAIL: 40,
    Evidence.SAME_PHONE: 30,
    Evidence.SAME_NAME: 45,
    Evidence.CLOSE_NAME: 25,
    Evidence.SAME_PLACE: 10,
    Evidence.SIREN_NEARLY_SAME: 40,
    Evidence.ONE_SIREN_ONLY: 5,
    Evidence.OTHER_SIREN: -40,
    Evidence.SAME_CATEGORY: 0,
}
"""A SIREN belongs to one number alone: two that are known and different speak against, unless by a slip of the keys."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What two numbers are compared by; `similarity` of their names from 0 to 1, folded and without legal forms."""

    same_email: bool
    same_phone: bool
    similarity: float
    same_postcode: bool
    sirens: tuple[str, str]
    same_category: bool = False


@dataclass(frozen=True, slots=True)
class Likeness:
    """The points of a pair, and what gave them."""

    points: int
    evidence: tuple[Evidence, ...]

    @property
    def is_worth_a_look(self) -> bool:
        """Whether it is suggested: enough points, and more than the place in common."""
        return self.points >= WORTH_A_LOOK


def weigh(pair: Alike) -> Likeness:
    """The points of a pair, from 0 to 100."""
    found = tuple(_evidence(pair))
    return Likeness(min(100, max(0, sum(POINTS[e] for e in found))), found)


def _evidence(pair: Alike) -> list[Evidence]:
    siren = _siren(*pair.sirens)
    name = Evidence.SAME_NAME if pair.similarity >= SAME_NAME else Evidence.CLOSE_NAME
    told = [
        (Evidence.SAME_EMAIL, pair.same_email),
        (Evidence.SAME_PHONE, pair.same_phone),
        (name, pair.similarity >= CLOSE_NAME),
        (Evidence.SAME_PLACE, pair.same_postcode),
        (siren, siren is not None),
        (Evidence.SAME_CATEGORY, pair.same_category),
    ]
    return [evidence for evidence, holds in told if evidence and holds]


def _siren(one: str, other: str) -> Evidence | None:
    if not one and not other:
        return None
    if not one or not other:
        return Evidence.ONE_SIREN_ONLY
    return Evidence.SIREN_NEARLY_SAME if is_a_slip(one, other) else Evidence.OTHER_SIREN


def is_a_slip(one: str, other: str) -> bool:
    """Whether two codes of one length differ by one character, or by two neighbours exchanged."""
    if len(one) != len(other):
        return False
    apart = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    match apart:
        case [_]:
            return True
        case [first, second]:
            return second == first + 1 and one[first] == other[second] and one[second] == other[first]
    return False
