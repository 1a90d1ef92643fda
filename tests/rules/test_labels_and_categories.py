import pickle

import pytest

from registry.rules.categories import ALIASES, Category, CategoryAlias, CoverKind, Filer, parse_category
from registry.rules.labels import LabelledEnum

EVERY_ENUM = [Category, CoverKind, Filer]


@pytest.mark.parametrize("enum", EVERY_ENUM)
def test_choices_are_plain_strings_so_that_migrations_do_not_name_the_enum(enum: type[LabelledEnum]) -> None:
    for code, label in enum.choices():
        assert type(code) is str
        assert type(label) is str
    assert [code for code, _ in enum.choices()] == [member.value for member in enum]


@pytest.mark.parametrize("member", [member for enum in EVERY_ENUM for member in enum])
def test_a_member_is_its_upper_case_code_with_a_label_in_both_languages(member: LabelledEnum) -> None:
    assert member == member.value == str(member) == f"{member}" == member.name
    assert member.value.isupper()
    assert member.label
    assert member.label_en
    assert dict(type(member).choices())[member.value] == member.label
    assert pickle.loads(pickle.dumps(member)) is member


@pytest.mark.parametrize(
    ("text", "category", "filer", "principal_bears_liability"),
    [
        ("COA", Category.COA, Filer.SELF, False),
        ("iob", Category.IOB, Filer.SELF, False),
        ("IOBSP", Category.IOB, Filer.SELF, False),
        (" Cob Sp ", Category.IOB, Filer.SELF, False),
        ("MOBSP", Category.IOB, Filer.PRINCIPAL, True),
        ("mobspl", Category.IOB, Filer.PRINCIPAL, True),
        ("MIOBSP\u00a0", Category.IOB, Filer.PRINCIPAL, True),
        ("CIF", Category.CIF, Filer.ASSOCIATION, False),
    ],
)
def test_a_category_is_read_with_who_files_and_who_is_liable(
    text: str, category: Category, filer: Filer, principal_bears_liability: bool
) -> None:
    assert parse_category(text) == CategoryAlias(category, filer, principal_bears_liability)


@pytest.mark.parametrize("text", ["", " ", "XYZ", "COA,CIF", "AGA", "C0A"])
def test_anything_else_is_no_category(text: str) -> None:
    assert parse_category(text) is None


def test_every_category_can_be_written_by_its_own_code() -> None:
    assert set(Category) == {alias.category for alias in ALIASES.values()}
    assert all(ALIASES[category.value].category is category for category in Category)
