"""Files deposited as evidence: what may come in, which states they pass through, who may see them when.

Limits follow the OWASP File Upload sheet and ASVS V5 (5.2.1, 5.2.4, 5.2.6, 5.4.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from registry.rules.labels import LabelledEnum

MOST_BYTES = 10 * 1024 * 1024
MOST_PAGES = 50
MOST_PIXELS = 40_000_000
MOST_OBJECTS = 50_000
"""Of a PDF. An attestation has some hundreds."""
MOST_A_DAY = 20
"""Files that one intermediary's file takes in a day, broken ones included."""
LONGEST_NAME = 120


class DocumentType(LabelledEnum):
    """What a file is, by its content."""

    PDF = "PDF", "PDF", "PDF"
    JPEG = "JPEG", "image JPEG", "JPEG image"
    PNG = "PNG", "image PNG", "PNG image"

    @property
    def media_type(self) -> str:
        """As HTTP names it."""
        return "application/pdf" if self is DocumentType.PDF else f"image/{self.value.lower()}"

    @property
    def extension(self) -> str:
        """What its name ends with."""
        return "jpg" if self is DocumentType.JPEG else self.value.lower()


class DocumentState(LabelledEnum):
    """Where a file stands between its arrival and a reader."""

    RECEIVED = "RECEIVED", "Reçu, contrôle à venir", "Received, to be checked"
    SCANNING = "SCANNING", "Analyse antivirus en attente", "Waiting for the virus scan"
    NOT_SCANNED = "NOT_SCANNED", "Non analysé (aucun antivirus)", "Not scanned (no virus scanner)"
    CLEAN = "CLEAN", "Contrôlé et analysé", "Checked and scanned"
    INFECTED = "INFECTED", "Écarté par l’antivirus", "Rejected by the virus scanner"
    BROKEN = "BROKEN", "Refusé au contrôle", "Refused by the checks"


_S = DocumentState
DOCUMENT_TRANSITIONS: Mapping[DocumentState, frozenset[DocumentState]] = MappingProxyType(
    {
        _S.RECEIVED: frozenset({_S.SCANNING, _S.NOT_SCANNED, _S.BROKEN}),
        _S.SCANNING: frozenset({_S.CLEAN, _S.INFECTED, _S.NOT_SCANNED}),
        _S.NOT_SCANNED: frozenset({_S.SCANNING, _S.CLEAN, _S.INFECTED}),
        _S.CLEAN: frozenset({_S.INFECTED}),
        _S.INFECTED: frozenset({_S.CLEAN}),
        _S.BROKEN: frozenset(),
    }
)
"""A later scan may find what an earlier one could not know, or clear a false alarm; what is broken stays so."""

USABLE = frozenset({_S.RECEIVED, _S.SCANNING, _S.NOT_SCANNED, _S.CLEAN})
"""States in which a certificate may be filed with the file: filing never waits for the scanner."""


