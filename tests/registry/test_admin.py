"""The administration: all to be seen quickly, facts changed by nobody, rules changed with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry import admin_base
from registry.actions import change_contact
from registry.admin_base import BoundedPaginator
from registry.models import (
    Cover,
    DeadlineDecision,
    FeeRate,
    Intermediary,
    Registration,
    RenewalCampaign,
    RenewalRequest,
    Requirement,
    StoredFinding,
)
from tests.administration import client_of, page, require_pages_within_ten_queries, rows, superuser
from tests.factories import (
    NOW,
    AddressCheckFactory,
    ContactFactory,
    CorrectionRequestFactory,
    CoverEventFactory,
    CoverFactory,
    CoverPaperFactory,
    CoverReviewFactory,
    DecisionFactory,
    DuplicateDismissalFactory,
    IntermediaryFactory,
    IntermediaryMergeFactory,
    IssuedCoverFactory,
    IssuerLotFactory,
    RegisterImportFactory,
    RegistrationFactory,
    RenewalRequestFactory,
    SignalFactory,
    StoredFindingFactory,
    UserFactory,
    shifted,
)
from tests.removing import a_row_in_every_table

pytestmark = pytest.mark.django_db
MODELS = [m for m in apps.get_app_config("registry").get_models() if not m.__name__.endswith("History")]
EDITABLE = {Requirement, FeeRate}
ADDED_TO = {RenewalCampaign}
MANY = 2000


@pytest.fixture
def boss() -> Client:
    """An administrator."""
    return client_of("administrator", username="boss")


@pytest.fixture
def root() -> Client:
    return superuser()


@pytest.fixture
def one_of_each() -> None:
    """A row in every table."""
    registration = RegistrationFactory(removed=True)
    CoverEventFactory(cover__intermediary=registration.intermediary)
    StoredFindingFactory(registration=registration)
    RegisterImportFactory()
    shifted(2027, due_on=date(2027, 2, 20))
    RenewalRequestFactory(registration=registration, filed=True)
    IssuedCoverFactory(cover__intermediary=registration.intermediary)
    IssuerLotFactory()
    SignalFactory(affiliation__registration=registration)
    ContactFactory(intermediary=registration.intermediary)
    AddressCheckFactory(intermediary=registration.intermediary)
    IntermediaryMergeFactory()
    DuplicateDismissalFactory()
    paper = CoverPaperFactory(cover__intermediary=registration.intermediary)
    CorrectionRequestFactory(cover=paper.cover)
    CoverReviewFactory(cover=paper.cover)
    a_row_in_every_table(registration)


# --- all tables ---


def test_every_model_of_the_register_has_its_pages() -> None:
    assert [m.__name__ for m in MODELS if not admin.site.is_registered(m)] == []


@pytest.mark.usefixtures("one_of_each")
def test_every_list_object_and_history_opens_within_ten_queries(root: Client, subtests: pytest.Subtests) -> None:
    for model in MODELS:
        with subtests.test(model=model.__name__):
            require_pages_within_ten_queries(root, model)


@pytest.mark.usefixtures("one_of_each")
def test_facts_are_changed_by_nobody_here_not_even_a_superuser(root: Client, subtests: pytest.Subtests) -> None:
    """I9, and the register's one way in. Fails without `ReadOnlyAdmin`."""
    for model in (m for m in MODELS if m not in EDITABLE | ADDED_TO):
        with subtests.test(model=model.__name__):
            require_read_only(root, model)


def require_read_only(root: Client, model: type[models.Model]) -> None:
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    before = list(model._default_manager.order_by("pk").values())
    assert root.get(page(model, "add")).status_code == 403
    assert root.post(page(model, "add"), {}).status_code == 403
    assert root.post(page(model, "change", row.pk), {}).status_code == 403
    assert root.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    root.post(page(model, "changelist"), action)
    assert list(model._default_manager.order_by("pk").values()) == before


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("role", ["registry_officer", "approver", "hotline_agent", "auditor", "administrator"])
def test_every_role_may_look_at_files(role: str) -> None:
    client = client_of(role)
    for model in (Intermediary, Registration, Cover):
        assert client.get(page(model, "changelist")).status_code == 200


