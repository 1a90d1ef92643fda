"""A map from integers to integers in an eighth of the memory of a ``dict``."""

from array import array

_SPREAD = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio: multiplying by it scatters numbers that follow one another (Knuth,
6.4)."""

_WORD = 2**64 - 1


class IntTable:
    """Open addressing in flat arrays, filled to two thirds at most, doubled when full.

    Keys are 1 to 2**32 - 1, values 1 to 2**64 - 1; 0 stands for none. A slot takes 12 bytes, an entry 1.5 to
    3 slots. Entries are never removed.
    """

    __slots__ = ("_full", "_keys", "_length", "_mask", "_shift", "_values")

    def __init__(self, bits: int = 10) -> None:
        self._length = 0
        self._resize(bits)

    def __len__(self) -> int:
        return self._length

    def get(self, key: int) -> int:
        """Return the value stored under ``key``, or 0."""
        return self._values[self._slot(key)]

    def put(self, key: int, value: int) -> int:
        """Store ``value`` under ``key`` and return 0, unless a value is there: then return that and change
        nothing."""
        slot = self._slot(key)
        if self._keys[slot]:
            return self._values[slot]
        self._keys[slot] = key
        self._values[slot] = value
        self._length += 1
        if self._length > self._full:
            self._double()
        return 0

    def change(self, key: int, value: int) -> None:
        """Store ``value`` in place of that under ``key``, which must be there."""
        self._values[self._slot(key)] = value

    def _slot(self, key: int) -> int:
        """Return where ``key`` is, or the free slot where it would go."""
        keys = self._keys
        slot = (key * _SPREAD & _WORD) >> self._shift
        while keys[slot] and keys[slot] != key:
            slot = (slot + 1) & self._mask
        return slot

    def _resize(self, bits: int) -> None:
        self._shift, self._mask, self._full = 64 - bits, (1 << bits) - 1, (2 << bits) // 3
        self._keys = array("I", bytes(4 << bits))
        self._values = array("Q", bytes(8 << bits))

    def _double(self) -> None:
        entries = zip(self._keys, self._values, strict=True)
        self._resize(65 - self._shift)
        slot_of, keys, values = self._slot, self._keys, self._values
        for key, value in entries:
            if key:
                slot = slot_of(key)
                keys[slot] = key
                values[slot] = value
