"""GET schema/ and docs/ : the OpenAPI description and its reader, served from here alone."""

from __future__ import annotations

from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from api.parameters import FormatToo
from api.throttling import PUBLIC_READS, Budget, ByBudget
from api.views import ProblemsMixin

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class _Public(ProblemsMixin):
    authentication_classes: Any = ()
    throttle_classes: Any = (ByBudget,)

    def budget_of(self, request: Request) -> Budget:
        """What a request draws on."""
        return PUBLIC_READS


class SchemaView(_Public, SpectacularAPIView):
    """The description, as YAML or JSON."""

    parameters_beside = frozenset({"format", "lang"})
    content_negotiation_class = FormatToo


class DocsView(_Public, SpectacularSwaggerSplitView):
    """Its reader, whose script is a file of its own so that a strict policy on content lets it run."""

    template_name = "api/docs.html"
    url_name = "api:schema"
    parameters_beside = frozenset({"script", "lang"})

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Let the reader style its own elements, as it does; scripts stay files of this site."""
        finished: Response = super().finalize_response(request, response, *args, **kwargs)
        finished.headers["Content-Security-Policy"] = CONTENT_POLICY
        return finished
