"""Names are found without accents, in parts and misspelt, by the words that triggers keep of them."""

from __future__ import annotations

import pytest
from django.db.models import Q

from registry.models import Intermediary, NameWord
from registry.names import matching
from registry.search import read_public_query, read_staff_query
from tests.factories import IntermediaryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def others() -> None:
    """Who must not be found besides."""
    for name in ("Cabinet Lefèvre", "Durand Assurances", "Société d’Armor", "Martin Finance"):
        IntermediaryFactory(name=name)


@pytest.fixture
def wanted() -> Intermediary:
    one: Intermediary = IntermediaryFactory(name="Crédit & Prévoyance Kerguélen", trade_name="L’Œil d’Or")
    return one


def found(text: str) -> list[Intermediary]:
    return list(Intermediary.objects.filter(matching(read_public_query(text))))


@pytest.mark.parametrize(
    "text",
    [
        "Kerguélen", "kerguelen", "KERGUELEN", "prevoyance credit", "Crédit &", "oeil d'or", "guélen", "prévoy kergu",
        "kergelen", "kerguellen", "kreguelen", "prevoyence kerguelen", "prévoyance kergulen",
    ],
)  # fmt: skip
def test_a_name_is_found_without_accents_in_parts_and_misspelt(text: str, wanted: Intermediary) -> None:
    """Fails without `registry_words`, or without `_alike`."""
    assert found(text) == [wanted]


def test_what_is_written_right_is_not_joined_by_what_is_alike(wanted: Intermediary) -> None:
    near = IntermediaryFactory(name="Kerguelan")
    assert found("kerguélen") == [wanted]
    assert found("kerguelan") == [near]
    assert set(found("kergulem")) == {wanted, near}


def test_words_that_are_in_no_name_together_are_looked_for_as_slips(wanted: Intermediary) -> None:
    """Both are words of some name; that of nobody is both."""
    assert found("durand kerguelen") == []
    assert found("credit durant") == []
    IntermediaryFactory(name="Durant Crédit")
    assert [one.name for one in found("credit durand")] == ["Durant Crédit"]


@pytest.mark.parametrize("text", ["xyzzyplugh", "&&& ---", "%%%", "'''", "日本語"])
def test_what_nobody_is_called_finds_nobody(text: str, wanted: Intermediary) -> None:
    assert found(text) == []


def test_the_words_follow_the_name_by_whatever_way_it_changes(wanted: Intermediary) -> None:
    """Fails without the triggers `words_insert` and `words_update`."""
    Intermediary.objects.filter(pk=wanted.pk).update(name="Brocéliande")
    assert (found("kerguelen"), found("broceliande")) == ([], [wanted])
    Intermediary.objects.bulk_create([Intermediary(orias_number="07999991", name="Île-de-Sein")])
    assert [one.orias_number for one in found("ile sein")] == ["07999991"]
    assert NameWord.objects.filter(word="sein").exists()


def test_a_number_or_an_address_is_looked_for_as_before(wanted: Intermediary) -> None:
    query = read_staff_query(wanted.orias_number)
    assert matching(query) == query.condition == Q(orias_number=wanted.orias_number)
