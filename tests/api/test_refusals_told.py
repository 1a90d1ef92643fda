"""What a refusal says of a value: what is allowed instead, as a sentence, in the caller's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from rest_framework import serializers

from api.bodies import Body
from api.fields import FlagField, NumberField, OneOfField
from api.numbers import number_meant
from registry.rules.problems import problem
from registry.rules.reviews import ReviewReason
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
FILE = "/api/v1/intermediaries/07000071/"


@pytest.fixture
def program() -> Keyed:
    one = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="07000071")).intermediary
    return Keyed(holder_of(one), "file:read", "file:write")


def told(answer: Any) -> dict[str, str]:
    """The first value that an answer finds fault with."""
    first: dict[str, str] = answer.json()["errors"][0]
    return first


# --- numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["7000071", "7 000 071", " 7000071", "070000711", "07 000 071", "o7000071", "7"])
@pytest.mark.parametrize("rest", ["", "state/", "covers/12/correct/", "documents/3/content/"])
def test_an_address_with_what_is_no_number_says_how_one_is_written(client: Client, written: str, rest: str) -> None:
    """Fails without `number_meant` in NotFoundView: « vérifiez le numéro » of one that looks right to a spreadsheet."""
    digits = "".join(written.split())
    whole, short = digits == "07000071", digits == "7000071"
    for language, words in (
        ("fr", ("8 chiffres", "Écrivez 07000071." if whole else "zéro de tête")),
        ("en", ("8 digits", "Write 07000071." if whole else "leading zero")),
    ):
        answer = client.get(f"/api/v1/intermediaries/{written}/{rest}", headers={"accept-language": language})
        body = answer.json()
        assert (answer.status_code, body["code"]) == (404, "not_found")
        assert all(word in body["reason"] for word in words), body["reason"]
        assert (": 07000071" in body["reason"].replace("\u00a0", " ").replace(" : ", ": ")) is short, body["reason"]


def test_only_what_stands_where_a_number_would_is_called_none() -> None:
    for path in ("/api/v1/nothing/7000071/", "/api/v1/intermediaries/7000071/nothing/", "/api/v1/register/"):
        assert number_meant(path) == "", path
    assert number_meant("/api/v1/register/7000071/") == "7000071"
    # Signs that command are shown as signs.
    assert "\\u202e" in Client().get("/api/v1/register/%E2%80%AE7000071/").json()["reason"]


def test_a_number_in_a_body_or_a_parameter_is_told_the_same() -> None:
    staff = Keyed(staff_in("administrator"), "staff:*")
    check = Client().post(
        "/api/v1/register/check/", {"numbers": ["07000071", 7000071]}, content_type="application/json"
    )
    found = [
        told(check),
        told(staff.act("post", "/api/v1/removals/", {"orias_number": "7000071", "category": None})),
        told(staff.act("post", "/api/v1/hotline/calls/", {"orias_number": "7000071"})),
        told(staff.get("/api/v1/removals/?orias_number=7000071")),
        told(staff.get("/api/v1/hotline/calls/?orias_number=7000071")),
    ]
    assert [one["code"] for one in found] == ["invalid"] * 5
    assert [one.get("pointer", one.get("parameter")) for one in found] == [
        "#/numbers/1",
        "#/orias_number",
        "#/orias_number",
        "orias_number",
        "orias_number",
    ]
    assert {one["detail"].endswith("sans doute perdu son zéro de tête\u00a0: 07000071\u00a0?") for one in found} == {
        True
    }


# --- what is allowed -------------------------------------------------------------------------------------------


def test_a_code_that_is_none_is_told_which_there_are(program: Keyed) -> None:
    """Fails without `OneOfField.fail`; the answer does not grow with what was sent."""
    body = {"kind": "x" * 90_000, "categories": ["COA", "AGA"]}
    for language, words in (("fr", "» n’est pas admis ici. Choix\u00a0: "), ("en", "” is none of these: ")):
        answer = program.act("post", f"{FILE}covers/", body, Accept_Language=language)
        details = {one["pointer"]: one["detail"] for one in answer.json()["errors"] if one["code"] == "invalid_choice"}
        assert details["#/kind"].endswith(f"{words}RC_PRO, FINANCIAL_GUARANTEE.")
        assert details["#/categories/1"].endswith(f"{words}COA, IOB, CIF.")
        assert len(details["#/kind"]) < 200


def test_long_lists_of_codes_are_cut() -> None:
    field = OneOfField(choices=[f"C{place}" for place in range(30)])
    with pytest.raises(serializers.ValidationError) as refused:
        field.run_validation("C")
    assert str(refused.value.detail[0]).endswith(", C19….")  # type: ignore[index]
    assert len(ReviewReason) <= 20


def test_yes_and_no_in_an_address_are_told_as_they_are_written() -> None:
    staff = Keyed(staff_in("administrator"), "staff:*")
    answer = staff.get("/api/v1/reviews/?returned=oui", headers={"accept-language": "en"})
    assert told(answer) == {"parameter": "returned", "code": "invalid", "detail": "Write true or false."}


def test_a_member_that_there_is_none_of_is_told_the_nearest_or_all(program: Keyed) -> None:
    tag = program.get(FILE).headers["ETag"]
    found = [
        told(program.act("patch", FILE, body, If_Match=tag))["detail"]
        for body in ({"Town": "Brest"}, {"zzzz": 1}, {"e_mail": 1})
    ]
    assert "«\u00a0town\u00a0»" in found[0]
    assert found[1].endswith(": address, email, language, phone, postcode, town, trade_name.")
    assert "«\u00a0email\u00a0»" in found[2]
    assert "facts_version, " in told(program.get(f"{FILE}?fields=zzzz"))["detail"]


def test_contact_details_are_told_in_sentences_that_begin_with_no_column(program: Keyed) -> None:
    """Fails with `message` in the place of `sentence`: « town : plus de… »."""
    tag = program.get(FILE).headers["ETag"]
    # The longest are not even cleaned: they are refused first.
    bodies: list[dict[str, str]] = [
        {"postcode": "x" * 5000, "trade_name": "a\u202eb"},
        {"town": "x" * 121, "email": "nobody", "phone": "12"},
    ]
    for language, words in (("fr", "Plus de"), ("en", "More than")):
        answers = [program.act("patch", FILE, body, If_Match=tag, Accept_Language=language) for body in bodies]
        details = {one["pointer"][2:]: one["detail"] for answer in answers for one in answer.json()["errors"]}
        assert set(details) == set().union(*bodies)
        assert details["town"].startswith(f"{words} 120 ")
        assert details["postcode"].startswith(f"{words} 10 ")
        assert not [one for name, one in details.items() if one.startswith(name) or one[0].islower()], details


def test_a_problem_without_a_column_is_its_message() -> None:
    assert problem("", "x", "", "rien.").sentence == "rien."


# --- nobody forgets it -----------------------------------------------------------------------------------------


def every(kind: type[Any]) -> Iterator[type[Any]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from every(inner)


def fields_of(given: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, field in getattr(given, "fields", {"*": getattr(given, "child", None)}).items():
        if field is not None:
            yield f"{path}.{name}", field
            yield from fields_of(field, f"{path}.{name}")


def test_every_value_that_a_caller_gives_is_of_a_kind_that_tells_what_is_allowed() -> None:
    """Of each body and query: fails for a plain choice, pattern or flag in any of them."""
    Client().get("/api/v1/schema/")
    ours = [one for one in every(serializers.Serializer) if one.__module__.startswith("api.")]
    given = [one for one in ours if issubclass(one, Body) or one.__name__.endswith("Query")]
    plain = []
    for one in given:
        for path, field in fields_of(one(), one.__name__):
            is_query = not issubclass(one, Body)
            wrong = (
                (isinstance(field, serializers.ChoiceField) and not isinstance(field, OneOfField))
                or (isinstance(field, serializers.RegexField) and not isinstance(field, NumberField))
                or (is_query and isinstance(field, serializers.BooleanField) and not isinstance(field, FlagField))
            )
            plain += [path] * wrong
    assert len(given) > 40
    assert plain == []
