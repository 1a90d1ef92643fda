"""The frozen list: hashed from its rows, fair in its order, the same each time it is made."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction

from registry.facts import load_reference
from registry.models import Registration
from reminders.errors import ReminderError
from reminders.ledger import load_policy
from reminders.messages.french import French
from reminders.messages.message import Letterhead, ReminderContent, Rendered, render
from reminders.models import Batch, Notice, NoticeItem
from reminders.planning.approval import cancel_batch
from reminders.planning.assess import Circumstances, assess
from reminders.planning.freeze import list_header, list_line
from reminders.planning.plan import plan_reminders
from reminders.rules.identity import WaveKey, notice_key
from tests.factories import NoticeFactory
from tests.reminders.dealing import Dealer
from tests.reminders.scenes import DAY, NOW, due_file, engine, notice_of, person, planned_batch

pytestmark = pytest.mark.django_db


def recomputed(batch: Batch) -> str:
    """The hash as anyone can compute it again from the rows of the ledger."""
    digest = hashlib.sha256(list_header(batch.as_of, batch.only_wave, batch.planned))
    for n in batch.notices.select_related("intermediary").order_by("rank"):
        digest.update(list_line(n.rank, n.intermediary.orias_number, n.email, n.key, n.body_digest))
    return digest.hexdigest()


def test_i6_the_hash_is_that_of_the_rows() -> None:
    """Fails where `digest.update` leaves a recipient out, or the header."""
    Dealer(Random(3)).register(80)  # noqa: S311
    batch = planned_batch()
    assert batch.planned > 5
    assert batch.hash == recomputed(batch)


def test_i6_the_hash_is_that_of_the_one_wave_asked_for() -> None:
    due_file()
    batch = plan_reminders(day=DAY, now=NOW, engine=engine(), by=None, only_wave="D-30").batch
    assert batch
    assert batch.hash == recomputed(batch)


@pytest.mark.parametrize("place", range(5))
def test_i6_no_field_of_a_recipient_may_change_without_the_hash(place: int) -> None:
    fields: list[Any] = [1, "07000001", "a@b.fr", "k" * 40, "d" * 64]
    other: list[Any] = [2, "07000002", "a@b.com", "l" * 40, "e" * 64]
    changed = [*fields[:place], other[place], *fields[place + 1 :]]
    assert list_line(*fields) != list_line(*changed)


@pytest.mark.parametrize(
    "changed", [(DAY + timedelta(1), "D-30", 5), (DAY, None, 5), (DAY, "D-15", 5), (DAY, "D-30", 6)]
)
def test_i6_nor_the_day_the_wave_or_the_number(changed: tuple[date, str | None, int]) -> None:
    assert list_header(*changed) != list_header(DAY, "D-30", 5)


def test_i6_the_text_of_a_message_is_part_of_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    due_file()
    first = planned_batch()
    cancel_batch(batch_id=first.pk, by=person("planner"), now=NOW)
    monkeypatch.setattr(French, "greeting", lambda self: "Madame, Monsieur,")
    assert planned_batch().hash != first.hash


def test_the_same_facts_give_the_same_list_order_and_hash() -> None:
    Dealer(Random(8)).register(120)  # noqa: S311
    first = planned_batch()
    order = list(first.notices.order_by("rank").values_list("intermediary", flat=True))
    cancel_batch(batch_id=first.pk, by=person("planner"), now=NOW)
    second = planned_batch()
    assert list(second.notices.order_by("rank").values_list("intermediary", flat=True)) == order
    assert second.hash == first.hash
    assert second.pk != first.pk


def test_another_day_draws_another_order() -> None:
    for _ in range(20):
        due_file()
    today, tomorrow = order_on(0), order_on(1)
    assert sorted(today) == sorted(tomorrow)
    assert today != tomorrow


def order_on(days: int) -> list[int]:
    batch = planned_batch(DAY + timedelta(days), now=NOW + timedelta(days))
    return list(batch.notices.order_by("rank").values_list("intermediary", flat=True))


STRATA = {("COA",): 30, ("IOB",): 20, ("CIF",): 7, ("COA", "IOB"): 12, ("COA", "CIF", "IOB"): 3}


def test_i5_any_beginning_of_the_list_is_a_fair_draw_over_the_categories() -> None:
    """Fails where the rank follows the number or the shuffle alone, without `place`."""
    stratum = {}
    for categories, size in STRATA.items():
        for _ in range(size):
            stratum[due_file(categories=categories).pk] = categories
    batch = planned_batch()
    order = list(batch.notices.order_by("rank").values_list("intermediary", flat=True))
    assert len(order) == sum(STRATA.values())
    for length in range(1, len(order) + 1):
        drawn = Counter(stratum[pk] for pk in order[:length])
        for categories, size in STRATA.items():
            fair = length * size / len(order)
            assert abs(drawn[categories] - fair) <= 1, f"{categories} in the first {length}"


def test_the_first_recipients_are_not_those_with_the_lowest_numbers() -> None:
    files = [due_file().pk for _ in range(30)]
    batch = planned_batch()
    order = list(batch.notices.order_by("rank").values_list("intermediary", flat=True))
    assert order != files
    assert sorted(order) == files


def test_a_notice_carries_the_address_the_text_and_the_identity_of_its_mail() -> None:
    file = due_file(with_funds=True)
    planned_batch()
    notice = notice_of(file)
    one = assess(
        [file.pk],
        Circumstances(DAY, load_reference(), load_policy(gap_days=5), engine().letterhead),
        without=[notice.pk],
    )
    now = one[file.pk]
    assert (notice.email, notice.body_digest, notice.key) == (file.email, now.digest, now.key)
    assert notice.key == notice_key(file.orias_number, now.decision.discharged)
    held = {WaveKey(i.kind, i.term, i.wave) for i in notice.discharges.all()}  # type: ignore[arg-type]
    assert held == set(now.decision.discharged)
    assert {i["kind"] for i in notice.items} == {"RC_PRO", "FINANCIAL_GUARANTEE"}
    assert all(i["discharged"] for i in notice.items)


def test_an_item_of_two_states_is_kept_as_two_entries() -> None:
    """A COA whose cover ends and an IOB without any: one term and one filing day, two things to say."""
    file = due_file(categories=("COA",))
    Registration.objects.create(intermediary=file, category="IOB", registered_on=date(2015, 6, 5))
    planned_batch()
    assert [(i["state"], i["categories"]) for i in notice_of(file).items] == [("DUE", ["COA"]), ("MISSING", ["IOB"])]


def test_a_message_that_cannot_be_written_is_told_with_its_recipient_and_item_and_nothing_is_planned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without `_naming`: a ValueError ended the plan, and nobody knew whose file it was."""
    due_file()
    due_file("07009999", categories=("IOB",))

    def broken(content: ReminderContent, letterhead: Letterhead) -> Rendered:
        if "IOB" in content.items[0].categories:
            raise ValueError("a cover that is due for renewal needs its term")
        return render(content, letterhead)

    monkeypatch.setattr("reminders.planning.assess.render", broken)
    told = r"07009999 \(assurance .*, échéance du 2026-02-28, vague D-30\).*needs its term.*Aucun lot n’est créé"
    with pytest.raises(ReminderError, match=told):
        planned_batch()
    assert not Batch.objects.exists()


