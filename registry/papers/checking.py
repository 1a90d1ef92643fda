"""Asking the child process what a file is. Whatever happens to it, the answer is about the file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.rules.documents import DocumentFault, DocumentType
from registry.rules.paper_text import MOST_CHARACTERS

_ROOT = Path(__file__).resolve().parent.parent.parent
WALL_SECONDS = 20.0
_MOST_ANSWERED = 8 * MOST_CHARACTERS


@dataclass(frozen=True, slots=True)
class Checked:
    """What the child found: a fault, or the type, how many pages, and the text; `rewritten`, that the file to keep is
    the one it wrote."""

    fault: DocumentFault | None = None
    kind: DocumentType | None = None
    pages: int = 0
    width: int | None = None
    height: int | None = None
    text: str = ""
    rewritten: bool = False


_FAILED = Checked(DocumentFault.CHECK_FAILED)


def check_file(path: Path, out: Path, *, seconds: float = WALL_SECONDS) -> Checked:
    """Have a file checked by the child; an image is written anew to `out`.

    A child that crashes, is killed, answers nonsense or takes longer than `seconds` says: broken. Raises OSError where
    no child can be started at all, which says nothing of the file.
    """
    with tempfile.TemporaryFile() as answer:
        command = [sys.executable, "-B", "-m", "registry.papers.child", os.fspath(path), os.fspath(out)]
        # It inherits no secret: no environment, no input, no open file, a session of its own.
        child = subprocess.Popen(  # noqa: S603 - our own module, by its own interpreter
            command,
            cwd=_ROOT,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if _ended_well(child, seconds):
            answer.seek(0)
            return _read(answer.read(_MOST_ANSWERED))
    return _FAILED


def _ended_well(child: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        return child.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _read(answer: bytes) -> Checked:
    """What the child said; it may have been taken over by the file, so nothing of it is believed to have a shape."""
    try:
        told: dict[str, Any] = json.loads(answer)
        if "fault" in told:
            return Checked(DocumentFault(told["fault"]))
        text = str(told["text"])[:MOST_CHARACTERS].replace("\x00", " ")
        text.encode()
        width, height = (None if told.get(side) is None else int(told[side]) for side in ("width", "height"))
        kind, pages = DocumentType(told["type"]), int(told["pages"])
        return Checked(None, kind, pages, width, height, text, bool(told.get("rewritten")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _FAILED