@pytest.mark.usefixtures("one_of_each")
def test_an_account_without_a_role_sees_nothing() -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    assert client.get(page(Intermediary, "changelist")).status_code == 403
    assert client.get(page(Intermediary, "history", Intermediary.objects.earliest("pk").pk)).status_code == 403


# --- searching ---


@pytest.fixture
def wanted() -> Intermediary:
    """Somebody with everything one may be looked for by, among others."""
    wanted = IntermediaryFactory(
        orias_number="08000061",
        name="Cabinet Martin",
        siren="552100554",
        email="Martin@example.org",
        phone_e164="+590690123456",
        phone_key="690123456",
    )
    for other in (wanted, IntermediaryFactory()):
        CoverEventFactory(cover=CoverFactory(intermediary=other))
        StoredFindingFactory(registration=RegistrationFactory(intermediary=other))
        DecisionFactory(registration=other.registrations.get())
    return wanted


TOLD = ["08000061", "552 100 554", "0690 12 34 56", "+590 690 12 34 56", "martin@EXAMPLE.org", "martin"]


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("name", ["Intermediary", "Registration", "Decision", "Cover", "CoverEvent", "StoredFinding"])
def test_every_list_is_searched_by_whatever_one_was_told(
    root: Client, wanted: Intermediary, name: str, told: str
) -> None:
    model = apps.get_model("registry", name)
    (found,) = rows(root.get(page(model, "changelist"), {"q": told}))
    assert "08000061" in str(_whose(found))


def _whose(row: Any) -> Any:
    if isinstance(row, Intermediary):
        return row
    for step in ("cover", "registration"):
        if hasattr(row, step) and not hasattr(row, "intermediary_id"):
            return getattr(row, step).intermediary
    return row.intermediary


def test_too_little_finds_nobody_rather_than_everybody(root: Client, wanted: Intermediary) -> None:
    assert rows(root.get(page(Intermediary, "changelist"), {"q": "ma"})) == []


# --- speed ---


_MANY = (
    "INSERT INTO registry_intermediary (orias_number, siren, name, trade_name, legal_form, email, phone_e164,"
    " phone_key, address, postcode, town, language)"
    " SELECT lpad(n::text, 8, '0'), '', 'Cabinet ' || n, '', '', '', '', lpad(n::text, 9, '0'), '', '', '', 'fr'"
    " FROM generate_series(1, %(many)s) n",
    "INSERT INTO registry_registration (intermediary_id, category, filer, holds_client_funds, funds_mandate,"
    " principal_bears_liability, registered_on)"
    " SELECT id, 'COA', 'SELF', false, false, false, '2015-06-05' FROM registry_intermediary",
    "INSERT INTO registry_cover (intermediary_id, kind, categories, issuer, policy, starts_on, ends_on, status,"
    " channel, deposited_on)"
    " SELECT id, 'RC_PRO', '{COA}', '', '', '2025-03-01', '2026-02-28', 'ACCEPTED', 'IMPORT', '2025-01-15'"
    " FROM registry_intermediary",
    "ANALYZE registry_intermediary, registry_registration, registry_cover",
)


@pytest.fixture
def many() -> None:
    """A few thousand files."""
    with connection.cursor() as cursor:
        # Without what triggers write of each: words, history, events.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in _MANY:
            cursor.execute(statement, {"many": MANY})
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> int:
    """Counting ends early, as with a hundred times as many rows."""
    monkeypatch.setattr(admin_base, "COUNTED", 500)
    return 500


LISTS = ["", "?q=cabinet", "?q=00000042", "?q=000000042", "?q=1999", "?p=3", "?o=1"]


