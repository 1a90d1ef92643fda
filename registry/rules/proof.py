"""What a printed proof says, packed into a code that a person can type: the code alone is enough to read it again.

Numbers and days are packed bit by bit and written in Crockford's base 32, whose letters are not taken for digits. The
code proves nothing by itself: `registry.public` is asked what holds now, and a seal tells where it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from registry.rules.categories import Category

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans({"I": "1", "L": "1", "O": "0"})
_SEPARATORS = str.maketrans("", "", " -\t\n\r\u00a0\u202f")

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1950, 1, 1)
NUMBER_BITS, MINUTE_BITS, NAME_BITS, COUNT_BITS = 27, 26, 24, 5
CATEGORY_BITS, STATUS_BITS, DAY_BITS = 2, 2, 16
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ProvenLine:
    """One registration of a proof: the place of its status among the public ones, since when, until when, funds."""

    category: Category
    status: int
    since: date
    until: date | None
    collects_funds: bool


@dataclass(frozen=True, slots=True)
class Proven:
    """A whole proof: whose, made when (to the minute, UTC), a digest of the name it was made out to, its lines."""

    orias_number: str
    made_at: datetime
    name_digest: int
    lines: tuple[ProvenLine, ...]


def pack(proven: Proven) -> bytes:
    """The proof in as few bytes as it takes. Raises ValueError for what has no place in it."""
    writer = _Bits()
    writer.put(int(proven.orias_number), NUMBER_BITS)
    writer.put((proven.made_at - EPOCH) // _MINUTE, MINUTE_BITS)
    writer.put(proven.name_digest, NAME_BITS)
    writer.put(len(proven.lines), COUNT_BITS)
    for line in proven.lines:
        writer.put(list(Category).index(line.category), CATEGORY_BITS)
        writer.put(line.status, STATUS_BITS)
        writer.put(int(line.collects_funds), 1)
        writer.put((line.since - FIRST_DAY).days, DAY_BITS)
        writer.put((line.until - FIRST_DAY).days + 1 if line.until else 0, DAY_BITS)
    return writer.bytes()


def unpack(packed: bytes) -> Proven:
    """What `pack` was given. Raises ValueError for bytes that are none of its."""
    bits = _Reader(packed)
    number, minute, name = bits.take(NUMBER_BITS), bits.take(MINUTE_BITS), bits.take(NAME_BITS)
    lines = tuple(_lines(bits, bits.take(COUNT_BITS)))
    return Proven(f"{number:08d}", EPOCH + minute * _MINUTE, name, lines)


def _lines(bits: _Reader, count: int) -> Iterator[ProvenLine]:
    for _ in range(count):
        place, status, funds = bits.take(CATEGORY_BITS), bits.take(STATUS_BITS), bits.take(1)
        since, until = bits.take(DAY_BITS), bits.take(DAY_BITS)
        if place >= len(Category):
            raise ValueError("no such category")
        ended = FIRST_DAY + timedelta(days=until - 1) if until else None
        yield ProvenLine(list(Category)[place], status, FIRST_DAY + timedelta(days=since), ended, bool(funds))


def write_code(sealed: bytes) -> str:
    """The bytes as people type them: groups of five."""
    value, length = int.from_bytes(sealed, "big"), -(-len(sealed) * 8 // 5)
    letters = "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(length)))
    return "-".join(letters[at : at + 5] for at in range(0, len(letters), 5))


def read_code(text: str) -> bytes:
    """The bytes of a code, however its groups are set apart. Raises ValueError where it is none."""
    letters = text.upper().translate(_SEPARATORS).translate(_MEANT)
    value = 0
    for letter in letters:
        value = value << 5 | ALPHABET.index(letter)
    length = len(letters) * 5 // 8
    if value >> length * 8:
        raise ValueError("it says more than its bytes")
    return value.to_bytes(length, "big")


class _Bits:
    """Numbers one after the other, each in so many bits."""

    def __init__(self) -> None:
        self.value, self.length = 0, 0

    def put(self, number: int, bits: int) -> None:
        if not 0 <= number < 1 << bits:
            raise ValueError(f"{number} has no place in {bits} bits")
        self.value, self.length = self.value << bits | number, self.length + bits

    def bytes(self) -> bytes:
        length = -(-self.length // 8)
        return (self.value << length * 8 - self.length).to_bytes(length, "big")


class _Reader:
    """The same numbers again."""

    def __init__(self, packed: bytes) -> None:
        self.value, self.left = int.from_bytes(packed, "big"), len(packed) * 8

    def take(self, bits: int) -> int:
        if bits > self.left:
            raise ValueError("too short")
        self.left -= bits
        return self.value >> self.left & (1 << bits) - 1
