"""Files destroyed after five years: what is listed, what the open certificate alone lets through, what is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pghistory
import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from registry.actions import RegisterError, orders
from registry.actions.purging import _owned_models, lift_hold, list_purgeable, place_hold, purge_files
from registry.models import Intermediary, PurgeCertificate, PurgedFile, Registration, RemovalCase
from registry.models.registration import Authority, DecisionKind
from reminders.models import Attempt, Notice
from reminders.planning.erasing import KEPT
from reminders.rules.states import NoticeState
from tests.factories import (
    AttemptFactory,
    CoverEventFactory,
    LeftOutFactory,
    NoticeFactory,
    RenewalRequestFactory,
    UserFactory,
    WrongReportFactory,
    reach,
)
from tests.removing import Procedure, at, lapsed, members, ordered

pytestmark = pytest.mark.django_db

GONE = date(2027, 5, 4)
LAST = date(2032, 5, 4)
FIRST = date(2032, 5, 5)
SECRETS = ("Cabinet Unique", "unique@example.org", "732829320", "RC-UNIQUE", "12 rue Unique", "+33612345678")


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def holding(secret: str) -> set[str]:
    """The tables of which some row holds the text, whatever the column."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" t WHERE to_jsonb(t)::text LIKE %s)', [f"%{secret}%"])
            if cursor.fetchone()[0]:
                found.add(table)
    return found


@pytest.fixture
def removed() -> Registration:
    """Someone removed by a case on 4 May 2027, of whom every table holds something."""
    members()
    mine = lapsed()
    person = mine.intermediary
    notice = NoticeFactory.create(intermediary=person, email=SECRETS[1])
    AttemptFactory.create(notice=notice, done=True, reply=f"250 ok {SECRETS[1]}")
    reach(notice, NoticeState.ACCEPTED)
    WrongReportFactory.create(notice=notice, facts={"name": SECRETS[0]})
    LeftOutFactory.create(intermediary=person, evidence={"email": SECRETS[1]})
    # Last: within a transaction what follows would be recorded under the same words.
    with pghistory.context(user=1, why="appel de Cabinet Unique"):
        Intermediary.objects.filter(pk=person.pk).update(
            name=SECRETS[0], email=SECRETS[1], siren=SECRETS[2], address=SECRETS[4], phone_e164=SECRETS[5]
        )
        person.covers.update(policy=SECRETS[3])
    person.refresh_from_db()
    CoverEventFactory.create(cover=person.covers.get(), not_renewed=True)
    RenewalRequestFactory.create(registration=mine)
    procedure = Procedure(mine)
    procedure.told(date(2027, 5, 3))
    procedure.publish(GONE)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
    return mine


def purge(day: date = FIRST) -> PurgeCertificate:
    clerk, other = UserFactory.create(), UserFactory.create()
    made = purge_files(by=clerk, approved_by=other, now=at(day), as_of=day, list_hash=list_purgeable(as_of=day).hash)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
    return made


def test_nothing_of_the_person_is_left_in_any_table(removed: Registration) -> None:
    """Fails for any table that leads to an intermediary and is not emptied; the history's rows and contexts too."""
    person = removed.intermediary
    assert all(holding(secret) for secret in SECRETS)
    certificate = purge()
    assert {secret: holding(secret) for secret in SECRETS} == {secret: set() for secret in SECRETS}
    person.refresh_from_db()
    assert (person.name, person.email, person.siren) == ("Dossier détruit", "", "")
    assert PurgedFile.objects.get().intermediary.orias_number == person.orias_number
    assert certificate.counts["registry_registration"] == 1
    assert certificate.counts["registry_registrationhistory"] >= 2
    assert certificate.counts["pghistory_context"] >= 1
    assert bytes(certificate.pdf).startswith(b"%PDF-")
    assert not any(secret in json.dumps(certificate.counts) for secret in SECRETS)


def test_the_ledger_still_counts_and_names_nobody(removed: Registration) -> None:
    before = (Notice.objects.count(), Attempt.objects.count())
    purge()
    assert (Notice.objects.count(), Attempt.objects.count()) == before
    notice = Notice.objects.get()
    assert (notice.state, notice.email, notice.key != "") == ("ACCEPTED", "detruite@invalid", True)