@pytest.mark.slow
@pytest.mark.usefixtures("many", "bound")
@pytest.mark.parametrize("model", [Intermediary, Registration, Cover], ids=lambda m: m.__name__)
def test_a_page_reads_one_page_of_rows_and_never_counts_the_table(root: Client, model: type[models.Model]) -> None:
    """The shape that makes it quick: few queries, each with a limit, no count without a bound."""
    for query in LISTS:
        with CaptureQueriesContext(connection) as queries:
            answer = root.get(page(model, "changelist") + query)
        assert answer.status_code == 200
        assert len(queries) <= 10, query
        on_table = [q["sql"] for q in queries if f'FROM "{model._meta.db_table}"' in q["sql"]]
        if answer.context["cl"].result_count > 50:
            assert [sql for sql in on_table if "LIMIT" not in sql] == [], query
            assert len(rows(answer)) == 50


@pytest.mark.slow
@pytest.mark.usefixtures("many")
def test_counts_are_exact_up_to_the_bound_then_estimated_or_cut(bound: int) -> None:
    """A whole table is estimated, never below what was seen; of a search the first are paged through."""
    everybody = Intermediary.objects.order_by("pk")
    assert BoundedPaginator(everybody.filter(orias_number__lte="00000500"), 50).count == bound
    assert BoundedPaginator(everybody.filter(name__contains="Cabinet"), 50).count == bound
    assert BoundedPaginator(everybody, 50).count == MANY
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = -1 WHERE relname = 'registry_intermediary'")
    assert BoundedPaginator(everybody, 50).count == bound + 1


# --- rules are changed with a reason ---

REQUIREMENT = {
    "category": "CIF",
    "kind": "RC_PRO",
    "valid_from": "01/01/2007",
    "amount_cents": "30000000",
    "annual_cents": "60000000",
    "legal_text": "CMF D541-9",
}


@pytest.fixture
def requirement() -> Requirement:
    return Requirement.objects.get(category="CIF")


def test_a_rule_is_changed_by_an_administrator_with_who_and_why_in_the_history(
    boss: Client, requirement: Requirement
) -> None:
    """I9. Fails if the page saved without `recording`."""
    answer = boss.post(page(Requirement, "change", requirement.pk), REQUIREMENT | {"why": "Décret du 2 février 2026"})
    assert answer.status_code == 302, answer.context and answer.context["errors"]
    event = requirement.history.order_by("-pgh_id").select_related("pgh_context").first()  # type: ignore[attr-defined]
    assert event.amount_cents == 30_000_000
    assert event.pgh_context.metadata == {
        "user": User.objects.get(username="boss").pk,
        "why": "Décret du 2 février 2026",
    }
    shown = boss.get(page(Requirement, "history", requirement.pk)).text
    for said in ("boss", "Décret du 2 février 2026", "15000000 → 30000000"):
        assert said in shown


def test_without_a_reason_nothing_is_changed(boss: Client, requirement: Requirement) -> None:
    """Fails without the field `why`."""
    answer = boss.post(page(Requirement, "change", requirement.pk), REQUIREMENT)
    assert answer.status_code == 200
    assert "why" in answer.context["adminform"].form.errors
    requirement.refresh_from_db()
    assert requirement.amount_cents == 15_000_000


CAMPAIGN = {
    "year": "2041",
    "opens_on": "01/01/2041",
    "principals_due_on": "31/01/2041",
    "due_on": "28/02/2041",
    "tolerated_until": "28/02/2041",
    "expires_on": "28/02/2041",
}


def test_what_the_database_would_refuse_is_told_in_words(boss: Client) -> None:
    answer = boss.post(page(RenewalCampaign, "add"), CAMPAIGN | {"why": "essai", "opens_on": "01/04/2041"})
    assert "Ouverture, échéances et tolérance se suivent dans cet ordre." in answer.text


def test_a_campaign_is_added_here_and_then_moved_by_signed_decisions_alone(boss: Client, root: Client) -> None:
    """Fails without `has_change_permission` in `RenewalCampaignAdmin`."""
    assert boss.post(page(RenewalCampaign, "add"), CAMPAIGN | {"why": "année à venir"}).status_code == 302
    added = RenewalCampaign.objects.get(year=2041)
    shifted(2041, due_on=date(2041, 2, 20))
    for client in (boss, root):
        shown = client.get(page(RenewalCampaign, "change", added.pk))
        assert "20 février 2041" in shown.text
        assert client.post(page(RenewalCampaign, "change", added.pk), CAMPAIGN | {"why": "x"}).status_code == 403


