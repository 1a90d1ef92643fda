"""GET register/exports/… : the public register as one signed file a day, for anyone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.open_data import DailyFile, as_json, daily_file, daily_files
from api.problems import ProblemCode
from api.schema import answers
from api.throttling import PUBLIC_DOWNLOADS
from api.views import PublicView

DAY = OpenApiParameter("day", OpenApiTypes.DATE, OpenApiParameter.PATH, description="Jour du fichier.")


class ExportSerializer(serializers.Serializer[Any]):
    """The file of one day."""

    day = serializers.DateField(help_text="Jour pour lequel les inscriptions sont dites.")
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    table = serializers.URLField(help_text="Le registre, en CSV.")
    checksum = serializers.URLField(help_text="Sa somme de contrôle, telle que sha256sum l’écrit.")
    signature = serializers.URLField(help_text="Signature Ed25519 de la somme de contrôle, 64 octets.")
    key = serializers.URLField(help_text="Clé publique, en PEM.")


class ExportsSerializer(serializers.Serializer[Any]):
    """All that are kept."""

    results = ExportSerializer(many=True)


class ExportsView(PublicView):
    """Which files there are."""

    @extend_schema(
        operation_id="register_exports",
        summary="Les fichiers quotidiens du registre public",
        description="Du plus récent au plus ancien, avec leur signature.",
        responses=answers(ExportsSerializer),
    )
    def get(self, request: Request) -> Response:
        """List them."""
        return Response(ExportsSerializer({"results": [_told(file, request) for file in daily_files()]}).data)


class _PartView(PublicView):
    """One of the files of a day; it never changes."""

    budget = PUBLIC_DOWNLOADS
    cache_control = "public, max-age=86400, immutable"
    media: ClassVar[str]
    part: ClassVar[str]

    def answer(self, day: str) -> FileResponse:
        """Its bytes, streamed. Raises NotFound."""
        file = _file(day)
        place: Path = getattr(file, self.part)
        try:
            etag, opened = f'"{file.sha256}"', place.open("rb")
        except FileNotFoundError:
            # Removed for its age meanwhile.
            raise NotFound from None
        answered = FileResponse(opened, as_attachment=True, filename=place.name, content_type=self.media)
        answered.headers["ETag"] = etag
        return answered


Handler = TypeVar("Handler", bound=Callable[..., FileResponse])


def _described(name: str, summary: str, media: str) -> Callable[[Handler], Handler]:
    binary = OpenApiResponse(OpenApiTypes.BINARY)
    responses = answers(binary, ProblemCode.NOT_FOUND, media=media.partition(";")[0])
    told = "Un fichier publié ne change plus\u00a0; il est retiré après quelques semaines."
    described: Callable[[Handler], Handler] = extend_schema(
        operation_id=name, summary=summary, description=told, parameters=[DAY], responses=responses
    )
    return described


class ExportTableView(_PartView):
    """The register."""

    media = "text/csv; charset=utf-8"
    part = "table"

    @_described("register_export", "Le registre public d’un jour, en CSV", media)
    def get(self, request: Request, day: str) -> FileResponse:
        """Answer it."""
        return self.answer(day)


class ExportChecksumView(_PartView):
    """Its checksum."""

    media = "text/plain; charset=utf-8"
    part = "checksum"

    @_described("register_export_checksum", "Sa somme de contrôle, qui est signée", media)
    def get(self, request: Request, day: str) -> FileResponse:
        """Answer it."""
        return self.answer(day)


class ExportSignatureView(_PartView):
    """The signature."""

    media = "application/octet-stream"
    part = "signature"

    @_described("register_export_signature", "La signature de la somme de contrôle", media)
    def get(self, request: Request, day: str) -> FileResponse:
        """Answer it."""
        return self.answer(day)


class ExportKeyView(_PartView):
    """The public key."""

    media = "application/x-pem-file"
    part = "key"

    @_described("register_export_key", "La clé publique de la signature", media)
    def get(self, request: Request, day: str) -> FileResponse:
        """Answer it."""
        return self.answer(day)


def _file(day: str) -> DailyFile:
    try:
        file = daily_file(date.fromisoformat(day))
    except ValueError:
        file = None
    if file is None:
        raise NotFound
    return file


_PARTS = {"table": "", "checksum": "-checksum", "signature": "-signature", "key": "-key"}


def _told(file: DailyFile, request: Request) -> dict[str, Any]:
    named = {"day": file.place.name}
    links = {
        part: reverse(f"api:register-export{suffix}", kwargs=named, request=request) for part, suffix in _PARTS.items()
    }
    return as_json(file) | links
