"""Numbers in French sentences."""


def counted(number: int, one: str, many: str = "") -> str:
    """Return "1 dossier", "2 dossiers", "0 dossier"; ``many`` where the plural is not ``one`` with an s."""
    return f"{number} {one if abs(number) < 2 else many or one + 's'}"  # noqa: PLR2004 - French counts as one below two
