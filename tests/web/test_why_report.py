"""« Mon dossier est complet » on the page of the mail: one click, no login, and nothing that a program can set off."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from registry import clock
from registry.models import Intermediary
from reminders.messages.links import why_token
from reminders.models import Notice, WrongReport
from reminders.rules.states import NoticeState
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory
from tests.web.test_why import ITEM, a_correction, mailed, read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_day_in_february(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 2, 3, 9, tzinfo=UTC))


@pytest.fixture
def somebody() -> Intermediary:
    somebody = IntermediaryFactory(orias_number="08000051", name="Cabinet Martin")
    RegistrationFactory(intermediary=somebody)
    CoverFactory(intermediary=somebody)
    return somebody


def address(notice: Notice) -> str:
    return f"/pourquoi/{why_token(notice.key)}/"


def say_so(client: Client, notice: Notice) -> str:
    """Press the button, and read the page it leads to."""
    answer = client.post(address(notice))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address(notice)}#signalement")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    return read(client, notice)


def test_the_page_offers_it_and_only_the_button_does_it(client: Client, somebody: Intermediary) -> None:
    """Fails if GET acted: programs that look into mails for viruses open every link in them."""
    notice = mailed(somebody)
    assert "Mon dossier est complet</button>" in read(client, notice)
    client.get(address(notice), {"complete": "1"})
    client.head(address(notice))
    assert not WrongReport.objects.exists()
    for method in (client.put, client.patch, client.delete):
        assert method(address(notice)).status_code == 405


def test_a_true_report_is_admitted(client: Client, somebody: Intermediary) -> None:
    notice = mailed(somebody)
    CoverFactory(intermediary=somebody, renewed=True, deposited_on=date(2026, 1, 20))
    text = say_so(client, notice)
    assert "Vous avez raison" in text
    assert "</button>" not in text
    report = WrongReport.objects.get()
    assert (report.verdict, report.source, report.reported_by) == ("WRONG", "LINK", None)


def test_who_has_filed_since_is_told_that_it_has_come(client: Client, somebody: Intermediary) -> None:
    notice = mailed(somebody)
    CoverFactory(intermediary=somebody, renewed=True, deposited=True, deposited_on=date(2026, 2, 2))
    assert "est arrivé depuis. Vous n’avez rien à faire." in say_so(client, notice)


def test_what_is_still_missing_is_said(client: Client, somebody: Intermediary) -> None:
    text = say_so(client, mailed(somebody))
    assert "le registre attendait encore une pièce" in text
    assert "Il manque encore" in text


def test_english_is_spoken_to_those_who_chose_it(client: Client, somebody: Intermediary) -> None:
    Intermediary.objects.update(language="en")
    notice = mailed(somebody)
    assert "My file is complete</button>" in read(client, notice)
    assert "the register still waited for a paper" in say_so(client, notice)


def test_it_needs_no_cookie_no_login_and_no_token_but_the_links(somebody: Intermediary) -> None:
    """Fails with Django's protection of forms, which rests on a cookie: the link is the credential."""
    notice = mailed(somebody)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address(notice)).status_code == 303
    assert strict.cookies == {}
    assert strict.post(f"/pourquoi/{why_token('a' * 40)}/").status_code == 404
    assert strict.post(f"/pourquoi/{notice.key}.faux/").status_code == 404


def test_pressing_twice_is_one_report(client: Client, somebody: Intermediary) -> None:
    notice = mailed(somebody)
    say_so(client, notice)
    say_so(client, notice)
    assert WrongReport.objects.count() == 1


def test_a_mail_that_did_not_leave_offers_and_takes_no_report(client: Client, somebody: Intermediary) -> None:
    notice = mailed(somebody, NoticeState.CANCELLED)
    assert "</button>" not in read(client, notice)
    assert client.post(address(notice)).status_code == 200
    assert not WrongReport.objects.exists()


def test_a_report_about_a_correction_is_answered_on_the_page_of_the_message_it_corrects(
    client: Client, somebody: Intermediary
) -> None:
    """Fails if the correction itself were reported: its page never says what became of that."""
    bad = mailed(somebody)
    CoverFactory(intermediary=somebody, renewed=True, deposited_on=date(2026, 1, 20))
    correction = a_correction(bad)
    answer = client.post(address(correction))
    assert answer.headers["Location"] == f"{address(bad)}#signalement"
    assert "Vous avez raison" in read(client, bad)
    assert WrongReport.objects.get().notice == bad


def test_a_correction_that_asks_for_a_paper_leads_to_where_its_reader_can_say_that_it_was_wrong(
    client: Client, somebody: Intermediary
) -> None:
    bad = mailed(somebody)
    due, link = a_correction(bad, "DUE", items=[ITEM]), f'href="{address(bad)}#signalement"'
    assert link in read(client, due)
    assert "</button>" not in read(client, due)
    Intermediary.objects.update(language="en")
    assert f"<a {link}>on its page</a>" in read(client, due)


def test_a_report_about_a_correction_that_told_nothing_tells_nothing(client: Client, somebody: Intermediary) -> None:
    """Fails if it led to the page of the message it corrects: its reader may be somebody else."""
    correction = a_correction(mailed(somebody), "OTHER")
    assert client.post(address(correction)).headers["Location"] == f"{address(correction)}#signalement"


def test_one_address_of_the_network_cannot_press_without_end(client: Client, somebody: Intermediary) -> None:
    """Fails without `Reports`."""
    notice = mailed(somebody)
    answers: list[Any] = [client.post(address(notice)) for _ in range(21)]
    assert [a.status_code for a in answers[:20]] == [303] * 20
    assert answers[20].status_code == 429
    assert int(answers[20].headers["Retry-After"]) > 0
    assert "no-store" in answers[20].headers["Cache-Control"]