class DocumentFault(LabelledEnum):
    """Why a file is refused by the checks; the labels are for whoever sent it, with what to do."""

    EMPTY = "EMPTY", "Le fichier est vide\u00a0: renvoyez l’original.", "The file is empty: send the original again."
    TOO_LARGE = (
        "TOO_LARGE",
        "Le fichier dépasse 10 Mo\u00a0: réduisez la résolution de la numérisation.",
        "The file is larger than 10 MB: scan it at a lower resolution.",
    )
    UNKNOWN_TYPE = (
        "UNKNOWN_TYPE",
        "Ce n’est ni un PDF, ni une image JPEG ou PNG\u00a0: envoyez l’un de ces formats.",
        "This is neither a PDF nor a JPEG or PNG image: send one of these.",
    )
    DAMAGED = (
        "DAMAGED",
        "Le fichier est abîmé ou incomplet\u00a0: ouvrez-le, enregistrez-le de nouveau en PDF et renvoyez-le.",
        "The file is damaged or incomplete: open it, save it as a PDF again and send it.",
    )
    TOO_COMPLEX = (
        "TOO_COMPLEX",
        "Le fichier est trop complexe pour être contrôlé\u00a0: imprimez-le en PDF et renvoyez le résultat.",
        "The file is too complex to be checked: print it to a PDF and send the result.",
    )
    ENCRYPTED = (
        "ENCRYPTED",
        "Le PDF est protégé par un mot de passe ou des droits\u00a0: envoyez-le sans protection.",
        "The PDF is protected by a password or by permissions: send it without protection.",
    )
    ACTIVE_CONTENT = (
        "ACTIVE_CONTENT",
        "Le PDF contient un programme (script ou lancement)\u00a0: imprimez-le en PDF et renvoyez le résultat.",
        "The PDF contains a program (script or launch): print it to a PDF and send the result.",
    )
    EMBEDDED_FILE = (
        "EMBEDDED_FILE",
        "Le PDF contient d’autres fichiers ou un média\u00a0: imprimez-le en PDF et renvoyez le résultat.",
        "The PDF contains other files or media: print it to a PDF and send the result.",
    )
    XFA_FORM = (
        "XFA_FORM",
        "Le PDF est un formulaire dynamique (XFA)\u00a0: imprimez-le en PDF et renvoyez le résultat.",
        "The PDF is a dynamic form (XFA): print it to a PDF and send the result.",
    )
    POLYGLOT = (
        "POLYGLOT",
        "Le fichier en contient un autre à sa suite\u00a0: enregistrez-le de nouveau en PDF et renvoyez-le.",
        "Another file is hidden after its end: save it as a PDF again and send it.",
    )
    TOO_MANY_PAGES = (
        "TOO_MANY_PAGES",
        "Le PDF compte plus de 50 pages\u00a0: n’envoyez que l’attestation.",
        "The PDF has more than 50 pages: send the certificate only.",
    )
    TOO_MANY_PIXELS = (
        "TOO_MANY_PIXELS",
        "L’image dépasse 40 millions de points\u00a0: réduisez la résolution de la numérisation.",
        "The image has more than 40 million pixels: scan it at a lower resolution.",
    )
    CHECK_FAILED = (
        "CHECK_FAILED",
        "Le fichier n’a pas pu être contrôlé\u00a0: imprimez-le en PDF et renvoyez le résultat.",
        "The file could not be checked: print it to a PDF and send the result.",
    )


_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_KNOWN_ENDING = re.compile(r"\.(?:pdf|jpe?g|png)$", re.IGNORECASE)


def neutral_name(name: str) -> str:
    """A file's own name as data: its last part, NFC, at most 120 characters, nothing invisible or turning around.

    Each control character and change of reading direction is shown as U+FFFD; its ending is kept where it is cut.
    """
    last = re.split(r"[/\\]", name)[-1]
    shown = _UNSEEN.sub("\ufffd", unicodedata.normalize("NFC", _UNSEEN.sub("\ufffd", last))).strip()
    if len(shown) <= LONGEST_NAME:
        return shown or "sans-nom"
    ending = match[0] if (match := _KNOWN_ENDING.search(shown)) else ""
    return shown[: LONGEST_NAME - len(ending)] + ending


def download_name(name: str, kind: DocumentType) -> str:
    """What a download is called: by the type found, whatever ending the file came with."""
    return f"{_KNOWN_ENDING.sub('', name)}.{kind.extension}"


def why_hidden(
    state: DocumentState, *, has_scanner: bool, is_reviewer: bool, knows_the_risk: bool
) -> tuple[str, str] | None:
    """Why a file cannot be read by this person yet, in French and in English; None where it can.

    Nobody reads a file before it is clean; where no scanner is configured a reviewer may, having said so.
    """
    if state is _S.CLEAN:
        return None
    if state in (_S.INFECTED, _S.BROKEN):
        return (
            f"Ce fichier ne peut être lu par personne\u00a0: {state.label.lower()}.",
            f"Nobody can read this file: {state.label_en.lower()}.",
        )
    if has_scanner or state is not _S.NOT_SCANNED:
        return (
            "Ce fichier n’a pas encore été contrôlé et analysé\u00a0: réessayez dans quelques minutes.",
            "This file has not been checked and scanned yet: try again in a few minutes.",
        )
    if not is_reviewer:
        return (
            "Aucun antivirus n’est configuré et ce fichier n’a pas été analysé\u00a0: seul qui contrôle les pièces "
            "peut l’ouvrir, à ses risques.",
            "No virus scanner is configured and this file was not scanned: only who reviews papers can open it, at "
            "their own risk.",
        )
    if knows_the_risk:
        return None
    return (
        "Aucun antivirus n’est configuré et ce fichier n’a pas été analysé. Pour l’ouvrir à vos risques, sur un poste "
        "isolé, ajoutez accept_unscanned=true.",
        "No virus scanner is configured and this file was not scanned. To open it at your own risk, on an isolated "
        "machine, add accept_unscanned=true.",
    )
