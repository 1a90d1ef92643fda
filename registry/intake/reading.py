"""Reading a register file: finds encoding and delimiter by itself, streams its records, says plainly what is
wrong.

The file is read twice: once as bytes, to decide the encoding on all of it and to take its SHA-256, once as
records. Memory stays flat whatever its size.
"""

import codecs
import csv
import hashlib
import re
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from pathlib import Path

from registry.intake.spreadsheet import restored
from registry.rules.file_checks import FileChecker
from registry.rules.problems import shown, typographic
from registry.rules.rows import COLUMNS, ParsedRow, parse_row

CHUNK_BYTES = 1 << 20
LONGEST_LINE_BYTES = 16 << 20
"""A line or a quoted field beyond 16 MiB is no register row: most often a quote was opened and never
closed."""

ERROR_PREFIX = "erreur"
"""Columns that an error report appends; a corrected report may be handed in as it is."""

_HEADER_BYTES = 64 << 10
_SIGNATURES = {
    b"PK\x03\x04": "un classeur Excel (xlsx) ou une archive zip",
    b"PK\x05\x06": "une archive zip vide",
    b"\xd0\xcf\x11\xe0": "un ancien classeur Excel (xls)",
    b"%PDF": "un document PDF",
    b"\x1f\x8b": "un fichier compressé (gzip)",
    codecs.BOM_UTF16_LE: "du texte en UTF-16",
    codecs.BOM_UTF16_BE: "du texte en UTF-16",
}
_SAVE_AS_CSV = "L’enregistrer au format « CSV UTF-8 (séparateur : point-virgule) » et recommencer."
_DELIMITERS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}
_ACCEPTED = (";", ",")
_END = "\x00fin du fichier\x00"


class RegisterFileError(Exception):
    """The file cannot be read as a register; the message (French) says what, where and what to do about
    it."""

    def __init__(self, message: str) -> None:
        super().__init__(typographic(message))


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A register file found readable. Iterating gives ``(line, cells)``, as often as wanted.

    ``line`` counts records, the header being 1. ``cells`` stand in the order of ``columns``, or as found
    where their number is wrong. ``encoding`` is ``utf-8``, ``utf-8-sig`` or ``cp1252``. ``sha256`` is of the
    bytes; ``lines`` counts line ends, for a progress bar.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    sha256: str
    lines: int
    columns: tuple[str, ...] = COLUMNS

    def __iter__(self) -> Iterator[tuple[int, Sequence[str]]]:
        arranged = _arrangement(self.header, self.columns)
        records = _records(self.path, self.encoding, self.delimiter)
        next(records)
        return ((line, arranged(cells)) for line, cells in records)


def open_register(path: str | Path, columns: tuple[str, ...] = COLUMNS) -> RegisterFile:
    """Examine the file at ``path``; raise ``RegisterFileError`` if it has not these columns or no record."""
    path = Path(path)
    try:
        scan = _scan(path)
        header_text = scan.head.decode(scan.encoding, errors="replace").lstrip("\ufeff")
        delimiter = _delimiter(header_text, columns)
        with closing(_records(path, scan.encoding, delimiter)) as records:
            _, header = next(records)
            _arrangement(header, columns)
            if next(records, None) is None:
                raise RegisterFileError(f"« {path.name} » n’a que sa ligne de titres, aucune inscription.")
    except OSError as error:
        raise RegisterFileError(_unreadable(path, error)) from error
    return RegisterFile(path, scan.encoding, delimiter, tuple(header), scan.sha256, scan.lines, columns)


def judged_rows(register: RegisterFile) -> Iterator[tuple[ParsedRow, Sequence[str]]]:
    """Give each record judged, alone and against those before it, beside its cells."""
    check = FileChecker().check
    for line, cells in register:
        yield check(parse_row(cells, line)), cells


