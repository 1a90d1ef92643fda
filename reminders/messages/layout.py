"""A message laid out twice from the same sentences, as text and as HTML, so that the two cannot differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr
from functools import lru_cache
from html import escape
from urllib.parse import quote

from reminders.messages.content import Content, Letterhead, ReminderContent, clean
from reminders.messages.english import English
from reminders.messages.french import French
from reminders.messages.wording import Wording

WORDINGS: dict[str, Wording] = {"fr": French(), "en": English()}


@dataclass(frozen=True, slots=True)
class Letter:
    """The sentences of one message, in order, in one language and in no format."""

    language: str
    subject: str
    greeting: str
    opening: str
    items: Sequence[tuple[str, str]]
    received_heading: str
    received: Sequence[str]
    reassurance: str
    file_link: str
    file_url: str
    signature: str
    why_link: str
    why_url: str
    footer: str


def write(content: ReminderContent, letterhead: Letterhead) -> Letter:
    """Choose the sentences that state this file's facts."""
    words = WORDINGS[content.language]
    if (name := clean(content.name)) != content.name:
        content = replace(content, name=name)
    return Letter(
        language=content.language,
        subject=words.subject(content),
        greeting=words.greeting(),
        opening=words.opening(content),
        items=[(words.item_title(item), words.item_facts(item)) for item in content.items],
        received_heading=words.received_heading(),
        received=[words.received(line) for line in content.received],
        reassurance=words.reassurance(content),
        file_link=words.file_link(),
        file_url=file_url(content, letterhead),
        signature=letterhead.site_name,
        why_link=words.why_link(),
        why_url=why_url(content, letterhead),
        footer=words.footer(content, letterhead, bare(letterhead.reply_to)),
    )


def file_url(content: Content, letterhead: Letterhead) -> str:
    """The page of the file."""
    return f"{letterhead.site_url.rstrip('/')}/dossier/{quote(content.orias_number, safe='')}/"


def why_url(content: Content, letterhead: Letterhead) -> str:
    """The page that tells why this message."""
    return f"{letterhead.site_url.rstrip('/')}/pourquoi/{quote(content.why_token, safe=':')}/"


def as_text(letter: Letter) -> str:
    """Lay the letter out as plain text; lines end with a line feed."""
    paragraphs = [
        letter.greeting,
        letter.opening,
        *(f"– {title}\n  {facts}" for title, facts in letter.items),
        *_received_text(letter),
        letter.reassurance,
        f"{letter.file_link}\n{letter.file_url}",
        letter.signature,
        f"{letter.why_link}\n{letter.why_url}",
        letter.footer,
    ]
    return "\n\n".join(paragraphs) + "\n"


def as_html(letter: Letter) -> str:
    """Lay the letter out as a small page: its language stated, no image, no style sheet, no script."""
    return f"""\
<!DOCTYPE html>
<html lang="{letter.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(letter.subject)}</title>
</head>
<body style="max-width:40em;margin:1em;font:1em/1.5 sans-serif">
<p>{letter.greeting}</p>
<p>{escape(letter.opening)}</p>
{_items_html(letter)}{_received_html(letter)}<p>{letter.reassurance}</p>
<p><a href="{escape(letter.file_url)}">{letter.file_link}</a></p>
<p>{escape(letter.signature)}</p>
<hr>
<p><a href="{escape(letter.why_url)}">{letter.why_link}</a></p>
<p>{escape(letter.footer)}</p>
</body>
</html>
"""


def _items_html(letter: Letter) -> str:
    if not letter.items:
        return ""
    items = "\n".join(f"<li><strong>{escape(title)}</strong><br>{escape(facts)}</li>" for title, facts in letter.items)
    return f"<ul>\n{items}\n</ul>\n"


def _received_text(letter: Letter) -> Sequence[str]:
    if not letter.received:
        return ()
    return ("\n".join((letter.received_heading, *(f"– {line}" for line in letter.received))),)


def _received_html(letter: Letter) -> str:
    if not letter.received:
        return ""
    lines = "\n".join(f"<li>{escape(line)}</li>" for line in letter.received)
    return f"<p>{letter.received_heading}</p>\n<ul>\n{lines}\n</ul>\n"


@lru_cache(maxsize=16)
def bare(address: str) -> str:
    """An address without its name."""
    return parseaddr(address)[1]
