"""Files from outside on their way in: checked by the child, recorded, and shown to the virus scanner later on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet

from registry.actions.documents import record_check, record_document, record_no_scanner, record_scan, require_room
from registry.clock import local_day
from registry.models import Document, Intermediary
from registry.models.cover import Channel
from registry.papers import store
from registry.papers.antivirus import ScannerSilent, has_scanner, scan
from registry.papers.checking import Checked, check_file
from registry.rules.documents import DocumentState

logger = logging.getLogger(__name__)

ALARM_AFTER = timedelta(minutes=15)
"""A file that waits for the scanner for so long is told of in the log (ASVS 16.5.2)."""
_RECEIVED, _SCANNING, _NOT_SCANNED = (
    s.value for s in (DocumentState.RECEIVED, DocumentState.SCANNING, DocumentState.NOT_SCANNED)
)


@dataclass(frozen=True, slots=True)
class Examined:
    """A file, what the child found in it (None: it could not be asked), and where the file it wrote is."""

    source: Path
    rewritten: Path
    checked: Checked | None


@contextmanager
def examined(source: Path) -> Iterator[Examined]:
    """Have a file checked, outside any transaction; what the child wrote is gone afterwards."""
    with store.scratch() as rewritten:
        yield Examined(source, rewritten, _ask(source, rewritten))


def _ask(source: Path, rewritten: Path) -> Checked | None:
    """None where no child can be started: that says nothing of the file, which is kept and checked later."""
    try:
        return check_file(source, rewritten)
    except OSError as error:
        logger.error("no process to check a file: %s", error)
        return None


def receive_document(
    *,
    by: AbstractBaseUser | None,
    why: str,
    now: datetime,
    intermediary: Intermediary,
    name: str,
    source: Path,
    channel: Channel = Channel.PORTAL,
) -> Document:
    """Check and record a file at `source`, on the store's disk. Raises RegisterError where the day's number is reached.

    Who answers a call that may be repeated does both steps itself: the check first, the record in its transaction.
    """
    require_room(intermediary, local_day(now))
    with examined(source) as found:
        return record_examined(
            by=by, why=why, now=now, intermediary=intermediary, name=name, found=found, channel=channel
        )


def record_examined(
    *,
    by: AbstractBaseUser | None,
    why: str,
    now: datetime,
    intermediary: Intermediary,
    name: str,
    found: Examined,
    channel: Channel,
) -> Document:
    """The second step of `receive_document`."""
    return record_document(
        by=by,
        why=why,
        now=now,
        intermediary=intermediary,
        name=name,
        source=found.source,
        rewritten=found.rewritten,
        checked=found.checked,
        has_scanner=has_scanner(),
        channel=channel,
    )


@dataclass(slots=True)
class Scanning:
    """What one pass over the files has done."""

    checked: int = 0
    clean: int = 0
    infected: list[int] = field(default_factory=list)
    not_scanned: int = 0
    missing: list[int] = field(default_factory=list)
    silent: str = ""


def to_scan(*, again_before: datetime | None = None) -> QuerySet[Document]:
    """The documents that wait for a check or a scan; with `again_before` those last scanned before that instant too."""
    waiting = Q(state__in=[_RECEIVED, _SCANNING])
    if has_scanner():
        waiting |= Q(state=_NOT_SCANNED)
        if again_before is not None:
            waiting |= Q(scanned_at__lt=again_before)
    return Document.objects.filter(waiting).order_by("id")


def scan_papers(
    *,
    clock: Callable[[], datetime],
    again_before: datetime | None = None,
    is_over: Callable[[], bool] = lambda: False,
    advance: Callable[[int], None] = lambda steps: None,
) -> Scanning:
    """Check and scan what waits, one file at a time, each in a transaction of its own; stops where the scanner does not
    answer, and says so in `silent`. To be repeated freely."""
    done = Scanning()
    if not has_scanner():
        done.not_scanned = record_no_scanner()
    for pk in list(to_scan(again_before=again_before).values_list("id", flat=True)):
        if is_over() or done.silent:
            break
        _one(pk, clock(), done)
        advance(1)
    _warn_of_waiting(clock())
    return done


def _one(pk: int, now: datetime, done: Scanning) -> None:
    document = Document.objects.get(pk=pk)
    try:
        if document.state == _RECEIVED:
            document = _check(document, now, done)
        if document.state not in (_RECEIVED, DocumentState.BROKEN.value) and has_scanner():
            _scan(document, now, done)
    except store.DamagedStore as error:
        logger.error("document %s: %s", pk, error)
        done.missing.append(pk)
    except ScannerSilent as error:
        done.silent = str(error)


def _check(document: Document, now: datetime, done: Scanning) -> Document:
    store.read(document.kept_sha256)
    with examined(store.path_of(document.kept_sha256)) as found:
        if found.checked and record_check(
            now=now,
            document=document,
            checked=found.checked,
            rewritten=found.rewritten,
            has_scanner=has_scanner(),
        ):
            done.checked += 1
    document.refresh_from_db()
    return document


def _scan(document: Document, now: datetime, done: Scanning) -> None:
    verdict = scan(store.read(document.kept_sha256))
    if not record_scan(now=now, document=document, signature=verdict.signature):
        return
    if verdict.is_clean:
        done.clean += 1
    else:
        logger.warning("document %s: %s", document.pk, verdict.signature)
        done.infected.append(document.pk)


def _warn_of_waiting(now: datetime) -> None:
    late = Document.objects.filter(state__in=[_RECEIVED, _SCANNING], received_at__lt=now - ALARM_AFTER).count()
    if late:
        logger.warning("%s documents have been waiting for the virus scanner for over %s", late, ALARM_AFTER)
