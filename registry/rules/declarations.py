"""A certificate as its intermediary declares it on a page: the values of a form, read by the register's own parsers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from registry.rules.categories import Category, CoverKind
from registry.rules.parsing import parse_amount, parse_date
from registry.rules.problems import Problem, problem
from registry.rules.text import clean_cell

LIMITS: Mapping[str, int] = {"issuer": 120, "policy": 60}
_KINDS = {kind.value: kind for kind in CoverKind}


@dataclass(frozen=True, slots=True)
class Declared:
    """What a certificate says. Days included, sums in euro cents (None: not given)."""

    kind: CoverKind
    categories: tuple[Category, ...]
    issuer: str
    policy: str
    starts_on: date
    ends_on: date
    amount_cents: int | None
    annual_cents: int | None


def read_declaration(
    values: Mapping[str, str], categories: Sequence[str], registered: Collection[Category]
) -> Declared | list[Problem]:
    """The certificate that the form declares, or what is wrong with it, field by field.

    `values` has kind, issuer, policy, starts_on, ends_on, amount, annual (missing ones count as empty); `registered`
    are the categories of the file: a certificate is declared for these alone.
    """
    found: dict[str, object] = {}
    problems: list[Problem] = []
    for field, outcome in _outcomes(values, categories, registered):
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            found[field] = outcome
    if not problems and found["ends_on"] < found["starts_on"]:  # type: ignore[operator]
        template = "le dernier jour précède le premier. Corriger l’un des deux."
        problems.append(problem("ends_on", "ends_before_it_starts", values.get("ends_on", ""), template))
    return problems or Declared(**found)  # type: ignore[arg-type]


def _outcomes(
    values: Mapping[str, str], categories: Sequence[str], registered: Collection[Category]
) -> list[tuple[str, object]]:
    return [
        ("kind", _KINDS.get(values.get("kind", "")) or _required("kind", "choisir la pièce.")),
        ("categories", _categories(categories, registered)),
        ("issuer", _text(values, "issuer") or _required("issuer", "nommer l’assureur ou le garant.")),
        ("policy", _text(values, "policy")),
        ("starts_on", _day(values, "starts_on")),
        ("ends_on", _day(values, "ends_on")),
        ("amount_cents", _sum(values, "amount")),
        ("annual_cents", _sum(values, "annual")),
    ]


def _required(field: str, template: str) -> Problem:
    return problem(field, "required", "", template)


def _categories(asked: Sequence[str], registered: Collection[Category]) -> tuple[Category, ...] | Problem:
    found = tuple(category for category in Category if category.value in asked and category in registered)
    return found or _required("categories", "cocher au moins une inscription que la pièce couvre.")


def _text(values: Mapping[str, str], field: str) -> str | Problem:
    cleaned = clean_cell(values.get(field, ""), field)
    if isinstance(cleaned, Problem) or len(cleaned) <= LIMITS[field]:
        return cleaned
    return problem(field, "too_long", cleaned, "plus de {limit} caractères. Abréger.", limit=LIMITS[field])


def _day(values: Mapping[str, str], field: str) -> date | Problem:
    found = parse_date(values.get(field, "").strip(), field)
    return _required(field, "donner ce jour, tel qu’il est sur la pièce.") if found is None else found


def _sum(values: Mapping[str, str], field: str) -> int | Problem | None:
    return parse_amount(values.get(field, "").strip(), field)
