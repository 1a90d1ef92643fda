"""What a person typed is recognised by its shape; what is private is found by staff only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.models import Intermediary
from registry.search import Shape, read_public_query, read_staff_query
from tests.factories import IntermediaryFactory

STAFF_SHAPES = [
    ("", Shape.NOTHING),
    (" \u00a0 ", Shape.NOTHING),
    ("ab", Shape.TOO_SHORT),
    ("a b c", Shape.TOO_SHORT),
    ("07001234", Shape.NUMBER),
    ("7001234", Shape.NUMBER),
    ("07 001 234", Shape.NUMBER),
    ("N° 07001234", Shape.NUMBER),
    ("552100554", Shape.SIREN),
    ("552 100 554 00013", Shape.SIREN),
    ("A07001234", Shape.SIREN),
    ("a07001234", Shape.SIREN),
    ("0612345678", Shape.PHONE),
    ("06.12.34.56.78", Shape.PHONE),
    ("+33 (0)6 12 34 56 78", Shape.PHONE),
    ("0033612345678", Shape.PHONE),
    ("+590 690 12 34 56", Shape.PHONE),
    ("marie@example.org", Shape.EMAIL),
    ("<marie@example.org>", Shape.EMAIL),
    ("Dupont", Shape.NAME),
    ("A B Dupont", Shape.NAME),
    ("2014", Shape.NAME),
]


@pytest.mark.parametrize(("text", "shape"), STAFF_SHAPES)
def test_staff_queries_are_known_by_their_shape(text: str, shape: Shape) -> None:
    assert read_staff_query(text).shape is shape


@pytest.mark.parametrize(("text", "shape"), STAFF_SHAPES)
def test_the_public_s_are_never_a_telephone_or_an_address(text: str, shape: Shape) -> None:
    expected = Shape.NAME if shape in (Shape.PHONE, Shape.EMAIL) else shape
    assert read_public_query(text).shape is expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "0690 12 34 56",
        "+590 690 12 34 56",
        "+33690123456",
        "690123456",
        "Marie@Example.org",
        "08000061",
        "552 100 554",
        "martin cabinet",
        "CONSEIL éclair",
    ],
)
def test_staff_find_somebody_by_whatever_they_were_told(text: str) -> None:
    wanted = IntermediaryFactory(
        orias_number="08000061",
        name="Cabinet Martin",
        trade_name="Éclair Conseil",
        siren="552100554",
        email="MARIE@example.org",
        phone_e164="+590690123456",
        phone_key="690123456",
    )
    IntermediaryFactory(email="")
    assert list(Intermediary.objects.filter(read_staff_query(text).condition)) == [wanted]


@pytest.mark.django_db
def test_no_address_does_not_find_those_who_have_none() -> None:
    IntermediaryFactory(email="")
    assert not Intermediary.objects.filter(read_staff_query("@").condition).exists()


@pytest.mark.django_db
@given(st.text(max_size=300))
def test_whatever_is_typed_is_a_query_that_the_database_answers(text: str) -> None:
    for read in (read_staff_query, read_public_query):
        query = read(text)
        if query.finds:
            assert not Intermediary.objects.filter(query.condition).exists()
