"""The second look: what is kept for files alike is what the rules and the renderer say of each by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.facts import load_reference
from registry.models import Cover
from registry.rules.facts import FileFacts
from reminders.ledger import load_policy
from reminders.messages.content import Letterhead, ReminderContent, Rendered
from reminders.messages.message import body_digest, render
from reminders.messages.pattern import is_plain, pattern_of
from reminders.models import Notice
from reminders.planning import second_look
from reminders.planning.assess import Circumstances, assess
from reminders.planning.audience import draw_audience
from reminders.planning.second_look import Looked, Recipient, SecondLook, recipients_in_order
from reminders.rules.addresses import PLAIN_ADDRESS_LENGTH, PLAIN_ADDRESS_PATTERN, is_writable
from reminders.rules.bounces import AddressTrouble
from reminders.rules.eligibility import Decision, LedgerFacts, decide_reminder
from tests.reminders.dealing import Dealer
from tests.reminders.scenes import DAY, due_file, engine, planned_batch, renew
from tests.reminders.test_message_bytes import HOSTILE_NAMES, NAMES
from tests.reminders.test_message_wording import CONTENT, LETTERHEAD
from tests.rules.strategies import POLICY, REFERENCE, campaign_days, files, ledgers

ADDRESSES = st.sampled_from(["a@b.fr", "contact.orias@cabinet-7.example", "x-1_y@" + "a" * 58])


def circumstances() -> Circumstances:
    return Circumstances(DAY, load_reference(), load_policy(gap_days=5), engine().letterhead)


def everyone() -> list[Recipient]:
    """The whole register as recipients, whatever the set-based pass says of each."""
    draw_audience(DAY, load_policy(gap_days=5))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audience SET rank = id")
    return [one for chunk in recipients_in_order(circumstances(), 50) for one in chunk]


def looked_at(people: list[Recipient]) -> list[Looked]:
    """Looked at in small chunks, as a long list is."""
    second = SecondLook(circumstances())
    return [one for n in range(0, len(people), 40) for one in second.look(people[n : n + 40])]


def said(decision: Decision) -> Decision:
    """A decision without the evidence of its checks, which names the address."""
    return replace(decision, checks=())


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [second_look.KEPT, 1])
def test_i1_what_is_said_of_files_alike_is_what_is_said_of_each(monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    """Fails where the shape of a file lacks any of its fields, or a column of the source rows."""
    monkeypatch.setattr(second_look, "KEPT", kept)
    Dealer(Random(31)).register(160)  # noqa: S311
    due_file(email="x@" + "a" * 60 + "." + "b" * 60 + ".fr")
    for n, name in enumerate(HOSTILE_NAMES[:4]):
        Cover.objects.filter(intermediary=(file := due_file())).update(policy=f"P{n}")
        type(file).objects.filter(pk=file.pk).update(name=name.replace("\x00", ""), language="fr" if n % 2 else "en")
    people = everyone()
    alone = assess([p.intermediary_id for p in people], circumstances())
    seen = looked_at(people)
    assert [one.recipient for one in seen] == people
    for one in seen:
        expected = alone[one.recipient.intermediary_id]
        assert said(one.verdict.decision) == said(expected.decision)
        assert one.digest == expected.digest
    assert len({id(one.verdict) for one in seen}) < len(seen) or kept == 1
    assert sum(bool(one.digest) for one in seen) > 20


@pytest.mark.django_db
def test_i1_a_file_that_changes_while_it_is_read_does_not_speak_for_the_others() -> None:
    """Fails without the comparison of the versions in `_decided`."""
    first, second = due_file(), due_file()
    people = everyone()
    renew(second)
    seen = {one.recipient.intermediary_id: one.verdict.decision.reason for one in looked_at(people)}
    assert seen == {first.pk: None, second.pk: "COMPLETE"}


@pytest.mark.django_db
def test_i1_one_day_more_in_a_paper_is_another_file() -> None:
    """Fails where `Shape.covers` leaves the source rows out."""
    first, second = due_file(), due_file()
    Cover.objects.filter(intermediary=second).update(ends_on=date(2026, 12, 31))
    seen = {one.recipient.intermediary_id: one.verdict.decision.reason for one in looked_at(everyone())}
    assert seen == {first.pk: None, second.pk: "COMPLETE"}


@pytest.mark.django_db
def test_i1_a_registration_to_come_is_not_one_that_began_in_the_same_year() -> None:
    """Fails where the source rows give the year of a registration that has not begun."""
    first, second = due_file(registered_on=date(2026, 1, 10)), due_file(registered_on=date(2026, 2, 10))
    seen = {one.recipient.intermediary_id: one.verdict.decision.reason for one in looked_at(everyone())}
    assert seen == {first.pk: "REGISTERED_TOO_LATE", second.pk: "NOT_YET_REGISTERED"}


@pytest.mark.django_db
def test_i1_an_address_that_cannot_be_written_to_is_another_file() -> None:
    """Fails where `Shape.address` is the same for all."""
    first, second = due_file(), due_file(email="a b@cabinet.example")
    seen = {one.recipient.intermediary_id: one.verdict.decision.reason for one in looked_at(everyone())}
    assert seen == {first.pk: None, second.pk: "NO_EMAIL"}


@settings(max_examples=60)
@given(files(), ledgers(), campaign_days(), st.randoms(use_true_random=False))
def test_i1_of_a_registration_that_has_begun_the_rules_read_the_year_alone(
    file: FileFacts, ledger: LedgerFacts, day: date, random: Random
) -> None:
    """What the source rows of `Shape` leave out. Fails where a rule compares `registered_on` with any other day."""

    def moved(since: date) -> date:
        last = min(date(since.year, 12, 31), day)
        return date(since.year, 1, 1) + timedelta(random.randint(0, (last - date(since.year, 1, 1)).days))

    registrations = tuple(
        replace(r, registered_on=moved(r.registered_on)) if r.registered_on <= day else r for r in file.registrations
    )
    one, other = (
        decide_reminder(f, ledger, REFERENCE, POLICY, day) for f in (file, replace(file, registrations=registrations))
    )
    assert said(one) == said(other)


@settings(max_examples=40)
@given(files(), ledgers(), campaign_days(), st.text(max_size=9), ADDRESSES, st.integers())
def test_i1_the_rules_read_neither_name_nor_number_nor_which_good_address_it_is(
    file: FileFacts, ledger: LedgerFacts, day: date, name: str, email: str, version: int
) -> None:
    """What `Shape` leaves out. Fails where a rule reads one of them."""
    like = replace(file, orias_number=name, name=name, language=name, facts_version=version)
    if is_writable(file.email):
        like = replace(like, email=email)
    one, other = (decide_reminder(f, ledger, REFERENCE, POLICY, day) for f in (file, like))
    assert said(one) == said(other)


def test_i1_where_mail_came_back_no_two_addresses_are_alike() -> None:
    """Fails where `Shape.address` tells only whether it can be written to: the rules compare it with another."""
    ledger = LedgerFacts(trouble=AddressTrouble("a@b.fr", 1, 0))
    row = (1, 1, "", 1, "", "", "07000001", "", "a@b.fr", "fr", 1, None, None, True, False)
    one = Recipient._make(row)
    other = one._replace(email="c@d.fr")
    assert second_look.shape_of(one, ledger) != second_look.shape_of(other, ledger)
    assert second_look.shape_of(one, LedgerFacts()) == second_look.shape_of(other, LedgerFacts())


@settings(max_examples=20)
@given(files(), campaign_days(), st.integers(0, 2))
def test_i1_where_mail_came_back_the_address_itself_counts(file: FileFacts, day: date, hard: int) -> None:
    ledger = LedgerFacts(trouble=AddressTrouble(file.email, hard, 0))
    like = replace(file, orias_number="1", name="x", language="en", facts_version=5)
    one, other = (decide_reminder(f, ledger, REFERENCE, POLICY, day) for f in (file, like))
    assert said(one) == said(other)


PARTS = st.lists(st.sampled_from(["a", "b0", ".", "-", "_", "@", "A", "\n", "é", " "]), min_size=3, max_size=7)


@settings(max_examples=300)
@given(PARTS.map("".join))
@example("a..b@c.fr")
@example(".a@c.fr")
@example("a.@c.fr")
@example("a@c..fr")
@example("a@-c.fr")
@example("a@c_d.fr")
@example("a@c.fr\n")
def test_a_plain_address_can_be_written_to(email: str) -> None:
    """Fails where PLAIN_ADDRESS_PATTERN lets through what ADDRESS_PATTERN does not: "a..b@c.fr" for one."""
    assert is_writable(email) or not re.fullmatch(PLAIN_ADDRESS_PATTERN, email)


def test_a_plain_address_has_no_label_that_is_too_long() -> None:
    """Fails with a larger PLAIN_ADDRESS_LENGTH: the database asks for the length beside the pattern."""
    email = "a@" + "b" * 64
    assert re.fullmatch(PLAIN_ADDRESS_PATTERN, email)
    assert not is_writable(email)
    assert len(email) > PLAIN_ADDRESS_LENGTH
    assert is_writable("a@" + "b" * (PLAIN_ADDRESS_LENGTH - 2))


@settings(max_examples=60)
@given(NAMES, ADDRESSES | st.just("o'hara+orias&a@sous.domaine.example"), st.sampled_from(["fr", "en"]))
def test_i5_a_pattern_says_of_anyone_what_the_renderer_says(name: str, email: str, language: str) -> None:
    """Fails where a name is not cleaned or not escaped, or an address not escaped."""
    first = replace(CONTENT, language=language)
    pattern = pattern_of(first, LETTERHEAD)
    assert pattern
    one = replace(first, orias_number="09123456", name=name, email=email, why_token="a.b-c_d")
    assert is_plain(one.orias_number, one.email)
    assert pattern.digest(one.orias_number, one.name, one.email, one.why_token) == body_digest(render(one, LETTERHEAD))


@pytest.mark.parametrize("number", ["0700000a", "٠٧٠٠٠٠٠١", "", "07%20"])
def test_what_would_not_stand_in_a_message_as_it_is_goes_to_the_renderer(number: str) -> None:
    assert not is_plain(number, "a@b.fr")
    assert is_plain("07000001", "a@b.fr")
    assert not is_plain("07000001", "é@b.fr")


def test_i5_words_that_depend_on_the_person_have_no_pattern() -> None:
    """Fails without the comparison with the first person's own message in `pattern_of`."""

    def by_name(content: ReminderContent, letterhead: Letterhead) -> Rendered:
        rendered = render(content, letterhead)
        return replace(rendered, text=rendered.text * (2 if content.name.startswith("Cab") else 1))

    assert pattern_of(replace(CONTENT, name="Cabinet"), LETTERHEAD, by_name) is None
    assert pattern_of(replace(CONTENT, name="Bureau"), LETTERHEAD, by_name)


@pytest.mark.django_db
def test_i5_without_patterns_the_list_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The digests that `deliver` will compare with: of three files alike and one of another language."""
    for number in range(4):
        file = due_file()
        type(file).objects.filter(pk=file.pk).update(language="en" if number else "fr")
    batch = planned_batch()
    digests = dict(Notice.objects.filter(batch=batch).values_list("intermediary", "body_digest"))
    ids = list(Notice.objects.filter(batch=batch).values_list("pk", flat=True))
    monkeypatch.setattr(second_look, "pattern_of", lambda *a: None)
    again: dict[int, Any] = {pk: one.digest for pk, one in assess(list(digests), circumstances(), without=ids).items()}
    assert again == digests
