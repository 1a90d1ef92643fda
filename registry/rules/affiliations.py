"""Associations and principals: who belongs to whom, and what the end of it sets going.

Sources: CA L513-3, R512-5; CMF L519-11, L541-4, R546-3 (principals tell the start of a mandate at once and its end a
month before or within the month after; associations tell a withdrawal within the month).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.rules.categories import Category, Filer
from registry.rules.labels import LabelledEnum

_DECEMBER = 12


class BodyKind(LabelledEnum):
    """What stands behind an intermediary."""

    ASSOCIATION = "ASSOCIATION", "Association professionnelle", "Professional association"
    PRINCIPAL = "PRINCIPAL", "Mandant", "Principal"

    @property
    def filer(self) -> Filer:
        """Who files where such a body does."""
        return Filer.ASSOCIATION if self is BodyKind.ASSOCIATION else Filer.PRINCIPAL


class SignalKind(LabelledEnum):
    """What somebody outside has told that staff must look at."""

    MEMBERSHIP_ENDED = "MEMBERSHIP_ENDED", "Fin d’adhésion", "Membership ended"
    MANDATE_ENDED = "MANDATE_ENDED", "Fin de mandat", "Mandate ended"
    POLICY_UNKNOWN = "POLICY_UNKNOWN", "Police inconnue de l’assureur", "Policy unknown to the insurer"

    @classmethod
    def of_the_end(cls, kind: BodyKind) -> SignalKind:
        """The one that the end of an affiliation opens."""
        return cls.MEMBERSHIP_ENDED if kind is BodyKind.ASSOCIATION else cls.MANDATE_ENDED


@dataclass(frozen=True, slots=True)
class AffiliationFacts:
    """An affiliation of one registration, from its first day to its last (both included; None: it goes on)."""

    kind: BodyKind
    starts_on: date
    ends_on: date | None = None
    files: bool = False

    def holds(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def month_after(day: date) -> date:
    """The same number of the following month, or that month's last day (CPC 641)."""
    year, month = (day.year + 1, 1) if day.month == _DECEMBER else (day.year, day.month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def told_in_time(ends_on: date, told_on: date) -> bool:
    """Whether the end was told by the last day of the month that the law gives to tell it."""
    return told_on <= month_after(ends_on)


def to_show_by(ends_on: date, told_on: date) -> date:
    """By when another body is to be shown: a month after the end, or after we were told of it where that came later.

    The law sets no day for this; a month is our own choice, the length of the other clocks of the text.
    """
    return month_after(max(ends_on, told_on))


def is_left_without(kind: BodyKind, ends_on: date, others: Iterable[AffiliationFacts]) -> bool:
    """Whether the registration has no other body of that kind in the month that begins with the end."""
    others = [o for o in others if o.kind is kind]
    return not any(o.holds(ends_on) or ends_on < o.starts_on <= month_after(ends_on) for o in others)


def filer_on(day: date, category: Category, held: Iterable[AffiliationFacts]) -> Filer:
    """Who files on `day`: the body that was said to; a CIF's association always (CMF L541-4); else the intermediary."""
    if category is Category.CIF:
        return Filer.ASSOCIATION
    return next((a.kind.filer for a in held if a.files and a.holds(day)), Filer.SELF)
