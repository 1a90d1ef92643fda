"""The writer of what insurers and guarantors push: a lot of rows in one transaction, each with its fate.

A row that is refused leaves the others alone; what breaks takes the whole lot with it. The files concerned are locked
in the order of their keys, so that the same lot handed in twice at once acts once and no two lots wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.issuers import keys_of
from registry.actions.push_rows import (
    Written,
    change_covers,
    covers_of,
    doubted,
    inscribed,
    insert_covers,
    lock_files,
    said_of,
)
from registry.actions.recording import recording
from registry.clock import local_day
from registry.facts import load_reference
from registry.findings import refresh_findings
from registry.models import CoverEvent, Issuer, Signal
from registry.rules.affiliations import SignalKind, month_after
from registry.rules.categories import Category, CoverKind
from registry.rules.cover_events import Said
from registry.rules.facts import CoverEventKind, CoverStatus, Reference
from registry.rules.issuers import issuer_key, policy_key
from registry.rules.pushes import (
    Fate,
    HeldCover,
    Pushed,
    PushedCover,
    PushedEvent,
    Ruling,
    Standing,
    decide,
    refused,
    rounds,
)


def push_lot(
    *, by: AbstractBaseUser | None, why: str, now: datetime, issuer: Issuer, rows: Sequence[Pushed]
) -> list[Ruling]:
    """Record what an issuer says in these rows, received `now`; the fate of each, in their order.

    A certificate counts as accepted at once: it comes from who issued it. One that changes nothing writes nothing.
    """
    with recording(by=by, why=why):
        numbers, people = lock_files({row.orias_number for row in rows})
        lot = _Lot(issuer, now, local_day(now), keys_of(issuer), load_reference(), people)
        rows = [replace(row, orias_number=numbers.get(row.orias_number, row.orias_number)) for row in rows]
        found: dict[int, Ruling] = {}
        turns, beyond = rounds(rows)
        for places in turns:
            found |= lot.take({place: rows[place] for place in places})
        for place in beyond:
            template = "trop de lignes pour la police «\u00a0{value}\u00a0» en un envoi. Les répartir."
            found[place] = refused("too_many_of_one_policy", "police", rows[place].policy, template)
        if lot.touched:
            refresh_findings(as_of=lot.day, ids=sorted(lot.touched))
        return [found[place] for place in range(len(rows))]


@dataclass(slots=True)
class _Lot:
    """One lot of an issuer: whose files it locked, by number, and which of them it changed (`touched`)."""

    issuer: Issuer
    now: datetime
    day: date
    keys: frozenset[str]
    reference: Reference
    people: dict[str, int]
    touched: set[int] = field(default_factory=set)

    def take(self, rows: dict[int, Pushed]) -> dict[int, Ruling]:
        """Decide on rows of which no two are about one policy, and write what was decided."""
        wanted = {row.orias_number for row in rows.values()}
        standings = self._standings({number: self.people[number] for number in wanted & self.people.keys()})
        rulings = {
            place: decide(row, standings.get(row.orias_number), self.reference, self.day) for place, row in rows.items()
        }
        self._write([(rows[place], ruling) for place, ruling in rulings.items()])
        return rulings

    def _standings(self, people: dict[str, int]) -> dict[str, Standing]:
        ids = list(people.values())
        categories: dict[int, set[Category]] = defaultdict(set)
        for pk, category in inscribed(ids, self.day):
            categories[pk].add(_CATEGORIES[category])
        held = self._held(ids)
        return {n: Standing(frozenset(categories[pk]), tuple(held[pk])) for n, pk in people.items()}

    def _held(self, ids: list[int]) -> dict[int, list[HeldCover]]:
        """What these intermediaries hold in the issuer's own name, and of nobody else (I14)."""
        rows = [row for row in covers_of(ids) if self._is_own(row[-2], row[-1])]
        covers = [row[0] for row in rows]
        said: dict[int, list[Said]] = defaultdict(list)
        for cover, kind, effective_on in said_of(covers):
            said[cover].append(Said(CoverEventKind(kind), effective_on))
        in_doubt = doubted(covers)
        found: dict[int, list[HeldCover]] = defaultdict(list)
        for pk, whose, kind, categories, starts_on, ends_on, amount, annual, status, policy, _, pusher in rows:
            codes = frozenset(_CATEGORIES[code] for code in categories)
            found[whose].append(
                HeldCover(
                    pk, CoverKind(kind), policy_key(policy), codes, starts_on, ends_on, amount, annual,
                    CoverStatus(status), pusher is not None, tuple(said[pk]), pk in in_doubt,
                )
            )  # fmt: skip
        return found

    def _is_own(self, name: str, pusher: int | None) -> bool:
        """Whether the issuer pushed it, or nobody did and it names the issuer by one of its spellings."""
        return pusher == self.issuer.pk if pusher is not None else _key(name) in self.keys

    def _write(self, decided: list[tuple[Pushed, Ruling]]) -> None:
        covers: list[Written] = []
        told: list[CoverEvent] = []
        doubts: list[Signal] = []
        for row, ruling in decided:
            if ruling.fate not in (Fate.NEW, Fate.CHANGED):
                continue
            whose = self.people[row.orias_number]
            if isinstance(row, PushedCover):
                covers.append(Written(whose, row, ruling.cover_id))
            elif isinstance(row, PushedEvent):
                told += self._events(row, ruling)
            else:
                doubts.append(self._doubt(whose, ruling))
                continue
            self.touched.add(whose)
        insert_covers([c for c in covers if c.cover_id is None], self.issuer, self.day)
        change_covers([c for c in covers if c.cover_id is not None], self.issuer)
        CoverEvent.objects.bulk_create(told)
        Signal.objects.bulk_create(doubts)

    def _events(self, row: PushedEvent, ruling: Ruling) -> list[CoverEvent]:
        day = ruling.effective_on or row.effective_on
        return [
            CoverEvent(cover_id=pk, kind=row.event.value, effective_on=day, received_at=self.now)
            for pk in ruling.targets
        ]

    def _doubt(self, whose: int, ruling: Ruling) -> Signal:
        return Signal(
            intermediary_id=whose,
            kind=SignalKind.POLICY_UNKNOWN.value,
            cover_id=ruling.targets[0],
            told_by=str(self.issuer),
            opened_on=self.day,
            due_on=month_after(self.day),
        )


_CATEGORIES = {category.value: category for category in Category}


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """The same few names stand on all certificates."""
    return issuer_key(name)