def test_the_number_is_never_given_again(removed: Registration) -> None:
    """Fails without the bare row that keeps the number, or the trigger `registration_of_no_purged_file`."""
    number = removed.intermediary.orias_number
    purge()
    with pytest.raises(IntegrityError, match="intermediary_orias_number"), transaction.atomic():
        Intermediary.objects.create(orias_number=number, name="Autre")
    with pytest.raises(IntegrityError, match="not given again"), transaction.atomic():
        Registration.objects.create(
            intermediary=Intermediary.objects.get(orias_number=number), category="COA", registered_on=FIRST
        )


def test_a_purge_takes_those_whose_five_years_are_over_and_nobody_else(removed: Registration) -> None:
    bystander = lapsed()
    assert list_purgeable(as_of=LAST).files == ()
    [(pk, number, from_on)] = list_purgeable(as_of=FIRST).files
    assert (pk, number, from_on) == (removed.intermediary_id, removed.intermediary.orias_number, FIRST)
    purge()
    bystander.refresh_from_db()
    assert bystander.intermediary.covers.exists()
    assert list_purgeable(as_of=FIRST).files == ()


def test_a_legal_hold_keeps_a_file(removed: Registration) -> None:
    """Fails without the holds in `registry_purgeable`."""
    by = UserFactory.create()
    place_hold(by=by, why="recours", now=at(GONE), intermediary=removed.intermediary)
    with pytest.raises(RegisterError, match="déjà conservé"):
        place_hold(by=by, why="recours", now=at(GONE), intermediary=removed.intermediary)
    assert list_purgeable(as_of=FIRST).files == ()
    lift_hold(by=by, why="jugement", now=at(LAST), intermediary=removed.intermediary)
    with pytest.raises(RegisterError, match="n’est pas conservé"):
        lift_hold(by=by, why="jugement", now=at(LAST), intermediary=removed.intermediary)
    assert len(list_purgeable(as_of=FIRST).files) == 1


@pytest.mark.parametrize("other", ["registered", "removed later", "barred", "unconfirmed"])
def test_what_else_keeps_a_file(removed: Registration, other: str) -> None:
    """Fails without that part of `registry_purgeable`."""
    values = {"intermediary": removed.intermediary, "category": "IOB", "registered_on": date(2027, 1, 4)}
    if other == "registered":
        Registration.objects.create(**values)
    elif other == "removed later":
        ordered(Registration.objects.create(**values), date(2028, 1, 4))
    elif other == "barred":
        ordered(removed, date(2027, 5, 5), "STRIKING_OFF", barred_until=date(2037, 1, 1))
    else:
        orders.record_order(
            by=UserFactory.create(),
            now=at(GONE),
            intermediary=removed.intermediary,
            registration=None,
            kind=DecisionKind.STRIKING_OFF,
            authority=Authority.AMF,
            act_reference="SAN",
            dated_on=GONE,
            effective_on=GONE,
            reason="essai",
        )
    assert list_purgeable(as_of=FIRST).files == ()


def test_two_people_on_the_list_they_saw_on_a_day_that_has_come(removed: Registration) -> None:
    one, two = UserFactory.create(), UserFactory.create()
    seen = list_purgeable(as_of=FIRST).hash
    for told, values in (
        ("une autre personne", {"approved_by": one}),
        ("n’est pas encore venu", {"now": at(LAST)}),
        ("n’est pas celle qui a été approuvée", {"list_hash": "0" * 64}),
        ("Aucun dossier", {"as_of": LAST}),
    ):
        with pytest.raises(RegisterError, match=told):
            purge_files(**{"by": one, "approved_by": two, "now": at(FIRST), "as_of": FIRST, "list_hash": seen} | values)
    assert not PurgeCertificate.objects.exists()


def test_a_notice_that_waits_stops_the_purge(removed: Registration) -> None:
    """Fails without the question in `erase_from_ledger`."""
    NoticeFactory.create(intermediary=removed.intermediary, discharges=None)
    with pytest.raises(RegisterError, match="pas réglée"):
        purge()


# --- the narrow way -----------------------------------------------------------------------------------------

GUARDED = [
    "registry_decision",
    "registry_removalcase",
    "registry_letter",
    "registry_caseproof",
    "registry_renewalrequest",
    "registry_intermediaryhistory",
    "registry_registrationhistory",
    "registry_coverhistory",
    "registry_covereventhistory",
    "registry_removalcasehistory",
    "registry_ballothistory",
    "pghistory_context",
]
WORDED = {
    "reminders_notice": "email = 'autre@example.org'",
    "reminders_attempt": "reply = ''",
    "reminders_leftout": "evidence = '{}'",
    "reminders_wrongreport": "facts = '{}'",
}


