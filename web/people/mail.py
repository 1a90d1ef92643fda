"""The mail with a code. It is no reminder: no batch, no notice, no ledger; it answers whoever has just asked for it."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import EmailMessage

from api.problems import in_english

logger = logging.getLogger(__name__)

_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="code-mail")

_FRENCH = """Bonjour,

Voici le code que vous venez de demander pour entrer dans votre espace du registre\u00a0:

    {code}

Tapez-le sur la page restée ouverte. Il vaut quinze minutes, une seule fois. Personne du registre ne vous le demandera.

Vous n’avez rien demandé\u00a0? Ne faites rien\u00a0: sans ce code, personne n’entre.

{site}
{url}
"""
_ENGLISH = """Hello,

Here is the code that you have just asked for to enter your space of the register:

    {code}

Type it on the page that is still open. It holds for fifteen minutes, once. Nobody of the register will ask you for it.

You did not ask for anything? Do nothing: without this code, nobody gets in.

{site}
{url}
"""


def code_message(address: str, code: str) -> EmailMessage:
    """The mail, in the language of the page that asked for it."""
    english = in_english()
    subject = "Your code to sign in" if english else "Votre code de connexion"
    text = (_ENGLISH if english else _FRENCH).format(code=code, site=settings.SITE_NAME, url=settings.SITE_URL)
    headers = {"Auto-Submitted": "auto-generated", "Reply-To": settings.REPLY_TO}
    return EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [address], headers=headers)


def send_soon(message: EmailMessage) -> None:
    """Hand it to the relay without waiting: neither the page, nor who times it, learns whether there was one."""
    _POOL.submit(_send, message)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except OSError as error:
        logger.error("a code to sign in could not be mailed: %s", error)
