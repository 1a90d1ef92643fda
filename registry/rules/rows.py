"""One record of a register file: from cells of text to typed facts, or to what is wrong with it.

The columns are those of the register file's format, one row per intermediary and category.
"""

from collections.abc import Sequence
from operator import itemgetter

from registry.rules.categories import Category
from registry.rules.problems import Problem, problem
from registry.rules.row_parts import read_guarantee, read_person, read_rc_pro, read_standing
from registry.rules.row_values import (
    CODE_LENGTH,
    COLUMNS,
    LIMITS,
    CoverCells,
    ParsedRow,
    Person,
    RegisterRow,
    RowStatus,
    Verdict,
)
from registry.rules.text import CellRules, clean_cells

__all__ = [
    "COLUMNS",
    "CoverCells",
    "ParsedRow",
    "Person",
    "Problem",
    "RegisterRow",
    "RowStatus",
    "Verdict",
    "parse_row",
]

_RULES = CellRules.of(LIMITS)
_PERSON_CELLS = itemgetter(*range(5), *range(10, 15))


def parse_row(cells: Sequence[str], line: int) -> ParsedRow:
    """Judge one record whose cells stand in the order of ``COLUMNS``. Never raises, whatever the text."""
    if not any(map(str.strip, cells)):
        return ParsedRow(line, "", Verdict.IGNORED)
    if len(cells) != len(COLUMNS):
        return ParsedRow(line, "", Verdict.ERROR, problems=(_wrong_width(cells),))
    texts, unclean = clean_cells(cells, _RULES)
    person = read_person(_PERSON_CELLS(texts))
    standing = read_standing(*texts[5:10])
    rc_pro = read_rc_pro(*texts[15:21])
    guarantee = read_guarantee(*texts[21:], cif=standing.value.category is Category.CIF)
    warnings = person.warnings + standing.warnings + guarantee.warnings
    problems = person.problems + standing.problems + rc_pro.problems + guarantee.problems
    if problems or unclean:
        given = cells[0].strip()[:CODE_LENGTH]
        return ParsedRow(line, given, Verdict.ERROR, None, _in_column_order(unclean, problems), warnings)
    row = RegisterRow(person.value, *standing.value, rc_pro.value, guarantee.value)
    return ParsedRow(line, row.person.orias_number, Verdict.OK, row, (), warnings)


def _wrong_width(cells: Sequence[str]) -> Problem:
    return problem(
        "",
        "column_count",
        ";".join(cells),
        "la ligne « {value} » compte {found} colonnes, il en faut {wanted}. Ajouter ou retirer des"
        " séparateurs,"
        " ou supprimer la ligne si c’est un total.",
        found=len(cells),
        wanted=len(COLUMNS),
    )


_RANK = {field: rank for rank, field in enumerate((*COLUMNS, "rcpro", "gf"))}


def _in_column_order(unclean: list[Problem], problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Sort what is wrong; a cell emptied for its characters or its length is not blamed again for being
    empty."""
    emptied = {found.field for found in unclean}
    others = [found for found in problems if found.value or found.field not in emptied]
    return tuple(sorted(unclean + others, key=lambda found: _RANK[found.field]))
