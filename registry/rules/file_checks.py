"""What only the whole file can tell: rows that repeat or contradict earlier ones."""

from registry.rules.categories import Category
from registry.rules.int_table import IntTable
from registry.rules.problems import Problem, problem
from registry.rules.rows import ParsedRow, Person, RegisterRow, Verdict

PERSON_COLUMNS = {
    "siren": "siren",
    "denomination": "name",
    "nom_commercial": "trade_name",
    "forme_juridique": "legal_form",
    "email": "email",
    "telephone": "phone_e164",
    "adresse": "address",
    "code_postal": "postcode",
    "ville": "town",
}
"""Columns that must say the same on all rows of one number, with the fact each gives; the first row wins."""

_CATEGORIES = {category: rank for rank, category in enumerate(Category, start=1)}
_PSEUDO_SIREN = 10**9
"""Added to the number of a pseudo-SIREN, so that it meets no SIREN of nine digits."""

_WORD = 2**64 - 1
_LINE_BITS, _SIREN_BITS = 24, 31
_LAST_LINE = (1 << _LINE_BITS) - 1
_SIREN_MASK = (1 << _SIREN_BITS) - 1


class FileChecker:
    """Judges each row of one file against the rows before it. One instance per file, fed in order.

    Three tables of 12 bytes a slot: number and category to 40 bits of the facts and the line (beyond
    16,777,215 that line is given); number to its SIREN and 33 bits of the person; SIREN to its number. With a
    third to two thirds of the slots taken, 1,000,000 rows of 590,000 numbers take 50 MB (75 MB if every row
    has a number of its own), half as much again for an instant while a table doubles.

    Rows that are wrong by themselves are passed through and never compared with.
    """

    def __init__(self) -> None:
        self._rows = IntTable()
        self._persons = IntTable()
        self._numbers = IntTable()
        self._first: Person | None = None
        self._number = self._print = 0

    def check(self, parsed: ParsedRow) -> ParsedRow:
        """Return ``parsed``, or in its place a DUPLICATE, an ERROR, or the same row with more warnings.

        Duplicate: the same facts, however written. Error: another SIREN for the number, another number for
        the SIREN, or other facts for the same number and category. Warning: name, address … other than on the
        number's first row.
        """
        row = parsed.row
        if row is None:
            return parsed
        # The rows of one intermediary mostly follow one another, and then say the same of it.
        if row.person == self._first:
            return self._repeated(parsed, row, self._number, self._print) or parsed
        number, siren = int(row.person.orias_number), _siren_key(row.person.siren)
        first = self._persons.get(number)
        conflict = self._identity_conflict(row.person, number, siren, first) if siren else None
        if conflict is not None:
            return _refused(parsed, conflict)
        print_of_person = _digest(_facts(row.person))
        repeated = self._repeated(parsed, row, number, print_of_person)
        return repeated or self._remembered(parsed, row.person, number, siren, first, print_of_person)

    def _repeated(self, parsed: ParsedRow, row: RegisterRow, number: int, print_of_person: int) -> ParsedRow | None:
        """Note the row, or say what becomes of it where its number and category were there before."""
        print_of_row = _digest((print_of_person, row[1:])) >> _LINE_BITS
        line = min(parsed.line, _LAST_LINE)
        earlier = self._rows.put(number * 4 + _CATEGORIES[row.category], print_of_row << _LINE_BITS | line)
        if not earlier:
            return None
        return _repeated(parsed, row, same=earlier >> _LINE_BITS == print_of_row, line=earlier & _LAST_LINE)

    def _identity_conflict(self, person: Person, number: int, siren: int, first: int) -> Problem | None:
        """A number has one SIREN and a SIREN one number; a missing SIREN contradicts nothing."""
        if first & _SIREN_MASK not in (0, siren):
            template = "« {value} » n’est pas le SIREN donné au numéro {number} à la ligne {line}. Garder le bon SIREN."
            found = {"number": person.orias_number, "line": self._first_line(number)}
            return problem("siren", "siren_conflict", person.siren, template, **found)
        owner = self._numbers.get(siren)
        if owner not in (0, number):
            template = (
                "« {value} » porte le SIREN {siren}, déjà donné au numéro {other} à la ligne {line}. Corriger l’un."
            )
            found = {"siren": person.siren, "other": f"{owner:08d}", "line": self._first_line(owner)}
            return problem("numero_orias", "siren_of_another_number", person.orias_number, template, **found)
        return None

    def _first_line(self, number: int) -> int:
        found = [self._rows.get(number * 4 + rank) for rank in _CATEGORIES.values()]
        return min(value & _LAST_LINE for value in found if value)

    def _remembered(
        self, parsed: ParsedRow, person: Person, number: int, siren: int, first: int, print_of_person: int
    ) -> ParsedRow:
        """Note a new number, or a SIREN that came late; warn of what differs from the number's first row."""
        if siren and not first & _SIREN_MASK:
            self._numbers.put(siren, number)
        if not first:
            self._persons.put(number, print_of_person >> _SIREN_BITS << _SIREN_BITS | siren)
            self._first, self._number, self._print = person, number, print_of_person
            return parsed
        if not first & _SIREN_MASK:
            self._persons.change(number, first | siren)
        if first >> _SIREN_BITS == print_of_person >> _SIREN_BITS:
            return parsed
        warnings = [self._difference(column, person, number) for column in self._differing(person)]
        return parsed._replace(warnings=(*parsed.warnings, *warnings))

    def _differing(self, person: Person) -> list[str]:
        """Name the columns that differ; "" where the number's first row is too far back to be at hand."""
        first = self._first
        if first is None or first.orias_number != person.orias_number:
            return [""]
        return [column for column, fact in PERSON_COLUMNS.items() if getattr(first, fact) != getattr(person, fact)]

    def _difference(self, column: str, person: Person, number: int) -> Problem:
        what = "la valeur diffère" if column else "nom, adresse ou coordonnées diffèrent"
        template = "{what} de la première ligne du numéro {number} (ligne {line}), qui l’emporte. À vérifier."
        found = {"what": what, "number": person.orias_number, "line": self._first_line(number)}
        return problem(column, "person_differs", "", template, **found)


def _repeated(parsed: ParsedRow, row: RegisterRow, *, same: bool, line: int) -> ParsedRow:
    if same:
        found = problem("", "duplicate", "", "même contenu que la ligne {line} ; ignorée.", line=line)
        return parsed._replace(verdict=Verdict.DUPLICATE, row=None, problems=(found,))
    template = (
        "l’inscription {category} du numéro {number} est déjà donnée, autrement, à la ligne {line}. Garder la bonne."
    )
    words = {"category": row.category.value, "number": row.person.orias_number, "line": line}
    return _refused(parsed, problem("categorie", "conflicting_registration", row.category.value, template, **words))


def _refused(parsed: ParsedRow, found: Problem) -> ParsedRow:
    return parsed._replace(verdict=Verdict.ERROR, row=None, problems=(found,))


def _siren_key(siren: str) -> int:
    """A SIREN as an integer below 2**31; 0 where there is none."""
    if siren.startswith("A"):
        return _PSEUDO_SIREN + int(siren[1:])
    return int(siren or "0")


def _digest(facts: tuple[object, ...]) -> int:
    """Return 64 bits of the facts; they are compared only within this process, so ``hash`` will do."""
    return hash(facts) & _WORD


def _facts(person: Person) -> tuple[str, ...]:
    """Return all but the telephone as typed, which comes last: the number is the fact."""
    return person[:-1]
