"""The signed link at the foot of every mail: to the page that tells why it was sent, without a login.

The token of a notice is the same each time it is made, so that the digest of its message is too. It opens
that one page, logs nobody in, and does not expire: what it shows is what the mail said.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from functools import lru_cache

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

_SALT = "reminders.why"
_KEY = re.compile(r"[0-9a-f]{40}")


def why_token(key: str) -> str:
    """The token of the notice with that identity (`Notice.key`)."""
    signature = _keyed(settings.SECRET_KEY).copy()
    signature.update(key.encode())
    return f"{key}.{urlsafe_b64encode(signature.digest()).rstrip(b'=').decode()}"


def read_why_token(token: str) -> str | None:
    """The identity a token was made for; None where it was not made here, or was changed on its way."""
    try:
        key = _signer().unsign(token)
    except signing.BadSignature:
        return None
    return key if _KEY.fullmatch(key) else None


@lru_cache(maxsize=4)
def _keyed(secret: str | bytes) -> hmac.HMAC:
    """What `_signer` begins each signature with: made once, since a list is signed by the thousand."""
    return salted_hmac(f"{_SALT}signer", b"", secret=secret, algorithm="sha256")


def _signer() -> signing.Signer:
    # A dot, because mail programs end a link at some other signs.
    return signing.Signer(salt=_SALT, sep=".")
