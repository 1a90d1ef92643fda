"""Writers of files: recorded as they came, what was found in them, what the virus scanner said."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from registry.actions.recording import RegisterError, recording
from registry.clock import PARIS, local_day
from registry.locks import lock_content
from registry.models import Cover, CoverPaper, Document, Intermediary
from registry.models.cover import Channel
from registry.papers import store
from registry.papers.checking import Checked
from registry.rules.documents import MOST_A_DAY, USABLE, DocumentFault, DocumentState, neutral_name
from registry.rules.facts import UNDER_REVIEW


def require_room(intermediary: Intermediary, day: date) -> None:
    """Raises RegisterError where this file has taken as many documents as it may in a day, broken ones included."""
    first = datetime.combine(day, datetime.min.time(), PARIS)
    if Document.objects.filter(intermediary=intermediary.pk, received_at__gte=first).count() >= MOST_A_DAY:
        raise RegisterError(
            f"Ce dossier a déjà reçu {MOST_A_DAY} fichiers aujourd’hui\u00a0: déposez les suivants demain, "
            "ou joignez l’assistance."
        )


def record_document(
    *,
    by: AbstractBaseUser | None,
    why: str,
    now: datetime,
    intermediary: Intermediary,
    name: str,
    source: Path,
    rewritten: Path,
    checked: Checked | None,
    has_scanner: bool,
    channel: Channel = Channel.PORTAL,
) -> Document:
    """Record a file at `source`, on the store's disk, as the child found it (None: it could not be asked yet).

    Its content is on the disk before its row is; of a broken one nothing is kept. Raises RegisterError where the day's
    number is reached.
    """
    with recording(by=by, why=why):
        whose = Intermediary.objects.select_for_update(of=("self",), no_key=True).get(pk=intermediary.pk)
        require_room(whose, local_day(now))
        return Document.objects.create(
            intermediary=whose,
            name=neutral_name(name),
            size=source.stat().st_size,
            received_sha256=store.digest_of(source),
            channel=channel.value,
            received_at=now,
            received_by_id=by.pk if by else None,
            **_found(checked, source, rewritten, now, has_scanner),
        )


def _found(
    checked: Checked | None, source: Path, rewritten: Path, now: datetime, has_scanner: bool
) -> dict[str, object]:
    """The columns that the check sets; what is to be kept is."""
    if checked is None:
        return {"state": DocumentState.RECEIVED.value, "kept_sha256": _keep(source)}
    if checked.kind is None:
        fault = checked.fault or DocumentFault.CHECK_FAILED
        return {"state": DocumentState.BROKEN.value, "fault": fault.value, "kept_sha256": "", "checked_at": now}
    state = DocumentState.SCANNING if has_scanner else DocumentState.NOT_SCANNED
    return {
        "state": state.value,
        "kept_sha256": _keep(rewritten if checked.rewritten else source),
        "kind": checked.kind.value,
        "pages": checked.pages,
        "width": checked.width,
        "height": checked.height,
        "text": checked.text,
        "checked_at": now,
    }


def _keep(path: Path) -> str:
    lock_content(store.digest_of(path))
    return store.keep(path)


def record_check(*, now: datetime, document: Document, checked: Checked, rewritten: Path, has_scanner: bool) -> bool:
    """Record what the child found in a document that waited for it; False where somebody else has meanwhile.

    What was kept and is not any more (broken, or an image as it came) is removed, unless another row names it.
    """
    source = store.path_of(document.kept_sha256)
    with recording(by=None, why="contrôle d’un fichier"):
        waiting = Document.objects.filter(pk=document.pk, state=DocumentState.RECEIVED.value)
        if waiting.select_for_update(of=("self",)).first() is None:
            return False
        found = _found(checked, source, rewritten, now, has_scanner)
        waiting.update(**found)
        if found["kept_sha256"] != document.kept_sha256:
            forget_content(document.kept_sha256)
        return True


def forget_content(digest: str) -> None:
    """Remove the kept file of that SHA-256, unless a row names it; nobody keeps it meanwhile."""
    with transaction.atomic():
        lock_content(digest)
        if not Document.objects.filter(kept_sha256=digest).exists():
            store.forget(digest)


def record_scan(*, now: datetime, document: Document, signature: str) -> bool:
    """Record the scanner's word ("": nothing found) on a document as it was read; False where it has moved since."""
    state = DocumentState.INFECTED if signature else DocumentState.CLEAN
    with recording(by=None, why="analyse antivirus"):
        same = Document.objects.filter(pk=document.pk, state=document.state, kept_sha256=document.kept_sha256)
        return bool(same.update(state=state.value, signature=signature, scanned_at=now))


def record_no_scanner() -> int:
    """Say of what waits for a scanner that there is none any more; how many."""
    with recording(by=None, why="aucun antivirus configuré"):
        waiting = Document.objects.filter(state=DocumentState.SCANNING.value)
        return waiting.update(state=DocumentState.NOT_SCANNED.value)


def attach_document(*, by: AbstractBaseUser | None, why: str, day: date, cover: Cover, document: Document) -> None:
    """Attach one more file to a certificate under review. Raises RegisterError as `attach_documents`, and where it is
    not under review any more."""
    with recording(by=by, why=why):
        states = [status.value for status in UNDER_REVIEW]
        if not Cover.objects.select_for_update(of=("self",), no_key=True).filter(pk=cover.pk, status__in=states):
            raise RegisterError(f"L’attestation {cover.pk} n’est plus en instruction\u00a0: saisissez-en une nouvelle.")
        attach_documents(cover=cover, documents=[document], day=day)


def attach_documents(*, cover: Cover, documents: list[Document], day: date) -> None:
    """Attach files to a certificate, inside its writer's transaction. Raises RegisterError for one that is broken,
    infected or of another file."""
    for document in documents:
        if document.intermediary_id != cover.intermediary_id:
            raise RegisterError(f"Le document {document.pk} n’est pas de ce dossier\u00a0: indiquez-en un autre.")
        state = DocumentState(document.state)
        if state not in USABLE:
            raise RegisterError(
                f"Le document {document.pk} ne peut pas être joint ({state.label.lower()})\u00a0: déposez-en un autre."
            )
        CoverPaper.objects.get_or_create(cover=cover, document=document, defaults={"attached_on": day})
