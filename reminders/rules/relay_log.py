"""What the log of our own mail relay (Postfix) says of mails, found by their Message-ID alone.

A line of `cleanup` binds a Message-ID to the number of a queue file; it is written before the mail is whole, so it
proves nothing by itself. The relay has the mail once `qmgr` says "queue active", or a delivery of it is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from registry.rules.labels import LabelledEnum

LONGEST_LINE = 2_000
"""What is beyond is not read; and so much at most is kept as evidence."""


class RelayFate(LabelledEnum):
    """What the relay did with a mail."""

    SENT = "SENT", "transmis par notre relais", "sent on by our relay"
    BOUNCED = "BOUNCED", "reçu par notre relais, puis retourné", "taken by our relay, then returned"
    DEFERRED = "DEFERRED", "reçu par notre relais, en attente", "taken by our relay, waiting"
    QUEUED = "QUEUED", "reçu par notre relais", "taken by our relay"


@dataclass(frozen=True, slots=True)
class RelayWord:
    """The latest word on a mail, and the line that says it."""

    fate: RelayFate
    line: str


_LINE = re.compile(r"postfix[\w./-]*/(?P<service>[\w-]+)\[\d+\]: (?P<queue>[0-9A-Za-z]{5,20}): (?P<rest>.*)", re.ASCII)
_MESSAGE_ID = re.compile(r"message-id=<(?P<left>[^<>@\s]+)@[^<>\s]+>", re.ASCII)
_STATUS = re.compile(r"\bstatus=(sent|bounced|deferred|expired)\b", re.ASCII)
_FATES: Final = {
    "sent": RelayFate.SENT,
    "bounced": RelayFate.BOUNCED,
    "expired": RelayFate.BOUNCED,
    "deferred": RelayFate.DEFERRED,
}


def read_relay_log(lines: Iterable[str], wanted: Collection[str]) -> dict[str, RelayWord]:
    """The relay's latest word on each of the `wanted` mails (left parts of Message-IDs) it has taken.

    One that is missing was not taken as far as this log goes: no proof, since a log may be incomplete.
    """
    queued: dict[str, str] = {}
    words: dict[str, RelayWord] = {}
    for line in lines:
        found = _LINE.search(line[:LONGEST_LINE])
        if found is None:
            continue
        queue, rest = found["queue"], found["rest"]
        if named := _MESSAGE_ID.match(rest):
            # A number is used again for another mail once its file is gone.
            queued.pop(queue, None)
            if named["left"] in wanted:
                queued[queue] = named["left"]
        elif queue in queued and (fate := _fate(found["service"], rest)):
            words[queued[queue]] = RelayWord(fate, line.strip()[:LONGEST_LINE])
    return words


def _fate(service: str, rest: str) -> RelayFate | None:
    if told := _STATUS.search(rest):
        return _FATES[told[1]]
    return RelayFate.QUEUED if service == "qmgr" and "queue active" in rest else None