def _unreadable(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"« {path} » n’existe pas. Vérifier le chemin."
    if isinstance(error, PermissionError):
        return f"« {path} » n’est pas accessible en lecture. Vérifier les droits."
    return f"« {path} » ne peut pas être lu ({error.strerror or error}). Recopier le fichier et recommencer."


@dataclass(frozen=True, slots=True)
class _Scan:
    head: bytes
    encoding: str
    sha256: str
    lines: int


class _LineMeter:
    """Counts line ends in a stream of bytes, and refuses a line without end."""

    def __init__(self) -> None:
        self.lines = 0
        self._open = 0

    def feed(self, chunk: bytes) -> None:
        ends = chunk.count(b"\n")
        self.lines += ends
        self._open = len(chunk) - 1 - chunk.rfind(b"\n") if ends else self._open + len(chunk)
        if self._open > LONGEST_LINE_BYTES:
            raise RegisterFileError(
                f"la ligne {self.lines + 1} dépasse 16 Mo : ce n’est pas un fichier du registre. {_SAVE_AS_CSV}"
            )


def _scan(path: Path) -> _Scan:
    """Read all bytes once. Valid UTF-8 is UTF-8; else Windows-1252, unless it is UTF-8 with damage."""
    if path.is_dir():
        raise RegisterFileError(f"« {path} » est un dossier. Indiquer un fichier CSV.")
    if path.exists() and not path.is_file():
        raise RegisterFileError(f"« {path} » n’est pas un fichier ordinaire. Indiquer un fichier CSV.")
    digest, meter, utf8 = hashlib.sha256(), _LineMeter(), codecs.getincrementaldecoder("utf-8")()
    head, is_utf8 = b"", True
    for chunk in _chunks(path):
        if not head:
            head = chunk[:_HEADER_BYTES]
            _refuse_other_formats(path, head)
        digest.update(chunk)
        meter.feed(chunk)
        is_utf8 = is_utf8 and _decodes(utf8, chunk)
    if not head.lstrip(codecs.BOM_UTF8).strip():
        raise RegisterFileError(f"« {path.name} » est vide. Exporter de nouveau le registre.")
    if is_utf8 and _decodes(utf8, b"", final=True):
        encoding = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    else:
        encoding = _single_byte_encoding(path, marked=head.startswith(codecs.BOM_UTF8))
    return _Scan(head, encoding, digest.hexdigest(), meter.lines)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _refuse_other_formats(path: Path, head: bytes) -> None:
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            raise RegisterFileError(f"« {path.name} » est {name}, pas un fichier CSV. {_SAVE_AS_CSV}")
    if head[:4096].count(0) * 10 > len(head[:4096]):
        raise RegisterFileError(f"« {path.name} » est un fichier binaire, pas un fichier CSV. {_SAVE_AS_CSV}")


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _single_byte_encoding(path: Path, *, marked: bool) -> str:
    """Tell Windows-1252 from UTF-8 with damage.

    An accent in UTF-8 is two bytes or more that fit together; in Windows-1252 text they practically never do.
    Read with the wrong one, each name with an accent would be spoilt without a word.
    """
    fitting, damaged, line = _utf8_fit(path)
    if marked or fitting > damaged:
        raise RegisterFileError(
            f"« {path.name} » est en UTF-8, mais abîmé : octet invalide à la ligne {line} du texte."
            " Exporter de nouveau le fichier."
        )
    _check_windows_1252(path)
    return "cp1252"


def _utf8_fit(path: Path) -> tuple[int, int, int]:
    """Count what is well-formed UTF-8 beyond ASCII and what is not; give the line of the first damage."""
    fitting = damaged = lines = line = 0
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for chunk in chain(_chunks(path), [b""]):
        text = decoder.decode(chunk, not chunk)
        if "\ufffd" in text and not damaged:
            line = lines + text[: text.index("\ufffd")].count("\n") + 1
        damaged += text.count("\ufffd")
        lines += text.count("\n")
        fitting += len(re.findall("[^\x00-\x7f\ufffd]", text))
    return fitting, damaged, line


def _check_windows_1252(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("cp1252")()
    if not all(_decodes(decoder, chunk) for chunk in _chunks(path)):
        raise RegisterFileError(f"« {path.name} » n’est ni en UTF-8 ni en Windows-1252. {_SAVE_AS_CSV}")


def _normalised(name: str) -> str:
    """Fold a column title: case, accents, spaces and hyphens do not count."""
    decomposed = unicodedata.normalize("NFKD", name.replace("\ufeff", "")).casefold()
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return re.sub(r"[\s_\-]+", "_", plain.strip())


def _delimiter(head: str, columns: tuple[str, ...]) -> str:
    """Choose the delimiter that shows most known column titles on the first line."""
    lines = head.splitlines() or [""]
    known = {mark: _known_titles(lines[0], mark, columns) for mark in _DELIMITERS}
    best = max(known, key=lambda mark: known[mark])
    if known[best] < 2:  # noqa: PLR2004 - one title alone does not show what parts it from the next
        raise RegisterFileError(
            "la première ligne n’est pas celle des titres du registre."
            f" Elle commence par « {shown(lines[0])} » ; il faut « {';'.join(columns[:3])};… »."
        )
    if best not in _ACCEPTED:
        raise RegisterFileError(
            f"les colonnes sont séparées par « {_DELIMITERS[best]} » ; il faut un point-virgule ou une"
            f" virgule. {_SAVE_AS_CSV}"
        )
    return best


def _known_titles(line: str, mark: str, columns: tuple[str, ...]) -> int:
    return sum(_normalised(title.strip().strip('"')) in columns for title in line.split(mark))


def _arrangement(header: Sequence[str], columns: tuple[str, ...]) -> Callable[[Sequence[str]], Sequence[str]]:
    """Return what puts a record's cells in the order of ``columns``; refuse a header that does not name each
    once.

    Empty titles at the end (a spreadsheet's unused columns) and the columns of an error report are left
    aside.
    """
    titles = [_normalised(title) for title in header]
    while titles and not titles[-1]:
        titles.pop()
    corrected = any(title.startswith(ERROR_PREFIX) for title in titles)
    wanted = [title for title in titles if not title.startswith(ERROR_PREFIX)]
    _refuse_bad_titles(wanted, columns)
    places = [titles.index(column) for column in columns]
    if len(header) == len(columns) and places == list(range(len(columns))):
        return lambda cells: cells
    pick, found = itemgetter(*places), len(titles)

    def arranged(cells: Sequence[str]) -> Sequence[str]:
        if len(cells) < len(columns) or len(cells) <= max(places) or any(cells[found:]):
            return _still_wrong(cells, len(columns))
        chosen: tuple[str, ...] = pick(cells)
        return tuple(map(restored, chosen)) if corrected else chosen

    return arranged


def _still_wrong(cells: Sequence[str], width: int) -> Sequence[str]:
    """Keep a record of wrong width from passing for a right one after its titles were rearranged."""
    return cells if len(cells) != width else (*cells, "")


def _refuse_bad_titles(titles: list[str], columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in titles]
    unknown = [title or "(sans titre)" for title in titles if title not in columns]
    twice = [column for column in columns if titles.count(column) > 1]
    faults = {"manquantes : {}": missing, "inconnues : {}": unknown, "en double : {}": twice}
    said = [words.format(", ".join(map(shown, titles))) for words, titles in faults.items() if titles]
    if said:
        raise RegisterFileError(f"colonnes {' ; '.join(said)}. Corriger la ligne de titres.")


class _Tail:
    """Feeds a line of our own after the file's last: if it does not come back alone, a quote was left
    open."""

    def __init__(self) -> None:
        self.reached = False

    def after(self, lines: Iterable[str]) -> Iterator[str]:
        yield from lines
        self.reached = True
        yield _END


def _records(path: Path, encoding: str, delimiter: str) -> Generator[tuple[int, list[str]], None, None]:
    """Give ``(line, cells)`` for each record, the header included."""
    # The limit is the process's; raising it never breaks another reader, lowering it might.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE_BYTES))
    tail, line = _Tail(), 0
    with path.open(encoding=encoding, newline="") as file:
        try:
            for line, cells in enumerate(csv.reader(tail.after(file), delimiter=delimiter), start=1):
                if not tail.reached:
                    yield line, cells
                elif cells != [_END]:
                    raise RegisterFileError(_open_quote(line))
        except csv.Error as error:
            raise RegisterFileError(_open_quote(line + 1)) from error
        except UnicodeDecodeError as error:
            raise RegisterFileError(f"« {path.name} » a changé pendant la lecture. Recommencer.") from error


def _open_quote(line: int) -> str:
    return (
        f"un guillemet ouvert à l’enregistrement {line} n’est jamais fermé."
        ' Fermer ou doubler (" devient "") le guillemet et recommencer.'
    )
