"""A list for staff to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from registry.intake.reporting import ReportError, WholeFile
from registry.management.console import Failed


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]], columns: list[str]) -> None:
    """A spreadsheet for staff: semicolons, a byte order mark, and no cell that a spreadsheet would run.

    It is there whole or not at all. Raises Failed where it cannot be written.
    """
    try:
        with _Spreadsheet(path) as file:
            file.write(rows, columns)
    except ReportError as error:
        raise Failed(str(error)) from error


class _Spreadsheet(WholeFile):
    encoding = "utf-8-sig"

    def write(self, rows: Iterable[Mapping[str, Any]], columns: list[str]) -> None:
        writer = csv.DictWriter(self._file, columns, delimiter=";")
        writer.writeheader()
        writer.writerows({k: _harmless(v) for k, v in row.items()} for row in rows)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
