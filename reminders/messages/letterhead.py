"""A letterhead as it is frozen with a list: the settings that stand in every message of it, by their names."""

from __future__ import annotations

import hashlib

from reminders.messages.content import Letterhead
from reminders.messages.links import why_token

_NOBODY = "0" * 40


def frozen_letterhead(letterhead: Letterhead) -> dict[str, str]:
    """The settings by name. The key that signs each message's link is told by a hash of what it signs."""
    return {
        "MAIL_FROM": letterhead.sender,
        "REPLY_TO": letterhead.reply_to,
        "SITE_URL": letterhead.site_url,
        "SITE_NAME": letterhead.site_name,
        "MAIL_DOMAIN": letterhead.mail_domain,
        "SECRET_KEY": hashlib.sha256(why_token(_NOBODY).encode()).hexdigest()[:16],
    }
