"""What the database itself refuses about issuers, their words, memberships and signals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pghistory
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from registry.facts import load_files
from registry.models import CoverEvent, Intermediary
from registry.rules.cover_events import Said, days_lost
from registry.rules.facts import CoverEventKind
from tests.factories import (
    NOW,
    AffiliationFactory,
    CoverEventFactory,
    CoverFactory,
    FilingBodyFactory,
    IssuedCoverFactory,
    IssuerFactory,
    IssuerLotFactory,
    IssuerNameFactory,
    SignalFactory,
    told_in_time,
)
from tests.rules.strategies import EDGE_DAYS

pytestmark = pytest.mark.django_db


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(act: Callable[[], Any], words: str) -> None:
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        act()


# NOW is 29 January 2026, 10.30 in Paris.
@pytest.mark.parametrize("kind", ["SUSPENDED", "NOT_RENEWED", "TERMINATED"])
@pytest.mark.parametrize(("day", "stands"), [(date(2026, 2, 1), False), (date(2026, 2, 2), True)])
def test_a_guarantee_never_ends_before_three_clear_days(kind: str, day: date, stands: bool) -> None:
    """Fails without the trigger `guarantee_has_three_clear_days`, or one of its kinds."""
    cover = CoverFactory.create(guarantee=True)
    make = lambda: CoverEventFactory.create(cover=cover, kind=kind, effective_on=day, received_at=NOW)  # noqa: E731
    if stands:
        make()
    else:
        refused(make, "three clear days")


def test_the_day_of_the_notice_is_that_of_paris() -> None:
    """Fails if the trigger took the day in UTC: at 23.30 UTC it is the next day in Paris."""
    cover = CoverFactory.create(guarantee=True)
    late = {"cover": cover, "received_at": datetime(2026, 1, 29, 23, 30, tzinfo=UTC)}
    refused(lambda: CoverEventFactory.create(effective_on=date(2026, 2, 2), **late), "three clear days")
    CoverEventFactory.create(effective_on=date(2026, 2, 3), **late)


def test_nor_is_its_end_brought_forward_afterwards() -> None:
    """Fails without the update in the trigger."""
    event = CoverEventFactory.create(
        cover=CoverFactory.create(guarantee=True), effective_on=date(2026, 2, 2), received_at=NOW
    )
    refused(lambda: CoverEvent.objects.filter(pk=event.pk).update(effective_on=date(2026, 2, 1)), "three clear days")


def test_a_reinstatement_and_an_rc_pro_have_no_clear_days() -> None:
    CoverEventFactory.create(effective_on=date(2026, 1, 1), received_at=NOW)
    guarantee = CoverFactory.create(guarantee=True)
    CoverEventFactory.create(cover=guarantee, kind="REINSTATED", effective_on=date(2026, 1, 1), received_at=NOW)


KEPT: list[tuple[Callable[[], Any], str, str]] = [
    (IssuerFactory.create, "UPDATE registry_issuer SET code = 'AUTRE'", "what was frozen stays"),
    (IssuerFactory.create, "DELETE FROM registry_issuer", "rows from registry_issuer"),
    (IssuedCoverFactory.create, "UPDATE registry_issuedcover SET policy_key = 'x'", "rows from registry_issuedcover"),
    (IssuedCoverFactory.create, "DELETE FROM registry_issuedcover", "rows from registry_issuedcover"),
    (IssuerLotFactory.create, "UPDATE registry_issuerlot SET number = 9", "the fates of a lot stay"),
    (IssuerLotFactory.create, "DELETE FROM registry_issuerlot", "rows from registry_issuerlot"),
    (FilingBodyFactory.create, "UPDATE registry_filingbody SET kind = 'PRINCIPAL'", "what was frozen stays"),
    (FilingBodyFactory.create, "DELETE FROM registry_filingbody", "rows from registry_filingbody"),
    (AffiliationFactory.create, "UPDATE registry_affiliation SET starts_on = '2019-01-01'", "what was frozen stays"),
    (AffiliationFactory.create, "DELETE FROM registry_affiliation", "rows from registry_affiliation"),
    (SignalFactory.create, "DELETE FROM registry_signal", "rows from registry_signal"),
    (lambda: SignalFactory.create(settled=True), "UPDATE registry_signal SET outcome = 'autre'", "settled for good"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "act", "words"), KEPT)
def test_what_was_recorded_stays(make: Callable[[], Any], act: str, words: str) -> None:
    """Fails without the trigger that keeps it."""
    make()
    refused(lambda: run(act), words)


@pytest.mark.parametrize(
    "otherwise",
    [{"cover__channel": "PORTAL"}, {"kind": "FINANCIAL_GUARANTEE"}, {"starts_on": date(2024, 1, 1)}],
)
def test_a_certificate_is_pushed_as_what_it_is(otherwise: dict[str, Any]) -> None:
    """Fails without the trigger `issuedcover_is_of_its_cover`, or that column in it."""
    with pytest.raises(IntegrityError, match="is not what its issuer"), transaction.atomic():
        IssuedCoverFactory.create(**otherwise)
    other = CoverFactory.create().intermediary
    with pytest.raises(IntegrityError, match="is not what its issuer"), transaction.atomic():
        IssuedCoverFactory.create(intermediary=other)


def version(person: Intermediary) -> int:
    return Intermediary.objects.values_list("facts_version", flat=True).get(pk=person.pk)


def test_i9_a_membership_is_a_fact_of_its_file() -> None:
    """Fails without `bumps_facts_version` on Affiliation."""
    one = AffiliationFactory.create()
    before = version(one.registration.intermediary)
    run("UPDATE registry_affiliation SET ends_on = '2026-05-31', end_told_on = '2026-05-01'")
    assert version(one.registration.intermediary) == before + 1


TRACKED: dict[str, tuple[Callable[[], Any], str]] = {
    "Issuer": (IssuerFactory.create, "name = 'Changé'"),
    "IssuerName": (IssuerNameFactory.create, "name = 'Changé'"),
    "FilingBody": (FilingBodyFactory.create, "name = 'Changé'"),
    "Affiliation": (AffiliationFactory.create, "files = true"),
    "Signal": (SignalFactory.create, "told_by = 'Changé'"),
}


@pytest.mark.parametrize("name", TRACKED)
def test_i9_each_change_is_in_the_history_with_who_and_why(name: str) -> None:
    """Fails without `@tracked` on the model."""
    make, change = TRACKED[name]
    row = make()
    with pghistory.context(user=42, why="courrier"):
        run(f"UPDATE {row._meta.db_table} SET {change} WHERE id = %s", row.pk)
    kept = apps.get_model("registry", f"{name}History").objects.filter(id=row.pk).order_by("pgh_id")
    assert [entry.pgh_label for entry in kept] == ["insert", "update"]
    assert kept[1].pgh_context.metadata["user"] == 42


class WordsAgreeTests(TestCase):
    """The view `registry_coverword` says what the pure rule says."""

    words = st.lists(
        st.tuples(st.sampled_from([k.value for k in CoverEventKind]), st.sampled_from(EDGE_DAYS[:8])),
        max_size=5, unique=True,
    )  # fmt: skip

    @settings(max_examples=40, deadline=None)
    @given(words)
    def test_two_evaluators_one_answer(self, words: list[tuple[str, date]]) -> None:
        """Fails without the order of the words in the view, or with any lift of a termination."""
        cover = CoverFactory.create()
        for kind, day in words:
            CoverEventFactory.create(cover=cover, kind=kind, effective_on=day, received_at=told_in_time(day))
        (facts,) = load_files([cover.intermediary_id])[cover.intermediary_id].covers
        said = [Said(CoverEventKind(kind), day) for kind, day in words]
        assert (facts.ended_on, facts.gaps) == days_lost(said)
