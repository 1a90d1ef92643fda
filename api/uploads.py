"""A file on its way in: streamed to the store's disk, refused at the first byte too many, hashed as it comes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.request import Request

from api.idempotency import UPLOAD_DIGEST
from api.problems import ProblemCode, Refused, said
from registry.papers import store
from registry.rules.documents import MOST_BYTES

FIELD = "file"
ENVELOPE = 16 * 1024
"""What the parts of a multipart body need besides the file."""


class PaperHandler(FileUploadHandler):
    """Writes the one file of a request beside the store, mode 0600; a second one is refused, as is one too large.

    `file` is gone as soon as it is closed: by the view that has done with it, or here where it will see none.
    """

    file: IO[bytes]

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._notes = request.__dict__
        self._began = False
        self._digest = hashlib.sha256()
        self._size = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open its place."""
        super().new_file(*args, **kwargs)
        if self._began:
            self.file.close()
            raise _wrong("Un seul fichier à la fois.", "One file at a time.", "one_file_only")
        self._began, self.file = True, store.open_incoming()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write on. Raises Refused at the first byte too many."""
        self._size += len(raw_data)
        if self._size > MOST_BYTES:
            self.file.close()
            raise Refused(ProblemCode.FILE_TOO_LARGE)
        self._digest.update(raw_data)
        self.file.write(raw_data)

    def upload_interrupted(self) -> None:
        """Forget what came of it: its sender has gone."""
        if self._began:
            self.file.close()

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """Hand it over, and note what the body was."""
        self.file.flush()
        noted = f"{self.field_name}\n{self.file_name}\n{self._digest.hexdigest()}"
        self._notes[UPLOAD_DIGEST] = noted.encode("utf-8", "surrogatepass")
        return UploadedFile(self.file, self.file_name, self.content_type, self._size)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came: its own name, and where it is while the request lasts."""

    name: str
    path: Path


def take_uploads(request: HttpRequest) -> None:
    """Have the files of this request written by PaperHandler; to be said before anything reads its body."""
    request.upload_handlers = [PaperHandler(request)]


@contextmanager
def uploaded(request: Request) -> Iterator[Upload]:
    """The file of a request, gone afterwards. Raises ValidationError where there is none, or something else too."""
    with ExitStack() as opened:
        files = {name: opened.enter_context(file) for name, file in request.FILES.items()}
        if set(files) != {FIELD} or set(request.data) - {FIELD, "csrfmiddlewaretoken"}:
            raise _wrong(
                "Envoyez un fichier, dans le champ « file » d’un formulaire multipart, et rien d’autre.",
                "Send one file, in the field “file” of a multipart form, and nothing else.",
                "file_expected",
            )
        file = files[FIELD]
        yield Upload(str(file.name), Path(file.file.name))


def _wrong(french: str, english: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError({FIELD: [said(french, english)]}, code=code)