def test_stored_findings_follow_in_the_same_transaction(boss: Client, requirement: Requirement) -> None:
    """I9. Fails without `refresh_findings` in `ReferenceAdmin`."""
    registration = RegistrationFactory()
    boss.post(page(Requirement, "change", requirement.pk), REQUIREMENT | {"why": "Décret"})
    stored = StoredFinding.objects.filter(registration=registration)
    assert {f.kind for f in stored} == {"RC_PRO", "FINANCIAL_GUARANTEE"}


@pytest.mark.parametrize("role", ["registry_officer", "approver", "hotline_agent", "auditor"])
def test_other_roles_see_the_rules_and_change_none(role: str, requirement: Requirement) -> None:
    client = client_of(role)
    shown = client.get(page(Requirement, "change", requirement.pk))
    assert shown.status_code == 200
    assert "Motif de la modification" not in shown.text
    assert client.post(page(Requirement, "change", requirement.pk), REQUIREMENT).status_code == 403
    for model in (DeadlineDecision, FeeRate, RenewalRequest):
        assert client.get(page(model, "changelist")).status_code == 200


def test_a_new_requirement_is_added_with_a_reason_and_none_is_deleted(boss: Client) -> None:
    values = {
        "category": "CIF",
        "kind": "RC_PRO",
        "valid_from": "01/01/2045",
        "amount_cents": "30000000",
        "annual_cents": "60000000",
        "legal_text": "CMF D541-9",
        "why": "Décret à venir",
    }
    assert boss.post(page(Requirement, "add"), values).status_code == 302
    added = Requirement.objects.get(valid_from=date(2045, 1, 1))
    assert boss.post(page(Requirement, "delete", added.pk), {"post": "yes"}).status_code == 403


# --- history ---


def test_the_history_of_a_file_tells_each_change_with_its_author(root: Client) -> None:
    somebody = IntermediaryFactory(name="Cabinet Martin", town="Lyon")
    # By SQL first: what recorded a change names its author until the transaction ends, and a test is one.
    Intermediary.objects.filter(pk=somebody.pk).update(town="Nantes")
    marie = UserFactory(username="marie")
    change_contact(by=marie, why="appel du 3 février", day=NOW.date(), intermediary=somebody, town="Paris")
    answer = root.get(page(Intermediary, "history", somebody.pk))
    acts = [(c.act, c.who, c.why, [(f.before, f.after) for f in c.fields]) for c in answer.context["changes"]]
    assert acts[:2] == [
        ("Modification", "marie", "appel du 3 février", [("Nantes", "Paris")]),
        ("Modification", "", "", [("Lyon", "Nantes")]),
    ]
    assert acts[2][0] == "Création"
    assert "non indiqué" in answer.text


def test_codes_and_flags_are_told_in_words(root: Client) -> None:
    registration = RegistrationFactory()
    Registration.objects.filter(pk=registration.pk).update(holds_client_funds=True, filer="PRINCIPAL")
    latest = root.get(page(Registration, "history", registration.pk)).context["changes"][0]
    told = {f.label: (f.before, f.after) for f in latest.fields}
    assert told["encaisse des fonds"] == ("non", "oui")
    assert told["dépose"] == ("l’intermédiaire lui-même", "son mandant")


def test_a_long_history_is_cut_and_costs_no_more(root: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = IntermediaryFactory()
    for n in range(205):
        Intermediary.objects.filter(pk=somebody.pk).update(town=f"Ville {n}")
    with CaptureQueriesContext(connection) as queries:
        answer = root.get(page(Intermediary, "history", somebody.pk))
    assert len(answer.context["changes"]) == 200
    assert len(queries) <= 10


def test_the_history_of_what_does_not_exist_is_not_shown(root: Client) -> None:
    assert root.get(page(Intermediary, "history", 10**9)).status_code == 302
