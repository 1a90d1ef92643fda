"""The one process that opens a file from outside: `python -m registry.papers.child FILE OUT` answers one JSON.

It gives up rights first (processor, memory, size of files, network) and knows nothing of the register: no settings, no
database, no environment. Whatever it dies of, its parent takes for a broken file.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType
from typing import Any

from registry.rules.documents import MOST_BYTES, MOST_OBJECTS, MOST_PAGES, MOST_PIXELS, DocumentFault, DocumentType
from registry.rules.paper_text import MOST_CHARACTERS

CPU_SECONDS = 10
MEMORY_BYTES = 768 * 1024 * 1024
"""Of addresses, not of pages in use: the libraries alone take a third of it."""
FILE_BYTES = 32 * 1024 * 1024
TEXT_SECONDS = 3
TEXT_PAGES = 10
DEEPEST = 40
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_MAGIC = ((b"%PDF-", DocumentType.PDF), (b"\xff\xd8\xff", DocumentType.JPEG), (b"\x89PNG\r\n\x1a\n", DocumentType.PNG))
_PDF_END, _ZIP_END = b"%%EOF", b"PK\x05\x06"
_ZIP_END_BYTES, _ZIP_TAIL = 22, 65_557
_SCRIPTS = frozenset({"/JS", "/JavaScript"})
_ACTIVE = frozenset({"/JavaScript", "/Launch", "/ImportData", "/Rendition"})
_ATTACHED = frozenset({"/EmbeddedFiles", "/EF", "/RichMediaContent", "/RichMediaSettings"})
_NAMED = frozenset({"/S", "/Type", "/Subtype"})
_MEDIA = frozenset({"/RichMedia", "/FileAttachment", "/Movie", "/Screen", "/3D", "/Sound", "/EmbeddedFile", "/GoToE"})


class Refused(Exception):
    """Why the file is not taken."""

    def __init__(self, fault: DocumentFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class _TimeIsUp(BaseException):
    """Text is a help: reading it ends when its time is over. No handler of the libraries may swallow it."""


def main(path: str, out: str) -> None:
    """Check one file under limits, print what was found."""
    confine()
    json.dump(examine(path, out), sys.stdout)


def confine() -> None:
    """Limits first, then the network away, where the system lets us."""
    for limit, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)


def examine(path: str, out: str) -> dict[str, Any]:
    """What the file is, or {"fault": …}; an image is written anew to `out`, without anything but its points."""
    try:
        return _examine(path, out)
    except Refused as refused:
        return {"fault": refused.fault.value}
    except (MemoryError, RecursionError):
        return {"fault": DocumentFault.TOO_COMPLEX.value}
    except Exception:
        # Whatever a parser raises, the file is damaged.
        return {"fault": DocumentFault.DAMAGED.value}


def _examine(path: str, out: str) -> dict[str, Any]:
    size = os.path.getsize(path)
    if size == 0:
        raise Refused(DocumentFault.EMPTY)
    if size > MOST_BYTES:
        raise Refused(DocumentFault.TOO_LARGE)
    with open(path, "rb") as file:
        data = file.read()
    kind = next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)
    if kind is None:
        raise Refused(DocumentFault.UNKNOWN_TYPE)
    facts = _pdf(data) if kind is DocumentType.PDF else _image(data, kind, out)
    return {"type": kind.value, **facts}


def _image(data: bytes, kind: DocumentType, out: str) -> dict[str, Any]:
    from PIL import Image, ImageOps

    # Ours is asked below, before a point is decoded; Pillow's own only warns, and up to twice as much passes.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(data), formats=[kind.value]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Refused(DocumentFault.TOO_MANY_PIXELS)
        image.load()
        upright = ImageOps.exif_transpose(image)
        modes = {"L", "RGB"} if kind is DocumentType.JPEG else {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}
        clean = upright if upright.mode in modes else upright.convert("RGB")
        clean.info = {name: value for name, value in clean.info.items() if name == "transparency"}
        options = {"quality": 90} if kind is DocumentType.JPEG else {}
        clean.save(out, format=kind.value, **options)
    return {"pages": 1, "width": clean.width, "height": clean.height, "text": "", "rewritten": True}


def _pdf(data: bytes) -> dict[str, Any]:
    import pikepdf

    _require_one_file(data)
    try:
        pdf = pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Refused(DocumentFault.ENCRYPTED) from None
    with pdf:
        if pdf.is_encrypted:
            raise Refused(DocumentFault.ENCRYPTED)
        if len(pdf.objects) > MOST_OBJECTS:
            raise Refused(DocumentFault.TOO_COMPLEX)
        pages = len(pdf.pages)
        if not pages:
            raise Refused(DocumentFault.DAMAGED)
        if pages > MOST_PAGES:
            raise Refused(DocumentFault.TOO_MANY_PAGES)
        for thing in pdf.objects:
            _require_harmless(thing, pikepdf)
        _require_harmless(pdf.trailer, pikepdf)
    return {"pages": pages, "text": _text(data)}


def _require_one_file(data: bytes) -> None:
    """Nothing follows the PDF's end, and no archive ends with it."""
    end = data.rfind(_PDF_END)
    if end < 0:
        raise Refused(DocumentFault.DAMAGED)
    if data[end + len(_PDF_END) :].strip(b"\r\n\t \x00"):
        raise Refused(DocumentFault.POLYGLOT)
    tail = data[-_ZIP_TAIL:]
    at = tail.rfind(_ZIP_END)
    if at >= 0 and at + _ZIP_END_BYTES <= len(tail):
        comment = int.from_bytes(tail[at + _ZIP_END_BYTES - 2 : at + _ZIP_END_BYTES], "little")
        if at + _ZIP_END_BYTES + comment <= len(tail):
            raise Refused(DocumentFault.POLYGLOT)


