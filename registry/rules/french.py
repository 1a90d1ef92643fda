"""Numbers in French sentences."""

NARROW = "\u202f"
"""The space within a number and after « n° » that no line breaks at."""


def grouped(number: int) -> str:
    """Return "18 000": thousands apart by a narrow no-break space."""
    return f"{number:,}".replace(",", NARROW)


def counted(number: int, one: str, many: str = "") -> str:
    """Return "1 dossier", "2 dossiers", "0 dossier"; ``many`` where the plural is not ``one`` with an s."""
    return f"{grouped(number)} {one if abs(number) < 2 else many or one + 's'}"  # noqa: PLR2004 - French counts as one below two
