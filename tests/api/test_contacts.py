"""intermediaries/{orias_number}/contacts/, the yearly confirmation, and numbers that lead to another."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from registry import clock
from registry.actions import merge_intermediaries
from registry.merges import preview_merge
from registry.models import AddressCheck, Contact, Intermediary
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import NOW, ContactFactory, IntermediaryFactory, RegistrationFactory, UserFactory

pytestmark = pytest.mark.django_db
FILE = "/api/v1/intermediaries/08000081/"
CONTACTS = f"{FILE}contacts/"


@pytest.fixture
def mine() -> Intermediary:
    one = IntermediaryFactory(orias_number="08000081", email="cabinet@example.org")
    return RegistrationFactory(intermediary=one).intermediary


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


def test_one_is_added_changed_and_taken_away(program: Keyed, mine: Intermediary) -> None:
    added = program.act("post", CONTACTS, {"role": "COMPLIANCE", "name": " Léa  Roy ", "phone": "06 90 12 34 56"})
    assert added.status_code == 201, added.text
    assert (added.json()["name"], added.json()["phone"]) == ("Léa Roy", "+590690123456")
    where = added.headers["Location"].removeprefix("http://testserver")
    etag = program.get(where).headers["ETag"]
    changed = program.act("patch", where, {"email": "lea@example.org"}, If_Match=etag)
    assert (changed.status_code, changed.json()["email"]) == (200, "lea@example.org")
    again = program.act("patch", where, {"name": "x"}, If_Match=etag)
    assert (again.status_code, again.json()["code"]) == (412, "precondition_failed")
    assert program.act("post", f"{where}remove/").status_code == 200
    assert program.get(CONTACTS).json()["results"] == []
    labels = Contact.history.rel.related_model.objects.order_by("pgh_id").values_list("pgh_label", flat=True)  # type: ignore[attr-defined]
    assert list(labels) == ["insert", "update", "delete"]


def test_i9_it_is_a_fact_of_the_file(program: Keyed, mine: Intermediary) -> None:
    """Fails without its triggers of `facts_version`."""
    before = program.get(FILE).json()["facts_version"]
    program.act("post", CONTACTS, {"role": "OTHER", "email": "a@example.org"})
    assert program.get(FILE).json()["facts_version"] > before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"role": "OTHER"}, "#/email"),
        ({"role": "CHIEF", "email": "a@b.fr"}, "#/role"),
        ({"role": "OTHER", "email": "personne"}, "#/email"),
        ({"role": "OTHER", "phone": "12"}, "#/phone"),
        ({"role": "OTHER", "email": "a@b.fr", "name": "a\u202eb"}, "#/name"),
        ({"email": "a@b.fr"}, "#/role"),
    ],
)
def test_one_that_cannot_be_is_pointed_at(program: Keyed, body: Any, pointer: str) -> None:
    answer = program.act("post", CONTACTS, body)
    assert answer.status_code == 400
    assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]


def test_one_is_never_left_without_a_way_to_it(program: Keyed, mine: Intermediary) -> None:
    contact = ContactFactory(intermediary=mine, phone_e164="", phone_key="")
    answer = program.act("patch", f"{CONTACTS}{contact.pk}/", {"email": ""}, If_Match="*")
    assert (answer.status_code, answer.json()["code"]) == (409, "register_refuses")


@pytest.mark.parametrize("q", ["06 12 34 56 78", "COMPTA-0@example.org"])
def test_the_hotline_finds_an_intermediary_by_its_contact(mine: Intermediary, q: str) -> None:
    """Fails where only the intermediary's own columns are asked."""
    ContactFactory(intermediary=mine)
    agent = Keyed(staff_in("hotline_agent"), "staff:read")
    found = agent.get("/api/v1/hotline/lookup/", {"q": q}).json()
    assert [c["orias_number"] for c in found["results"]] == ["08000081"]


# --- the yearly confirmation -------------------------------------------------------------------------------


def test_who_names_its_address_confirms_it(program: Keyed, mine: Intermediary) -> None:
    for body, checks in (
        ({"town": "Brest"}, 0),
        ({"email": "cabinet@example.org"}, 1),
        ({"email": "b@example.org"}, 2),
    ):
        assert program.act("patch", FILE, body, If_Match="*").status_code == 200
        assert AddressCheck.objects.filter(intermediary=mine).count() == checks
    last = AddressCheck.objects.latest("pk")
    assert (last.email, last.source, last.checked_on) == ("b@example.org", "SELF", clock.local_day(clock.now()))


def test_staff_who_change_an_address_do_not_confirm_it(mine: Intermediary) -> None:
    officer = Keyed(staff_in("registry_officer"), "staff:*")
    assert officer.act("patch", FILE, {"email": "c@example.org"}, If_Match="*").status_code == 200
    assert not AddressCheck.objects.exists()


# --- numbers that lead to another --------------------------------------------------------------------------


@pytest.fixture
def old(mine: Intermediary) -> Intermediary:
    """The second number of the same one, merged."""
    other = IntermediaryFactory(orias_number="08000082", phone_e164="+33612340000", phone_key="612340000")
    RegistrationFactory(intermediary=other, cif=True, removed=True)
    merge_intermediaries(
        by=UserFactory(), approved_by=UserFactory(), why="deux fois", now=NOW, day=clock.local_day(NOW),
        keep="08000081", drop="08000082", preview_hash=preview_merge("08000081", "08000082").hash,
    )  # fmt: skip
    return other


def test_the_old_number_leads_to_the_new_with_the_same_question(client: Client, old: Intermediary) -> None:
    answer = client.get("/api/v1/register/08000082/?on=2026-01-29")
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/api/v1/register/08000081/?on=2026-01-29")
    found = client.get(answer.headers["Location"]).json()
    assert found["former_numbers"] == ["08000082"]
    # What was removed under it stays to be seen.
    assert [(c["category"], c["status"]) for c in found["categories"]] == [("COA", "REGISTERED"), ("CIF", "REMOVED")]


def test_the_list_and_the_check_tell_of_it_under_the_new(client: Client, old: Intermediary) -> None:
    listed = client.get("/api/v1/register/").json()["results"]
    assert [e["orias_number"] for e in listed] == ["08000081"]
    body = {"numbers": ["08000082"]}
    checked = client.post("/api/v1/register/check/", body, content_type="application/json").json()
    assert ([e["orias_number"] for e in checked["results"]], checked["unknown"]) == (["08000081"], [])


def test_the_hotline_finds_both_and_is_told(old: Intermediary) -> None:
    agent = Keyed(staff_in("hotline_agent"), "staff:read")
    for q in ("08000082", "0612340000"):
        found = agent.get("/api/v1/hotline/lookup/", {"q": q}).json()["results"]
        assert ("08000082", "08000081") in [(c["orias_number"], c["merged_into"]) for c in found]


def test_its_file_can_be_read_and_says_where_to_write(old: Intermediary) -> None:
    """Fails without the question in `FileView.initial`."""
    officer = Keyed(staff_in("registry_officer"), "staff:*")
    page = "/api/v1/intermediaries/08000082/"
    assert officer.get(page).json()["merged_into"] == "08000081"
    assert officer.get(f"{page}state/").json()["state"] == "MERGED"
    answer = officer.act("post", f"{page}contacts/", {"role": "OTHER", "email": "a@b.fr"})
    assert (answer.status_code, answer.json()["code"]) == (409, "register_refuses")
    assert "08000081" in answer.json()["reason"]
