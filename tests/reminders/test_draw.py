"""The order of a list: each step is a fair draw over categories and, within them, over mail domains."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reminders.planning.audience import DRAW
from reminders.rules.steps import ceilings
from tests.reminders.scenes import DAY

pytestmark = pytest.mark.django_db

Person = tuple[str, str]
"""Categories, domain."""


def drawn(people: list[Person]) -> list[Person]:
    """These people in the order in which they would leave."""
    columns = [f"{n:08d}" for n in range(len(people))], [c for c, _ in people], [d for _, d in people]
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH candidate AS ("
            "  SELECT n::bigint AS id, n AS orias_number, c AS categories, 'contact@' || d AS email,"
            "         NULL::text AS reason"
            "  FROM unnest(%(numbers)s::text[], %(categories)s::text[], %(domains)s::text[]) AS t (n, c, d)"
            f"), {DRAW} ORDER BY rank",
            {"numbers": columns[0], "categories": columns[1], "domains": columns[2], "day": DAY},
        )
        names = [c.name for c in cursor.description]
        where = names.index("categories"), names.index("email")
        return [(row[where[0]], row[where[1]].removeprefix("contact@")) for row in cursor.fetchall()]


strata = st.dictionaries(
    st.tuples(
        st.sampled_from(["COA", "IOB", "CIF", "COA+IOB"]),
        st.one_of(
            st.sampled_from(["orange.example", "free.example"]), st.integers(0, 400).map(lambda n: f"c{n}.example")
        ),
    ),
    st.integers(1, 60),
    min_size=1,
    max_size=40,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strata)
def test_any_beginning_of_the_list_is_a_fair_draw_over_categories_and_domains(sizes: dict[Person, int]) -> None:
    """Fails where the order within a category is the shuffle alone (domains come in runs), or where domains are drawn
    each by itself (those with one member would all come in the middle)."""
    people = [person for person, size in sizes.items() for _ in range(size)]
    order = drawn(people)
    assert sorted(order) == sorted(people)
    by_category = Counter(category for category, _ in people)
    by_domain = Counter(people)
    categories: Counter[str] = Counter()
    domains: Counter[Person] = Counter()
    for length, (category, domain) in enumerate(order, 1):
        categories[category] += 1
        domains[category, domain] += 1
        fair = length * by_category[category] / len(order)
        assert abs(categories[category] - fair) <= (1 + len(by_category)) / 2
        fair = categories[category] * by_domain[category, domain] / by_category[category]
        assert abs(domains[category, domain] - fair) <= 2.5, (length, category, domain)


def test_the_steps_of_a_large_list_hold_each_domain_in_its_share() -> None:
    """A tenth of 6,000 people with one mail provider, a twentieth with another, the rest with a domain of their own."""
    people = [("COA", "orange.example")] * 600 + [("COA", "free.example")] * 300
    people += [("COA", f"c{n}.example") for n in range(5_100)]
    order = drawn(people)
    bounds = list(accumulate([25, 250, 2_500]))
    assert list(ceilings(6_000, (25, 250, 2_500))) == [*bounds, 6_000]
    for ceiling in bounds:
        found = Counter(domain for _, domain in order[:ceiling])
        assert abs(found["orange.example"] - ceiling / 10) <= 2.5
        assert abs(found["free.example"] - ceiling / 20) <= 2.5
