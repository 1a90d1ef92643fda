"""`If-Match`: whoever changes something has seen it as it is."""

from __future__ import annotations

import hashlib

from rest_framework.request import Request

from api.problems import ProblemCode, Refused


def etag_of(content: bytes, version: str = "") -> str:
    """The strong ETag of what is answered, with the version of what can be changed (if any) before it."""
    return f'"{version}.{hashlib.sha256(content).hexdigest()[:20]}"'


def require_match(request: Request, version: object) -> None:
    """Let a change pass that was made on this version. Raises Refused: 428 where none is named, 412 for another.

    An ETag of ours begins with the version of what can be changed; what follows the dot is of the representation
    (language, chosen fields), and a change is right whatever was shown of it.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise Refused(ProblemCode.PRECONDITION_REQUIRED)
    tags = [tag.strip().strip('"') for tag in given.split(",")]
    if given != "*" and str(version) not in {tag.partition(".")[0] for tag in tags if not tag.startswith("W/")}:
        raise Refused(ProblemCode.PRECONDITION_FAILED)
