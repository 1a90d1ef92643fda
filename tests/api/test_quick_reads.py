"""What is asked most is asked in SQL of our own: it says what the ORM would, and in few queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from api.access import Reach, find_visible, rights_of, visible_files
from api.keys import end_mandate, find_key
from api.models import ApiKey
from registry import clock
from registry.models import ReferenceVersion
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import NOW, CoverFactory, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
DAY = NOW.date()
MOST = 6


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_i14_one_file_is_found_as_among_all_that_are_visible() -> None:
    """Fails without any of the conditions on the mandate in `find_visible`."""
    numbers = ["08000091", "08000092", "08000093", "08000094", "08000095"]
    own, ended, to_come, other, last_day = (IntermediaryFactory(orias_number=number) for number in numbers)
    user = holder_of(own)
    holder_of(ended, last_day)
    end_mandate(holder=user, intermediary=ended, last_day=DAY - timedelta(days=1), by=user, why="essai")
    end_mandate(holder=user, intermediary=last_day, last_day=DAY, by=user, why="essai")
    holder_of(to_come, starts_on=DAY + timedelta(days=1))
    holder_of(other, name="un autre")
    rights = rights_of(user, None)
    for reach in Reach:
        seen = {file.orias_number: vars(file) for file in visible_files(rights, reach, DAY)}
        for number in (*numbers, "99999999"):
            found = find_visible(rights, reach, DAY, number)
            assert (found is not None) == (number in seen), (reach, number)
            if found:
                columns = {name: value for name, value in vars(found).items() if name in seen[number]}
                assert {k: v for k, v in columns.items() if k != "_state"} == {
                    k: v for k, v in seen[number].items() if k != "_state"
                }
                assert found.reference_version == ReferenceVersion.objects.get().version  # type: ignore[attr-defined]
    assert {n for n in numbers if find_visible(rights, Reach.MANDATED, DAY, n)} == {"08000091", "08000095"}


def test_a_key_and_its_holder_are_read_whole() -> None:
    program = Keyed(staff_in("auditor"), "staff:read", networks=["192.0.2.0/24"])
    found = find_key(program.token)
    assert found
    kept = ApiKey.objects.select_related("holder").get(pk=found.pk)
    for mine, theirs in ((found, kept), (found.holder, kept.holder)):
        for field in mine._meta.concrete_fields:
            assert getattr(mine, field.attname) == getattr(theirs, field.attname), field.attname


def test_permissions_are_those_of_the_account_and_of_its_roles(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = staff_in("auditor")
    user.user_permissions.add(Permission.objects.get(codename="manage_keys"))
    assert rights_of(user, None).permissions == user.get_all_permissions()
    assert "api.manage_keys" in rights_of(user, None).permissions
    key = find_key(Keyed(user, "staff:read").token)
    with django_assert_num_queries(0):
        assert rights_of(user, key).permissions == user.get_all_permissions()


@pytest.mark.parametrize(
    "query", ["08000091", "552100554", "0690123456", "cabinet@durand.example", "durand", "kergelen"]
)
def test_a_look_up_takes_six_queries_at_most(query: str, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    IntermediaryFactory(
        orias_number="08000091",
        siren="552100554",
        name="Durand Kerguelen",
        phone_key="690123456",
        email="cabinet@durand.example",
    )
    desk = Keyed(staff_in("hotline_agent"), "staff:read")
    # The first call of a minute notes the key's use.
    desk.get("/api/v1/hotline/lookup/", {"q": "99999999"})
    with django_assert_max_num_queries(MOST):
        answer = desk.get("/api/v1/hotline/lookup/", {"q": query})
    assert [card["orias_number"] for card in answer.json()["results"]] == ["08000091"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["its own", "staff"])
def test_a_file_s_state_takes_six_queries_at_most(
    who: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    mine = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000091")).intermediary
    CoverFactory(intermediary=mine)
    caller = Keyed(holder_of(mine), "file:read") if who == "its own" else Keyed(staff_in("auditor"), "staff:read")
    # The first call keeps the common facts, and notes the key's use.
    caller.get("/api/v1/intermediaries/08000091/state/")
    with django_assert_max_num_queries(MOST):
        assert caller.get("/api/v1/intermediaries/08000091/state/").status_code == 200


def test_a_thousand_numbers_are_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000091"))
    numbers = [f"{n:08d}" for n in range(8_000_000, 8_001_000)]
    browser = Client()
    browser.get("/api/v1/status/")
    with django_assert_num_queries(1):
        answer = browser.post("/api/v1/register/check/", {"numbers": numbers}, content_type="application/json")
    assert len(answer.json()["unknown"]) == 999
    assert answer.json()["results"][0]["categories"][0]["since"] == date(2015, 6, 5).isoformat()
