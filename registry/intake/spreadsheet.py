"""Cells that a spreadsheet would run as formulas, made harmless, and back again."""

import re

_FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")
_AMOUNT = re.compile(r"-[0-9][0-9 .,\u00a0\u202f]*€?")


def neutralised(cell: str) -> str:
    """Return ``cell`` with a leading apostrophe where a spreadsheet would take it for a formula.

    A plain negative amount is left as it is: it computes to itself and must stay readable. A NUL, which
    spreadsheets stop at, is shown as its symbol.
    """
    text = cell.replace("\x00", "␀")
    if _FORMULA.match(text) and not _AMOUNT.fullmatch(text):
        return "'" + text
    return text


def restored(cell: str) -> str:
    """Undo ``neutralised`` in a file that staff corrected and hand in again."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell[1:2]) else cell
