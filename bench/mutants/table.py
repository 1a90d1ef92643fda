"""What a guard is: where it stands, how it is taken away, and which test must fail then."""

from __future__ import annotations

from dataclasses import dataclass


class NotFoundError(Exception):
    """A guard is no longer where the table says, or its test could not be run: the table is to be mended."""


@dataclass(frozen=True)
class Guard:
    """One guard. In `file` the text `old` becomes `new`; or a `constraint` (also an index or a trigger) is dropped from
    the test database. `test`: what must fail without it."""

    name: str
    test: str
    file: str = ""
    old: str = ""
    new: str = ""
    constraint: str = ""

    def cut(self, text: str) -> str:
        """The file without the guard. Raises NotFoundError where it is not there exactly once."""
        if text.count(self.old) != 1:
            raise NotFoundError(f"{self.name}: {self.old!r} is {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)
