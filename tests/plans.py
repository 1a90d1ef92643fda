"""What PostgreSQL does with a statement, counted in rows it handled: the same on a fast machine and a busy one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

EXPLAINED = ("INSERT", "UPDATE", "DELETE", "SELECT", "WITH", "CREATE TEMPORARY TABLE")
_HANDLED = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")


@dataclass
class Work:
    """The rows that each statement of a block handled, in their order."""

    rows: list[int] = field(default_factory=list)

    @property
    def most(self) -> int:
        return max(self.rows)


@contextmanager
def counted_work(*words: str) -> Iterator[Work]:
    """Count the work of those statements in this block that hold one of the words; they answer with their plan."""
    work = Work()

    def explained(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.lstrip().startswith(EXPLAINED) or not any(word in sql for word in words):
            return execute(sql, params, many, context)
        answer = execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params, many, context)
        work.rows.append(_handled(context["cursor"].fetchone()[0][0]["Plan"]))
        return answer

    with connection.execute_wrapper(explained):
        yield work


def _handled(node: dict[str, Any]) -> int:
    own = sum(node.get(name, 0) for name in _HANDLED) * node["Actual Loops"]
    return int(own) + sum(_handled(child) for child in node.get("Plans", ()))


def forget_statistics() -> None:
    """Leave PostgreSQL to believe, until the transaction ends, that all tables are empty: autovacuum saw them so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = 0, relpages = 1"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
