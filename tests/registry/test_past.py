"""The register as it stood: each past instant tells exactly what was there then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction

from registry.clock import PARIS
from registry.facts import load_files, load_reference
from registry.models import Cover, CoverEvent, Intermediary, Registration, Requirement
from registry.past import PastError, kept, known_at, load_files_at, load_reference_at, parse_moment, rows_at
from registry.public import public_entry, published
from registry.public_past import entries_at, published_at
from registry.rules.facts import FileFacts, Reference
from tests.factories import (
    CoverEventFactory,
    CoverFactory,
    DecisionFactory,
    IntermediaryFactory,
    RegistrationFactory,
    shifted,
)
from tests.registry.commands import run

DAY = date(2026, 1, 29)


def now() -> datetime:
    """By the clock that dates the history."""
    return kept().now


@pytest.fixture
def somebody(transactional_db: None) -> Intermediary:
    return RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000031")).intermediary


# --- replayed ----------------------------------------------------------------------------------------------


class Writer:
    """Writes at random, by plain SQL and rows, each write in a transaction of its own."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.people: list[Any] = [IntermediaryFactory() for _ in range(4)]
        self.acts: list[Callable[[], Any]] = [
            self.register, self.cover, self.rename, self.review, self.end, self.remove, self.hand_over, self.shift,
            self.take_back, self.delete_cover, self.require,
        ]  # fmt: skip

    def write(self) -> None:
        with transaction.atomic():
            self.random.choice(self.acts)()

    def one(self) -> Intermediary:
        return self.random.choice(self.people)

    def any(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return self.random.choice(found) if found else None

    def register(self) -> None:
        one, category = self.one(), self.random.choice(["COA", "IOB", "CIF"])
        if not Registration.objects.filter(intermediary=one, category=category).exists():
            RegistrationFactory(intermediary=one, category=category)

    def cover(self) -> None:
        CoverFactory(intermediary=self.one(), status=self.random.choice(["ACCEPTED", "DEPOSITED"]))

    def rename(self) -> None:
        Intermediary.objects.filter(pk=self.one().pk).update(name=f"Cabinet {self.random.randrange(99)}")

    def review(self) -> None:
        if cover := self.any(Cover.objects.all()):
            Cover.objects.filter(pk=cover.pk).update(status=self.random.choice(["ACCEPTED", "REFUSED"]))

    def end(self) -> None:
        if cover := self.any(Cover.objects.all()):
            CoverEventFactory(cover=cover, effective_on=DAY + timedelta(self.random.randrange(90)))

    def take_back(self) -> None:
        if event := self.any(CoverEvent.objects.all()):
            event.delete()

    def delete_cover(self) -> None:
        if cover := self.any(Cover.objects.filter(events=None)):
            cover.delete()

    def remove(self) -> None:
        if one := self.any(Registration.objects.filter(removed_on=None)):
            DecisionFactory(registration=one, decided_on=DAY)
            Registration.objects.filter(pk=one.pk).update(removed_on=DAY)

    def hand_over(self) -> None:
        """A certificate that goes from one file to another, as a merge moves it."""
        if cover := self.any(Cover.objects.all()):
            Cover.objects.filter(pk=cover.pk).update(intermediary=self.one())

    def require(self) -> None:
        Requirement.objects.filter(category="COA", kind="RC_PRO").update(amount_cents=self.random.randrange(10**9))

    def shift(self) -> None:
        shifted(2026, due_on=date(2026, 2, 1) + timedelta(self.random.randrange(28)), signed_at=now())


def snapshot(people: list[Intermediary]) -> tuple[dict[int, FileFacts], Reference, list[Any]]:
    """All that the rules are given, but for the counts of changes, and what is published."""
    files = load_files([p.pk for p in people])
    public = [public_entry(row, DAY) for row in published().order_by("orias_number")]
    timeless = replace(load_reference(), version=0)
    return {pk: replace(facts, facts_version=0) for pk, facts in files.items()}, timeless, public


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_i9_each_instant_tells_exactly_what_was_there_then(seed: int) -> None:
    """Replayed: random writes, a snapshot after each. Fails without any one condition of `rows_at`, or where a
    certificate that changed hands stays with both."""
    writer = Writer(seed)
    seen = []
    for _ in range(40):
        writer.write()
        seen.append((now(), snapshot(writer.people)))
    for at, (files, reference, public) in seen:
        assert load_files_at(files, at) == files
        assert load_reference_at(at) == reference
        assert entries_at(published_at(at).order_by("orias_number"), at, DAY) == public


@pytest.mark.django_db(transaction=True)
def test_a_file_of_the_past_takes_one_query_however_many(django_assert_num_queries: Any) -> None:
    people = [RegistrationFactory().intermediary for _ in range(3)]
    for one in people:
        CoverFactory(intermediary=one)
    at = now()
    with django_assert_num_queries(1):
        assert len(load_files_at([p.pk for p in people], at)) == 3


def test_what_a_transaction_writes_twice_is_told_as_it_left_it(somebody: Intermediary) -> None:
    with transaction.atomic():
        for name in ("Avant", "Après"):
            Intermediary.objects.filter(pk=somebody.pk).update(name=name)
    assert load_files_at([somebody.pk], now())[somebody.pk].name == "Après"


def test_the_history_of_a_file_is_found_by_its_index(somebody: Intermediary) -> None:
    """Fails without the indexes of the migration: the plan would read every event of the register."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        for of in (Registration, Cover):
            plan = rows_at(of, now()).filter(intermediary__in=[somebody.pk]).explain()
            assert "Seq Scan" not in plan, plan
        cursor.execute("RESET enable_seqscan")


# --- what may be asked -------------------------------------------------------------------------------------


def test_a_time_to_come_is_not_known_yet(somebody: Intermediary) -> None:
    for asked in (now() + timedelta(hours=1), now().date() + timedelta(days=2), date.max):
        with pytest.raises(PastError, match="jour à venir"):
            known_at(asked)


def test_before_the_history_it_says_when_it_begins(somebody: Intermediary) -> None:
    for asked in (datetime(2014, 2, 24, 23, tzinfo=UTC), date(2014, 2, 24)):
        with pytest.raises(PastError, match=r"L’historique commence le 20\d\d-"):
            known_at(asked)


@pytest.mark.django_db
def test_an_empty_register_has_no_past() -> None:
    with pytest.raises(PastError, match="avec le premier dossier"):
        known_at(datetime(2014, 2, 24, 23, tzinfo=UTC))


def test_today_is_known_until_now(somebody: Intermediary) -> None:
    assert abs(known_at(now().astimezone(PARIS).date()) - now()) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "text", ["hier", "24/02/2026", "2026-02-30", "2026-02-24T25:00+01:00", "", "\x00", "0001-01-01T00:00+14:00"]
)
def test_what_is_neither_a_day_nor_an_instant_is_refused(text: str) -> None:
    with pytest.raises(PastError):
        parse_moment(text)


def test_an_instant_needs_its_offset_but_where_a_zone_is_understood() -> None:
    with pytest.raises(PastError):
        parse_moment("2026-02-24T23:00")
    assert parse_moment("2026-02-24T23:00", zone=PARIS) == datetime(2026, 2, 24, 22, tzinfo=UTC)
    assert parse_moment("2026-02-24") == DAY.replace(month=2, day=24)
    # As an address without its plus encoded brings it.
    assert parse_moment("2026-02-24T23:00 01:00") == datetime(2026, 2, 24, 22, tzinfo=UTC)


# --- the command -------------------------------------------------------------------------------------------


def test_show_file_tells_what_was_known_and_for_which_day(somebody: Intermediary) -> None:
    """Fails where --as-of and --on were one: the same knowledge is judged for two days, the same day by two."""
    CoverFactory(intermediary=somebody)
    before = now()
    CoverFactory(intermediary=somebody, renewed=True)

    def states(*arguments: object) -> str:
        told = run("show_file", "08000031", *arguments, "--json")
        assert told.code == 0, told.err
        return str(told.json["findings"][0]["state"])

    assert states("--on", "2026-01-29") == "IN_FORCE"
    assert states("--as-of", before.isoformat(), "--on", "2026-01-29") == "DUE"
    assert states("--as-of", before.isoformat(), "--on", "2026-03-02") == "LAPSED"
    told = run("show_file", "08000031", "--as-of", before.isoformat(), "--on", "2026-01-29").out
    assert "tel que connu le" in told
    assert "À renouveler" in told


def test_show_file_refuses_what_nobody_knows(somebody: Intermediary) -> None:
    assert run("show_file", "08000031", "--as-of", "2199-01-01").code == 2
    assert run("show_file", "08000031", "--as-of", "2014-02-24").code == 2
    assert run("show_file", "99999999").code == 1
    second = IntermediaryFactory(orias_number="08000032")
    created = second.pk
    assert run("show_file", "08000032", "--as-of", "2014-02-24").code == 2
    at = Intermediary.history.rel.related_model.objects.get(pgh_obj=somebody.pk).pgh_created_at  # type: ignore[attr-defined]
    assert created
    assert run("show_file", "08000032", "--as-of", at.isoformat()).code == 1
