"""What was found in a paper without a person, as the API tells it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from api.fields import CodeField, LabelField
from api.problems import label_of, said
from registry.rules.papers import PaperCode, PaperFinding, PaperLevel


class PaperFindingSerializer(serializers.Serializer[Any]):
    """One finding: it helps and never decides."""

    code = CodeField(PaperCode)
    level = CodeField(PaperLevel)
    level_label = LabelField(PaperLevel, source="level")
    detail = serializers.CharField(help_text="En clair, dans la langue de la requête.")


def plain_findings(found: Iterable[PaperFinding]) -> list[dict[str, Any]]:
    """Each with its words in the language of this request."""
    return [
        {"code": f.code.value, "level": f.level.value, "level_label": label_of(f.level), "detail": said(*f.in_words)}
        for f in found
    ]
