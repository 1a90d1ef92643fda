"""French plurals begin at two."""

import pytest

from registry.rules.french import counted


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 dossier"),
        (1, "1 dossier"),
        (-1, "-1 dossier"),
        (2, "2 dossiers"),
        (4312, "4\u202f312 dossiers"),
        (-18_000, "-18\u202f000 dossiers"),
    ],
)
def test_a_plural_begins_at_two(number: int, said: str) -> None:
    assert counted(number, "dossier") == said


def test_an_irregular_plural_is_given() -> None:
    assert (counted(1, "travail", "travaux"), counted(3, "travail", "travaux")) == ("1 travail", "3 travaux")
