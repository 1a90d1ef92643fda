"""What names a mail to the outside, and comes back in reports about it: the notice's identity with a signature.

Anyone can compute a notice's identity: it is a hash of an ORIAS number, a cover, a day and a wave, all public. The
signature is the beginning of an HMAC-SHA256 under the secret key, 120 bits that only the mail itself carries. So
whoever shows a token has seen that mail: a report about a notice that never left cannot be forged, and guessing is
hopeless. Former keys in ``SECRET_KEY_FALLBACKS`` are still believed, for reports that come after a change of key.

A token is short, so that the line of a Message-ID stays within 78 signs (RFC 5322, 2.1.1), and needs no encoding as
an envelope identifier (ENVID, RFC 3461, 4.4).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import constant_time_compare
from django.utils.encoding import force_bytes

_SALT = "reminders.mail"
_KEY = re.compile(r"[0-9a-f]{40}")
_IDENTITY_SIGNS, _SIGNATURE_SIGNS = 27, 20
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{_IDENTITY_SIGNS + _SIGNATURE_SIGNS}}}")


def mail_token(key: str) -> str:
    """The left part of a notice's Message-ID, and its envelope identifier: the same on every attempt and machine.

    ``ValueError`` where ``key`` is no notice's identity.
    """
    if _KEY.fullmatch(key) is None:
        raise ValueError(f"{key!r} is not a notice key: expected 40 hexadecimal digits")
    return _signed(bytes.fromhex(key), settings.SECRET_KEY)


def read_mail_token(token: str) -> str | None:
    """The identity (`Notice.key`) a token was made for; None where it was not made here."""
    if _TOKEN.fullmatch(token) is None:
        return None
    identity = urlsafe_b64decode(f"{token[:_IDENTITY_SIGNS]}=")
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ours = [constant_time_compare(token, _signed(identity, secret)) for secret in secrets]
    return identity.hex() if any(ours) else None


@lru_cache(maxsize=1024)
def _signed(identity: bytes, secret: str | bytes) -> str:
    """Kept for a while: the letters of a chunk are written first, and each asks again when it leaves."""
    signature = hmac.digest(_key_of(secret), identity, "sha256")
    return _text(identity)[:_IDENTITY_SIGNS] + _text(signature)[:_SIGNATURE_SIGNS]


@lru_cache(maxsize=4)
def _key_of(secret: str | bytes) -> bytes:
    """The key for these signatures alone: derived as Django's ``salted_hmac`` does, once and not for each."""
    return hashlib.sha256(force_bytes(_SALT) + force_bytes(secret)).digest()


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii")
