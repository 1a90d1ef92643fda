"""Those who filed and did not pay are told by letter, once; the thirty days run from its posting."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from registry import actions
from registry.actions import RegisterError
from registry.actions.letters import write_fee_letter
from registry.actions.renewal_fees import debtors
from registry.models import Letter, RenewalRequest
from registry.rules.letters import LetterKind
from tests.factories import NOW, RegistrationFactory, RenewalRequestFactory, UserFactory
from tests.registry.commands import Answer, run
from tests.registry.test_removal_commands import text_of

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 29)


@pytest.fixture
def alice(settings: Any) -> User:
    settings.REGISTER_NOW = NOW
    user: User = UserFactory(username="alice", is_staff=True, is_superuser=True)
    return user


@pytest.fixture
def owed() -> RenewalRequest:
    """Filed on 20 January, and not paid. Beside it one that is paid, one not filed, one told, one removed."""
    made: RenewalRequest = RenewalRequestFactory(filed=True)
    RenewalRequestFactory(filed=True, paid=True)
    RenewalRequestFactory()
    RenewalRequestFactory(filed=True, informed_on=date(2026, 1, 22))
    RenewalRequestFactory(filed=True, registration=RegistrationFactory(removed=True))
    return made


def letters(*arguments: object) -> Answer:
    return run("fee_letters", 2026, "--by", "alice", *arguments)


def write(alice: User, *requests: RenewalRequest) -> list[Letter]:
    keys = [one.pk for one in requests]
    return list(actions.write_fee_letters(by=alice, why="essai", now=NOW, requests=keys))


def test_only_who_filed_and_owes_and_was_not_told_is_written_to_and_once(
    alice: User, owed: RenewalRequest, tmp_path: Path
) -> None:
    """Fails without each condition of `debtors`; the letter is kept as it is handed out."""
    assert "1 lettre à écrire. Rien n’est écrit" in letters().out
    assert not Letter.objects.exists()
    assert letters("--apply", "--out", tmp_path / "lettres", "--json").json == {
        "year": 2026, "applied": True, "to_write": 1, "written": 1, "posted": 0,
    }  # fmt: skip
    [letter] = Letter.objects.all()
    [file] = (tmp_path / "lettres").iterdir()
    assert (letter.kind, letter.request, file.name) == ("FEE", owed, f"{letter.number}.pdf")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == letter.sha256
    told = text_of(bytes(letter.pdf))
    assert ("25,00" in told, "30 jours" in told, "20 janvier 2026" in told) == (True, True, True)
    assert letters("--apply", "--json").json["written"] == 0


def test_who_filed_today_still_has_time_to_pay(alice: User, owed: RenewalRequest) -> None:
    assert letters("--filed-before", "2026-01-20", "--json").json["to_write"] == 0
    assert letters("--filed-before", "2026-01-21", "--json").json["to_write"] == 1


def test_the_thirty_days_run_from_the_posting_and_of_those_written_alone(alice: User, owed: RenewalRequest) -> None:
    other = RenewalRequestFactory(filed=True)
    write(alice, owed)
    with pytest.raises(RegisterError, match="après aujourd’hui"):
        actions.record_fee_letters_posted(by=alice, why="x", day=DAY, year=2026, posted_on=date(2026, 1, 30))
    assert letters("--posted-on", "2026-01-28", "--json").json["posted"] == 0, "it is dated of the 29th"
    assert "1 lettre postée le 2026-01-29" in letters("--posted-on", "2026-01-29").out
    assert letters("--posted-on", "2026-01-29", "--json").json["posted"] == 0
    days = dict(RenewalRequest.objects.filter(pk__in=[owed.pk, other.pk]).values_list("pk", "informed_on"))
    assert days == {owed.pk: DAY, other.pk: None}
    assert list(debtors(year=2026)) == [other]


def test_what_was_paid_between_the_list_and_the_letter_is_not_written(alice: User, owed: RenewalRequest) -> None:
    """Fails without the questions in `_write`, asked under the request's lock."""
    listed = [owed.pk]
    actions.record_fee(by=alice, why="x", day=DAY, request=owed, amount_cents=2_500, paid_on=DAY, reference="CB-1")
    assert list(actions.write_fee_letters(by=alice, why="essai", now=NOW, requests=listed)) == []
    assert not Letter.objects.exists()


def test_the_database_keeps_one_letter_a_request_and_no_letter_of_nothing(alice: User, owed: RenewalRequest) -> None:
    """Fails without `letter_of_a_fee_once`, or without its line in `letter_belongs_to_an_act`."""
    [letter] = write(alice, owed)
    with pytest.raises(IntegrityError, match="letter_of_a_fee_once"), transaction.atomic():
        write_fee_letter(by=alice, now=NOW, request=owed)
    values = {
        name: getattr(letter, name)
        for name in ("intermediary", "dated_on", "addressee", "subject", "pdf", "sha256", "issued_by", "issued_at")
    }
    for kind, request in ((LetterKind.FEE, None), (LetterKind.NOTICE, RenewalRequestFactory(filed=True))):
        with pytest.raises(IntegrityError, match="letter_belongs_to_an_act"), transaction.atomic():
            Letter.objects.create(**values, kind=kind.value, request=request, number="2026-9", verify_code="A")


def test_what_is_wrongly_asked_is_told(alice: User, owed: RenewalRequest, tmp_path: Path) -> None:
    (tmp_path / "un-fichier").write_text("x")
    refused = letters("--apply", "--out", tmp_path / "un-fichier")
    assert (refused.code, "indiquez un autre dossier" in refused.err) == (1, True)
    UserFactory(username="odile")
    assert run("fee_letters", 2026, "--by", "odile").code == 1
