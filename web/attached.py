"""A file as an answer: saved under its name, and never shown as a page of ours."""

from __future__ import annotations

from django.http import HttpResponse


def attached(content: bytes, name: str, kind: str = "application/pdf") -> HttpResponse:
    """The answer that hands it over."""
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
