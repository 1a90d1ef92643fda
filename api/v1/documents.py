"""intermediaries/{orias_number}/documents/ : files deposited as evidence, their state, and their content once clean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.access import Need, Reach
from api.fields import CodeField, FlagField, LabelField
from api.idempotency import acts_once
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, said
from api.sandbox_acts import force_scan, forced_check
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.throttling import UPLOADS
from api.uploads import ENVELOPE, Upload, take_uploads, uploaded
from api.v1.findings import PaperFindingSerializer, plain_findings
from api.views import FileView
from registry.actions import RegisterError
from registry.clock import local_day
from registry.facts import load_reference
from registry.intake.papers import Examined, examined, record_examined
from registry.models import Document
from registry.models.cover import Channel
from registry.papers import store
from registry.papers.antivirus import has_scanner
from registry.rules.documents import (
    MOST_BYTES,
    DocumentFault,
    DocumentState,
    DocumentType,
    download_name,
    why_hidden,
)
from registry.rules.paper_text import PaperText
from registry.rules.papers import assess_text

FILE = Need("registry.change_cover", Scope.STAFF_REGISTER, Scope.FILE_WRITE)
REVIEW = Need("registry.change_cover", Scope.STAFF_REGISTER)
HIDING = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class DocumentSerializer(serializers.Serializer[Document]):
    """One file."""

    id = serializers.IntegerField()
    name = serializers.CharField(help_text="Son nom à l’arrivée, signes invisibles neutralisés.")
    kind = CodeField(DocumentType, allow_blank=True, help_text="D’après son contenu\u00a0; vide s’il est refusé.")
    kind_label = LabelField(DocumentType, source="kind")
    size = serializers.IntegerField(help_text="Octets reçus.")
    sha256 = serializers.CharField(source="received_sha256", help_text="De ce qui a été reçu.")
    pages = serializers.IntegerField(allow_null=True)
    state = CodeField(DocumentState)
    state_label = LabelField(DocumentState, source="state")
    fault = CodeField(DocumentFault, allow_blank=True, help_text="Pourquoi il est refusé\u00a0; vide sinon.")
    fault_label = LabelField(DocumentFault, source="fault")
    received_at = serializers.DateTimeField()


class DocumentDetailSerializer(DocumentSerializer):
    """One file, with what its text says by itself."""

    findings = PaperFindingSerializer(many=True)


class DocumentPageSerializer(serializers.Serializer[Any]):
    """A page of files."""

    results = DocumentSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class UploadSerializer(serializers.Serializer[Any]):
    """A file."""

    file = serializers.FileField(help_text="PDF, JPEG ou PNG, 10 Mo et 50 pages au plus.")


class ContentQuery(serializers.Serializer[Any]):
    """How the content is asked for."""

    accept_unscanned = FlagField(
        required=False,
        default=False,
        help_text="Personnel, sans antivirus configuré\u00a0: ouvrir à ses risques un fichier non analysé.",
    )


def plain_document(document: Document) -> dict[str, Any]:
    """A file for its reader."""
    told: dict[str, Any] = dict(DocumentSerializer(document).data)
    if not document.kind:
        return told | {"findings": []}
    number = document.intermediary.orias_number
    found = assess_text(PaperText(document.text), number, local_day(document.received_at), load_reference())
    return told | {"findings": plain_findings(found)}


class DocumentsView(FileView):
    """The files of one intermediary."""

    needs: ClassVar = {"POST": FILE}
    budgets: ClassVar = {"POST": UPLOADS}
    parser_classes = (MultiPartParser,)
    largest_body = MOST_BYTES + ENVELOPE
    too_large = ProblemCode.FILE_TOO_LARGE
    upload: Upload
    found: Examined

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Have the body streamed to the store's disk."""
        take_uploads(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="documents",
        summary="Documents d’un dossier",
        description="Le dernier reçu d’abord.",
        parameters=[PageQuery],
        responses=answers(DocumentPageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Answer one page."""
        asked = PageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = Document.objects.filter(intermediary=self.whose.pk).defer("text")
        page = page_of(request, rows, asked.validated_data, "-id")
        return Response(DocumentPageSerializer(page).data)

    @extend_schema(
        operation_id="document_upload",
        summary="Déposer un document",
        description="Contrôlé aussitôt\u00a0; se joint ensuite à une attestation par son numéro (documents). Refusé au "
        "contrôle, il est gardé en trace, état BROKEN, sans son contenu.",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": UploadSerializer},
        responses=answers(
            DocumentDetailSerializer, ProblemCode.REGISTER_REFUSES, ProblemCode.FILE_TOO_LARGE, *ACTS, status=201
        ),
    )
    @acts_once
    def post(self, request: Request, orias_number: str) -> Response:
        """Record what was checked before."""
        document = record_examined(
            by=self.by,
            why=self.why("document déposé"),
            now=self.now,
            intermediary=self.whose,
            name=self.upload.name,
            found=forced_check(orias_number, self.found),
            channel=Channel.PAPER if self.reach is Reach.ALL else Channel.API,
        )
        force_scan(document, self.now)
        where = {"orias_number": orias_number, "document_id": document.pk}
        location = reverse("api:document", kwargs=where, request=request)
        return Response(plain_document(document), status=201, headers={"Location": location})

    @contextmanager
    def preparing(self, request: Request) -> Iterator[None]:
        """Have the child look at the file: no transaction waits for it."""
        with uploaded(request) as self.upload, examined(self.upload.path) as self.found:
            yield


class OneDocumentView(FileView):
    """A view of one file of the intermediary; one of another is as if absent (I14)."""

    document: Document

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().initial(request, *args, **kwargs)
        mine = Document.objects.filter(intermediary=self.whose.pk).select_related("intermediary")
        found = mine.filter(pk=kwargs["document_id"]).first()
        if found is None:
            raise NotFound
        self.document = found


class DocumentView(OneDocumentView):
    """One file."""

    @extend_schema(
        operation_id="document", summary="Un document", responses=answers(DocumentDetailSerializer, *CALLERS)
    )
    def get(self, request: Request, orias_number: str, document_id: str) -> Response:
        """Answer its state."""
        return Response(plain_document(self.document))


class DocumentContentView(OneDocumentView):
    """What is in it."""

    @extend_schema(
        operation_id="document_content",
        summary="Contenu d’un document",
        description="Une fois CLEAN. Sans antivirus configuré, le personnel qui contrôle peut l’ouvrir à ses risques, "
        "en le disant. En pièce jointe, jamais affiché.",
        parameters=[ContentQuery],
        responses=answers(
            OpenApiResponse(OpenApiTypes.BINARY),
            ProblemCode.REGISTER_REFUSES,
            ProblemCode.INVALID_PARAMETER,
            *CALLERS,
            media="application/octet-stream",
        ),
    )
    def get(self, request: Request, orias_number: str, document_id: str) -> HttpResponse:
        """Answer the bytes, or why not yet. Raises RegisterError."""
        asked = ContentQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        hidden = why_hidden(
            DocumentState(self.document.state),
            has_scanner=has_scanner(),
            is_reviewer=self.rights.reach(REVIEW) is Reach.ALL,
            knows_the_risk=asked.validated_data["accept_unscanned"],
        )
        if hidden:
            raise RegisterError(said(*hidden))
        try:
            content = store.read(self.document.kept_sha256)
        except store.DamagedStore:
            raise RegisterError(
                "Le contenu conservé de ce document est introuvable ou abîmé\u00a0: signalez-le à l’assistance."
            ) from None
        kind = DocumentType(self.document.kind)
        name = quote(download_name(self.document.name, kind), safe="")
        headers = HIDING | {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return HttpResponse(content, content_type=kind.media_type, headers=headers)
