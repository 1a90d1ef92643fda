"""The ledger and the controls in the administration: all to be seen, the waves alone to be changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Intermediary
from reminders.messages.tokens import mail_token
from reminders.models import (
    AddressConfirmation,
    Batch,
    JournalMark,
    LeftOut,
    Notice,
    Reconciliation,
    SendingMachine,
    Wave,
)
from reminders.models.settlement import Decision
from reminders.planning.incident import add_note
from reminders.planning.settling import settle
from tests.administration import client_of, page, require_pages_within_ten_queries, rows, superuser
from tests.factories import (
    NOW,
    AlarmFactory,
    AttemptFactory,
    BatchFactory,
    DomainPaceFactory,
    IntermediaryFactory,
    LeftOutFactory,
    NoticeFactory,
    TickFactory,
    UserFactory,
    WatchFactory,
    WrongReportFactory,
)
from tests.reminders.returned import came_back, mailed

pytestmark = pytest.mark.django_db
MODELS = [m for m in apps.get_app_config("reminders").get_models() if not m.__name__.endswith("History")]


@pytest.fixture
def root() -> Client:
    return superuser()


@pytest.fixture
def one_of_each() -> None:
    """A row in every table; the switch, the pace and the waves are there from the start."""
    notice = NoticeFactory()
    AttemptFactory(notice=notice)
    LeftOutFactory(batch=notice.batch)
    TickFactory()
    returned = mailed("ACCEPTED")
    came_back(returned)
    settle(notice_id=mailed("UNCERTAIN").pk, decision=Decision.AS_SENT, reason="essai", by=UserFactory(), now=NOW)
    AddressConfirmation.objects.create(
        intermediary=returned.intermediary,
        email="autre@cabinet.example",
        reason="essai",
        by=UserFactory(),
        at=NOW,
    )
    add_note(batch=notice.batch, text="essai", by=UserFactory(), now=NOW)
    WatchFactory()
    AlarmFactory()
    WrongReportFactory()
    DomainPaceFactory()
    JournalMark.objects.create(sender="a-01", file="a-01.0001.journal", sequence=1, hash="0" * 64, recorded_at=NOW)
    Reconciliation.objects.create(made_at=NOW, made_by=UserFactory(), report={})
    SendingMachine.objects.create(machine="a" * 32, passes=1, passed_at=NOW)


def test_every_table_of_the_engine_has_its_pages() -> None:
    assert [m.__name__ for m in MODELS if not admin.site.is_registered(m)] == []


@pytest.mark.usefixtures("one_of_each")
def test_every_list_object_and_history_opens_within_ten_queries(root: Client, subtests: pytest.Subtests) -> None:
    for model in MODELS:
        with subtests.test(model=model.__name__):
            require_pages_within_ten_queries(root, model)


@pytest.mark.usefixtures("one_of_each")
def test_the_ledger_and_the_controls_are_changed_by_nobody_here(root: Client, subtests: pytest.Subtests) -> None:
    """I6, I7: approving and stopping have commands of their own. Fails without `ReadOnlyAdmin`."""
    for model in (m for m in MODELS if m is not Wave):
        with subtests.test(model=model.__name__):
            require_read_only(root, model)


def require_read_only(root: Client, model: type[models.Model]) -> None:
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    before = list(model._default_manager.order_by("pk").values())
    assert root.post(page(model, "add"), {}).status_code == 403
    assert root.post(page(model, "change", row.pk), {"state": "APPROVED"}).status_code == 403
    assert root.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert list(model._default_manager.order_by("pk").values()) == before


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("role", ["registry_officer", "approver", "hotline_agent", "auditor", "administrator"])
def test_every_role_may_look_at_the_ledger(role: str) -> None:
    client = client_of(role)
    assert all(client.get(page(model, "changelist")).status_code == 200 for model in MODELS)


# --- finding ---


@pytest.mark.parametrize("name", ["Notice", "NoticeItem", "Attempt", "LeftOut"])
@pytest.mark.parametrize("told", ["08000071", "0690 12 34 56", "martin"])
def test_lists_are_searched_by_whom_they_concern(root: Client, name: str, told: str) -> None:
    martin = IntermediaryFactory(orias_number="08000071", name="Cabinet Martin", phone_key="690123456")
    for whose in (martin, IntermediaryFactory()):
        AttemptFactory(notice=NoticeFactory(intermediary=whose))
        LeftOutFactory(intermediary=whose)
    (found,) = rows(root.get(page(apps.get_model("reminders", name), "changelist"), {"q": told}))
    assert getattr(found, "intermediary", None) in (martin, None)
    assert name != "Attempt" or found.notice.intermediary == martin


def test_a_notice_is_found_by_the_identity_written_in_the_mail(root: Client) -> None:
    wanted = NoticeFactory(key="abc123def4" * 4)
    NoticeFactory(key="0" * 40)
    message_id = f"<{mail_token(wanted.key)}@registre.example>"
    for told in (wanted.key, wanted.key.upper(), f" {wanted.key[:12]} ", message_id, message_id[1:-1]):
        assert rows(root.get(page(Notice, "changelist"), {"q": told})) == [wanted]


def test_a_batch_leads_to_its_notices_and_to_those_left_out(root: Client) -> None:
    notice, other = NoticeFactory(), NoticeFactory()
    left_out = LeftOutFactory(batch=notice.batch)
    LeftOutFactory(batch=other.batch)
    text = root.get(page(type(notice.batch), "change", notice.batch.pk)).text
    query = f"?batch__id__exact={notice.batch.pk}"
    assert page(Notice, "changelist") + query in text
    assert page(LeftOut, "changelist") + query in text
    assert rows(root.get(page(Notice, "changelist") + query)) == [notice]
    assert rows(root.get(page(LeftOut, "changelist") + query)) == [left_out]


def test_a_notice_shows_what_it_discharges_and_each_attempt(root: Client) -> None:
    notice = AttemptFactory(done=True).notice
    text = root.get(page(Notice, "change", notice.pk)).text
    assert "D-30" in text
    assert "Accepté par le serveur" in text


# --- speed ---


@pytest.mark.slow
def test_a_page_of_a_long_ledger_reads_one_page_of_rows(root: Client) -> None:
    batch = BatchFactory()
    people = Intermediary.objects.bulk_create(
        Intermediary(orias_number=f"{n:08d}", name=f"Cabinet {n}") for n in range(1, 2001)
    )
    Notice.objects.bulk_create(_notice(batch, person, rank) for rank, person in enumerate(people, 1))
    for query in ("", "?state__exact=PLANNED", "?q=cabinet", "?p=4"):
        with CaptureQueriesContext(connection) as queries:
            answer = root.get(page(Notice, "changelist") + query)
        assert len(rows(answer)) == 50
        assert len(queries) <= 10, query
        on_table = [q["sql"] for q in queries if 'FROM "reminders_notice"' in q["sql"]]
        assert [sql for sql in on_table if "LIMIT" not in sql] == [], query


def _notice(batch: Batch, person: Intermediary, rank: int) -> Notice:
    return Notice(
        batch=batch,
        intermediary=person,
        rank=rank,
        state="PLANNED",
        key=f"{rank:040x}",
        email=f"{rank}@example.org",
        items=[],
        facts_version=1,
        not_after=NOW + timedelta(days=1),
    )


# --- waves ---


def test_a_wave_is_moved_by_an_administrator_with_a_reason() -> None:
    """I9. Fails if the page saved without `recording`."""
    boss, wave = client_of("administrator"), Wave.objects.get(code="D-30")
    values = {"first_offset": "-32", "last_offset": "-16", "active": "on", "code": "D-99"}
    assert boss.post(page(Wave, "change", wave.pk), values).status_code == 200  # no reason
    answer = boss.post(page(Wave, "change", wave.pk), values | {"why": "Décision du 5 janvier"})
    assert answer.status_code == 302
    wave.refresh_from_db()
    assert (wave.code, wave.first_offset) == ("D-30", -32)
    event = wave.history.order_by("-pgh_id").select_related("pgh_context").first()  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["why"] == "Décision du 5 janvier"


def test_a_wave_that_ends_before_it_starts_is_refused_in_words() -> None:
    boss, wave = client_of("administrator"), Wave.objects.get(code="D-30")
    values = {"first_offset": "-10", "last_offset": "-16", "active": "on", "why": "essai"}
    answer = boss.post(page(Wave, "change", wave.pk), values)
    assert "Le dernier jour utile ne peut pas précéder le premier." in answer.text


@pytest.mark.parametrize("role", ["registry_officer", "approver", "hotline_agent", "auditor"])
def test_other_roles_move_no_wave(role: str) -> None:
    wave = Wave.objects.get(code="D-30")
    values = {"first_offset": "-32", "last_offset": "-16", "why": "essai"}
    assert client_of(role).post(page(Wave, "change", wave.pk), values).status_code == 403


def test_nobody_adds_or_deletes_a_wave_without_being_a_superuser() -> None:
    boss, wave = client_of("administrator"), Wave.objects.get(code="D-30")
    assert boss.get(page(Wave, "add")).status_code == 403
    assert boss.post(page(Wave, "delete", wave.pk), {"post": "yes"}).status_code == 403


def test_the_history_of_a_batch_is_shown(root: Client) -> None:
    batch = BatchFactory(as_of=date(2026, 1, 29))
    type(batch).objects.filter(pk=batch.pk).update(state="CANCELLED")
    latest = root.get(page(type(batch), "history", batch.pk)).context["changes"][0]
    assert ("Projet", "Annulé") in [(f.before, f.after) for f in latest.fields]