def test_i5_nobody_is_added_to_a_sealed_list() -> None:
    """Fails without the trigger notice_list_is_sealed: release would send to somebody outside the list."""
    due_file()
    batch = planned_batch()
    with pytest.raises((InternalError, ProgrammingError), match="sealed"), transaction.atomic():
        NoticeFactory.create(batch=batch, rank=99)
    assert batch.notices.count() == 1


def test_i2_the_database_refuses_the_same_reminder_twice() -> None:
    """Fails without noticeitem_reminded_once."""
    file = due_file()
    planned_batch()
    item = NoticeItem.objects.get(intermediary=file)
    values = {"kind": item.kind, "term": item.term, "wave": item.wave}
    with pytest.raises((IntegrityError, InternalError, ProgrammingError)), transaction.atomic():
        NoticeItem.objects.create(notice=item.notice, intermediary=file, **values)
    assert NoticeItem.objects.filter(intermediary=file, held=True).count() == 1


def test_what_was_drawn_is_gone_with_the_transaction_or_the_next_draw() -> None:
    due_file()
    planned_batch()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.rendered')")
        assert cursor.fetchone() == (None,)
    due_file()
    again = planned_batch(DAY + timedelta(1), now=NOW + timedelta(1))
    assert again.planned == 2
    assert Notice.objects.filter(batch=again).count() == 2
