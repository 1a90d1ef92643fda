"""The writer of what insurers and guarantors push: a lot of rows in one transaction, each with its fate.

A row that is refused leaves the others alone; what breaks takes the whole lot with it. The files concerned are locked
in the order of their keys, so that the same lot handed in twice at once acts once and no two lots wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q

from registry.actions.issuers import keys_of
from registry.actions.recording import recording
from registry.clock import local_day
from registry.facts import load_reference
from registry.findings import refresh_findings
from registry.models import Cover, CoverEvent, Intermediary, IssuedCover, Issuer, Registration, Signal
from registry.models.cover import Channel
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

_COVER = (
    "id", "intermediary_id", "kind", "categories", "starts_on", "ends_on", "amount_cents", "annual_cents", "status",
    "policy", "issuer", "issued__issuer_id",
)  # fmt: skip
_TERMS = ("categories", "ends_on", "amount_cents", "annual_cents")


def push_lot(
    *, by: AbstractBaseUser | None, why: str, now: datetime, issuer: Issuer, rows: Sequence[Pushed]
) -> list[Ruling]:
    """Record what an issuer says in these rows, received `now`; the fate of each, in their order.

    A certificate counts as accepted at once: it comes from who issued it. One that changes nothing writes nothing.
    """
    with recording(by=by, why=why):
        lot = _Lot(issuer, now, local_day(now), keys_of(issuer), load_reference())
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
    """One lot of an issuer; `touched` are the intermediaries whose facts it changed."""

    issuer: Issuer
    now: datetime
    day: date
    keys: frozenset[str]
    reference: Reference
    touched: set[int] = field(default_factory=set)

    def take(self, rows: dict[int, Pushed]) -> dict[int, Ruling]:
        """Decide on rows of which no two are about one policy, and write what was decided."""
        people = _lock({row.orias_number for row in rows.values()})
        standings = self._standings(people)
        rulings = {
            place: decide(row, standings.get(row.orias_number), self.reference, self.day) for place, row in rows.items()
        }
        self._write([(rows[place], ruling, people) for place, ruling in rulings.items()])
        return rulings

    def _standings(self, people: dict[str, int]) -> dict[str, Standing]:
        ids = list(people.values())
        inscribed: dict[int, set[Category]] = defaultdict(set)
        in_force = Registration.objects.filter(Q(removed_on=None) | Q(removed_on__gt=self.day), intermediary__in=ids)
        for pk, category in in_force.values_list("intermediary_id", "category"):
            inscribed[pk].add(Category(category))
        held = self._held(ids)
        return {n: Standing(frozenset(inscribed[pk]), tuple(held[pk])) for n, pk in people.items()}

    def _held(self, ids: list[int]) -> dict[int, list[HeldCover]]:
        """What these intermediaries hold in the issuer's own name, and of nobody else (I14)."""
        rows = [
            row
            for row in Cover.objects.filter(intermediary__in=ids).order_by("id").values_list(*_COVER)
            if row[-1] == self.issuer.pk or (row[-1] is None and issuer_key(row[-2]) in self.keys)
        ]
        said, doubted = _said([row[0] for row in rows]), _doubted([row[0] for row in rows])
        found: dict[int, list[HeldCover]] = defaultdict(list)
        for pk, whose, kind, categories, starts_on, ends_on, amount, annual, status, policy, _, pusher in rows:
            codes = frozenset(map(Category, categories))
            found[whose].append(
                HeldCover(
                    pk, CoverKind(kind), policy_key(policy), codes, starts_on, ends_on, amount, annual,
                    CoverStatus(status), pusher is not None, tuple(said[pk]), pk in doubted,
                )
            )  # fmt: skip
        return found

    def _write(self, decided: list[tuple[Pushed, Ruling, dict[str, int]]]) -> None:
        new: list[tuple[Cover, PushedCover]] = []
        changed: list[Cover] = []
        told: list[CoverEvent] = []
        doubts: list[Signal] = []
        for row, ruling, people in decided:
            if ruling.fate not in (Fate.NEW, Fate.CHANGED):
                continue
            whose = people[row.orias_number]
            if isinstance(row, PushedCover) and ruling.cover_id:
                changed.append(self._cover(row, whose, ruling.cover_id))
            elif isinstance(row, PushedCover):
                new.append((self._cover(row, whose, None), row))
            elif isinstance(row, PushedEvent):
                told += self._events(row, ruling)
            else:
                doubts.append(self._doubt(whose, ruling))
                continue
            self.touched.add(whose)
        self._write_covers([c for c, _ in new], [r for _, r in new])
        Cover.objects.bulk_update(changed, _TERMS, batch_size=200)
        CoverEvent.objects.bulk_create(told)
        Signal.objects.bulk_create(doubts)

    def _write_covers(self, covers: list[Cover], rows: list[PushedCover]) -> None:
        made = Cover.objects.bulk_create(covers)
        IssuedCover.objects.bulk_create(
            IssuedCover(
                cover=cover, issuer=self.issuer, intermediary_id=cover.intermediary_id, kind=cover.kind,
                policy_key=row.policy_key, starts_on=cover.starts_on,
            )
            for cover, row in zip(made, rows, strict=True)
        )  # fmt: skip

    def _cover(self, row: PushedCover, whose: int, pk: int | None) -> Cover:
        return Cover(
            pk=pk,
            intermediary_id=whose,
            kind=row.kind.value,
            categories=sorted(c.value for c in row.categories),
            issuer=self.issuer.name,
            policy=row.policy,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            amount_cents=row.amount_cents,
            annual_cents=row.annual_cents,
            status=CoverStatus.ACCEPTED.value,
            channel=Channel.ISSUER.value,
            deposited_on=self.day,
        )

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


def _lock(numbers: Iterable[str]) -> dict[str, int]:
    """The files of these numbers, locked in the order of their keys: lots that meet wait, and never for each other."""
    rows = Intermediary.objects.select_for_update(of=("self",), no_key=True).filter(orias_number__in=list(numbers))
    return dict(rows.order_by("id").values_list("orias_number", "id"))


def _said(covers: list[int]) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = defaultdict(list)
    rows = CoverEvent.objects.filter(cover__in=covers).order_by("id")
    for cover, kind, effective_on in rows.values_list("cover_id", "kind", "effective_on"):
        found[cover].append(Said(CoverEventKind(kind), effective_on))
    return found


def _doubted(covers: list[int]) -> set[int]:
    rows = Signal.objects.filter(cover__in=covers, kind=SignalKind.POLICY_UNKNOWN.value, settled_on=None)
    return {cover for cover in rows.values_list("cover_id", flat=True) if cover}
