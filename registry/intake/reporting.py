"""What an import leaves for people and scripts: a JSON report of each record, a CSV of the rows to put right.

Both appear under their name only when complete: they are written beside it, then renamed. They hold personal
data.
"""

import csv
import errno
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from registry.intake.reading import ERROR_PREFIX
from registry.intake.spreadsheet import neutralised
from registry.rules.problems import Problem, typographic
from registry.rules.rows import COLUMNS, ParsedRow, Verdict

ERROR_COLUMNS = tuple(f"{ERROR_PREFIX}_{what}" for what in ("ligne", "champ", "code", "message"))


class ReportError(Exception):
    """The report cannot be written; the message (French) says where and why."""

    def __init__(self, message: str) -> None:
        super().__init__(typographic(message))


_FAULTS = {
    errno.ENOSPC: "le disque est plein. Faites de la place, ou indiquez un autre chemin.",
    errno.EDQUOT: "le quota du disque est atteint. Faites de la place, ou indiquez un autre chemin.",
    errno.EFBIG: "le fichier serait trop grand pour ce disque. Indiquez un autre chemin.",
    errno.EROFS: "le disque est en lecture seule. Indiquez un autre chemin.",
    errno.EACCES: "l’accès est refusé. Vérifiez les droits.",
    errno.EPERM: "l’accès est refusé. Vérifiez les droits.",
    errno.ENOENT: "son dossier n’existe pas. Créez-le, ou indiquez un autre chemin.",
    errno.EIO: "le disque est en panne. Indiquez un autre chemin, et faites-le vérifier.",
}


def fault_of(error: OSError) -> str:
    """Why a file cannot be written, in French and with what to do."""
    told = f"{error.strerror or error}. Vérifiez le dossier, les droits, la place."
    return _FAULTS.get(error.errno or 0, told)


class WholeFile:
    """A text file that exists complete or not at all. Use as a context manager; an exception inside discards
    it."""

    encoding = "utf-8"

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._draft = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        self._file: TextIO

    def __enter__(self) -> Self:
        if self._path.exists() and not self._path.is_file():
            raise ReportError(f"« {self._path} » n’est pas un fichier. Choisir un autre nom.")
        try:
            # A lone surrogate has no UTF-8 form; its escape keeps the file valid, in JSON too.
            self._file = self._draft.open("w", encoding=self.encoding, errors="backslashreplace", newline="")
            self.begin()
        except OSError as error:
            raise self._failed(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._complete()
        except OSError as failure:
            raise self._failed(failure) from failure
        finally:
            with suppress(OSError):
                self._file.close()
            self._draft.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise self._failed(error) from error

    def _complete(self) -> None:
        self.end()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._draft.replace(self._path)

    def _failed(self, error: OSError) -> ReportError:
        return ReportError(f"« {self._path} » n’est pas écrit : {fault_of(error)}")

    def begin(self) -> None:
        """Write what comes before the first record."""

    def end(self) -> None:
        """Write what comes after the last record."""


class JsonReport(WholeFile):
    """``{"records": [{line, orias_number, verdict, field, code, message, warnings}]}``, one record a line."""

    _separator = "\n"

    def begin(self) -> None:
        self._file.write('{"records": [')

    def add(self, parsed: ParsedRow) -> None:
        """Append a record; its field, code and message are "" unless something is to be said of it."""
        self._file.write(self._separator + json.dumps(_record(parsed), ensure_ascii=False))
        self._separator = ",\n"

    def end(self) -> None:
        self._file.write("\n]}\n")


def _record(parsed: ParsedRow) -> dict[str, object]:
    said = parsed.reported
    return {
        "line": parsed.line,
        "orias_number": parsed.orias_number_as_given,
        "verdict": parsed.verdict.value,
        **(_said(said) if said else {"field": "", "code": "", "message": ""}),
        "warnings": [_said(warning) for warning in parsed.warnings],
    }


def _said(found: Problem) -> dict[str, str]:
    return {"field": found.field, "code": found.code, "message": found.message}


class ErrorsCsv(WholeFile):
    """The rows refused, in the register file's own columns, followed by ``ERROR_COLUMNS``.

    Opens in Excel (UTF-8 with BOM), runs no formula, and can be corrected and handed in again as it is. Cells
    beyond the format's columns follow the error columns.
    """

    encoding = "utf-8-sig"

    def __init__(self, path: str | Path, delimiter: str) -> None:
        super().__init__(path)
        self._delimiter = delimiter

    def begin(self) -> None:
        self._writer = csv.writer(self._file, delimiter=self._delimiter)
        self._writer.writerow([*COLUMNS, *ERROR_COLUMNS])

    def add(self, parsed: ParsedRow, cells: Sequence[str]) -> None:
        """Append the record if its verdict is ERROR; all its problems are told in one cell."""
        said = parsed.reported
        if parsed.verdict is not Verdict.ERROR or said is None:
            return
        width = len(COLUMNS)
        padding = [""] * (width - len(cells))
        messages = " | ".join(found.message for found in parsed.problems)
        row = [*cells[:width], *padding, str(parsed.line), said.field, said.code, messages, *cells[width:]]
        self._writer.writerow([neutralised(cell) for cell in row])
