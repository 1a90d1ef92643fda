"""E-mail addresses as they go on the wire: ASCII, one line, nothing that could end a command or a header."""

from functools import lru_cache

from reminders.rules.addresses import is_writable

MAX_LENGTH = 254
"""RFC 5321, 4.5.3.1.3 (256 with the angle brackets)."""


@lru_cache(maxsize=1024)
def wire_address(email: str) -> str:
    """Return the address to write after ``RCPT TO:`` and in a header; a domain with accents in its ASCII
    form.

    Raises ``ValueError`` for what cannot be written there: spaces, line ends, quotes, several addresses, a
    local part with accents (RFC 6531 is not used: few servers take it). Kept for a while: one message asks three times.
    """
    local, at, domain = email.strip().rpartition("@")
    if not domain.isascii():
        domain = _ascii_domain(email, domain)
    address = f"{local}{at}{domain}"
    if len(address) > MAX_LENGTH or not is_writable(address):
        raise _unwritable(email)
    return address


def _ascii_domain(email: str, domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _unwritable(email) from error


def _unwritable(email: str) -> ValueError:
    return ValueError(
        f"{email!r} is not an e-mail address that mail can be sent to. Expected one address such as "
        "contact@cabinet.example, without spaces, quotes or accents before the @."
    )
