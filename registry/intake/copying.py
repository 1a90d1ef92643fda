"""Rows as the staging table takes them: lines of COPY's text format, which costs a fifth of writing them as CSV."""

from __future__ import annotations

from functools import lru_cache

from registry.rules.rows import CoverCells, RegisterRow, RowStatus

_NULL = "\\N"
_NO_COVER = "\t".join([_NULL] * 6)
_REMOVED = frozenset({RowStatus.REMOVED, RowStatus.STRUCK_OFF})


def staged_line(line: int, row: RegisterRow) -> str:
    """Return a row as one line, its columns in the order of the staging table."""
    person = _escaped("\t".join(row.person[:-1]))
    return f"{line}\t{person}\t{_standing(row[1:8])}\t{_cover(row.rc_pro)}\t{_cover(row.guarantee)}\n"


def _escaped(text: str) -> str:
    """Double the backslash, by which COPY escapes: cleaned text holds no tab and no line end."""
    return text.replace("\\", "\\\\")


def _cover(cover: CoverCells | None) -> str:
    if cover is None:
        return _NO_COVER
    return f"{_escaped(cover.issuer)}\t{_escaped(cover.policy)}\t{_terms(cover[3:])}"


# What repeats by the thousand is written once.


@lru_cache(maxsize=16384)
def _standing(facts: tuple[object, ...]) -> str:
    """Write `category` to `holds_client_funds`; a removal's date counts only where there is a removal."""
    *codes, status, registered_on, removed_on, holds_client_funds = facts
    return _written(*codes, status, registered_on, removed_on if status in _REMOVED else None, holds_client_funds)


@lru_cache(maxsize=4096)
def _terms(facts: tuple[object, ...]) -> str:
    """Write the days and the amounts of a cover."""
    return _written(*facts)


def _written(*values: object) -> str:
    return "\t".join([_NULL if value is None else str(value) for value in values])
