"""Bodies: JSON, as strict as RFC 8259, that no nesting can break, and whose text is Unicode throughout."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class JsonBody(JSONParser):
    """DRF's, where a body nested too deep, or with half a character in it, is unreadable and no bug."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The document. Raises ParseError."""
        try:
            document = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError from None
        if not _is_unicode(document):
            raise ParseError
        return document


def _is_unicode(document: Any) -> bool:
    """Whether no key and no value holds a lone surrogate, which neither the database nor an answer can take."""
    waiting = [document]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            if _SURROGATE.search(found):
                return False
        elif isinstance(found, dict):
            waiting += found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    return True