def _require_harmless(thing: Any, pikepdf: Any) -> None:
    """No script, launch, attachment, dynamic form or media, however deep in an object."""
    for dictionary in _dictionaries(thing, pikepdf, 0):
        keys = set(dictionary.keys())
        kinds = {str(dictionary[key]) for key in _NAMED & keys if isinstance(dictionary[key], pikepdf.Name)}
        if keys & _SCRIPTS or kinds & _ACTIVE:
            raise Refused(DocumentFault.ACTIVE_CONTENT)
        if "/XFA" in keys:
            raise Refused(DocumentFault.XFA_FORM)
        if keys & _ATTACHED or kinds & _MEDIA:
            raise Refused(DocumentFault.EMBEDDED_FILE)
        if "/Image" in kinds and int(dictionary.get("/Width", 0)) * int(dictionary.get("/Height", 0)) > MOST_PIXELS:
            raise Refused(DocumentFault.TOO_MANY_PIXELS)


def _dictionaries(thing: Any, pikepdf: Any, depth: int) -> Iterator[Any]:
    """The dictionaries inside an object, without those that it only refers to: these come by themselves."""
    if depth > DEEPEST:
        raise Refused(DocumentFault.TOO_COMPLEX)
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        yield thing
        inner = [value for _, value in thing.items()]
    elif isinstance(thing, pikepdf.Array):
        inner = list(thing)
    else:
        return
    for one in inner:
        if isinstance(one, (pikepdf.Dictionary, pikepdf.Array)) and not one.is_indirect:
            yield from _dictionaries(one, pikepdf, depth + 1)


def _text(data: bytes) -> str:
    """The text of the first pages, as far as the time reaches; "" where there is none to be had."""
    found: list[str] = []
    before = signal.signal(signal.SIGALRM, _time_is_up)
    signal.setitimer(signal.ITIMER_REAL, TEXT_SECONDS)
    try:
        with suppress(Exception, _TimeIsUp):
            _read_text(data, found)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    text = "\n".join(found)[:MOST_CHARACTERS].replace("\x00", " ")
    return text.encode("utf-8", "replace").decode("utf-8")


def _read_text(data: bytes, found: list[str]) -> None:
    from pypdf import PdfReader

    for page in PdfReader(io.BytesIO(data)).pages[:TEXT_PAGES]:
        found.append(page.extract_text())


def _time_is_up(signum: int, frame: FrameType | None) -> None:
    raise _TimeIsUp


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
