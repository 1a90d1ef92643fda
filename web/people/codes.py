"""What of a code that was typed or pasted is the code."""

from __future__ import annotations

import unicodedata


def letters_of(typed: str) -> str:
    """Its letters and figures, in capitals: a mail program makes a long dash or a no-break space of our hyphen, a
    telephone small letters, a keyboard of the East wide ones. None of these is worth one of three tries."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(sign for sign in plain if sign.isalnum()).upper()
