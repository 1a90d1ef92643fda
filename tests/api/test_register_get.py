"""GET /api/v1/register/ and /api/v1/register/{orias_number}/"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from registry.models import Intermediary
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
REGISTER = "/api/v1/register/"
PRIVATE = ("email", "phone", "address", "postcode", "policy", "issuer", "facts_version")


@pytest.fixture
def durand() -> Intermediary:
    """One intermediary with everything that must not be published."""
    durand = IntermediaryFactory(
        orias_number="08000011",
        name="Cabinet Durand",
        trade_name="Assur’Éclair",
        siren="552100554",
        legal_form="SARL",
        email="secret@example.org",
        phone_e164="+33612345678",
        phone_key="612345678",
        address="1 rue Cachée",
        postcode="69001",
        town="Lyon",
    )
    RegistrationFactory(intermediary=durand, with_funds=True)
    RegistrationFactory(intermediary=durand, iob=True, removed=True)
    CoverFactory(intermediary=durand, policy="POLICE-SECRETE", issuer="Assureur Caché")
    return durand


def numbers(answer: Any) -> list[str]:
    return [entry["orias_number"] for entry in answer.json()["results"]]


def test_an_entry_shows_what_is_public_and_nothing_else(client: Client, durand: Intermediary) -> None:
    answer = client.get(f"{REGISTER}08000011/")
    assert answer.json() == {
        "orias_number": "08000011",
        "siren": "552100554",
        "name": "Cabinet Durand",
        "trade_name": "Assur’Éclair",
        "legal_form": "SARL",
        "town": "Lyon",
        "former_numbers": [],
        "categories": [
            {
                "category": "COA",
                "category_label": "courtier d’assurance ou de réassurance",
                "status": "REGISTERED",
                "status_label": "Inscrit",
                "since": "2015-06-05",
                "until": None,
                "collects_funds": True,
                "earlier": [],
            },
            {
                "category": "IOB",
                "category_label": "intermédiaire en opérations de banque et en services de paiement",
                "status": "REMOVED",
                "status_label": "Supprimé",
                "since": "2015-06-05",
                "until": "2025-03-07",
                "collects_funds": False,
                "earlier": [],
            },
        ],
    }


@pytest.mark.parametrize("path", [f"{REGISTER}08000011/", f"{REGISTER}?q=Durand", REGISTER])
def test_no_address_no_telephone_and_no_certificate_leaves(client: Client, durand: Intermediary, path: str) -> None:
    text = client.get(path).text
    assert "Cabinet Durand" in text
    for secret in ("secret@", "612345678", "Cachée", "69001", "SECRETE", "Caché"):
        assert secret not in text


@pytest.mark.parametrize(
    "q",
    [
        "08000011",
        "8000011",
        " 08 000 011 ",
        "ORIAS 08000011",
        "n° 08000011",
        "552100554",
        "552 100 554",
        "SIREN : 552.100.554",
        "55210055400013",
        "durand",
        "DURAND cabinet",
        "éclair",
    ],
)
def test_it_is_found_by_number_siren_and_words_of_its_names(client: Client, durand: Intermediary, q: str) -> None:
    RegistrationFactory()
    assert numbers(client.get(REGISTER, {"q": q})) == ["08000011"]


@pytest.mark.parametrize("q", ["0612345678", "+33 6 12 34 56 78", "612345678", "secret@example.org", "Lyon", "Cachée"])
def test_nobody_is_found_by_telephone_address_or_e_mail(client: Client, durand: Intermediary, q: str) -> None:
    """Fails if the public search read queries as that of staff does."""
    assert numbers(client.get(REGISTER, {"q": q})) == []


def test_who_was_never_registered_is_not_published(client: Client) -> None:
    IntermediaryFactory(orias_number="07000012", name="Candidat")
    assert client.get(f"{REGISTER}07000012/").status_code == 404
    assert numbers(client.get(REGISTER, {"q": "Candidat"})) == []
    assert numbers(client.get(REGISTER)) == []


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "REGISTERED"),
        ({"suspended_on": date(2020, 1, 1)}, "SUSPENDED"),
        ({"suspended_on": date(2020, 1, 1), "suspended_until": date(2020, 1, 2)}, "REGISTERED"),
        ({"registered_on": date(9999, 1, 1)}, "NOT_YET_REGISTERED"),
    ],
)
def test_a_category_says_where_it_stands(client: Client, values: dict[str, date], status: str) -> None:
    registration = RegistrationFactory(**values)
    answer = client.get(f"{REGISTER}{registration.intermediary.orias_number}/").json()
    assert [c["status"] for c in answer["categories"]] == [status]


def test_pages_follow_one_another_by_cursor_without_gap_or_repetition(client: Client) -> None:
    wanted = sorted(RegistrationFactory().intermediary.orias_number for _ in range(7))
    seen, path = [], f"{REGISTER}?limit=3"
    while path:
        answer = client.get(path)
        seen += numbers(answer)
        # Somebody who comes in behind the cursor moves nothing.
        RegistrationFactory(intermediary__orias_number=f"0000{len(seen):04d}")
        path = answer.json()["next"]
    assert seen == wanted


def test_the_address_of_the_next_page_keeps_what_was_asked(client: Client) -> None:
    for n in range(3):
        RegistrationFactory(intermediary__name=f"Cabinet Été {n}")
    following = client.get(REGISTER, {"q": "été", "limit": "2"}).json()["next"]
    assert following.startswith("http://testserver/api/v1/register/?")
    assert len(numbers(client.get(following))) == 1


@pytest.mark.parametrize(
    ("parameters", "name", "code"),
    [
        ({"limit": "0"}, "limit", "min_value"),
        ({"limit": "201"}, "limit", "max_value"),
        ({"limit": "many"}, "limit", "invalid"),
        ({"cursor": "nonsense"}, "cursor", "invalid_cursor"),
        ({"cursor": "é"}, "cursor", "invalid_cursor"),
        ({"cursor": "AAAA"}, "cursor", "invalid_cursor"),
        ({"q": "ab"}, "q", "too_short"),
        ({"q": "a" * 251}, "q", "max_length"),
        ({"q": "a\x00b"}, "q", "null_characters_not_allowed"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(
    client: Client, parameters: dict[str, str], name: str, code: str
) -> None:
    answer = client.get(REGISTER, parameters)
    assert answer.status_code == 400
    assert [(e["parameter"], e["code"]) for e in answer.json()["errors"]] == [(name, code)]


@pytest.mark.parametrize("number", ["99999999", "1234567", "123456789", "abcdefgh", "0700001%00", "٠٧٠٠٠٠١١"])
def test_a_number_that_is_none_is_not_found(client: Client, durand: Intermediary, number: str) -> None:
    answer = client.get(f"{REGISTER}{number}/")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_it_reads_no_session_and_may_be_kept_a_minute(staff: Client, durand: Intermediary) -> None:
    answer = staff.get(f"{REGISTER}08000011/")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in answer.headers["Vary"]


@pytest.mark.parametrize("path", [f"{REGISTER}08000011/", f"{REGISTER}?q=cabinet", REGISTER])
def test_a_page_costs_two_queries_however_long(
    client: Client, durand: Intermediary, django_assert_num_queries: Any, path: str
) -> None:
    for _ in range(5):
        RegistrationFactory()
    with django_assert_num_queries(2):
        client.get(path)


def test_a_registration_to_come_is_told_as_such(client: Client) -> None:
    registration = RegistrationFactory(registered_on=date.today() + timedelta(days=2))
    path = f"{REGISTER}{registration.intermediary.orias_number}/"
    assert client.get(path).json()["categories"][0]["status"] == "NOT_YET_REGISTERED"


def test_english_is_spoken_to_those_who_ask_for_it(client: Client, durand: Intermediary) -> None:
    answer = client.get(f"{REGISTER}08000011/", headers={"accept-language": "en-GB,en;q=0.9"}).json()
    assert answer["categories"][0]["status_label"] == "Registered"


def test_private_columns_are_not_even_read(
    client: Client, durand: Intermediary, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2) as queries:
        client.get(f"{REGISTER}08000011/")
    selected = queries.captured_queries[0]["sql"].split("FROM")[0]
    assert not [column for column in PRIVATE if column in selected]
