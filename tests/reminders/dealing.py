"""A register and a ledger dealt from a seed: every reason to remind or not, edges the most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from django.contrib.auth.models import User
from django.db import connection

from registry.facts import load_files, load_reference
from registry.models import Cover, CoverEvent, Intermediary, Registration
from registry.models import Decision as Removal
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.facts import CoverEventKind, CoverStatus, FileFacts, Reference
from reminders.ledger import load_ledger
from reminders.models import AddressConfirmation, Attempt, Batch, Bounce, Notice, NoticeItem, Settlement
from reminders.models.settlement import Decision
from reminders.rules.bounces import BounceKind
from reminders.rules.eligibility import LedgerFacts, Policy, decide_reminder
from reminders.rules.identity import WaveKey
from reminders.rules.states import MAILED_STATES, WAITING_STATES, NoticeState
from reminders.rules.waves import DEFAULT_WAVES
from tests.factories import NOTICE_PATHS, NOW, RegisterImportFactory, UserFactory, notice_columns, told_in_time
from tests.rules.strategies import EDGE_DAYS, SUMS, campaign_year

CATEGORIES = [c.value for c in Category]
PLACES = ("contact@cabinet.example", "o'hara+orias@sous.domaine.example", "A.B@x.fr")
NO_PLACES = (
    "",
    "andré@cabinet.example",
    "contact@café.example",
    "a b@cabinet.example",
    "contact@cabinet_.example",
)
"""What the register may hold and no mail can be sent to."""
NOT_EVEN_HELD = (
    " ",
    "a@cabinet.example, b@cabinet.example",
    "a@cabinet.example\n",
    "cabinet.example",
    "a@@cabinet.example",
)
"""What the register refuses."""
CAMPAIGN = [date(2025, 12, 1) + timedelta(n) for n in range(120)]
LAST_MINUTES = (time(9, 30), time(22, 30), time(22, 59, 59), time(23, 0), time(23, 30), time(0, 0))
"""UTC; the day in Paris changes at 23:00 in winter and at 22:00 in summer."""


@dataclass(frozen=True)
class Dealer:
    """Deals files and ledger rows; the same seed deals the same."""

    random: Random

    def register(self, size: int) -> list[int]:
        """Write `size` files and what the ledger holds of some of them; return their ids."""
        people = Intermediary.objects.bulk_create(self._person(n) for n in range(size))
        registrations = Registration.objects.bulk_create(
            one for person in people for one in self._registrations(person)
        )
        Removal.objects.bulk_create(_removals(registrations))
        covers = Cover.objects.bulk_create(one for person in people for one in self._covers(person))
        CoverEvent.objects.bulk_create(self._event(c) for c in covers if self.random.random() < 0.08)
        ids = [person.pk for person in people]
        self._ledger(ids)
        self._aftermath(ids)
        _merge_some(ids)
        with connection.cursor() as cursor:
            # What the server does by itself once rows are committed; without it, it plans for empty tables.
            cursor.execute("ANALYZE")
        return ids

    def _person(self, n: int) -> Intermediary:
        email = self.random.choice(PLACES if self.random.random() < 0.85 else NO_PLACES)
        return Intermediary(orias_number=f"{n:08d}", name=f"Cabinet {n}", email=email)

    def _registrations(self, person: Intermediary) -> Iterator[Registration]:
        # One in forty is in the register without any registration.
        size = self.random.choice([1] * 24 + [2] * 10 + [3] * 5 + [0])
        for category in self.random.sample(CATEGORIES, size):
            yield self._registration(person, category)

    def _registration(self, person: Intermediary, category: str) -> Registration:
        deal = self.random.random
        long_ago = [date(2010, 4, 2), date(2019, 9, 6)] * 4
        since = self.random.choice([*long_ago, date(2026, 1, 1), date(2026, 1, 2), date(2026, 2, 10), self._day()])
        away = self._day() if deal() < 0.15 else None
        return Registration(
            intermediary=person,
            category=category,
            filer="ASSOCIATION" if category == "CIF" else self.random.choice([f.value for f in Filer]),
            holds_client_funds=category != "CIF" and deal() < 0.5,
            funds_mandate=deal() < 0.2,
            principal_bears_liability=deal() < 0.1,
            registered_on=since,
            removed_on=since + timedelta(self.random.randrange(6000)) if deal() < 0.1 else None,
            suspended_on=away,
            suspended_until=away + timedelta(self.random.randrange(200)) if away and deal() < 0.5 else None,
        )

    def _covers(self, person: Intermediary) -> Iterator[Cover]:
        yield from (
            self._cover(person, kind.value) for kind in CoverKind for _ in range(self.random.choice([0, 1, 1, 2]))
        )

    def _cover(self, person: Intermediary, kind: str) -> Cover:
        starts_on, ends_on = campaign_year(self.random.choice([2025, 2026, 2026, 2026, 2026, 2027]))
        if self.random.random() < 0.2:
            ends_on = max(starts_on, self.random.choice(CAMPAIGN))
        return Cover(
            intermediary=person,
            kind=kind,
            categories=self.random.sample(CATEGORIES, self.random.choice([1, 3, 3])),
            starts_on=starts_on,
            ends_on=ends_on,
            status=self.random.choice([*(s.value for s in CoverStatus), *["ACCEPTED"] * 8]),
            channel="PORTAL",
            deposited_on=starts_on,
            amount_cents=self.random.choice([*SUMS, *[None] * 12]),
            annual_cents=None,
        )

    def _event(self, cover: Cover) -> CoverEvent:
        kind = self.random.choice([k.value for k in CoverEventKind])
        day = self._day()
        return CoverEvent(cover=cover, kind=kind, effective_on=day, received_at=told_in_time(day))

    def _day(self) -> date:
        return self.random.choice(EDGE_DAYS if self.random.random() < 0.3 else CAMPAIGN)

    # --- the ledger: what would have been due on some earlier or later day ---

    def _ledger(self, ids: list[int]) -> None:
        """Two rounds of mail: the first is over for all, the second stands anywhere."""
        batch = Batch.objects.create(as_of=date(2020, 1, 1), created_at=NOW)
        files = load_files(ids)
        for first, states in ((1, sorted(set(NoticeState) - WAITING_STATES)), (len(ids) + 1, list(NoticeState))):
            some = self.random.sample(ids, len(ids) // 2)
            notices = [self._notice(batch, files[pk], pk, first + n) for n, pk in enumerate(some)]
            self._reserve(Notice.objects.bulk_create(notices), files)
            self._settle(notices, states)

    def _reserve(self, notices: list[Notice], files: dict[int, FileFacts]) -> None:
        held, reference = load_ledger(files), load_reference()
        NoticeItem.objects.bulk_create(
            NoticeItem(notice=n, intermediary_id=n.intermediary_id, kind=key.kind, term=key.term, wave=key.wave)
            for n in notices
            for key in self._keys(files[n.intermediary_id], reference)
            if n.intermediary_id not in held or key not in held[n.intermediary_id].held
        )

    def _keys(self, facts: FileFacts, reference: Reference) -> tuple[WaveKey, ...]:
        day = self.random.choice(CAMPAIGN)
        return decide_reminder(facts, LedgerFacts(), reference, Policy(DEFAULT_WAVES), day).discharged

    def _settle(self, notices: list[Notice], states: list[NoticeState]) -> None:
        by_state = defaultdict(list)
        for notice in notices:
            by_state[self.random.choice(states)].append(notice.pk)
        for state, pks in by_state.items():
            for step in NOTICE_PATHS[state]:
                Notice.objects.filter(pk__in=pks).update(state=step, **notice_columns(step))
        for notice in Notice.objects.filter(pk__in=[n.pk for n in notices], state__in=MAILED_STATES):
            # A worker that died leaves a notice uncertain without an instant of its own until it is reaped.
            settled_at = datetime.combine(self._day(), self.random.choice(LAST_MINUTES), UTC)
            Notice.objects.filter(pk=notice.pk).update(settled_at=self.random.choice([settled_at] * 19 + [None]))

    # --- what came back: reports, refusals at the door, confirmations, and a person's word on uncertain ones ---

    def _aftermath(self, ids: list[int]) -> None:
        notices = list(Notice.objects.filter(intermediary__in=ids).order_by("pk"))
        kinds = [k.value for k in BounceKind if k is not BounceKind.NOT_A_REPORT]
        likely = [*kinds, "HARD_ADDRESS", *["SOFT"] * 12]
        Bounce.objects.bulk_create(
            Bounce(
                notice=n,
                kind=self.random.choice(likely),
                reported_at=self._instant(),
                stored_at=NOW,
                digest=f"{n.pk}-{i}",
            )
            for n in notices
            for i in range(self.random.choice([0, 0, 0, 1, 2, 3, 4]))
        )
        refused = [n for n in notices if n.state == NoticeState.REFUSED]
        Attempt.objects.bulk_create(self._refusal(n) for n in refused)
        someone = UserFactory.create()
        AddressConfirmation.objects.bulk_create(
            AddressConfirmation(
                intermediary_id=n.intermediary_id,
                email=self._address(n),
                reason="essai",
                by=someone,
                at=self._instant(),
            )
            for n in notices
            if self.random.random() < 0.15
        )
        uncertain = [n for n in notices if n.state == NoticeState.UNCERTAIN]
        Settlement.objects.bulk_create(self._settlement(n, someone) for n in uncertain if self.random.random() < 0.6)

    def _refusal(self, notice: Notice) -> Attempt:
        verdict = self.random.choice(["REFUSED_ADDRESS", "REFUSED_OURS"])
        instant = self._instant()
        return Attempt(
            notice=notice, number=1, fence=1, worker="x", started_at=instant, finished_at=instant, verdict=verdict
        )

    def _settlement(self, notice: Notice, by: User) -> Settlement:
        decision = self.random.choice([d.value for d in Decision])
        return Settlement(notice=notice, decision=decision, evidence="PERSON", reason="essai", by=by, at=NOW)

    def _address(self, notice: Notice) -> str:
        return self.random.choice([notice.email, notice.email.upper(), "ancienne@cabinet.example"])

    def _instant(self) -> datetime:
        return datetime.combine(self._day(), self.random.choice(LAST_MINUTES), UTC)

    def _notice(self, batch: Batch, facts: FileFacts, person: int, rank: int) -> Notice:
        return Notice(
            batch=batch,
            intermediary_id=person,
            rank=rank,
            state=NoticeState.PLANNED.value,
            key=f"{rank:040x}",
            # Written to as it is now, but for its case, or before it was changed.
            email=self.random.choice([facts.email, facts.email.upper(), ""]) or "a@cabinet.example",
            items=[],
            facts_version=1,
            not_after=NOW,
        )


def _merge_some(ids: list[int]) -> None:
    """Let one in twelve, mailed or not, turn out to be another's second number: what it held counts for that one."""
    for place, drop in enumerate(ids[11::12]):
        if not Registration.objects.filter(intermediary=drop, removed_on__isnull=False).exists():
            Registration.objects.filter(intermediary=drop).delete()
            Intermediary.objects.filter(pk=drop).update(merged_into=ids[place * 12])


def _removals(registrations: list[Registration]) -> Iterator[Removal]:
    file = RegisterImportFactory.create()
    for one in registrations:
        if one.removed_on:
            yield Removal(
                intermediary=one.intermediary,
                registration=one,
                kind="REMOVAL",
                authority="COMMISSION",
                decided_on=one.removed_on,
                act_reference="CI",
                register_import=file,
            )
