"""Covers over time: the days that a registration was covered, those whose paper waits for us, and the gaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.facts import CoverFacts, CoverStatus, FileFacts, Reference, RegistrationFacts
from registry.rules.labels import LabelledEnum
from registry.rules.periods import ONE_DAY, Period, merge


class SpanKind(LabelledEnum):
    """What some days of a timeline were."""

    COVERED = "COVERED", "couvert", "covered"
    AWAITING = "AWAITING", "attestation en contrôle", "certificate being checked"
    GAP = "GAP", "sans couverture", "without cover"


@dataclass(frozen=True, slots=True)
class Span:
    """Some days that were all alike; never empty."""

    kind: SpanKind
    period: Period


@dataclass(frozen=True, slots=True)
class CoverTimeline:
    """One kind of cover of one registration over a window of days, in order of time."""

    category: Category
    kind: CoverKind
    spans: tuple[Span, ...]

    @property
    def gaps(self) -> tuple[Period, ...]:
        """The days without cover."""
        return tuple(span.period for span in self.spans if span.kind is SpanKind.GAP)


def cover_timelines(
    facts: FileFacts, findings: Iterable[CoverFinding], reference: Reference, window: Period, day: date
) -> tuple[CoverTimeline, ...]:
    """A timeline for each finding that asks for a paper.

    A day is a gap where the registration was in force, no accepted certificate with the sums of that time covers it
    and none waits for us. Days to come are gaps only between two certificates. Before the first one on record nothing
    is known: a register may hold the last one alone.
    """
    registrations = {r.category: r for r in facts.registrations}
    return tuple(
        CoverTimeline(
            f.category, f.kind, _spans(registrations[f.category], f.kind, facts.covers, reference, window, day)
        )
        for f in findings
        if f.state is not CoverState.NOT_REQUIRED
    )


def _spans(
    registration: RegistrationFacts,
    kind: CoverKind,
    covers: Iterable[CoverFacts],
    reference: Reference,
    window: Period,
    day: date,
) -> tuple[Span, ...]:
    mine = [c for c in covers if c.kind is kind and registration.category in c.categories]
    covered = within(merge(p for c in mine if _counts(c, registration.category, reference) for p in c.periods), window)
    deposited = within(merge(p for c in mine if c.status is CoverStatus.DEPOSITED for p in c.periods), window)
    known_until = max([day + ONE_DAY, *(p.start for p in covered)])
    known_from = max([registration.registered_on, *sorted(c.starts_on for c in mine)[:1]])
    asked = within([Period(known_from, max(known_from, known_until))], window)
    awaiting = without(deposited, covered)
    return tuple(
        sorted(
            [
                *(Span(SpanKind.COVERED, p) for p in covered),
                *(Span(SpanKind.AWAITING, p) for p in awaiting),
                *(Span(SpanKind.GAP, p) for p in without(without(asked, covered), awaiting)),
            ],
            key=lambda span: span.period,
        )
    )


def _counts(cover: CoverFacts, category: Category, reference: Reference) -> bool:
    """Whether it is accepted, for the sums asked on its first day."""
    required = reference.requirement(category, cover.kind, cover.starts_on)
    return cover.status is CoverStatus.ACCEPTED and (required is None or required.is_met_by(cover))


def within(periods: Iterable[Period], window: Period) -> list[Period]:
    """The parts of periods that lie in the window."""
    starts = [(max(p.start, window.start), min(p.end, window.end)) for p in periods]
    return [Period(start, end) for start, end in starts if start < end]


def without(periods: Iterable[Period], holes: Iterable[Period]) -> list[Period]:
    """What is left of periods once the holes, in order of time, are taken out."""
    left = [p for p in periods if p]
    for hole in holes:
        left = [
            part
            for p in left
            for part in (
                Period(p.start, max(p.start, min(p.end, hole.start))),
                Period(min(p.end, max(p.start, hole.end)), p.end),
            )
            if part
        ]
    return left