def refused(sql: str) -> None:
    with pytest.raises(DatabaseError, match="stays|only grows"), transaction.atomic():
        run(sql)


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is done inside is undone: a certificate left open would not outlive the transaction anyway."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def open_certificate(as_of: date) -> PurgeCertificate:
    """A certificate as raw SQL could write one: open, in this transaction."""
    return PurgeCertificate.objects.create(
        number="CD",
        as_of=as_of,
        list_hash="0" * 64,
        files=1,
        executed_at=at(FIRST),
        asked_by=UserFactory.create(),
        approved_by=UserFactory.create(),
    )


@pytest.mark.parametrize("when", ["never", "after", "another"])
def test_without_the_open_certificate_that_names_the_file_nothing_is_deleted(removed: Registration, when: str) -> None:
    """Fails without `register_purging`, its transaction, its closing or its person. `another`: an open certificate
    names another file."""
    other = lapsed()
    ordered(other, date(2020, 1, 3))
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
    with rolled_back(), connection.cursor() as cursor:
        if when == "after":
            purge(date(2031, 1, 1))
        elif when == "another":
            PurgedFile.objects.create(intermediary=other.intermediary, certificate=open_certificate(date(2026, 1, 5)))
        for table in GUARDED:
            mine = _of(removed, table)
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table} {mine})")
            assert cursor.fetchone()[0], table
            refused(f"DELETE FROM {table} {mine}")
        for table, change in WORDED.items():
            refused(f"UPDATE {table} SET {change}")


def _of(registration: Registration, table: str) -> str:
    """The rows of one person, where that is one step away."""
    with connection.cursor() as cursor:
        columns = {c.name for c in connection.introspection.get_table_description(cursor, table)}
    return f"WHERE intermediary_id = {registration.intermediary_id}" if "intermediary_id" in columns else ""


@pytest.mark.parametrize("day", [date(2032, 5, 4), date(2020, 1, 1)])
def test_a_certificate_names_nobody_whose_time_has_not_come(removed: Registration, day: date) -> None:
    """Fails without the trigger `purgedfile_may_be_destroyed`."""
    with rolled_back():
        certificate = open_certificate(day)
        with pytest.raises(IntegrityError, match="may not be destroyed"), transaction.atomic():
            PurgedFile.objects.create(intermediary=removed.intermediary, certificate=certificate)
        with pytest.raises(IntegrityError, match="does not account for its files"), transaction.atomic():
            run("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_certificate_is_closed_once_and_stays(removed: Registration) -> None:
    purge()
    for act in (
        lambda: PurgeCertificate.objects.update(counts={}),
        lambda: PurgeCertificate.objects.all().delete(),
        lambda: PurgedFile.objects.all().delete(),
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            act()


def test_every_model_that_leads_to_a_person_is_destroyed_or_kept_without_it() -> None:
    """A model added later is destroyed by default: parents come before their children, and none is left out."""
    owned = _owned_models()
    assert RemovalCase in owned
    places = {model: n for n, model in enumerate(owned)}
    for model in owned:
        for field in model._meta.concrete_fields:
            if field.related_model in places and field.related_model is not model:
                assert places[field.related_model] < places[model]
    assert not {m._meta.label for m in owned} & set(KEPT)


def test_the_command_previews_and_then_destroys(
    removed: Registration, capsys: pytest.CaptureFixture[str], tmp_path: Any, settings: Any
) -> None:
    settings.REGISTER_NOW = at(FIRST)
    for name in ("root", "second"):
        call_command("create_user", name, "--role", "administrator")
    capsys.readouterr()
    call_command("purge_files", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["numbers"]) == (1, [removed.intermediary.orias_number])
    out = tmp_path / "certificat.pdf"
    call_command(
        "purge_files",
        "--apply",
        "--by",
        "root",
        "--approved-by",
        "second",
        "--hash",
        told["hash"],
        "--out",
        out,
        "--json",
    )
    done = json.loads(capsys.readouterr().out)
    assert (done["files"], done["hash"]) == (1, told["hash"])
    assert out.read_bytes() == bytes(PurgeCertificate.objects.get().pdf)
    call_command("purge_files")
    assert "0 dossier à détruire" in capsys.readouterr().out
