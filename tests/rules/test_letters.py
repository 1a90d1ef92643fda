"""What letters say, and how an envelope is addressed."""

from __future__ import annotations

from datetime import date

import pytest

from registry.rules.categories import Category
from registry.rules.letters import LetterFacts, LetterKind, address_lines, compose_letter, number_in_words
from registry.rules.removals import Ground


def facts(kind: LetterKind, **values: object) -> LetterFacts:
    given = {
        "kind": kind,
        "orias_number": "07001003",
        "name": "Cabinet",
        "categories": (Category.COA, Category.CIF),
        "strikes_off": False,
        "ground": Ground.COVER,
        "facts": ("aucune attestation",),
        "days": 20,
        "act": "CI-2027-000003",
        "decided_on": date(2027, 4, 16),
        "effective_on": date(2027, 5, 1),
    }
    return LetterFacts(**(given | values))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind is not LetterKind.FEE])
def test_every_letter_names_the_number_the_categories_and_the_law(kind: LetterKind) -> None:
    text = compose_letter(facts(kind))
    whole = " ".join([text.subject, *text.paragraphs])
    for told in (
        "07001003",
        "courtier",
        "R. 512-5 du code des assurances",
        "R. 546-3 du code monétaire",
        "attestation",
    ):
        assert told in whole


def test_the_letter_of_an_unpaid_fee_names_the_sum_the_time_and_the_law() -> None:
    told = compose_letter(facts(LetterKind.FEE, ground=None, days=30, fee_cents=2_505, year=2027, facts=("déposée",)))
    whole = " ".join([told.subject, *told.paragraphs])
    for said in (
        "2027", "07001003", "25,05\u00a0€", "30 jours", "- déposée", "L. 512-1 du code des assurances",
        "L. 546-1 du code monétaire", "rien à faire",
    ):  # fmt: skip
        assert said in whole


def test_each_letter_says_what_is_its_own() -> None:
    told = {kind: " ".join(compose_letter(facts(kind)).paragraphs) for kind in LetterKind}
    assert "20 jours" in told[LetterKind.NOTICE]
    assert "20 jours" in told[LetterKind.FORMAL]
    assert "CI-2027-000003 du 16 avril 2027" in told[LetterKind.LETTER]
    assert "1er mai 2027" in told[LetterKind.ORDER]
    assert "du 16" not in " ".join(compose_letter(facts(LetterKind.LETTER, decided_on=None)).paragraphs)


def test_a_striking_off_and_a_suspension_are_called_by_their_names() -> None:
    assert "radiation du registre" in compose_letter(facts(LetterKind.LETTER, strikes_off=True)).subject
    assert "suspension de l’inscription" in compose_letter(facts(LetterKind.ORDER, is_suspension=True)).subject
    assert compose_letter(facts(LetterKind.ORDER, ground=None, effective_on=None)).paragraphs
    assert "Motif\u00a0: ." in compose_letter(facts(LetterKind.NOTICE, ground=None)).paragraphs


def test_numbers_and_addresses() -> None:
    assert number_in_words(LetterKind.FORMAL, "2027-000012") == "Mise en demeure n°\u202f2027-000012"
    assert address_lines("Cabinet", "1 rue A\nBP 2", "27290", "Montfort") == (
        "Cabinet",
        "1 rue A",
        "BP 2",
        "27290 MONTFORT",
    )
    assert address_lines("Cabinet", "", "", "") == ("Cabinet",)
